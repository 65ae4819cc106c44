"""Remember what takes long: the data of a large YAML text, and the verdict on a large document."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from apicontract.reading import Duplicate, Parsed, parse
from apicontract.sources import LARGE, cache_folder

JSON = Any
_KEPT = 20


def parse_cached(path: Path) -> Parsed:
    """Parse a YAML or JSON file, from the cache if the same text was parsed before.

    Raises:
        OSError: The file cannot be read.
        TextError: The file is neither YAML nor JSON.
    """
    data = path.read_bytes()
    is_json = path.suffix == ".json" or data.lstrip()[:1] in (b"{", b"[")
    known = None if is_json else recall("data", data)
    if known is not None:
        with suppress(TypeError, KeyError):
            return Parsed(known["root"], duplicates=[Duplicate(**each) for each in known["duplicates"]])
    parsed = parse(data, is_json=path.suffix == ".json")
    if not is_json:
        remember("data", data, {"root": parsed.root, "duplicates": [asdict(each) for each in parsed.duplicates]})
    return parsed


def recall(kind: str, text: bytes) -> JSON:
    """Return what was remembered of a text, or None. A cache that was damaged is as good as none."""
    file = _file(kind, text)
    if file is None:
        return None
    try:
        digest, _, content = file.read_bytes().partition(b"\n")
        return orjson.loads(content) if digest == hashlib.sha256(content).hexdigest().encode() else None
    except (OSError, ValueError):
        return None


def remember(kind: str, text: bytes, value: JSON) -> None:
    """Remember something of a large text, if the cache can be written."""
    file = _file(kind, text)
    if file is None:
        return
    with suppress(OSError, TypeError):
        from tempfile import mkstemp

        content = orjson.dumps(value)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        Path(name).replace(file)
        kept = sorted(file.parent.glob("*.json"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in kept[_KEPT:]:
            old.unlink(missing_ok=True)


def _file(kind: str, text: bytes) -> Path | None:
    """Return the file for a kind of value of a text, as this version of the package makes it; None for a small text."""
    folder = cache_folder()
    if folder is None or len(text) < LARGE:
        return None
    digest = hashlib.sha256(f"{kind} {_version()}\n".encode() + text).hexdigest()
    return folder / f"{digest}.json"


@cache
def _version() -> str:
    """Return what else the values depend on: the files of this package, and the version of the validator."""
    from importlib.metadata import version

    files = sorted(Path(__file__).parent.glob("*.py"))
    states = [f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]
    return " ".join((version("jsonschema-rs"), *states))
