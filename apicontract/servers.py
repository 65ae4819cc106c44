"""The addresses in `servers`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

JSON = Any


_MOST = 64
"""Maximum number of base paths that the values of a server's variables are expanded to."""


def read_bases(servers: JSON, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """Return the base paths of a list of servers, that of the first server and its default values first."""
    if not isinstance(servers, list):
        return otherwise
    found = [base for server in servers if isinstance(server, dict) for base in _expanded(server)]
    return tuple(dict.fromkeys(found)) or otherwise


def _expanded(server: Mapping[str, JSON]) -> list[str]:
    """Return the paths of a server for every value of the variables in its path."""
    url = str(server.get("url", ""))
    raw = server.get("variables")
    raw = raw if isinstance(raw, dict) else {}
    variables = [(url.find(f"{{{name}}}"), name, variable) for name, variable in raw.items()]
    values = [
        [(name, value) for value in _values(variable)]
        for place, name, variable in sorted(variables, key=lambda each: each[0])
        if place >= 0 and isinstance(variable, dict)
    ]
    paths = []
    for chosen in islice(product(*values), _MOST):
        filled = url
        for name, value in chosen:
            filled = filled.replace(f"{{{name}}}", value)
        try:
            paths.append(urlsplit(urljoin("/", filled)).path.rstrip("/"))
        except ValueError:  # no URL: its operations are served at the root
            paths.append("")
    return paths


def _values(variable: Mapping[str, JSON]) -> list[str]:
    """Return the values that a variable may have, the default first."""
    several = variable.get("enum")
    return list(
        dict.fromkeys([str(variable.get("default", "")), *map(str, several if isinstance(several, list) else ())])
    )


def read_address(server: Mapping[str, JSON]) -> SplitResult:
    """Return the URL of a server object with the defaults of its variables, without a trailing slash."""
    url = str(server.get("url", ""))
    raw = server.get("variables")
    for name, variable in raw.items() if isinstance(raw, dict) else ():
        if isinstance(variable, dict):
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    split = urlsplit(url)
    return split._replace(path=split.path.rstrip("/"))
