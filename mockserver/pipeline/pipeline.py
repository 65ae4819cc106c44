"""The steps that turn a request into an answer.

`receive` routes path and method to an operation (404, 405). `judge` checks key (401), parameters and body (400) and
access (403, 404) without side effects. The caller then passes `Judged.spending` to the rate limiter: synchronously,
asynchronously (shared state) or as a dry run. `complete` builds the answer: rate limit exceeded (429), the error found
by `judge`, or success.

All checks without side effects come first, so that the limiter decides and counts in one atomic step.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import orjson

from apicontract.contract import Contract
from apicontract.template import Template
from mockserver.apis.call import Call, Handler, Refusal
from mockserver.clock import ClockText
from mockserver.dataset.accounts import Key
from mockserver.limits.counter import Counter
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.pipeline.access import judge_key, judge_resource
from mockserver.pipeline.answer import NOBODY, Answer, Judged
from mockserver.pipeline.api import Api, Endpoint
from mockserver.pipeline.bycontract import ByContract, accept_of, choose, not_served, refuse
from mockserver.pipeline.chosen import ChosenError, Preference, error_answer, preferred_answer, read_preference
from mockserver.pipeline.cors import exposed_headers, preflight
from mockserver.pipeline.lines import HeaderList, packed
from mockserver.pipeline.problem import Problem, Reply, limit_problem, mock_problem
from mockserver.pipeline.representation import encode
from mockserver.pipeline.request import Address, Request
from mockserver.pipeline.resolve import Resolver
from mockserver.pipeline.success import Answers
from mockserver.pipeline.validate import read_body
from mockserver.pipeline.world import World

W = TypeVar("W", bound=World)
_WITHOUT_LENGTH = frozenset({204, 304})
_SAFE = frozenset({"GET", "HEAD"})
_KEPT_BESIDE, _KEPT_BYTES_BESIDE = 100, 250_000
_UNAUTHORIZED = Problem("unauthorized")
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")


class Pipeline(Generic[W]):
    """Answers requests according to the contracts, synchronously."""

    def __init__(self, apis: Sequence[Api], space: W) -> None:
        self.apis = apis
        self.space = space
        self._resolver = Resolver(apis)
        self._answers = Answers()
        self._by_contract = ByContract(space.settings.seed)
        self._text = ClockText()
        self._errors: dict[tuple[str, str], Template] = {}
        exposed = (b"access-control-expose-headers", exposed_headers(api.contract for api in apis))
        self._exposed = packed((_ANY_ORIGIN, exposed))

    def beside(self, space: W) -> Pipeline[W]:
        """Return a pipeline for another space that shares everything immutable."""
        other = copy.copy(self)
        other.space = space
        other._answers = Answers(_KEPT_BESIDE, _KEPT_BYTES_BESIDE)
        return other

    def receive(
        self,
        method: str,
        raw_path: bytes,
        query: bytes,
        raw_headers: HeaderList,
        headers: Mapping[bytes, bytes],
        peer: Address = None,
        started: float = 0.0,
    ) -> Request:
        """Return the request for a complete request head, routed to its operation."""
        resolved = self._resolver.resolve(method, raw_path, query, headers)
        return Request(*resolved.target, raw_headers, headers, peer, started, resolved)

    def judge(self, request: Request, *, dry: bool = False) -> Judged:
        """Check everything but the rate limit. `dry` requests a dry run, which counts and changes nothing."""
        endpoint = request.resolved.endpoint
        if endpoint is None:
            return self._judge_stray(request)
        if endpoint.operation.broken is not None or request.resolved.failure:
            return Judged(refusal=not_served(request, endpoint), dry=True)
        preference: Preference | None = None
        if request.resolved.chooses or b"prefer" in request.headers:
            wanted = read_preference(request.headers, request.query, endpoint.operation)
            if isinstance(wanted, Reply):
                return Judged(refusal=wanted, dry=True)
            preference = wanted
            if preference is not None and preference.decides:
                return self.identify(request, preference)
        key, json, problem = self._check(request, endpoint)
        counted = problem is None or problem.kind not in endpoint.uncounted
        spending = self._spending(endpoint, key, counted=counted, enforce=self.space.settings.rate_limit)
        return Judged(key, spending, json, problem, preference, None, dry)

    def _judge_stray(self, request: Request) -> Judged:
        """Judge a request that matches no operation: a known key is still rate limited and gets rate-limit headers."""
        resolved = request.resolved
        if resolved.api is None or resolved.problem is None or not _takes_keys(request):
            return NOBODY
        stray = resolved.api.stray
        key = self._key(request, stray)
        counted = resolved.problem.kind not in stray.uncounted
        spending = self._spending(stray, key, counted=counted, enforce=self.space.settings.rate_limit)
        return Judged(key, spending, problem=resolved.problem)

    def identify(self, request: Request, preference: Preference | None = None) -> Judged:
        """Check only the key of a request whose answer is chosen: nothing is counted or refused."""
        endpoint = request.resolved.endpoint
        if endpoint is None:
            return NOBODY
        key = self._key(request, endpoint)
        spending = self._spending(endpoint, key, counted=False, enforce=False)
        return Judged(key, spending, preference=preference, dry=True)

    def complete(self, request: Request, judged: Judged, quota: Quota | None) -> Answer:
        """Build the answer to a judged request. `quota` is the limiter's result, None if it was not called."""
        endpoint, preference = request.resolved.endpoint, judged.preference
        if endpoint is None:
            answer = self._refuse_path(request, judged, quota)
        elif judged.refusal is not None:
            answer = _replied(judged, judged.refusal)
        elif preference is not None and preference.decides:
            shown = quota or self._unused_quota(endpoint)
            now, settings, accept = self.space.clock.now(), self.space.settings, accept_of(request)
            chosen = preferred_answer(preference, endpoint, shown, now, settings, accept)
            answer = _chosen(endpoint, judged, *chosen)
        elif quota is not None and quota.refused:
            answer = self._refuse(request, endpoint, judged, limit_problem(quota), quota)
        elif judged.problem is not None:
            answer = self._refuse(request, endpoint, judged, judged.problem, quota)
        else:
            answer = self._succeed(request, endpoint, judged, quota)
        if preference is not None:
            answer.add_header(b"preference-applied", preference.applied.encode("ascii"))
        return self._finished(request, answer)

    def force(self, request: Request, judged: Judged, chosen: ChosenError, quota: Quota | None) -> Answer:
        """Build the answer for an error chosen by fault injection, with the client's quota."""
        endpoint = request.resolved.endpoint
        assert endpoint is not None  # noqa: S101 - an error is chosen of an operation
        now, settings = self.space.clock.now(), self.space.settings
        quota = quota or self._unused_quota(endpoint)
        reply, shown = error_answer(chosen, endpoint, quota, now, settings, accept_of(request))
        return self._finished(request, _chosen(endpoint, judged, reply, shown))

    def reply(self, request: Request, judged: Judged, reply: Reply) -> Answer:
        """Answer with a reply of the mock itself, not of an API."""
        return self._finished(request, _replied(judged, reply))

    def fail(self, request: Request) -> Answer:
        """Answer an internal error, while it is handled: 500, or 501 where the document brought it about."""
        endpoint = request.resolved.endpoint
        if endpoint is None:
            return self.reply(request, NOBODY, mock_problem(500, "Internal error of the mock server; see its log"))
        if endpoint.api.dataset is None:  # it is the document that is out of the ordinary
            return self.reply(request, NOBODY, not_served(request, endpoint))
        return self._finished(request, self._refuse(request, endpoint, NOBODY, Problem("server-error"), None))

    def _check(self, request: Request, endpoint: Endpoint) -> tuple[Key | None, Any, Problem | None]:
        """Return the key, the parsed body and the first problem, in the order key, parameters, body, access."""
        key, resolved = None, request.resolved
        if endpoint.credential is not None:
            key = self._key(request, endpoint)
            if key is None:
                return None, None, _UNAUTHORIZED
        problem = resolved.problem
        if problem is None and endpoint.link is not None and endpoint.credential is None:
            problem = judge_resource(None, endpoint.link, resolved.resource, self.space.clock.now())
        if problem is not None:
            return key, None, problem
        json = None
        if endpoint.reads_content:
            json, problem = self._check_content(request, endpoint)
            if problem is not None:
                return key, json, problem
        if key is None or endpoint.api.anybody is not None:
            return key, json, None
        problem = judge_key(key, endpoint.api.contract.plans, self.space.settings.refused_plans)
        if problem is None and endpoint.link is not None:
            problem = judge_resource(key, endpoint.link, resolved.resource, self.space.clock.now())
        return key, json, problem

    def _check_content(self, request: Request, endpoint: Endpoint) -> tuple[Any, Problem | None]:
        """Return the parsed body and the first problem with it, or with the media types that the client accepts."""
        json, problem = None, None
        if endpoint.operation.body is not None:
            if request.body is None:
                return None, Problem("body-too-large", {"limit": self.space.settings.max_body})
            kind = request.headers.get(b"content-type", b"").decode("latin-1")
            json, problem = read_body(endpoint.operation, kind, request.body)
        if problem is None and endpoint.content and b"accept" in request.headers and not choose(endpoint, request):
            available = ", ".join(media.name for media in endpoint.content)
            problem = Problem("not-acceptable", {"available": available})
        return json, problem

    def _key(self, request: Request, endpoint: Endpoint) -> Key | None:
        """Return the key of a request, with the changes made to it in this space."""
        if endpoint.credential is None:
            return None
        secret = endpoint.credential(request.headers, request.duplicated, request.query)
        key = endpoint.api.key(secret) if secret else None
        return self.space.keys.get(key.id, key) if key is not None and self.space.keys else key

    def _spending(self, endpoint: Endpoint, key: Key | None, *, counted: bool, enforce: bool) -> Spending | None:
        limit = endpoint.limit
        if limit is None or key is None:
            return None
        plan = endpoint.api.contract.plans.get(key.plan)
        return None if plan is None else Spending(key, plan, limit, counted, enforce)

    def _unused_quota(self, endpoint: Endpoint) -> Quota | None:
        """Return the unused quota of the first plan, for answers to clients without a key."""
        if endpoint.limit is None:
            return None
        plan, now = next(iter(endpoint.api.contract.plans.values())), self.space.clock.now()
        counter = Counter()
        counter.turn(now, endpoint.limit.window_seconds)
        return counter.read(plan, endpoint.limit.window_seconds, now)

    def _finished(self, request: Request, answer: Answer) -> Answer:
        """Add the headers that every answer has."""
        if answer.status not in _WITHOUT_LENGTH:
            answer.lines += b"content-length: %d\r\n" % answer.size
        if request.resolved.hint:
            answer.lines += b"x-mock-edition: %b\r\n" % request.resolved.hint
        if b"origin" in request.headers:
            answer.lines += self._exposed
        return answer

    def _succeed(self, request: Request, endpoint: Endpoint, judged: Judged, quota: Quota | None) -> Answer:
        now = self.space.clock.now()
        handler = None if judged.dry and endpoint.operation.method not in _SAFE else endpoint.handler
        if handler is None or endpoint.api.dataset is None:
            return self._by_contract.succeed(request, endpoint, judged, quota)
        try:
            data = self._data(request, endpoint, handler, judged, quota, now)
        except Refusal as refusal:
            return self._refuse(request, endpoint, judged, Problem(refusal.kind, refusal.values), quota)
        lines = endpoint.headers(endpoint.success).fill(quota) + endpoint.content_type
        if endpoint.envelope is None:
            return Answer(judged, endpoint.success, lines, (data,), quota)
        pieces = endpoint.envelope.pieces({"data": data, "now": self._text.quoted(now)})
        return Answer(judged, endpoint.success, lines, pieces, quota)

    def _data(
        self,
        request: Request,
        endpoint: Endpoint,
        handler: Handler,
        judged: Judged,
        quota: Quota | None,
        now: float,
    ) -> bytes:
        """Return the body of a success, computed from the fixtures or cached."""
        dataset, key = endpoint.api.dataset, judged.key
        assert dataset is not None  # noqa: S101 - a handler is only called with data
        cached = None if endpoint.live else self._answers.find(request, key, now, self.space.activity.version)
        if cached is not None:
            return cached
        call = Call(
            params=request.resolved.parameters,
            body=judged.json,
            key=key,
            resource=request.resolved.resource,
            dataset=dataset,
            activity=self.space.activity,
            quota=quota,
            now=now,
            client=request.visitor,
            user_agent=request.headers.get(b"user-agent", b"").decode("latin-1"),
            live_seconds=endpoint.live_seconds,
        )
        data = encode(handler(call))
        if not endpoint.live:
            self._answers.keep(request, key, data)
        return data

    def _refuse(
        self, request: Request, endpoint: Endpoint, judged: Judged, problem: Problem, quota: Quota | None
    ) -> Answer:
        """Answer an error in the API's format, with the headers that its contract declares."""
        contract = endpoint.api.contract
        if not contract.errors.has_own_format:
            return refuse(request, endpoint, judged, problem, quota)
        status, pieces = self._error(contract, problem)
        answer = Answer(judged, status, endpoint.headers(status).fill(quota) + endpoint.error_type, pieces, quota)
        if quota is not None and quota.refused:
            rule = f"{problem.kind}: plan {quota.plan}, {quota.refused_by}; off with --no-rate-limit"
            answer.add_header(b"x-mock-rule", rule.encode("latin-1", "replace"))
        return answer

    def _error(self, contract: Contract, problem: Problem) -> tuple[int, tuple[bytes, ...]]:
        """Return status and body of an error; a body that varies only in its time comes from a cached template."""
        kind = contract.errors.kinds[problem.kind]
        now = self.space.clock.now()
        if problem.values:
            body = contract.errors.render(kind, {"now": self._text.plain(now), **problem.values})
            return kind.status, (orjson.dumps(body),)
        name = (contract.selector, problem.kind)
        template = self._errors.get(name)
        if template is None:
            template = self._errors[name] = Template.compile(contract.errors.render(kind, {"now": "{now}"}))
        return kind.status, template.pieces({"now": self._text.quoted(now)})

    def _refuse_path(self, request: Request, judged: Judged, quota: Quota | None) -> Answer:
        """Answer OPTIONS, a method that is not allowed, or a path that does not exist."""
        resolved = request.resolved
        if request.method == "OPTIONS" and resolved.route is not None:
            return Answer(NOBODY, 204, packed(preflight(resolved.route.allowed, request.headers)))
        if resolved.api is None or resolved.problem is None:
            bases = sorted({api.contract.base_path for api in self.apis})
            path = request.raw_path.decode("latin-1")
            return _replied(NOBODY, mock_problem(404, f"Nothing is served at {path}", base_paths=bases))
        refused = quota is not None and quota.refused
        problem = limit_problem(quota) if quota is not None and refused else resolved.problem
        answer = self._refuse(request, resolved.api.stray, judged, problem, quota)
        if resolved.route is not None and not refused:
            answer.add_header(b"allow", resolved.route.allowed.encode("latin-1"))
        return answer


def _takes_keys(request: Request) -> bool:
    """Return whether a request that matches no operation needs a key: not on a public path, nor for OPTIONS."""
    route = request.resolved.route
    is_public = route is not None and not any(operation.security for operation in route.operations.values())
    return not is_public and (route is None or request.method != "OPTIONS")


def _replied(judged: Judged, reply: Reply) -> Answer:
    return Answer(judged, reply.status, packed(reply.headers), (reply.body,))


def _chosen(endpoint: Endpoint, judged: Judged, reply: Reply, quota: Quota | None) -> Answer:
    """Return a chosen answer with the headers that its contract declares."""
    lines = endpoint.headers(reply.status).fill(quota) + packed(reply.headers)
    return Answer(judged, reply.status, lines, (reply.body,), quota)
