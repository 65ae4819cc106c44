"""Remember parsed YAML: a large document is parsed once for each version of its text."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import orjson

from apicontract.reading import Duplicate, Parsed, parse
from apicontract.sources import cache_folder

_VERSION = b"1"
"""Changes whenever the same text is read as other data."""
_SMALLEST = 250_000
"""Bytes of a YAML text below which parsing takes less time than it is worth remembering for."""
_KEPT = 20


def parse_cached(path: Path) -> Parsed:
    """Parse a YAML or JSON file, from the cache if the same text was parsed before.

    A cache that cannot be read or written, or that was damaged, is as good as none.

    Raises:
        OSError: The file cannot be read.
        TextError: The file is neither YAML nor JSON.
    """
    data = path.read_bytes()
    is_json = path.suffix == ".json"
    folder = cache_folder()
    if folder is None or len(data) < _SMALLEST or is_json or data.lstrip()[:1] in (b"{", b"["):
        return parse(data, is_json=is_json)
    cached = folder / f"{hashlib.sha256(_VERSION + data).hexdigest()}.json"
    known = _recall(cached)
    if known is not None:
        return known
    parsed = parse(data)
    _remember(cached, parsed)
    return parsed


def _recall(file: Path) -> Parsed | None:
    try:
        digest, _, content = file.read_bytes().partition(b"\n")
        if digest != hashlib.sha256(content).hexdigest().encode():
            return None
        told = orjson.loads(content)
        return Parsed(told["root"], duplicates=[Duplicate(**each) for each in told["duplicates"]])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _remember(file: Path, parsed: Parsed) -> None:
    with suppress(OSError, TypeError, orjson.JSONEncodeError):
        told = {"root": parsed.root, "duplicates": [asdict(each) for each in parsed.duplicates]}
        content = orjson.dumps(told)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        Path(name).replace(file)
        kept = sorted(file.parent.glob("*.json"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in kept[_KEPT:]:
            old.unlink(missing_ok=True)
