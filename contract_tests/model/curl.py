"""The command line that sends a request again."""

from __future__ import annotations

import shlex

from contract_tests.model.exchange import Request
from contract_tests.model.keys import OTHER_CASE, OTHER_CASE_ASSIGNED, names_a_key


def curl_of(request: Request) -> str:
    """Return the curl command for a request, for any shell; keys stand as shell variables."""
    parts = ["curl", "-sS", "-i"]
    if request.method == "HEAD":
        parts.append("--head")
    elif request.method != "GET":
        parts += ["-X", request.method]
    for name, value in request.headers:
        parts += ["-H", _quoted(f"{name}: {value}")]
    if request.body:
        body = request.body.decode("utf-8", "replace")
        parts += ["--data-binary", shlex.quote(body if len(body) < 2000 else body[:200] + "…")]
    parts.append(_quoted(request.url))
    command = " ".join(parts)
    return f"{OTHER_CASE_ASSIGNED}; {command}" if f"${OTHER_CASE}" in command else command


def _quoted(text: str) -> str:
    """Quote a text for the shell: in double quotes where a key's variable must be filled in, else in single ones."""
    if not names_a_key(text):
        return shlex.quote(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
