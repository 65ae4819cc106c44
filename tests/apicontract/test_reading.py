"""Reading texts: plain data, the place of every value, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicontract.export import as_yaml
from apicontract.reading import DEEPEST, TextError, join_pointer, parse, split_pointer

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


def pointers(node: Any, at: str = "") -> list[str]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at, *(one for name, value in inner for one in pointers(value, join_pointer([name], at)))]


@given(st.dictionaries(NAMES, PLAIN, max_size=5))
def test_json_is_read_back_and_every_value_has_a_place(root: dict[str, Any]) -> None:
    text = json.dumps(root, indent=1).encode()
    parsed = parse(text, places=True)
    assert parsed.root == root
    for pointer in pointers(root):
        line, column = parsed.find(pointer)
        rest = text.decode().splitlines()[line - 1][column - 1 :]
        name = split_pointer(pointer)[-1] if pointer else ""
        assert rest.startswith((json.dumps(name), "{")) or name.isdecimal()


@given(st.dictionaries(NAMES, PLAIN, max_size=5))
def test_yaml_is_read_back(root: dict[str, Any]) -> None:
    assert parse(as_yaml(root)).root == parse(as_yaml(root), places=True).root == root


def test_a_json_file_must_be_json_and_a_flow_mapping_is_yaml_elsewhere() -> None:
    text = b'{"a": 1,\n "b": [c,]}'
    assert parse(text).root == {"a": 1, "b": ["c"]}
    with pytest.raises(TextError, match="unexpected character") as caught:
        parse(text, is_json=True)
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_an_emoji_written_as_a_pair_of_surrogates_is_read_from_json() -> None:
    assert parse(b'{"a": "\\ud83d\\ude00"}').root == {"a": "\N{GRINNING FACE}"}


def test_yaml_scalars_are_those_of_json() -> None:
    text = b"[2026-02-07, NO, on, true, 1, 1.5e3, 0o17, 0x1F, 1_000, 12:30:45, ~, .inf, -7, '7', !!str 7, 007, 1e999]"
    expected = ["2026-02-07", "NO", "on", True, 1, 1500.0, 15, 31, "1_000", "12:30:45", None, ".inf", -7, "7", "7", 7]
    assert parse(text).root == [*expected, "1e999"]


def test_the_name_of_a_member_is_its_text() -> None:
    assert parse(b"200: a\ntrue: b\n1.0: c\n~: d\n").root == {"200": "a", "true": "b", "1.0": "c", "~": "d"}


def test_merged_mappings_give_what_the_mapping_itself_lacks() -> None:
    text = b"a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 0}\nd: {<<: *b}\n"
    parsed = parse(text, places=True)
    assert parsed.root["c"] == {"x": 0, "y": 2, "z": 4}
    assert parsed.root["d"] == {"y": 3, "z": 4}
    assert parsed.find("/c/z") == (2, 14)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (b"a: [1, 2\nb: 3", 2, 2, "did not find"),
        (b"a: *none", 1, 4, "no anchor"),
        (b"a: &a\n  b: *a", 2, 6, "contains itself"),
        (b"a: !x 1", 1, 4, "the tag !x"),
        (b"a: !!python/object:os.system {}", 1, 4, "python/object"),
        (b"? [a]\n: 1", 1, 3, "the name of a member"),
        (b"a: {<<: 1}", 1, 5, "a mapping to merge"),
        (b"a: 1\n---\nb: 2", 2, 1, "a second one"),
        (b"a: \x00", 1, 1, "not YAML"),
        (b"a: " + b"[" * DEEPEST + b"x", 1, DEEPEST + 3, "nested deeper"),
        (b'{"a":' * 2_000 + b"1" + b"}" * 2_000, 1, 5_122, "depth limit"),
    ],
)
def test_a_text_that_is_no_plain_data_is_refused_at_its_place(
    text: bytes, line: int, column: int, message: str
) -> None:
    with pytest.raises(TextError, match=message) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbfa: 1", "a: 1".encode("utf-16"), b"\xfe\xff" + "a: 1".encode("utf-16-be")]
)
def test_a_byte_order_mark_is_not_part_of_the_text(text: bytes) -> None:
    assert parse(text).root == {"a": 1}


@pytest.mark.parametrize("text", [b'{\n"a": {"b": 1,\n "b": 2}}', b"\na: {b: 1,\n b: 2}"])
def test_a_name_that_a_mapping_has_twice_is_named_with_both_lines(text: bytes) -> None:
    parsed = parse(text, places=True)
    assert parsed.root == {"a": {"b": 2}}
    (found,) = parsed.duplicates
    assert (found.name, found.pointer, found.line, found.column, found.first_line) == ("b", "/a/b", 3, 2, 2)


def test_aliases_share_one_object_and_a_bomb_of_them_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 4)]
    root = parse("\n".join(lines).encode()).root
    assert root["a3"][0] is root["a2"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(4, 30)]
    with pytest.raises(TextError, match="the aliases expand to more than 1,000,000 values"):
        parse("\n".join(lines).encode())


def test_a_pointer_that_leads_nowhere_has_the_place_of_its_closest_parent() -> None:
    parsed = parse(b"a:\n  b: [1, 2]\n", places=True)
    assert parsed.find("/a/b/7") == parsed.find("/a/b") == (2, 3)
    assert parsed.find("/a/b/1") == (2, 10)
    assert parsed.find("/a/b/1/c") == (2, 10)
    assert parsed.find("/none") == (1, 1)
