"""What a server says when it is ready: where it is, and how to ask it."""

from __future__ import annotations

import socket
import sys

import orjson

from apicontract import Contract
from apicontract.safetext.invisible import json_escaped, visible
from apicontract.security import unchecked_schemes
from mockserver.engine.example import example_request
from mockserver.engine.mock import Mock
from mockserver.serving.tls import Tls

_MOST_NAMED = 10


def announce(mock: Mock, listener: socket.socket, tls: Tls | None = None, workers: int = 1) -> None:
    """Say where the server is: for people on standard error, for programs as a line of JSON on a piped output."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    scheme = "http" if tls is None else "https"
    url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
    url += mock.settings.base_path
    lines = [f"mockserver on {url}   (Ctrl-C stops)", f"  console: {url}/__mock/", ""]
    if mock.store.address:
        lines[2:2] = [f"  {workers} {'workers' if workers > 1 else 'worker'}, state in {mock.store.address}"]
    if tls is not None:
        lines[2:2] = _trust(tls)
    for api in mock.apis:
        lines.append(f"  {api.contract.title} ({api.contract.selector})  {url}{api.contract.base_path}")
        lines += [f"    {key.secret:<20} {key.description}" for key in api.keys.values()]
        lines += _not_served(api.contract)
        unchecked = unchecked_schemes(api.contract.document)
        lines += [f"    the security scheme {name} (mutual TLS) is not checked" for name in unchecked]
    authority = tls.authority if tls is not None else None
    example = example_request(mock, url, "" if authority is None else f"--cacert {authority} ")
    if example:
        lines += ["", f"  {example}"]
    as_json = mock.settings.log_format == "json"
    if not as_json:
        print("\n".join(map(visible, lines)) + "\n", file=sys.stderr, flush=True)
    if as_json or not sys.stdout.isatty():
        event: dict[str, object] = {
            "event": "listening",
            "url": url,
            "port": port,
            "contracts": [api.contract.selector for api in mock.apis],
        }
        broken = [f"{each.method} {each.path}" for api in mock.apis for each in api.contract.broken]
        if broken:
            event["not_served"] = broken
        if authority is not None:
            event["cacert"] = str(authority)
        print(json_escaped(orjson.dumps(event).decode()), flush=True)


def _not_served(contract: Contract) -> list[str]:
    """Return lines that name the operations which the document leaves unclear, and why."""
    lines = [
        f"    not served: {each.method} {each.path}: {each.broken.reason}"
        for each in contract.broken[:_MOST_NAMED]
        if each.broken is not None
    ]
    more = len(contract.broken) - len(lines)
    if more > 0:
        lines.append(f"    not served: {more} more")
    if lines:
        lines.append(f"    every problem with its line: mockserver validate --contract {contract.document.name}")
    return lines


def _trust(tls: Tls) -> list[str]:
    """Return lines that tell how a client can trust the certificate."""
    lines = [f"  certificate: SHA-256 {tls.fingerprint}"]
    if tls.warning:
        lines.append(f"  warning: the certificate {tls.warning}; clients that check it will refuse it")
    if tls.authority is not None:
        lines.append(f"  made for this run; clients trust {tls.authority}")
    return lines
