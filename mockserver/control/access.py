"""Who may use the control API: anybody on this machine, and on any other address who has the token."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping

from mockserver.pipeline.problem import Reply, mock_problem

BEARER = b"bearer "
_NAMED = (
    "The control API is asked by an address or as localhost: any other name, a web page could have pointed here. "
    "With --control-token any name will do"
)


def refusal(headers: Mapping[bytes, bytes], token: str, *, public: bool) -> Reply | None:
    """Why a control call is refused; None where it may pass. `public`: the server listens beyond this machine.

    A page of another site may not drive it through its visitor's browser, whatever its name resolves to.
    """
    if (b"origin" in headers or b"sec-fetch-site" in headers) and not is_own_page(headers, local=not (public or token)):
        return mock_problem(403, "The control API is not for pages of other origins")
    if not token:
        if public:
            return mock_problem(
                403, "On a public address the control API takes a token: start with --control-token, and send it"
            )
        return None if is_plain_name(headers) else mock_problem(403, _NAMED)
    given = headers.get(b"authorization", b"")
    secret = given[len(BEARER) :].strip() if given[: len(BEARER)].lower() == BEARER else b""
    if hmac.compare_digest(secret, token.encode("utf-8")):
        return None
    reply = mock_problem(401, "The control API takes its token as Authorization: Bearer …")
    return Reply(reply.status, (*reply.headers, (b"www-authenticate", b"Bearer")), reply.body)


def is_own_page(headers: Mapping[bytes, bytes], *, local: bool) -> bool:
    """Whether a browser asks for a page of this server; where that is `local`, under a name of this machine only."""
    host = headers.get(b"host", b"")
    origin = headers.get(b"origin")
    if origin is not None and origin.partition(b"://")[2] != host:
        return False
    if origin is None and headers.get(b"sec-fetch-site") not in (b"same-origin", b"none"):
        return False
    return not local or is_this_machine(headers)


def is_plain_name(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request calls the server by an address or as localhost: by no name that a stranger could point here."""
    name = _name(headers)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in ("", "localhost") or name.endswith(".localhost")
    return True


def is_this_machine(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request calls the server by a name that only this machine has."""
    name = _name(headers)
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _name(headers: Mapping[bytes, bytes]) -> str:
    host = headers.get(b"host", b"")
    name = host.rpartition(b":")[0] if not host.endswith(b"]") and b":" in host else host
    return name.strip(b"[]").decode("latin-1").lower()
