"""Who may see the console, and who may click in it.

On this machine everybody may; on a public address who has the control token. A browser keeps a cookie that is made of
the token and is not the token, is sent to no other site and read by no script. What changes something must come from a
page of this server: a browser says so in `Origin` or `Sec-Fetch-Site`, and a request that says neither is a program's,
which has the control API.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mockserver.console.page import rendered
from mockserver.control.access import BEARER, is_own_page, is_this_machine
from mockserver.settings import Settings

COOKIE = "mockserver-console"
SIGN_IN = "/__mock/console/sign-in"


def refusal(request: Request, settings: Settings, *, anybody: bool) -> Response | None:
    """Why a visit is refused, as a page; None where it may go on. `anybody`: it needs no token."""
    headers = dict(request.scope["headers"])
    root = str(request.scope.get("root_path", ""))
    local = not (settings.public or settings.control_token)
    if not _from_here(request.method, headers, local=local):
        return refusal_page(
            root, 403, "Not from here", "The console takes clicks from its own pages, under its own address."
        )
    if not settings.control_token:
        if settings.public:
            return refusal_page(
                root,
                403,
                "The console is closed",
                "This server listens beyond its own machine. Start it with --control-token to open the console.",
            )
        return None
    if anybody or _is_signed_in(request, headers, settings.control_token):
        return None
    if request.method == "GET" and b"text/html" in headers.get(b"accept", b""):
        return RedirectResponse(f"{root}{SIGN_IN}", 303)
    return refusal_page(root, 401, "Sign in first", "The console takes the control token.", challenge=True)


def sign_in_page(root: str, *, wrong: bool = False) -> Response:
    """The form that takes the token."""
    return _html(rendered("sign-in.html", root, wrong=wrong, action=f"{root}{SIGN_IN}"), 401 if wrong else 200)


def signed_in(root: str, token: str, given: str, *, secure: bool) -> Response:
    """What a token that was typed in leads to."""
    if not hmac.compare_digest(given.encode(), token.encode()):
        return sign_in_page(root, wrong=True)
    response = RedirectResponse(f"{root}/__mock/", 303)
    response.set_cookie(COOKIE, _proof(token), path=f"{root}/__mock/", httponly=True, samesite="strict", secure=secure)
    return response


def signed_out(root: str) -> Response:
    """The cookie is taken back."""
    response = RedirectResponse(f"{root}{SIGN_IN}", 303)
    response.delete_cookie(COOKIE, path=f"{root}/__mock/", httponly=True, samesite="strict")
    return response


def _from_here(method: str, headers: Mapping[bytes, bytes], *, local: bool) -> bool:
    """Whether a request may be one of this console's pages, or of a person who goes to one of them."""
    if method in ("GET", "HEAD"):
        site, destination = headers.get(b"sec-fetch-site"), headers.get(b"sec-fetch-dest")
        if site == b"cross-site" and destination == b"document":  # a link somewhere: it shows, and changes nothing
            return not local or is_this_machine(headers)
        if b"origin" not in headers and site is None:
            return not local or is_this_machine(headers)
    return is_own_page(headers, local=local)


def _is_signed_in(request: Request, headers: Mapping[bytes, bytes], token: str) -> bool:
    given = headers.get(b"authorization", b"")
    if given[: len(BEARER)].lower() == BEARER and hmac.compare_digest(given[len(BEARER) :].strip(), token.encode()):
        return True
    return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), _proof(token).encode())


def _proof(token: str) -> str:
    return hmac.new(token.encode(), b"mockserver console", "sha256").hexdigest()


def refusal_page(root: str, status: int, title: str, text: str, *, challenge: bool = False) -> Response:
    """A page that says why there is none."""
    response = _html(rendered("refusal.html", root, title=title, text=text), status)
    if challenge:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _html(text: str, status: int) -> Response:
    return Response(text, status, media_type="text/html")
