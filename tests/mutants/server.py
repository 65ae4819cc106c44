"""A broken server: the mock with one defect, put between it and whoever asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from apicontract import Contract

JSON = Any


@dataclass
class Call:
    """A request as it came, and the good server's answer to it. A defect changes either."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    operation: str
    resource: str
    state: dict[str, Any]
    now: Callable[[], float]
    ask: Callable[..., Any] = lambda: None
    status: int = 0
    out: dict[str, str] = field(default_factory=dict)
    data: JSON = None
    raw: bytes | None = None
    fails: bool = False
    wait: Callable[[float], Any] = lambda _seconds: None

    def given(self, name: str) -> str | None:
        """The text of a query parameter."""
        return next((text for key, text in self.query if key == name), None)

    def put(self, name: str, text: str | None) -> None:
        """Set a query parameter, or take it away."""
        self.query = [(key, value) for key, value in self.query if key != name]
        if text is not None:
            self.query.append((name, text))

    @property
    def key(self) -> str | None:
        """The key that was sent, wherever it stood."""
        bearer = self.headers.get("authorization", "")
        return self.headers.get("x-api-key") or (bearer[7:] if bearer.lower().startswith("bearer ") else None)

    @key.setter
    def key(self, value: str | None) -> None:
        for name in ("x-api-key", "authorization"):
            self.headers.pop(name, None)
        if value is not None:
            self.headers["authorization"] = f"Bearer {value}"

    @property
    def good(self) -> bool:
        """Whether the answer is a success."""
        return 200 <= self.status < 300

    @property
    def inner(self) -> JSON:
        """The body inside its envelope."""
        return self.data.get("data", self.data) if isinstance(self.data, dict) else self.data


Change = Callable[[Call], Any]


@dataclass(frozen=True)
class Mutant:
    """One defect. `before` changes the request, `after` the answer; `sentence` is what the contract says instead."""

    name: str
    kind: str
    contract: str
    sentence: str
    before: Change | None = None
    after: Change | None = None
    profile: str = "readonly"


class BrokenServer:
    """An ASGI application: the good one with a defect."""

    def __init__(self, app: Any, contract: Contract, mutant: Mutant | None, now: Callable[[], float]) -> None:
        self.app, self.contract, self.mutant, self.now = app, contract, mutant, now
        self.state: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        call = self._call(scope, body)
        mutant = self.mutant
        if mutant and mutant.before:
            mutant.before(call)
        await self._answer(scope, call)
        if mutant and mutant.after:
            done = mutant.after(call)
            if done is not None and hasattr(done, "__await__"):
                await done
        if call.fails:
            raise ConnectionResetError("the defect closes the connection")
        payload = (
            call.raw
            if call.raw is not None
            else json.dumps(call.data, ensure_ascii=False).encode()
            if call.data is not None
            else b""
        )
        headers = {**call.out}
        if "content-length" in headers and call.method != "HEAD":
            headers["content-length"] = str(len(payload))
        pairs = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": call.status, "headers": pairs})
        await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else payload})

    def _call(self, scope: Any, body: bytes) -> Call:
        path = scope.get("raw_path", scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        match = self.contract.router.find(path)
        operation = match.route.operations.get(scope["method"]) if match else None
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        resource = next(iter(match.values.values()), "") if match else ""
        call = Call(
            scope["method"],
            path,
            query,
            headers,
            body,
            operation.id if operation else "",
            resource,
            self.state,
            self.now,
        )

        async def ask(
            path: str | None = None, query: list[tuple[str, str]] | None = None, headers: dict[str, str] | None = None
        ) -> Call:
            other = Call(
                call.method,
                path or call.path,
                query if query is not None else call.query,
                headers or call.headers,
                body,
                "",
                "",
                self.state,
                self.now,
            )
            await self._answer(scope, other)
            return other

        call.ask, call.wait = ask, self.app.mock.space.clock.advance
        return call

    async def _answer(self, scope: Any, call: Call) -> None:
        inner = {
            **scope,
            "path": call.path,
            "raw_path": call.path.encode("latin-1"),
            "query_string": urlencode(call.query).encode(),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in call.headers.items()],
        }
        parts: list[bytes] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": call.body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
                call.out = {
                    name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
                }
            else:
                parts.append(message.get("body", b""))

        await self.app(inner, receive, send)
        payload = b"".join(parts)
        try:
            call.data, call.raw = json.loads(payload), None
        except ValueError:
            call.data, call.raw = None, payload
