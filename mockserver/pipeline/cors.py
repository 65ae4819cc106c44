"""CORS step: any origin may read every answer and every header that the contract names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apicontract.contract import Contract

_ALWAYS = (
    "Allow",
    "Preference-Applied",
    "Retry-After",
    "X-Mock-Edition",
    "X-Mock-Fault",
    "X-Mock-Rule",
    "X-Mock-State",
)
_DAY = b"86400"


def exposed_headers(contracts: Iterable[Contract]) -> bytes:
    """Return `Access-Control-Expose-Headers`: the names of all response headers of the contracts."""
    names = set(_ALWAYS)
    for contract in contracts:
        for operation in contract.operations:
            for response in operation.responses.values():
                names.update(header.name for header in response.headers)
    return ", ".join(sorted(names)).encode("latin-1")


def preflight(allowed: str, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """Return the headers that answer OPTIONS on a known path, including those of a CORS preflight."""
    made = [(b"allow", allowed.encode("latin-1"))]
    if b"access-control-request-method" in headers:
        made += [
            (b"access-control-allow-methods", allowed.encode("latin-1")),
            (b"access-control-max-age", _DAY),
            (b"vary", b"Access-Control-Request-Headers"),
        ]
        wanted = headers.get(b"access-control-request-headers")
        if wanted:
            made.append((b"access-control-allow-headers", wanted))
        if headers.get(b"access-control-request-private-network") == b"true":
            made.append((b"access-control-allow-private-network", b"true"))
    return made
