"""Access control of the control API: local clients on a loopback address, otherwise clients with the token."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping

from mockserver.pipeline.problem import Reply, mock_problem

_BEARER = b"bearer "
_NAMED = (
    "Host must be an IP address or localhost: a web page could point any other name here (DNS rebinding). "
    "With --control-token every name is accepted"
)


def check_access(headers: Mapping[bytes, bytes], token: str, *, public: bool) -> Reply | None:
    """Return the refusal of a control call, or None if it is allowed.

    `public` is True if the server listens on an address beyond this machine. Pages of other origins are refused, even
    if their name resolves to this machine (CSRF, DNS rebinding).
    """
    if (b"origin" in headers or b"sec-fetch-site" in headers) and not is_own_page(headers, local=not (public or token)):
        return mock_problem(403, "Pages of other origins must not call the control API")
    if not token:
        if public:
            return mock_problem(
                403,
                "On a public address the control API needs a token: start the server with --control-token and send it",
            )
        return None if is_plain_name(headers) else mock_problem(403, _NAMED)
    if has_token(headers, token):
        return None
    reply = mock_problem(401, "Expected the control token as Authorization: Bearer …")
    return Reply(reply.status, (*reply.headers, (b"www-authenticate", b"Bearer")), reply.body)


def has_token(headers: Mapping[bytes, bytes], token: str) -> bool:
    """Return whether a request carries the control token, which is not empty, as `Authorization: Bearer …`."""
    given = headers.get(b"authorization", b"")
    secret = given[len(_BEARER) :].strip() if given[: len(_BEARER)].lower() == _BEARER else b""
    return hmac.compare_digest(secret, token.encode("utf-8"))


def is_own_page(headers: Mapping[bytes, bytes], *, local: bool) -> bool:
    """Return whether a browser's request comes from a page of this server; `local` requires a loopback name."""
    host = headers.get(b"host", b"")
    origin = headers.get(b"origin")
    if origin is not None and origin.partition(b"://")[2] != host:
        return False
    if origin is None and headers.get(b"sec-fetch-site") not in (b"same-origin", b"none"):
        return False
    return not local or is_this_machine(headers)


def is_plain_name(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether Host is an IP address or localhost, hence no name that others could point at this server."""
    name = _name(headers)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in ("", "localhost") or name.endswith(".localhost")
    return True


def is_this_machine(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether Host is a loopback address or localhost."""
    name = _name(headers)
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _name(headers: Mapping[bytes, bytes]) -> str:
    host = headers.get(b"host", b"")
    name = host.rpartition(b":")[0] if not host.endswith(b"]") and b":" in host else host
    return name.strip(b"[]").decode("latin-1").lower()
