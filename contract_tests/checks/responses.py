"""Each answer by itself: status, content type, body and headers, of successes and of every error alike."""

from __future__ import annotations

from collections.abc import Iterator

from apicontract import Contract, Fact, Operation
from apicontract.provenance import INFERRED, below
from contract_tests.checks.bodies import SCHEMA, body
from contract_tests.checks.expectation import SUCCESS, Expectation, expectation
from contract_tests.checks.guard import guarded
from contract_tests.checks.head import head
from contract_tests.checks.headers import SENT, header_sent, presence_of
from contract_tests.checks.provenance import SERVED
from contract_tests.checks.refusals import details, error_code, no_data
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.traffic import Traffic, View

NO_SERVER_ERROR = Clause("CT102", "no server error", "no request is answered with a 5xx")
DECLARED = Clause("CT103", "status {status}", "the status {status} is declared")
UNDECLARED = Clause("CT103", "status {status}", "every status of an answer is declared")
ANSWERED = Clause("CT113", "answered", "every request is answered")
_KEY_CHECKS = ("CT201", "CT202", "CT208")
"""Checks of what a security scheme alone rules out; a key that is also accepted in the query is not ruled out."""


@guarded
def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Judge every answer of the traffic."""
    for view in traffic.views:
        yield from judge_view(traffic, view)


@guarded
def judge_view(traffic: Traffic, view: View) -> Iterator[Judgement]:
    """Judge one answer."""
    if view.exchange.response is None:
        yield from _unanswered(traffic, view)
        return
    if view.method == "HEAD":
        yield from head(traffic, view)
        return
    yield _no_server_error(view)
    expected = None
    if view.status < 500:
        expected = expectation(traffic, view)
        yield from _status(traffic, view, expected)
        yield from error_code(traffic.contract, view, expected)
    if view.operation is not None:
        yield from _declared(traffic.contract, view, view.operation)
        if expected is not None and expected.kinds == ("invalid-parameter",) and view.status == 400:
            yield from details(traffic.contract, view)


def _unanswered(traffic: Traffic, view: View) -> Iterator[Judgement]:
    """Judge a failed connection, unless nothing was answered after it: then the target is gone altogether."""
    if any(other.exchange.response is not None for other in traffic.views if other.number > view.number):
        yield ANSWERED.about(view.operation, SERVED).holds(
            False,
            view,
            message=f"no answer: {view.exchange.failure}",
            expected="an HTTP response",
            seen=view.exchange.failure,
        )


def _no_server_error(view: View) -> Judgement:
    statuses = view.operation.statuses if view.operation else ()
    is_all_there_is = view.status in statuses and min(statuses) >= 500
    return NO_SERVER_ERROR.about(view.operation, SERVED).holds(
        view.status < 500 or is_all_there_is,
        view,
        message=f"{view.method} {view.exchange.request.purpose or 'request'}: answered {view.status}",
        expected="a status below 500",
        seen=view.status,
    )


def _status(traffic: Traffic, view: View, expected: Expectation) -> Iterator[Judgement]:
    if expected.open or (view.status == 429 and 429 not in expected.statuses):
        return  # an unexpected 429 is judged by the checks of limits
    clause = expected.clause
    right = view.status in expected.statuses
    if not right and clause.code in _KEY_CHECKS and view.succeeded and view.operation is not None:
        clause = clause.standing_only_on(view.operation)
    wanted = "a success" if not expected.kinds and clause.code == SUCCESS.code else _statuses(expected.statuses)
    yield clause.holds(
        right,
        view,
        message=f"{view.exchange.request.purpose or clause.statement}: answered {view.status}, not {wanted}",
        expected=sorted(expected.statuses),
        seen=view.status,
    )
    if clause.code != SUCCESS.code and expected.kinds and not view.succeeded:
        yield no_data(traffic, view)


def _statuses(statuses: frozenset[int]) -> str:
    return " or ".join(str(status) for status in sorted(statuses))


def _declared(contract: Contract, view: View, operation: Operation) -> Iterator[Judgement]:
    response = operation.response(view.status)
    if response is None:
        is_ours = "x-contract" in contract.document.root
        level = operation.provenance if view.succeeded and is_ours else INFERRED  # a document may leave errors out
        yield UNDECLARED.about(operation, Fact(below(operation.pointer, "responses"), level), status=view.status).holds(
            False,
            view,
            message=f"answered {view.status}, which the contract does not declare",
            expected=sorted(operation.responses),
            seen=view.status,
        )
        return
    yield DECLARED.about(operation, response, status=response.status).holds(True, view)
    yield from body(view, operation, response)
    for header in response.headers:
        yield from header_sent(view, operation, response, header)


def universe(contract: Contract) -> Iterator[Clause]:
    """List every clause of this family that the contract holds."""
    for operation in (*contract.operations, *contract.broken):
        yield SUCCESS.about(operation, operation)
        yield NO_SERVER_ERROR.about(operation, SERVED)
        for response in operation.responses.values():
            status = response.status
            yield DECLARED.about(operation, response, status=status)
            if response.media is not None and response.media.is_json and response.media.schema is not None:
                yield SCHEMA.about(operation, response, status=status, place="schema")
            for header in response.headers:
                yield SENT.about(operation, presence_of(header), status=status, name=header.name)
