"""Declared links of a response, as `Link` headers (RFC 8288) with the addresses that they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from apicontract.expressions import Exchanged, evaluate
from apicontract.operations import Link, Operation
from apicontract.styles import JSON
from mockserver.pipeline.lines import packed

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def link_lines(links: Iterable[Link], operations: Iterable[Operation], exchanged: Exchanged) -> bytes:
    """Return a header line for each link whose operation and path parameters are known."""
    found = []
    known = list(operations)
    for link in links:
        target = next((each for each in known if link.target in (each.id, each.pointer)), None)
        address = _address(target, link.parameters, exchanged) if target is not None else ""
        if address:
            name = link.name.replace('"', "").encode("ascii", "replace").decode()
            found.append((b"link", f'<{address}>; rel="{name}"'.encode("ascii")))
    return packed(found)


def _address(target: Operation, parameters: Mapping[str, Any], exchanged: Exchanged) -> str:
    """Return the path and query that a link leads to; empty if a path parameter has no value."""
    values: dict[str, JSON] = {}
    for name, expression in parameters.items():
        value = evaluate(expression, exchanged)
        if value is not None and not isinstance(value, (dict, list)):
            values[name.removeprefix("path.").removeprefix("query.")] = value
    if any(name not in values for name in _PLACEHOLDER.findall(target.path)):
        return ""
    path = _PLACEHOLDER.sub(lambda match: quote(str(values[match[1]]), safe=""), quote(target.path, safe="/{}"))
    query = {name: values[name] for name in values if f"{{{name}}}" not in target.path}
    return f"{path}?{urlencode(query)}" if query else path
