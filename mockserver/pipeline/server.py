"""One request's way through the server, step after step.

path and method (404, 405) → key (401) → rate limit and quota (429) → parameters and body (400) → access (403, 404) →
answer. Everything that can be judged without effect is judged first, so that the limiter knows, in one atomic step,
whether this request will count.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import orjson

from apicontract.contract import Contract
from apicontract.template import Template
from mockserver.apis.call import Call, Refusal
from mockserver.clock import ClockText
from mockserver.dataset.accounts import Key
from mockserver.limits.counter import Counter
from mockserver.limits.quota import Quota
from mockserver.pipeline.access import judge_key, judge_resource
from mockserver.pipeline.answer import Answers, encode, enveloped, example_data
from mockserver.pipeline.api import Api, Endpoint
from mockserver.pipeline.chosen import ChosenError, error_answer, preferred_answer, read_preference
from mockserver.pipeline.cors import exposed_headers, preflight
from mockserver.pipeline.problem import Problem, Reply, limit_problem, mock_problem
from mockserver.pipeline.request import Request
from mockserver.pipeline.resolve import Resolver
from mockserver.pipeline.validate import read_body
from mockserver.state.space import Space, Spending

_SAFE = frozenset({"GET", "HEAD"})
_KEPT_BESIDE, _KEPT_BYTES_BESIDE = 100, 250_000
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")


class Pipeline:
    """Answers requests by the contracts. Plain calls: nothing in it waits, but the space where it is not local."""

    def __init__(self, apis: Sequence[Api], space: Space) -> None:
        self.apis = apis
        self.space = space
        self._resolver = Resolver(apis)
        self._answers = Answers()
        self._text = ClockText()
        self._errors: dict[tuple[str, str], Template] = {}
        self._exposed = (b"access-control-expose-headers", exposed_headers(api.contract for api in apis))

    def beside(self, space: Space) -> Pipeline:
        """The same for another space; what never changes is shared."""
        other = copy.copy(self)
        other.space = space
        other._answers = Answers(_KEPT_BESIDE, _KEPT_BYTES_BESIDE)
        return other

    def is_disturbed(self, request: Request) -> bool:
        """Whether something may go wrong on purpose with this request."""
        headers = request.headers
        return self.space.lab is not None or b"x-mock-fault" in headers or b"x-mock-delay" in headers

    def resolve(self, request: Request) -> None:
        """First step: where the request goes. Before its body is read."""
        request.space = self.space
        request.resolved = self._resolver.resolve(request.method, request.raw_path, request.query, request.headers)

    async def answer(self, request: Request) -> None:
        """Every other step; afterwards `status`, `answer_headers` and `answer_body` are there to be sent."""
        spending = self._judge(request)
        if spending is not None:
            request.quota = await self.space.spend(spending)
        self._complete(request)
        await self.space.publish()

    def answer_apart(self, request: Request) -> None:
        """The same where the space cannot be reached: without limits, and without effect."""
        request.quota = request.fault = None
        self._judge(request)
        self._complete(request)
        self.space.discard()

    def answer_now(self, request: Request) -> None:
        """The same at once, for a space that is in this process's memory."""
        spending = self._judge(request)
        if spending is not None:
            request.quota = self.space.spend_now(spending)
        self._complete(request)

    async def answer_dry(self, request: Request) -> None:
        """As `answer`, but nothing is counted and nothing is changed."""
        request.dry = True
        spending = self._judge(request)
        if spending is not None:
            request.quota = await self.space.peek(spending)
        self._complete(request)

    async def answer_error(self, request: Request, endpoint: Endpoint, chosen: ChosenError) -> None:
        """Answer an error that a fault has chosen, with the client's own figures."""
        request.dry = True
        quota = await self.figures(request, endpoint)
        now, settings = self.space.clock.now(), self.space.settings
        self._choose(request, endpoint, error_answer(chosen, endpoint, quota, now, settings))
        self.finish(request)

    def key_of(self, request: Request, endpoint: Endpoint) -> str:
        """The id of the key of a request; empty where it has none that is good."""
        key = self._key(request, endpoint)
        return "" if key is None else key.id

    async def figures(self, request: Request, endpoint: Endpoint) -> Quota | None:
        """What the limiter knows of the client, nothing counted; of the first plan where it has no key."""
        request.key = self._key(request, endpoint)
        spending = self._spending(request, endpoint, counted=False, enforce=False)
        return self._fresh(endpoint) if spending is None else await self.space.peek(spending)

    def fail(self, request: Request) -> None:
        """The answer where the server itself is at fault."""
        request.quota = None
        endpoint = request.resolved.endpoint
        if endpoint is None:
            request.reply(mock_problem(500, "The mock server failed; its log says more"))
        else:
            self._refuse(request, endpoint, Problem("server-error"))
        request.answer_headers.append((b"content-length", b"%d" % len(request.answer_body)))

    def _judge(self, request: Request) -> Spending | None:
        """Everything that needs no state; what is to be asked of the limiter, if anything."""
        resolved = request.resolved
        endpoint = resolved.endpoint
        if endpoint is None:
            return None
        if resolved.chooses or b"prefer" in request.headers:
            wanted = read_preference(request.headers, request.query, endpoint.operation)
            if isinstance(wanted, Reply):
                request.problem = Problem("preference", {"reply": wanted})
                return None
            if wanted is not None:
                request.preference = wanted
                if wanted.decides:
                    request.key = self._key(request, endpoint)
                    return self._spending(request, endpoint, counted=False, enforce=False)
        request.problem = problem = self._problem(request, endpoint)
        counted = problem is None or problem.kind not in endpoint.uncounted
        return self._spending(request, endpoint, counted=counted, enforce=True)

    def _problem(self, request: Request, endpoint: Endpoint) -> Problem | None:
        """Key, parameters, body and access: the first that is not in order."""
        if endpoint.credential is not None:
            request.key = self._key(request, endpoint)
            if request.key is None:
                return Problem("unauthorized")
        if request.resolved.problem is not None:
            return request.resolved.problem
        if endpoint.operation.body is not None:
            if request.body is None:
                return Problem("body-too-large", {"limit": self.space.settings.max_body})
            kind = request.headers.get(b"content-type", b"").decode("latin-1")
            request.json, problem = read_body(endpoint.operation, kind, request.body)
            if problem is not None:
                return problem
        if request.key is None or endpoint.api.dataset is None:
            return None
        return judge_key(request.key, self.space.settings.refused_plans) or (
            judge_resource(request.key, endpoint.link, request.resolved.resource) if endpoint.link is not None else None
        )

    def _key(self, request: Request, endpoint: Endpoint) -> Key | None:
        """The key of a request; without a dataset any credential is one."""
        if endpoint.credential is None:
            return None
        secret = endpoint.credential(request.headers, request.doubled, request.query)
        key = endpoint.api.key(secret) if secret else None
        return self.space.keys.get(key.id, key) if key is not None and self.space.keys else key

    def _spending(self, request: Request, endpoint: Endpoint, *, counted: bool, enforce: bool) -> Spending | None:
        limit = endpoint.limit
        if limit is None or request.key is None:
            return None
        plan = endpoint.api.contract.plans.get(request.key.plan)
        return (
            None
            if plan is None
            else Spending(request.key, plan, limit, counted, enforce and self.space.settings.rate_limit)
        )

    def _complete(self, request: Request) -> None:
        """The answer, now that the limiter has spoken."""
        endpoint = request.resolved.endpoint
        if endpoint is None:
            self._refuse_path(request)
        elif request.preference is not None and request.preference.decides:
            quota = self._fresh(endpoint) if request.quota is None else request.quota
            now, settings = self.space.clock.now(), self.space.settings
            self._choose(request, endpoint, preferred_answer(request.preference, endpoint, quota, now, settings))
        elif request.problem is not None and request.problem.kind == "preference":
            request.reply(request.problem.values["reply"])
        elif request.quota is not None and request.quota.refused:
            self._refuse(request, endpoint, limit_problem(request.quota))
        elif request.problem is not None:
            self._refuse(request, endpoint, request.problem)
        else:
            self._succeed(request, endpoint)
        if request.preference is not None:
            request.answer_headers.append((b"preference-applied", request.preference.applied.encode("ascii")))
        self.finish(request)

    def finish(self, request: Request) -> None:
        """What stands on every answer."""
        if request.status != 204:
            request.answer_headers.append((b"content-length", b"%d" % len(request.answer_body)))
        if b"origin" in request.headers:
            request.answer_headers += (_ANY_ORIGIN, self._exposed)

    def _succeed(self, request: Request, endpoint: Endpoint) -> None:
        now = self.space.clock.now()
        try:
            data = self._data(request, endpoint, now)
        except Refusal as refusal:
            self._refuse(request, endpoint, Problem(refusal.kind, refusal.values))
            return
        request.status = endpoint.success
        envelope = endpoint.envelope if not request.dry or endpoint.operation.method in _SAFE else None
        request.answer_body = data
        if envelope is not None:
            request.whole = (envelope, data, self._text.quoted(now))
            request.answer_body = enveloped(*request.whole)
        request.answer_headers = endpoint.headers(request.status).fill(request.quota)
        if endpoint.content_type:
            request.answer_headers.append((b"content-type", endpoint.content_type))

    def _data(self, request: Request, endpoint: Endpoint, now: float) -> bytes:
        dataset, handler = endpoint.api.dataset, endpoint.handler
        if dataset is None or handler is None or (request.dry and endpoint.operation.method not in _SAFE):
            return example_data(endpoint.operation, request.resolved.parameters, self.space.settings.seed)
        cached = None if endpoint.live else self._answers.find(request, now, self.space.activity.version)
        if cached is not None:
            return cached
        call = Call(
            params=request.resolved.parameters,
            body=request.json,
            key=request.key,
            resource=request.resolved.resource,
            dataset=dataset,
            activity=self.space.activity,
            quota=request.quota,
            now=now,
            client=request.visitor,
            user_agent=request.headers.get(b"user-agent", b"").decode("latin-1"),
        )
        data = encode(handler(call))
        if not endpoint.live:
            self._answers.keep(request, data)
        return data

    def _refuse(self, request: Request, endpoint: Endpoint, problem: Problem) -> None:
        """An error in the API's own words, with the headers its contract declares."""
        request.status, request.answer_body = self._error(endpoint.api.contract, problem)
        request.answer_headers = endpoint.headers(request.status).fill(request.quota)
        request.answer_headers.append((b"content-type", endpoint.api.contract.errors.media_type.encode()))
        if request.quota is not None and request.quota.refused:
            rule = f"{problem.kind}: plan {request.quota.plan}, {request.quota.refused_by}; off with --no-rate-limit"
            request.answer_headers.append((b"x-mock-rule", rule.encode("latin-1", "replace")))
        if request.status == 401:
            request.answer_headers.append((b"www-authenticate", b"Bearer"))

    def _error(self, contract: Contract, problem: Problem) -> tuple[int, bytes]:
        """Status and body of an error. One that speaks of nothing but the time is put together from ready pieces."""
        kind = contract.errors.kinds[problem.kind]
        now = self.space.clock.now()
        if problem.values:
            body = contract.errors.render(kind, {"now": self._text.plain(now), **problem.values})
            return kind.status, orjson.dumps(body)
        name = (contract.selector, problem.kind)
        template = self._errors.get(name)
        if template is None:
            template = self._errors[name] = Template.compile(contract.errors.render(kind, {"now": "{now}"}))
        return kind.status, template.join({"now": self._text.quoted(now)})

    def _refuse_path(self, request: Request) -> None:
        """OPTIONS, a method that is not allowed, or a path that does not exist."""
        resolved = request.resolved
        if request.method == "OPTIONS" and resolved.route is not None:
            request.status = 204
            request.answer_headers = preflight(resolved.route.allowed, request.headers)
            return
        if resolved.api is None or resolved.problem is None:
            bases = sorted({api.contract.base_path for api in self.apis})
            path = request.raw_path.decode("latin-1")
            request.reply(mock_problem(404, f"Nothing is served at {path}", base_paths=bases))
            return
        contract = resolved.api.contract
        request.status, request.answer_body = self._error(contract, resolved.problem)
        request.answer_headers = resolved.api.error_headers.fill(None)
        request.answer_headers.append((b"content-type", contract.errors.media_type.encode()))
        if resolved.route is not None:
            request.answer_headers.append((b"allow", resolved.route.allowed.encode("latin-1")))

    def _choose(self, request: Request, endpoint: Endpoint, chosen: tuple[Reply, Quota | None]) -> None:
        """Answer what was chosen, with the headers its contract declares."""
        reply, request.quota = chosen
        request.status, request.answer_body = reply.status, reply.body
        request.answer_headers = [*endpoint.headers(reply.status).fill(request.quota), *reply.headers]
        if reply.status == 401:
            request.answer_headers.append((b"www-authenticate", b"Bearer"))

    def _fresh(self, endpoint: Endpoint) -> Quota | None:
        """Return the figures of the first plan, nothing used: what an answer shows a client without a key."""
        if endpoint.limit is None:
            return None
        plan, now = next(iter(endpoint.api.contract.plans.values())), self.space.clock.now()
        counter = Counter()
        counter.turn(now, endpoint.limit.window_seconds)
        return counter.read(plan, endpoint.limit.window_seconds, now)
