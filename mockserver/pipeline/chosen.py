"""Answers chosen by the client with `Prefer: code=429, example=…, dynamic=true, seed=7`, or by fault injection.

The preferences are those of Prism, also available as query parameters: `__code`, `__example`, `__dynamic`, `__seed`.
A chosen answer changes no state. The body of an error is the documented example of its operation and status; without
one it is rendered from `x-errors`, with the values that a request with this error would produce.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apicontract.errors import QUOTA_EXCEEDED, RATE_LIMITED, DeclaredError, ErrorKind
from apicontract.operations import MediaType, Operation, Response
from apicontract.parameters import ParameterError, parse_query
from apicontract.values import make_value
from mockserver.clock import rfc3339
from mockserver.limits.quota import Quota
from mockserver.pipeline.access import judge_resource
from mockserver.pipeline.api import Endpoint
from mockserver.pipeline.declared import undetailed_error
from mockserver.pipeline.negotiation import BODILESS, Chosen, default_choice, negotiate
from mockserver.pipeline.problem import Problem, Reply, limit_problem, mock_problem
from mockserver.pipeline.representation import represent
from mockserver.pipeline.success import declared_value
from mockserver.pipeline.validate import invalid_parameters, read_body
from mockserver.settings import Settings

JSON = Any
_NAMES = ("code", "example", "dynamic", "seed")
_PAIR = re.compile(r"([A-Za-z]+)\s*=\s*(\"[^\"]*\"|[^,;\s]+)")
_WRONG_TEXTS = ("0", "-1", "x")
_WRONG_BODIES = (b"{}", b"", b"{")
_WRONG_TYPES = ("application/xml", "text/plain", "")


@dataclass(frozen=True, slots=True)
class Preference:
    """The preference of a client. `applied` is the value of `Preference-Applied`.

    `decides` is False if the preference only names the success status, which normal processing returns anyway.
    """

    code: int | None
    example: str
    dynamic: bool
    seed: str
    applied: str
    decides: bool


@dataclass(frozen=True, slots=True)
class ChosenError:
    """An error to answer with. `retry_after` is in seconds; None means until the rate limit resets."""

    error: DeclaredError
    retry_after: int | None = None
    seed: str = ""


def read_preference(headers: Mapping[bytes, bytes], query: bytes, operation: Operation) -> Preference | Reply | None:
    """Return the preference of a request, None if it has none, or the refusal of one that cannot be met."""
    wanted = {
        name.lower(): value.strip('"') for name, value in _PAIR.findall(headers.get(b"prefer", b"").decode("latin-1"))
    }
    if b"__" in query:
        texts = parse_query(query)
        wanted |= {name: texts[f"__{name}"][-1] for name in _NAMES if f"__{name}" in texts}
    wanted = {name: value for name, value in wanted.items() if name in _NAMES}
    if not wanted:
        return None
    applied = ", ".join(f"{name}={value}" for name, value in wanted.items())
    code = wanted.get("code", "")
    if code and (not code.isdecimal() or len(code) != 3 or operation.response(int(code)) is None):
        return mock_problem(400, f"{operation.id} declares no status {code}", valid=sorted(operation.responses))
    chosen = int(code) if code else None
    example = wanted.get("example", "")
    names = [name for response in _responses(operation, chosen) for name in _examples(response)]
    if example and example not in names:
        return mock_problem(400, f"{operation.id} has no example {example!r}", valid=names)
    dynamic = wanted.get("dynamic", "false").lower()
    if dynamic not in ("true", "false"):
        return mock_problem(400, f"dynamic must be true or false, found {dynamic!r}", valid=["true", "false"])
    if not applied.isascii() or not applied.isprintable():
        return mock_problem(400, "a preference must be printable ASCII", valid=list(_NAMES))
    decides = bool(example) or dynamic == "true" or chosen not in (None, operation.success)
    return Preference(chosen, example, dynamic == "true", wanted.get("seed", ""), applied, decides)


def _responses(operation: Operation, code: int | None) -> list[Response]:
    if code is None:
        return list(operation.responses.values())
    response = operation.response(code)
    return [] if response is None else [response]


def _examples(response: Response) -> dict[str, JSON]:
    """Return the examples of all media types by name; those of the default media type come first."""
    media = sorted(response.content, key=lambda media: media is not response.media)
    return {name: value for each in reversed(media) for name, value in each.examples.items()}


def declared_error(endpoint: Endpoint, status: int, name: str = "") -> DeclaredError | None:
    """Return the declared error for a status, an error kind or an API's error code, or None."""
    if name:
        wanted = name.casefold()
        named = [error for error in endpoint.errors if error.kind and error.kind.name.casefold() == wanted]
        named += [error for error in endpoint.errors if error.kind and error.kind.code.casefold() == wanted]
        return named[0] if named else None
    if endpoint.operation.response(status) is None:
        return None
    known = (error for error in endpoint.errors if error.status == status)
    return next(known, DeclaredError(status, None, None))


def possible_errors(endpoint: Endpoint) -> list[str]:
    """Return the statuses, kinds and codes that select an error of an operation."""
    statuses = sorted({str(status) for status in endpoint.operation.statuses if status >= 400})
    kinds = [error.kind for error in endpoint.errors if error.kind is not None]
    return [*statuses, *dict.fromkeys([kind.name for kind in kinds] + [kind.code for kind in kinds])]


def preferred_answer(
    wanted: Preference, endpoint: Endpoint, quota: Quota | None, now: float, settings: Settings, accept: str = ""
) -> tuple[Reply, Quota | None]:
    """Return the reply that a preference names, and the quota that its headers show."""
    operation = endpoint.operation
    if wanted.example:
        response = next(found for found in _responses(operation, wanted.code) if wanted.example in _examples(found))
        status = wanted.code or (int(response.status) if response.status.isdigit() else operation.success)
        shown = [media for media in response.content if wanted.example in media.examples]
        chosen = _choose(endpoint, status, shown, accept)
        body = chosen.media.examples[wanted.example] if chosen else None
        kinds = [error.kind for error in endpoint.errors if error.status == status and error.kind is not None]
        kind = endpoint.api.contract.errors.find_kind(body, kinds)
        return _reply(status, chosen, body), _shown_quota(kind, status, quota, None, now)
    status = wanted.code or operation.success
    if status >= 400 and not wanted.dynamic:
        error = declared_error(endpoint, status)
        assert error is not None  # noqa: S101 - read_preference looked
        return error_answer(ChosenError(error, seed=wanted.seed), endpoint, quota, now, settings, accept)
    declared = operation.response(status)  # None if it declares nothing but 1xx
    chosen = _choose(endpoint, status, declared.content if declared is not None else (), accept)
    body = _made(chosen, endpoint, status, wanted.seed or settings.seed, dynamic=wanted.dynamic)
    return _reply(status, chosen, body), _shown_quota(None, status, quota, None, now)


def error_answer(
    wanted: ChosenError, endpoint: Endpoint, quota: Quota | None, now: float, settings: Settings, accept: str = ""
) -> tuple[Reply, Quota | None]:
    """Return the reply for an error, and the quota that its headers show."""
    error = wanted.error
    response = endpoint.operation.response(error.status)
    assert response is not None  # noqa: S101 - it is declared
    quota = _shown_quota(error.kind, error.status, quota, wanted.retry_after, now)
    chosen = _choose(endpoint, error.status, response.content, accept)
    body = _error_body(error, endpoint, quota, now, settings)
    if body is None and chosen is not None and not endpoint.api.contract.errors.has_own_format:
        body = undetailed_error(error.status, response, chosen.media)
    if body is None:
        body = _made(chosen, endpoint, error.status, wanted.seed or settings.seed)
    return _reply(error.status, chosen, body), quota


def _error_body(error: DeclaredError, endpoint: Endpoint, quota: Quota | None, now: float, settings: Settings) -> JSON:
    """Return the documented body of an error, else one rendered from `x-errors`, or None if neither exists."""
    errors, kind = endpoint.api.contract.errors, error.kind
    if not errors.has_own_format:
        return error.example
    values: dict[str, JSON] = {"now": rfc3339(now)}
    if error.status == 429 and quota is not None:
        values |= limit_problem(quota).values
    if error.example is not None:
        return errors.body.refresh(error.example, values)
    if kind is None:
        return None
    if kind.name == "plan-refused" and quota is not None:
        values["plan"] = endpoint.api.contract.plans[quota.plan].title
    mistake = next(_mistakes(kind, endpoint, settings), None)
    if mistake is not None:
        values |= mistake.values
    return errors.render(kind, values) if kind.can_render(values) else None


def _mistakes(kind: ErrorKind, endpoint: Endpoint, settings: Settings) -> Iterator[Problem]:
    """Yield the problems that the pipeline finds in sample requests with an error of this kind."""
    operation, link = endpoint.operation, endpoint.link
    if kind.name == "body-too-large":
        yield Problem(kind.name, {"limit": settings.max_body})
    elif kind.name == "invalid-parameter":
        for parameter in sorted(operation.parameters, key=lambda parameter: parameter.location == "path"):
            for text in _WRONG_TEXTS:
                try:
                    parameter.read([text])
                except ParameterError as error:
                    yield invalid_parameters([(parameter, error)])
    elif operation.body is not None and operation.body.content:
        own = operation.body.content[0].name
        sent = [(own, body) for body in _WRONG_BODIES] + [(name, b"{}") for name in _WRONG_TYPES]
        problems = [read_body(operation, media, body)[1] for media, body in sent]
        yield from (problem for problem in problems if problem is not None and problem.kind == kind.name)
    if link is not None and kind.name in (link.unknown, link.denied):
        problem = judge_resource(None, link, None, 0.0)
        if problem is not None:
            yield problem


def _shown_quota(
    kind: ErrorKind | None, status: int, quota: Quota | None, retry_after: int | None, now: float
) -> Quota | None:
    """Return the quota to show: for a 429 the limit is used up, so that headers and body agree."""
    if status != 429 or quota is None:
        return quota
    if kind is not None and kind.name == QUOTA_EXCEEDED:
        used = max(quota.month_used, quota.month_limit or 0)
        quota = quota._replace(month_used=used, total_used=max(used, quota.total_used), refused=QUOTA_EXCEEDED)
        reset = quota.month_reset
    else:
        reset = now + retry_after if retry_after else quota.minute_reset
        quota = quota._replace(minute_used=quota.minute_limit, minute_reset=reset, refused=RATE_LIMITED)
    return quota._replace(retry_after=retry_after or max(1, math.ceil(reset - now)))


def _choose(endpoint: Endpoint, status: int, content: Sequence[MediaType], accept: str) -> Chosen | None:
    """Return the media type of a chosen answer: one that the client accepts, else the default."""
    if status in BODILESS:
        return None
    return (negotiate(content, accept) if endpoint.content else None) or default_choice(content)


def _made(chosen: Chosen | None, endpoint: Endpoint, status: int, seed: str | int, *, dynamic: bool = False) -> JSON:
    if chosen is None:
        return None
    seed, schema = f"{seed}/{endpoint.operation.id}/{status}", chosen.media.schema
    if dynamic:
        return None if schema is None else make_value(schema, seed, sent="response")
    return declared_value(chosen.media, seed, f"{endpoint.operation.id} {status}")


def _reply(status: int, chosen: Chosen | None, body: JSON) -> Reply:
    if chosen is None:
        return Reply(status, (), b"")
    content_type, data = represent(body, chosen.content_type, chosen.media.schema)
    return Reply(status, ((b"content-type", content_type.encode("latin-1")),), data)
