"""A body is read as JSON strictly, and never into something that breaks whoever works with it."""

from __future__ import annotations

import json

import pytest

from contract_tests.model.exchange import NOT_JSON, Response


@pytest.mark.parametrize("number", ["9" * 4000, "-" + "9" * 301, "1e400", "-1E+999", "NaN", "Infinity"])
def test_a_number_beyond_those_of_floating_point_is_not_read(number: str) -> None:
    assert Response(200, (), f'{{"total": {number}}}'.encode()).json is NOT_JSON


def test_large_numbers_are_read_exactly() -> None:
    assert Response(200, (), b"[18446744073709551616, 123456789012345678901234567890]").json == [
        2**64,
        123456789012345678901234567890,
    ]


@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\uDFFFb"', r'{"\udc00": 1}', r'["\ud83d\ud83d\ude00"]'])
def test_half_a_surrogate_pair_becomes_a_character_that_can_be_written(text: str) -> None:
    found = Response(200, (), text.encode()).json
    assert "\ufffd" in json.dumps(found, ensure_ascii=False)
    json.dumps(found, ensure_ascii=False).encode()


def test_a_whole_surrogate_pair_is_the_character_that_it_means() -> None:
    assert Response(200, (), rb'"\ud83d\ude00"').json == "\U0001f600"
