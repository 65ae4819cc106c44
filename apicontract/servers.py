"""The addresses in `servers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

JSON = Any


def read_address(server: Mapping[str, JSON]) -> SplitResult:
    """Return the URL of a server object with the defaults of its variables, without a trailing slash."""
    url = str(server.get("url", ""))
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    split = urlsplit(url)
    return split._replace(path=split.path.rstrip("/"))
