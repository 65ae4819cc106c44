"""Access control of the console.

On a local address the console is open; on a public one it requires the control token. The browser keeps a cookie
derived from the token (HttpOnly, SameSite=Strict). A request that changes something must come from a page of this
server, by `Origin` or `Sec-Fetch-Site`; programs, which send neither, use the control API.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mockserver.console.page import render
from mockserver.control.access import has_token, is_own_page, is_this_machine
from mockserver.settings import Settings

COOKIE = "mockserver-console"
SIGN_IN = "/__mock/console/sign-in"


def refusal(request: Request, settings: Settings, *, anybody: bool) -> Response | None:
    """Return the error page for a request that has no access, or None. `anybody`: the page needs no token."""
    headers = dict(request.scope["headers"])
    root = str(request.scope.get("root_path", ""))
    local = not (settings.public or settings.control_token)
    if not _from_here(request.method, headers, local=local):
        return refusal_page(
            root, 403, "Request from another site", "The console accepts requests from its own pages only."
        )
    if not settings.control_token:
        if settings.public:
            return refusal_page(
                root,
                403,
                "The console is disabled",
                "This server has a public address. Start it with --control-token to enable the console.",
            )
        return None
    if anybody or _is_signed_in(request, headers, settings.control_token):
        return None
    if request.method == "GET" and b"text/html" in headers.get(b"accept", b""):
        return RedirectResponse(f"{root}{SIGN_IN}", 303)
    return refusal_page(root, 401, "Sign in", "The console requires the control token.", challenge=True)


def sign_in_page(root: str, *, wrong: bool = False) -> Response:
    """Return the page with the sign-in form."""
    return _html(render("sign-in.html", root, wrong=wrong, action=f"{root}{SIGN_IN}"), 401 if wrong else 200)


def sign_in(root: str, token: str, given: str, *, secure: bool) -> Response:
    """Return the response to a submitted token: a cookie, or the form again."""
    if not hmac.compare_digest(given.encode(), token.encode()):
        return sign_in_page(root, wrong=True)
    response = RedirectResponse(f"{root}/__mock/", 303)
    response.set_cookie(COOKIE, _proof(token), path=f"{root}/__mock/", httponly=True, samesite="strict", secure=secure)
    return response


def sign_out(root: str) -> Response:
    """Return the response that deletes the cookie."""
    response = RedirectResponse(f"{root}{SIGN_IN}", 303)
    response.delete_cookie(COOKIE, path=f"{root}/__mock/", httponly=True, samesite="strict")
    return response


def _from_here(method: str, headers: Mapping[bytes, bytes], *, local: bool) -> bool:
    """Whether a request comes from a page of this console, or navigates to one."""
    if method in ("GET", "HEAD"):
        site, destination = headers.get(b"sec-fetch-site"), headers.get(b"sec-fetch-dest")
        if site == b"cross-site" and destination == b"document":  # a link on another site, which only shows a page
            return not local or is_this_machine(headers)
        if b"origin" not in headers and site is None:
            return not local or is_this_machine(headers)
    return is_own_page(headers, local=local)


def _is_signed_in(request: Request, headers: Mapping[bytes, bytes], token: str) -> bool:
    return has_token(headers, token) or hmac.compare_digest(
        request.cookies.get(COOKIE, "").encode(), _proof(token).encode()
    )


def _proof(token: str) -> str:
    return hmac.new(token.encode(), b"mockserver console", "sha256").hexdigest()


def refusal_page(root: str, status: int, title: str, text: str, *, challenge: bool = False) -> Response:
    """Return an error page."""
    response = _html(render("refusal.html", root, title=title, text=text), status)
    if challenge:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _html(text: str, status: int) -> Response:
    return Response(text, status, media_type="text/html")
