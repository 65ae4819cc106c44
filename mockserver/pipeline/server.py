"""One request's way through the server, step after step.

path and method (404, 405) → key (401) → rate limit and quota (429) → parameters and body (400) → access (403, 404) →
answer. Everything that can be judged without effect is judged first, so that the limiter knows, in one atomic step,
whether this request will count.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from mockserver.apis.call import Call, Refusal
from mockserver.clock import rfc3339
from mockserver.contract.contract import Contract
from mockserver.contract.plans import Plan
from mockserver.dataset.accounts import Key
from mockserver.limits.counter import Counter
from mockserver.limits.quota import Quota
from mockserver.pipeline import body as request_body
from mockserver.pipeline.access import judge_key, judge_resource
from mockserver.pipeline.accesslog import AccessLog
from mockserver.pipeline.answer import Answers, enveloped, example_data
from mockserver.pipeline.api import Api, Endpoint
from mockserver.pipeline.cors import exposed_headers, preflight
from mockserver.pipeline.headers import HeaderPlan
from mockserver.pipeline.prefer import Preference, chosen_answer, read_preference
from mockserver.pipeline.problem import Problem, Reply, mock_problem
from mockserver.pipeline.resolve import Resolved, Resolver
from mockserver.pipeline.validate import read_body
from mockserver.settings import Settings
from mockserver.state.space import Space

Headers = Mapping[bytes, bytes]
HeaderList = list[tuple[bytes, bytes]]
_UNDECLARED = HeaderPlan(())
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_JSON_TYPE = (b"content-type", b"application/json")


class Pipeline:
    """The ASGI application that answers for the contracts."""

    def __init__(self, apis: Sequence[Api], space: Space, settings: Settings, log: AccessLog | None) -> None:
        self.apis = apis
        self.space = space
        self.settings = settings
        self.log = log
        self._resolver = Resolver(apis)
        self._answers = Answers()
        self._exposed = (b"access-control-expose-headers", exposed_headers(api.contract for api in apis))
        self._counted = {api.contract.selector: _uncounted(api.contract) for api in apis}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = time.perf_counter() if self.log is not None else 0.0
        raw: HeaderList = scope["headers"]
        headers = dict(raw)
        doubled = _given_twice(raw) if len(headers) != len(raw) else ()
        resolved = self._resolver.resolve(scope["method"], scope["raw_path"], scope["query_string"], headers)
        request = _Request(scope, headers, doubled, receive, resolved)
        try:
            await self._judge(request)
        except request_body.GoneError:
            return
        answer = request.headers_out
        if request.status != 204:
            answer.append((b"content-length", b"%d" % len(request.body)))
        if b"origin" in headers:
            answer += (_ANY_ORIGIN, self._exposed)
        await send({"type": "http.response.start", "status": request.status, "headers": answer})
        await send({"type": "http.response.body", "body": request.body})
        if self.log is not None:
            self.log.add(scope, request.status, len(request.body), started, request.key, resolved)

    async def _judge(self, request: _Request) -> None:
        resolved = request.resolved
        endpoint = resolved.endpoint
        if endpoint is None:
            self._refuse_path(request)
            return
        if resolved.chooses or b"prefer" in request.headers:
            wanted = read_preference(request.headers, request.scope["query_string"], endpoint.operation)
            if isinstance(wanted, Reply):
                request.reply(wanted)
                return
            if wanted is not None:
                if not await self._choose(request, endpoint, wanted):
                    await self._serve(request, endpoint)
                request.headers_out.append((b"preference-applied", wanted.applied.encode("ascii")))
                return
        await self._serve(request, endpoint)

    async def _serve(self, request: _Request, endpoint: Endpoint) -> None:
        """The ordinary way."""
        problem = await self._pass(request, endpoint)
        if problem is None:
            problem = self._answer(request, endpoint)
        if problem is not None:
            self._refuse(request, endpoint, problem)

    async def _pass(self, request: _Request, endpoint: Endpoint) -> Problem | None:
        """Key, limit, parameters, body and access: the first that is not in order."""
        key: Key | None = None
        if endpoint.credential is not None:
            secret = endpoint.credential(request.headers, request.doubled, request.scope["query_string"])
            key = self._key(endpoint.api, secret)
            if not secret or (key is None and endpoint.api.dataset is not None):
                return Problem("unauthorized")
            request.key = key
        problem = request.resolved.problem
        if endpoint.operation.body is not None:
            problem = await self._read_body(request, endpoint) if problem is None else problem
        if problem is None and key is not None:
            problem = judge_key(key, self.settings.refused_plans)
            if problem is None and endpoint.link is not None:
                problem = judge_resource(key, endpoint.link, request.resolved.resource)
        if endpoint.limited and key is not None:
            contract = endpoint.api.contract
            assert contract.rate_limit is not None  # noqa: S101 - limited says so
            counted = problem is None or problem.kind not in self._counted[contract.selector]
            plan = contract.plans[key.plan]
            quota = await self.space.spend(key, plan, contract.rate_limit, counted=counted)
            request.quota = quota
            if quota.refused:
                return Problem(quota.refused, _limit_values(quota))
        return problem

    async def _read_body(self, request: _Request, endpoint: Endpoint) -> Problem | None:
        try:
            data = await request_body.read(request.receive, request.headers, self.settings.max_body)
        except request_body.TooLargeError:
            return Problem("body-too-large", {"limit": self.settings.max_body})
        kind = request.headers.get(b"content-type", b"").decode("latin-1")
        request.json, problem = read_body(endpoint.operation, kind, data)
        return problem

    def _answer(self, request: _Request, endpoint: Endpoint) -> Problem | None:
        now = self.space.clock.now()
        try:
            data = self._data(request, endpoint, now)
        except Refusal as refusal:
            return Problem(refusal.kind, refusal.values)
        request.status = endpoint.operation.success
        request.body = enveloped(endpoint.envelope, data, b'"%s"' % rfc3339(now).encode())
        response = endpoint.operation.response(request.status)
        media = response.media if response else None
        request.headers_out = endpoint.headers(request.status).fill(request.quota)
        if media is not None:
            request.headers_out.append(
                _JSON_TYPE if media.name == "application/json" else (b"content-type", media.name.encode("latin-1"))
            )
        return None

    def _data(self, request: _Request, endpoint: Endpoint, now: float) -> bytes:
        dataset, handler, scope = endpoint.api.dataset, endpoint.handler, request.scope
        if dataset is None or handler is None:
            return example_data(endpoint.operation, request.resolved.parameters, self.settings.seed)
        call = Call(
            params=request.resolved.parameters,
            body=request.json,
            key=request.key,
            resource=request.resolved.resource,
            dataset=dataset,
            activity=self.space.activity,
            quota=request.quota,
            now=now,
            client=_client(scope, request.headers),
            user_agent=request.headers.get(b"user-agent", b"").decode("latin-1"),
        )
        return self._answers.data(handler, call, scope["raw_path"], scope["query_string"])

    def _refuse(self, request: _Request, endpoint: Endpoint, problem: Problem) -> None:
        """An error in the API's own words, with the headers its contract declares."""
        contract = endpoint.api.contract
        kind = contract.errors.kinds[problem.kind]
        request.status = kind.status
        request.body = orjson.dumps(contract.errors.render(kind, {"now": self._now(), **problem.values}))
        request.headers_out = endpoint.headers(kind.status).fill(request.quota)
        request.headers_out.append((b"content-type", contract.errors.media_type.encode()))
        if request.quota is not None and request.quota.refused:
            rule = f"{kind.name}: plan {request.quota.plan}, {request.quota.refused_by}; off with --no-rate-limit"
            request.headers_out.append((b"x-mock-rule", rule.encode("latin-1", "replace")))
        if kind.status == 401:
            request.headers_out.append((b"www-authenticate", b"Bearer"))

    def _refuse_path(self, request: _Request) -> None:
        """OPTIONS, a method that is not allowed, or a path that does not exist."""
        resolved, scope = request.resolved, request.scope
        if scope["method"] == "OPTIONS" and resolved.route is not None:
            request.reply(Reply(204, (), b""))
            request.headers_out = preflight(resolved.route.allowed, request.headers)
            return
        if resolved.api is None or resolved.problem is None:
            bases = sorted({api.contract.base_path for api in self.apis})
            request.reply(mock_problem(404, f"Nothing is served at {scope['path']}", base_paths=bases))
            return
        catalogue = resolved.api.contract.errors
        kind = catalogue.kinds[resolved.problem.kind]
        body = orjson.dumps(catalogue.render(kind, {"now": self._now(), **resolved.problem.values}))
        request.reply(Reply(kind.status, ((b"content-type", catalogue.media_type.encode()),), body))
        if resolved.route is not None:
            request.headers_out.append((b"allow", resolved.route.allowed.encode("latin-1")))

    async def _choose(self, request: _Request, endpoint: Endpoint, wanted: Preference) -> bool:
        """Answer as the client asked; False: what it asked for is what it gets anyway."""
        contract = endpoint.api.contract
        quota = await self._figures(request, endpoint)
        chosen = chosen_answer(wanted, endpoint.operation, contract, quota, self._now(), self.settings.seed)
        if chosen is None:
            return False
        reply, quota = chosen
        request.reply(reply)
        request.headers_out += endpoint.headers(reply.status).fill(quota)
        return True

    async def _figures(self, request: _Request, endpoint: Endpoint) -> Quota | None:
        """The caller's figures, nothing counted; those of the first plan where no key is known."""
        contract = endpoint.api.contract
        if not endpoint.limited or contract.rate_limit is None or endpoint.credential is None:
            return None
        secret = endpoint.credential(request.headers, request.doubled, request.scope["query_string"])
        request.key = self._key(endpoint.api, secret)
        if request.key is not None:
            return await self.space.peek(request.key, contract.plans[request.key.plan], contract.rate_limit)
        return _fresh(next(iter(contract.plans.values())), self.space.clock.now(), contract.rate_limit.window_seconds)

    @staticmethod
    def _key(api: Api, secret: str | None) -> Key | None:
        key = api.keys.get(secret) if secret else None
        return None if key is None or key.revoked else key

    def _now(self) -> str:
        return rfc3339(self.space.clock.now())


class _Request:
    """What is known of one request on its way, and the answer as it takes shape."""

    __slots__ = (
        "body",
        "doubled",
        "headers",
        "headers_out",
        "json",
        "key",
        "quota",
        "receive",
        "resolved",
        "scope",
        "status",
    )

    def __init__(
        self, scope: Scope, headers: Headers, doubled: Collection[bytes], receive: Receive, resolved: Resolved
    ) -> None:
        self.scope, self.headers, self.doubled, self.receive, self.resolved = scope, headers, doubled, receive, resolved
        self.json: Any = None
        self.key: Key | None = None
        self.quota: Quota | None = None
        self.status = 500
        self.headers_out: HeaderList = []
        self.body = b""

    def reply(self, reply: Reply) -> None:
        """Take a finished answer."""
        self.status, self.body, self.headers_out = reply.status, reply.body, list(reply.headers)


def _uncounted(contract: Contract) -> frozenset[str]:
    """The error kinds whose statuses never count."""
    statuses = contract.rate_limit.uncounted if contract.rate_limit else frozenset()
    return frozenset(kind.name for kind in contract.errors.kinds.values() if kind.status in statuses)


def _limit_values(quota: Quota) -> dict[str, Any]:
    limit = quota.minute_limit if quota.refused_by.endswith("minute") else quota.month_limit
    return {"limit": limit, "retry_after": quota.retry_after, "reset": rfc3339(quota.month_reset), "plan": quota.plan}


def _fresh(plan: Plan, now: float, window_seconds: int) -> Quota:
    counter = Counter()
    counter.turn(now, window_seconds)
    return counter.read(plan, window_seconds, now)


def _given_twice(raw: HeaderList) -> frozenset[bytes]:
    seen: set[bytes] = set()
    return frozenset(name for name, _ in raw if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _client(scope: Scope, headers: Headers) -> str:
    """The visitor's address: the first of `X-Forwarded-For`, else the peer's."""
    forwarded = headers.get(b"x-forwarded-for")
    if forwarded:
        return forwarded.partition(b",")[0].strip().decode("latin-1")
    client = scope.get("client")
    return client[0] if client else ""
