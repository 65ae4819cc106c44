"""A request: whose it is."""

from __future__ import annotations

import pytest

from mockserver.pipeline.request import first_forwarded


@pytest.mark.parametrize(
    ("value", "first"),
    [
        (b"192.0.2.7", "192.0.2.7"),
        (b" 192.0.2.7 , 10.0.0.1", "192.0.2.7"),
        (b"2001:db8::7", "2001:db8::7"),
        (b", 10.0.0.1", ""),
        (b"", ""),
        (b"\xfc", "ü"),
    ],
)
def test_the_first_address_that_was_forwarded_is_the_clients(value: bytes, first: str) -> None:
    assert first_forwarded({b"x-forwarded-for": value}) == first


def test_without_the_header_nothing_was_forwarded() -> None:
    assert first_forwarded({b"host": b"localhost"}) == ""
