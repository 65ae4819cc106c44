"""The console's routes: who may come in, which page it is, and what every answer carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route, Router, request_response
from starlette.types import Message, Receive, Scope, Send

from mockserver.console import access, clients, contracts, data, limits, requests, trial, trouble
from mockserver.console.page import FOLDER, show
from mockserver.console.visit import Action, Done, Page, Visit
from mockserver.control.calls import NotFoundError, execute, mock_of
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
    "htmx.min.js": "text/javascript",
    "htmx-ext-sse.min.js": "text/javascript",
}
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # not no-referrer: with that a browser sends a form's Origin as null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Site:
    """The console as an ASGI application; it expects to be called for its own paths only."""

    def __init__(self) -> None:
        pages: dict[str, Page] = {
            "/limits": limits.page,
            "/trouble": trouble.page,
            "/data": data.page,
            "/contracts": contracts.page,
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
            "/clock": (trouble.change_clock, trouble.page),
            "/scenarios/{name}/{switch}": (trouble.switch, trouble.page),
            "/faults": (trouble.add_fault, trouble.page),
            "/faults/clear": (trouble.clear_faults, trouble.page),
            "/faults/{id}/remove": (trouble.remove_fault, trouble.page),
            "/reset": (_reset, trouble.page),
            "/space": (_look_at, requests.page),
        }
        self._router = Router(
            [
                Route("/__mock/", _showing(requests.page)),
                Route(f"{BELOW}/assets/{{name}}", _asset),
                Route(f"{BELOW}/sign-in", _sign_in, methods=["GET", "POST"]),
                Route(f"{BELOW}/sign-out", _sign_out, methods=["POST"]),
                Route(f"{BELOW}/contracts/{{contract}}/{{operation:path}}", _showing(trial.send), methods=["POST"]),
                *(Route(f"{BELOW}{path}", _doing(*pair), methods=["POST"]) for path, pair in actions.items()),
                *(Route(f"{BELOW}{path}", _showing(page)) for path, page in pages.items()),
            ],
            redirect_slashes=False,
            default=request_response(_showing(_nothing)),
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
        refused = access.refusal(request, mock_of(request).settings, anybody=_is_open(request))
        await (self._router if refused is None else refused)(scope, receive, guarded)


def _is_open(request: Request) -> bool:
    """Whether nobody need be signed in to see it: the form to sign in, and what it looks like."""
    path = str(request.scope["path"]).removeprefix(str(request.scope.get("root_path", "")))
    return path == f"{BELOW}/sign-in" or path.startswith(f"{BELOW}/assets/")


def _showing(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """A page as an endpoint."""

    async def endpoint(request: Request) -> Response:
        visit = await _visit(request)
        if isinstance(visit, Response):
            return visit
        try:
            return await page(visit)
        except StateError as error:
            return _without_state(request, error)
        except BadInputError as error:
            return await _nothing(replace(visit, found=422, alert=_sentence(error)))
        except NotFoundError as error:
            return await _nothing(replace(visit, found=404, alert=str(error)))

    return endpoint


def _doing(action: Action, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """An action as an endpoint: afterwards its page, with what was done or why not."""

    async def endpoint(request: Request) -> Response:
        visit = await _visit(request)
        if isinstance(visit, Response):
            return visit
        try:
            done: Done = await action(visit)
        except StateError as error:
            return _without_state(request, error)
        except BadInputError as error:
            return await page(replace(visit, found=422, alert=_sentence(error)))
        except NotFoundError as error:
            return await _nothing(replace(visit, found=404, alert=str(error)))
        if done.to and "hx-request" in request.headers:
            return Response(status_code=204, headers={"hx-redirect": f"{visit.root}/__mock{done.to}"})
        if done.to or "hx-request" not in request.headers:
            response = RedirectResponse(f"{visit.root}/__mock{done.to}" if done.to else _back(request), 303)
            if done.test is not None:
                _remember(request, response, done.test)
            return response
        return await page(replace(visit, said=done.said))

    return endpoint


async def _visit(request: Request) -> Visit | Response:
    test = unquote(request.cookies.get(SPACE, ""))
    try:
        pipeline = await mock_of(request).space_of_test(test or None) if test.isascii() else None
    except StateError as error:
        return _without_state(request, error)
    if pipeline is None:
        response = RedirectResponse(_home(request), 303)
        _remember(request, response, "")
        return response
    form: dict[str, str] = {}
    if request.method == "POST":
        try:
            raw = await read_body(request.receive, dict(request.scope["headers"]), mock_of(request).settings.max_body)
        except (TooLargeError, GoneError):
            return Response("The form is too large", 413)
        form = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True, encoding="utf-8", errors="replace"))
    return Visit(request, mock_of(request), pipeline, test, form)


def _without_state(request: Request, error: StateError) -> Response:
    """What every page is while the processes' shared state is away."""
    return access.refusal_page(str(request.scope.get("root_path", "")), 503, "The shared state is away", f"{error}.")


async def _nothing(visit: Visit) -> Response:
    """What a path that leads nowhere shows."""
    visit = visit if visit.alert else replace(visit, found=404, alert="There is no such page.")
    return show(visit, "nothing.html", "")


async def _look_at(visit: Visit) -> Done:
    """Look at the space of a test from now on, or at the server's own."""
    test = visit.form.get("test", "").strip()
    if test and (not test.isascii() or await visit.mock.space_of_test(test) is None):
        raise BadInputError("test", f"X-Test-Id is {NAME_RULE}", [NAME_RULE])
    return Done(to="/", test=test)


async def _reset(visit: Visit) -> Done:
    await execute(reset, visit.call())
    return Done("Everything begins anew: counters, clock, tracked data, faults, scenarios and the list of requests.")


async def _sign_in(request: Request) -> Response:
    root, token = str(request.scope.get("root_path", "")), mock_of(request).settings.control_token
    if not token:
        return RedirectResponse(_home(request), 303)
    if request.method != "POST":
        return access.sign_in_page(root)
    visit = await _visit(request)
    if isinstance(visit, Response):
        return visit
    return access.signed_in(root, token, visit.form.get("token", ""), secure=request.url.scheme == "https")


async def _sign_out(request: Request) -> Response:
    return access.signed_out(str(request.scope.get("root_path", "")))


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ASSETS:
        return Response("There is no such file", 404, media_type="text/plain")
    return FileResponse(
        FOLDER / "assets" / name,
        media_type=ASSETS[name],
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )


def _sentence(error: BadInputError) -> str:
    """What was wrong with an input, and what would be right."""
    valid = [str(one) for one in error.valid]
    shown = ", ".join(valid[:8]) + (", …" if len(valid) > 8 else ".")
    return f"{error.message}." + (f" Valid: {shown}" if valid else "")


def _remember(request: Request, response: Response, test: str) -> None:
    """Keep in the browser whose space it looks at: for the console only, not for requests to the APIs."""
    if test:
        response.set_cookie(SPACE, quote(test, safe=""), path=_home(request), httponly=True, samesite="strict")
    else:
        response.delete_cookie(SPACE, path=_home(request), httponly=True, samesite="strict")


def _back(request: Request) -> str:
    """The page that a form was sent from, where a browser says so; a path of this server in any case."""
    sent_from = urlsplit(request.headers.get("referer", "")).path
    home = _home(request)
    return sent_from if sent_from.startswith(home) and "\\" not in sent_from else home


def _home(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}/__mock/"
