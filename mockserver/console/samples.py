"""A request as code: curl, Python and TypeScript."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.console.curl import curl


@dataclass(frozen=True, slots=True)
class Sample:
    """A request in one language."""

    language: str
    code: str


def write_samples(url: str, method: str, headers: Iterable[tuple[str, str]], body: str) -> tuple[Sample, ...]:
    """Return a request as a curl command, and as programs that print status and body of the answer."""
    pairs = list(headers)
    return (
        Sample("curl", curl(url, method, pairs, body)),
        Sample("Python", _python(url, method, pairs, body)),
        Sample("TypeScript", _typescript(url, method, pairs, body)),
    )


def _python(url: str, method: str, headers: list[tuple[str, str]], body: str) -> str:
    lines = ["import httpx", "", "response = httpx.request(", f"    {json.dumps(method)},", f"    {json.dumps(url)},"]
    if headers:
        lines += ["    headers={", *(f"        {json.dumps(name)}: {json.dumps(value)}," for name, value in headers)]
        lines.append("    },")
    if body:
        lines.append(f"    content={json.dumps(body)},")
    return "\n".join([*lines, ")", "print(response.status_code, response.text)"])


def _typescript(url: str, method: str, headers: list[tuple[str, str]], body: str) -> str:
    lines = [f"const response = await fetch({json.dumps(url)}, {{", f"  method: {json.dumps(method)},"]
    if headers:
        lines += ["  headers: {", *(f"    {json.dumps(name)}: {json.dumps(value)}," for name, value in headers), "  },"]
    if body:
        lines.append(f"  body: {json.dumps(body)},")
    return "\n".join([*lines, "});", "console.log(response.status, await response.text());"])
