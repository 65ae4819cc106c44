"""Step: an answer chosen by the client, in Prism's words: `Prefer: code=429, example=…, dynamic=true, seed=7`.

The same as query parameters: `__code`, `__example`, `__dynamic`, `__seed`. A chosen answer changes no state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from apicontract.contract import Contract
from apicontract.errors import RATE_LIMITED, ErrorKind
from apicontract.operations import Operation, Response
from apicontract.parameters import parse_query
from apicontract.values import make_value
from mockserver.limits.quota import Quota
from mockserver.pipeline.problem import Reply, mock_problem

JSON = Any
_NAMES = ("code", "example", "dynamic", "seed")
_PAIR = re.compile(r"([A-Za-z]+)\s*=\s*(\"[^\"]*\"|[^,;\s]+)")
_NEVER_FORCED = frozenset({"unknown-path", "method-not-allowed", "plan-refused"})


@dataclass(frozen=True, slots=True)
class Preference:
    """What the client asked for. `applied`: as it is answered in `Preference-Applied`."""

    code: int | None
    example: str
    dynamic: bool
    seed: str
    applied: str


def read_preference(headers: Mapping[bytes, bytes], query: bytes, operation: Operation) -> Preference | Reply | None:
    """The preference of a request, None where there is none of ours, or the refusal of one that cannot be met."""
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
    names = _example_names(operation, chosen)
    if example and example not in names:
        return mock_problem(400, f"{operation.id} has no example {example!r}", valid=names)
    dynamic = wanted.get("dynamic", "false").lower()
    if dynamic not in ("true", "false"):
        return mock_problem(400, f"dynamic={dynamic} is neither true nor false", valid=["true", "false"])
    if not applied.isascii() or not applied.isprintable():
        return mock_problem(400, "a preference is written in printable ASCII", valid=list(_NAMES))
    return Preference(chosen, example, dynamic == "true", wanted.get("seed", ""), applied)


def is_chosen(preference: Preference, operation: Operation) -> bool:
    """Whether the preference decides the answer; a plain `code` of a success is what the ordinary way gives."""
    status = preference.code or operation.success
    return bool(preference.example) or preference.dynamic or not 200 <= status < 300


def _example_names(operation: Operation, code: int | None) -> list[str]:
    responses = operation.responses.values() if code is None else [operation.response(code)]
    return [name for response in responses if response is not None for name in response.examples]


def chosen_answer(
    preference: Preference, operation: Operation, contract: Contract, quota: Quota | None, now: str, seed: int
) -> tuple[Reply, Quota | None]:
    """The chosen answer, and the figures its headers show."""
    status = preference.code or operation.success
    if preference.example:
        named = next(
            found
            for code, found in operation.responses.items()
            if preference.example in found.examples and preference.code in (None, _number(code))
        )
        status = _number(named.status) or status
        return _reply(status, named, named.examples[preference.example]), _exhausted(status, quota, contract)
    response = operation.response(status)
    assert response is not None  # noqa: S101 - read_preference looked
    if preference.dynamic:
        schema = response.media.schema if response.media else None
        made = make_value(schema, f"{preference.seed or seed}/{operation.id}/{status}") if schema else None
        return _reply(status, response, made), _exhausted(status, quota, contract)
    quota = _exhausted(status, quota, contract)
    body = _error_body(status, operation, contract, quota, now, response)
    if body is None and response.media and response.media.schema:
        body = make_value(response.media.schema, f"{preference.seed or seed}/{operation.id}/{status}")
    return _reply(status, response, body), quota


def _number(status: str) -> int | None:
    return int(status) if status.isdigit() else None


def _error_body(
    status: int, operation: Operation, contract: Contract, quota: Quota | None, now: str, response: Response
) -> JSON:
    """An error as the API words it: by `x-errors`, else the first example of the document."""
    kind = _kind(status, operation, contract) if contract.errors.is_own else None
    if kind is None:
        return next(iter(response.examples.values()), None)
    values: dict[str, JSON] = {"now": now, "resource": "Resource", "limit": 0, "plan": ""}
    if quota is not None:
        values |= {"limit": quota.minute_limit, "retry_after": quota.retry_after, "plan": quota.plan}
    if status == 400:
        values |= _some_parameter(operation)
    return contract.errors.render(kind, values)


def _kind(status: int, operation: Operation, contract: Contract) -> ErrorKind | None:
    kinds = [kind for kind in contract.errors.with_status(status) if kind.name not in _NEVER_FORCED]
    if operation.body is None:
        kinds = [kind for kind in kinds if kind.name != "invalid-body"]
    else:
        kinds.sort(key=lambda kind: kind.name != "invalid-body")
    return kinds[0] if kinds else None


def _some_parameter(operation: Operation) -> dict[str, JSON]:
    """What a 400 could be about: the first parameter that can be wrong."""
    if operation.body is not None:
        return {"parameter": "body", "provided": None, "expected": operation.body.content[0].name}
    for parameter in operation.parameters:
        if parameter.schema.expected:
            return {"parameter": parameter.name, "provided": "invalid", "expected": parameter.schema.expected}
    return {"parameter": "request", "provided": "invalid", "expected": "valid"}


def _exhausted(status: int, quota: Quota | None, contract: Contract) -> Quota | None:
    """A forced 429 shows a used-up minute: its headers must not contradict it."""
    if status != 429 or quota is None or contract.rate_limit is None:
        return quota
    left = contract.rate_limit.window_seconds
    return quota._replace(minute_used=quota.minute_limit, refused=RATE_LIMITED, retry_after=quota.retry_after or left)


def _reply(status: int, response: Response, body: JSON) -> Reply:
    if response.media is None:
        return Reply(status, (), b"")
    content = body if isinstance(body, str) and not response.media.is_json else None
    data = content.encode() if content is not None else orjson.dumps(body)
    return Reply(status, ((b"content-type", response.media.name.encode("latin-1")),), data)
