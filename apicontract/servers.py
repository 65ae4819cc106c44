"""The addresses that `servers` names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

JSON = Any


def address_of(server: Mapping[str, JSON]) -> SplitResult:
    """Return the address of a server, its variables replaced by their defaults, without a slash at its end."""
    url = str(server.get("url", ""))
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    split = urlsplit(url)
    return split._replace(path=split.path.rstrip("/"))
