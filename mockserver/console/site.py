"""The console as an ASGI application: routes, access control, and headers of every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route, Router, request_response
from starlette.types import Message, Receive, Scope, Send

from mockserver.console import access, clients, contracts, data, faults, limits, requests
from mockserver.console.context import Action, ActionResult, Page, PageContext
from mockserver.console.page import FOLDER, show
from mockserver.control.calls import NotFoundError, execute, get_mock
from mockserver.control.space import reset
from mockserver.form import BadInputError
from mockserver.pipeline.body import GoneError, TooLargeError, read_body
from mockserver.state.space import StateError
from mockserver.state.spaces import NAME_RULE

BELOW = "/__mock/console"
SPACE = "mockserver-space"
ASSETS = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "charts.js": "text/javascript",
    "htmx.min.js": "text/javascript",
    "htmx-ext-sse.min.js": "text/javascript",
    "uplot.min.css": "text/css",
    "uplot.min.js": "text/javascript",
}
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer a browser sends a form with Origin: null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Site:
    """The console as an ASGI application, for paths of the console only."""

    def __init__(self) -> None:
        pages: dict[str, Page] = {
            "/limits": limits.page,
            "/faults": faults.page,
            "/data": data.page,
            "/contracts": contracts.page,
            "/search": contracts.search_page,
            "/contracts/{contract}": contracts.contract_page,
            "/contracts/{contract}/{operation:path}": contracts.operation_page,
            "/compare/{name}": contracts.comparison_page,
            "/clients": clients.page,
            "/requests/stream": requests.stream,
            "/requests/{number}": requests.entry_page,
        }
        actions: dict[str, tuple[Action, Page]] = {
            "/requests/clear": (requests.clear, requests.page),
            "/requests/{number}/replay": (requests.replay, requests.entry_page),
            "/requests/{number}/next": (requests.force_next, requests.entry_page),
            "/limits/{key}": (limits.change, limits.page),
            "/clock": (faults.change_clock, faults.page),
            "/scenarios/{name}/{switch}": (faults.switch, faults.page),
            "/faults": (faults.add_fault, faults.page),
            "/faults/clear": (faults.clear_faults, faults.page),
            "/faults/{id}/remove": (faults.remove_fault, faults.page),
            "/reset": (_reset, faults.page),
            "/space": (_select_space, requests.page),
        }
        self._router = Router(
            [
                Route("/__mock/", _page_endpoint(requests.page)),
                Route(f"{BELOW}/assets/{{name}}", _asset),
                Route(f"{BELOW}/sign-in", _sign_in, methods=["GET", "POST"]),
                Route(f"{BELOW}/sign-out", _sign_out, methods=["POST"]),
                Route(
                    f"{BELOW}/contracts/{{contract}}/{{operation:path}}",
                    _page_endpoint(contracts.trial_page),
                    methods=["POST"],
                ),
                *(Route(f"{BELOW}{path}", _action_endpoint(*pair), methods=["POST"]) for path, pair in actions.items()),
                *(Route(f"{BELOW}{path}", _page_endpoint(page)) for path, page in pages.items()),
            ],
            redirect_slashes=False,
            default=request_response(_page_endpoint(_not_found_page)),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope, receive)
        refused = access.refusal(request, get_mock(request).settings, anybody=_is_open(request))
        await (self._router if refused is None else refused)(scope, receive, guarded)


def _is_open(request: Request) -> bool:
    """Whether a page needs no token: the sign-in form and the assets."""
    path = str(request.scope["path"]).removeprefix(str(request.scope.get("root_path", "")))
    return path == f"{BELOW}/sign-in" or path.startswith(f"{BELOW}/assets/")


def _page_endpoint(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a page."""

    async def endpoint(request: Request) -> Response:
        context = await _read_context(request)
        if isinstance(context, Response):
            return context
        try:
            return await page(context)
        except StateError as error:
            return _unavailable_page(request, error)
        except BadInputError as error:
            return await _not_found_page(replace(context, status=422, alert=_describe_error(error)))
        except NotFoundError as error:
            return await _not_found_page(replace(context, status=404, alert=str(error)))

    return endpoint


def _action_endpoint(action: Action, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of an action, which answers with its page and a message."""

    async def endpoint(request: Request) -> Response:
        context = await _read_context(request)
        if isinstance(context, Response):
            return context
        try:
            done: ActionResult = await action(context)
        except StateError as error:
            return _unavailable_page(request, error)
        except BadInputError as error:
            return await page(replace(context, status=422, alert=_describe_error(error)))
        except NotFoundError as error:
            return await _not_found_page(replace(context, status=404, alert=str(error)))
        if done.redirect and "hx-request" in request.headers:
            return Response(status_code=204, headers={"hx-redirect": f"{context.root}/__mock{done.redirect}"})
        if done.redirect or "hx-request" not in request.headers:
            response = RedirectResponse(
                f"{context.root}/__mock{done.redirect}" if done.redirect else _sender_path(request), 303
            )
            if done.test is not None:
                _set_space_cookie(request, response, done.test)
            return response
        return await page(replace(context, message=done.message))

    return endpoint


async def _read_context(request: Request) -> PageContext | Response:
    test = unquote(request.cookies.get(SPACE, ""))
    try:
        pipeline = await get_mock(request).addressed_pipeline(test or None) if test.isascii() else None
    except StateError as error:
        return _unavailable_page(request, error)
    if pipeline is None:
        response = RedirectResponse(_home(request), 303)
        _set_space_cookie(request, response, "")
        return response
    form: dict[str, str] = {}
    if request.method == "POST":
        try:
            raw = await read_body(request.receive, dict(request.scope["headers"]), get_mock(request).settings.max_body)
        except (TooLargeError, GoneError):
            return Response("The form is larger than --max-body", 413)
        form = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True, encoding="utf-8", errors="replace"))
    return PageContext(request, get_mock(request), pipeline, test, form)


def _unavailable_page(request: Request, error: StateError) -> Response:
    """Return the error page for an unavailable shared state."""
    return access.refusal_page(
        str(request.scope.get("root_path", "")), 503, "The shared state is unavailable", f"{error}."
    )


async def _not_found_page(context: PageContext) -> Response:
    """Return the page for an unknown path, or an error."""
    context = context if context.alert else replace(context, status=404, alert="There is no such page.")
    return show(context, "nothing.html", "")


async def _select_space(context: PageContext) -> ActionResult:
    """Select the space of a test, or the server's own."""
    test = context.form.get("test", "").strip()
    if test and (not test.isascii() or await context.mock.addressed_pipeline(test) is None):
        raise BadInputError("test", f"X-Test-Id is {NAME_RULE}", [NAME_RULE])
    return ActionResult(redirect="/", test=test)


async def _reset(context: PageContext) -> ActionResult:
    await execute(reset, context.call())
    return ActionResult("Counters, clock, tracked data, faults, scenarios and the list of requests were reset.")


async def _sign_in(request: Request) -> Response:
    root, token = str(request.scope.get("root_path", "")), get_mock(request).settings.control_token
    if not token:
        return RedirectResponse(_home(request), 303)
    if request.method != "POST":
        return access.sign_in_page(root)
    context = await _read_context(request)
    if isinstance(context, Response):
        return context
    return access.sign_in(root, token, context.form.get("token", ""), secure=request.url.scheme == "https")


async def _sign_out(request: Request) -> Response:
    return access.sign_out(str(request.scope.get("root_path", "")))


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ASSETS:
        return Response("There is no such file", 404, media_type="text/plain")
    return FileResponse(
        FOLDER / "assets" / name,
        media_type=ASSETS[name],
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )


def _describe_error(error: BadInputError) -> str:
    """Return an input error as text, with the valid values."""
    valid = [str(one) for one in error.valid]
    shown = ", ".join(valid[:8]) + (", …" if len(valid) > 8 else ".")
    return f"{error.message}." + (f" Valid: {shown}" if valid else "")


def _set_space_cookie(request: Request, response: Response, test: str) -> None:
    """Set the cookie with the selected space; its path excludes requests to the APIs."""
    if test:
        response.set_cookie(SPACE, quote(test, safe=""), path=_home(request), httponly=True, samesite="strict")
    else:
        response.delete_cookie(SPACE, path=_home(request), httponly=True, samesite="strict")


def _sender_path(request: Request) -> str:
    """Return the path of the page that a form was sent from, or of the console; never another server."""
    sent_from = urlsplit(request.headers.get("referer", "")).path
    home = _home(request)
    return sent_from if sent_from.startswith(home) and "\\" not in sent_from else home


def _home(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}/__mock/"
