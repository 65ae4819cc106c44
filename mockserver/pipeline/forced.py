"""Step: an error that somebody asked for by status or name, with figures that agree with it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from apicontract.contract import Contract
from apicontract.errors import QUOTA_EXCEEDED, RATE_LIMITED, ErrorKind
from apicontract.operations import Operation
from mockserver.clock import rfc3339
from mockserver.limits.quota import Quota
from mockserver.pipeline.problem import Problem

_OF_PATHS = frozenset({"unknown-path", "method-not-allowed"})
_LAST = frozenset({"plan-refused", "no-permission"})


class Forced(NamedTuple):
    """`kind` None: the contract words no error with this status; its example is answered."""

    status: int
    kind: ErrorKind | None
    retry_after: int | None


def forced_error(
    operation: Operation, contract: Contract, status: int, error: str
) -> tuple[int, ErrorKind | None] | None:
    """The documented error that a status, an error kind or an API's error code means; None where there is none."""
    kinds = _kinds(operation, contract)
    if error:
        wanted = error.casefold()
        named = [kind for kind in kinds if kind.name.casefold() == wanted]
        named += [kind for kind in kinds if kind.code.casefold() == wanted]
        return (named[0].status, named[0]) if named else None
    if operation.response(status) is None:
        return None
    if not contract.errors.is_own:
        return status, None
    return status, next((kind for kind in kinds if kind.status == status), None)


def possible_errors(operation: Operation, contract: Contract) -> list[str]:
    """The statuses, kinds and codes that can be asked for."""
    kinds = _kinds(operation, contract)
    statuses = {str(status) for status in operation.statuses if status >= 400}
    return [*sorted(statuses), *dict.fromkeys([kind.name for kind in kinds] + [kind.code for kind in kinds])]


def _kinds(operation: Operation, contract: Contract) -> list[ErrorKind]:
    """The kinds that this operation can answer, the likeliest of each status first."""
    kinds = [
        kind
        for kind in contract.errors.kinds.values()
        if kind.name not in _OF_PATHS
        and operation.response(kind.status) is not None
        and (kind.name != "invalid-body" or operation.body is not None)
    ]
    first = "invalid-body" if operation.body is not None else "invalid-parameter"
    return sorted(kinds, key=lambda kind: (kind.name != first, kind.name in _LAST))


def forced_problem(
    forced: Forced, operation: Operation, quota: Quota | None, now: float
) -> tuple[Problem, Quota | None]:
    """The problem with everything its message may speak of, and the figures its headers show."""
    kind = forced.kind
    assert kind is not None  # noqa: S101 - without a kind the document's example is answered
    if kind.status == 429 and quota is not None:
        quota = _exhausted(kind.name, forced.retry_after, quota, now)
    values: dict[str, Any] = {"resource": "Resource", "plan": quota.plan if quota else "", "limit": 0}
    if quota is not None:
        month = kind.name == QUOTA_EXCEEDED
        reset = quota.month_reset if month else quota.minute_reset
        limit = quota.month_limit if month and quota.month_limit is not None else quota.minute_limit
        values |= {"limit": limit, "retry_after": quota.retry_after, "reset": rfc3339(reset)}
    if kind.status in (400, 415):
        values |= _example(operation, kind.status)
    return Problem(kind.name, values), quota


def _exhausted(kind: str, retry_after: int | None, quota: Quota, now: float) -> Quota:
    if kind == QUOTA_EXCEEDED:
        used = max(quota.month_used, quota.month_limit or 0)
        wait = retry_after or max(1, math.ceil(quota.month_reset - now))
        return quota._replace(month_used=used, total_used=max(used, quota.total_used), refused=kind, retry_after=wait)
    wait = retry_after or max(1, math.ceil(quota.minute_reset - now))
    reset = now + retry_after if retry_after else quota.minute_reset
    return quota._replace(minute_used=quota.minute_limit, minute_reset=reset, refused=RATE_LIMITED, retry_after=wait)


def _example(operation: Operation, status: int) -> dict[str, Any]:
    """What a 400 or 415 could be about."""
    content = operation.body.content[0].name if operation.body is not None and operation.body.content else ""
    if status == 415:
        return {"provided": "text/plain", "expected": content or "application/json"}
    if content:
        return {"parameter": "body", "provided": None, "expected": content}
    for parameter in operation.parameters:
        if parameter.schema.expected:
            return {"parameter": parameter.name, "provided": "invalid", "expected": parameter.schema.expected}
    return {"parameter": "request", "provided": "invalid", "expected": "valid"}
