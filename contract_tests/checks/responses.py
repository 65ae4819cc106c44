"""Every answer by itself: status, content type, body, headers. On success and on every error alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apicontract import Contract, Operation
from apicontract.provenance import DOCUMENTED, INFERRED, weakest
from contract_tests.checks.bodies import body
from contract_tests.checks.expectation import Expectation, expectation
from contract_tests.checks.head import head
from contract_tests.checks.headers import header_sent
from contract_tests.checks.judgement import Judgement
from contract_tests.checks.refusals import details, error_code, no_data
from contract_tests.reading.traffic import Traffic, View

JSON = Any


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Every answer of the traffic."""
    for view in traffic.views:
        yield from judge_view(traffic, view)


def judge_view(traffic: Traffic, view: View) -> Iterator[Judgement]:
    """One answer."""
    name = view.operation.id if view.operation else ""
    if view.exchange.response is None:
        alive = any(other.exchange.response is not None for other in traffic.views if other.number > view.number)
        if not alive:
            return  # the target is gone altogether: that is no defect of one answer
        yield Judgement(
            "CT113",
            name,
            "answered",
            "every request is answered",
            DOCUMENTED,
            False,
            (view.number,),
            f"no answer: {view.exchange.failure}",
            "an HTTP response",
            view.exchange.failure,
        )
        return
    if view.method == "HEAD":
        yield from head(traffic, view, name)
        return
    yield _no_server_error(view, name)
    if view.status >= 500:
        expected = None
    else:
        expected = expectation(traffic, view)
        yield from _status(traffic, view, name, expected)
        yield from error_code(traffic.contract, view, name, expected)
    if view.operation is not None:
        yield from _declared(traffic.contract, view, view.operation)
        if expected is not None and expected.kinds == ("invalid-parameter",) and view.status == 400:
            yield from details(traffic.contract, view, view.operation)


def _no_server_error(view: View, name: str) -> Judgement:
    return Judgement(
        "CT102",
        name,
        "no server error",
        "no request is answered with a 5xx",
        DOCUMENTED,
        view.status < 500,
        (view.number,),
        f"{view.method} {view.exchange.request.purpose or 'request'}: answered {view.status}",
        "a status below 500",
        view.status,
    )


def _status(traffic: Traffic, view: View, name: str, expected: Expectation) -> Iterator[Judgement]:
    if view.status == 429 and 429 not in expected.statuses:
        return  # the limits' own checks speak about it
    if expected.open:
        return
    right = view.status in expected.statuses
    wanted = "a success" if not expected.kinds and expected.code == "CT101" else _statuses(expected.statuses)
    found = Judgement(
        expected.code,
        name,
        expected.detail,
        expected.statement,
        expected.provenance,
        right,
        (view.number,),
        f"{view.exchange.request.purpose or expected.statement}: answered {view.status}, not {wanted}",
        sorted(expected.statuses),
        view.status,
    )
    accepted_for_none = expected.code in ("CT201", "CT202", "CT203", "CT208") and view.succeeded
    if not right and accepted_for_none and view.operation is not None:
        security = weakest(view.operation.provenance)
        found = Judgement(**{**found.__dict__, "provenance": security})
    yield found
    if expected.code != "CT101" and expected.kinds and not view.succeeded:
        yield no_data(traffic, view, name)


def _statuses(statuses: frozenset[int]) -> str:
    return " or ".join(str(status) for status in sorted(statuses))


def _declared(contract: Contract, view: View, operation: Operation) -> Iterator[Judgement]:
    response = operation.response(view.status)
    if response is None:
        level = operation.provenance if view.succeeded else INFERRED
        if "x-contract" not in contract.document.root and view.status < 500:
            level = INFERRED
        yield Judgement(
            "CT103",
            operation.id,
            f"status {view.status}",
            "every status is a declared one",
            level,
            False,
            (view.number,),
            f"answered {view.status}, which the contract does not declare",
            sorted(operation.responses),
            view.status,
        )
        return
    yield Judgement(
        "CT103",
        operation.id,
        f"status {response.status}",
        f"{response.status} is answered as declared",
        response.provenance,
        True,
        (view.number,),
    )
    yield from body(view, operation, response)
    for header in response.headers:
        yield from header_sent(view, operation, response, header)


def universe(contract: Contract) -> Iterator[Judgement]:
    """Every clause of this family that the contract holds."""
    for operation in contract.operations:
        yield Judgement(
            "CT101", operation.id, "success", "a valid request is answered with a success", operation.provenance, None
        )
        yield Judgement("CT102", operation.id, "no server error", "no request is answered with a 5xx", DOCUMENTED, None)
        for response in operation.responses.values():
            level = response.provenance
            yield Judgement(
                "CT103",
                operation.id,
                f"status {response.status}",
                f"{response.status} is answered as declared",
                level,
                None,
            )
            if response.media is not None and response.media.is_json and response.media.schema is not None:
                yield Judgement(
                    "CT106",
                    operation.id,
                    f"{response.status} schema",
                    f"the body of the {response.status} keeps its schema",
                    level,
                    None,
                )
            for header in response.headers:
                yield Judgement(
                    "CT108",
                    operation.id,
                    f"{response.status} {header.name}",
                    f"{header.name} is sent",
                    header.presence,
                    None,
                )
