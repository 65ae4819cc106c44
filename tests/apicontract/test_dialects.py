"""Patterns of other dialects: translated for the validator, and otherwise left alone."""

from __future__ import annotations

import jsonschema_rs
import pytest

from apicontract.dialects import portable


@pytest.mark.parametrize(
    ("pattern", "valid", "invalid"),
    [
        (r"^\p{L}+$", "é", "1"),
        (r"^[\w-.]+$", "a-.", "a b"),
        (r"^[a-z-\d]+$", "a-1", "A"),
        (r"^[\w-]+$", "a-b", "a b"),
        (r"^[^\w-.]+$", " ", "-"),
        (r"^{[0-9]{2}}$", "{12}", "12"),
        (r"^a{,3}$", "a{,3}", "aaa"),
        (r"\A[a-z]+\Z", "abc", "ab1"),
        (r"^\_\-\/x$", "_-/x", "x"),
        (r"^[\_\@]+$", "_@", "x"),
        (r"^[^]$", "\n", "ab"),
        (r"^(a|[])$", "a", "b"),
        (r"^\u{41}\u0042\x43\cJ?$", "ABC", "abc"),
        (r"^(?<year>\d{4})-(?:0[1-9]|1[0-2])$", "2026-02", "2026-13"),
        (r"^(?!x)[^\]]+$", "ab", "x"),
        ("", "a", None),
    ],
)
def test_a_pattern_means_what_its_author_meant(pattern: str, valid: str, invalid: str | None) -> None:
    validator = jsonschema_rs.Draft202012Validator({"pattern": portable(pattern)})
    assert validator.is_valid(valid)
    assert invalid is None or not validator.is_valid(invalid)


@pytest.mark.parametrize(
    "pattern", [r"^[A-Za-z0-9_.-]+$", r"^\d{3}-[\d]{1,}\.\w$", r"^(?=.*[A-Z])\S{8,}$", r"\p{Lu}", r"[\]a-]"]
)
def test_a_strict_pattern_stays_as_it_is(pattern: str) -> None:
    assert portable(pattern) == pattern


@pytest.mark.parametrize("pattern", ["[a-", "(", "*a", r"\d+(?:"])
def test_a_pattern_of_no_dialect_stays_invalid(pattern: str) -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft202012Validator({"pattern": portable(pattern)})
