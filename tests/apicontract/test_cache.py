"""The cache of parsed documents: used for the same text only, and never trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from apicontract import cache
from apicontract.cache import parse_cached

TEXT = "a:\n" + "".join(f"  name{number}: {{x: 1}}\n" for number in range(20_000)) + "b: 1\nb: 2\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "analytics-mock"


def forbid_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes, *, is_json: bool) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr(cache, "parse", refuse)


def test_a_large_text_is_parsed_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    first = parse_cached(file)
    forbid_parsing(monkeypatch)
    again = parse_cached(file)
    assert (again.root, again.duplicates) == (first.root, first.duplicates)
    assert [duplicate.name for duplicate in again.duplicates] == ["b"]
    file.write_text(TEXT + "c: 3\n")
    with pytest.raises(AssertionError, match="parsed again"):
        parse_cached(file)


@pytest.mark.parametrize("damage", ["", "{}", "x\n{}", "cut", "swapped"])
def test_a_damaged_cache_is_as_good_as_none(folder: Path, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    expected = parse_cached(file).root
    (cached,) = folder.glob("*.json")
    content = cached.read_text()
    changed = content.replace("name7", "name8", 1)
    cached.write_text({"cut": content[:-100], "swapped": changed}.get(damage, damage))
    assert parse_cached(file).root == expected
    assert cached.read_text() == content


def test_a_cache_that_cannot_be_written_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "a.yaml").write_text(TEXT)
    assert parse_cached(tmp_path / "a.yaml").root["b"] == 2


def test_small_texts_and_json_are_not_remembered(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1")
    (tmp_path / "b.json").write_text('{"a": "' + "x" * 300_000 + '"}')
    assert parse_cached(tmp_path / "a.yaml").root == {"a": 1}
    assert list(parse_cached(tmp_path / "b.json").root) == ["a"]
    assert not folder.exists()


def test_the_cache_keeps_the_latest_documents(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_KEPT", 2)
    for number in range(4):
        (tmp_path / "a.yaml").write_text(TEXT + f"c: {number}")
        parse_cached(tmp_path / "a.yaml")
    assert len(list(folder.glob("*"))) == 2
