"""Every answer by itself: status, content type, body, headers. On success and on every error alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.checks.expectation import Expectation, expectation
from contract_tests.checks.founding import provenance_at
from contract_tests.checks.judgement import Judgement, shown, weakest
from contract_tests.checks.refusals import details, error_code, no_data
from contract_tests.checks.traffic import Traffic, View
from mockserver.contract import Contract, Header, Operation, Response, Schema
from mockserver.contract.provenance import DOCUMENTED, INFERRED

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
        yield from _head(view, name)
        return
    yield _no_server_error(view, name)
    if view.status >= 500:
        expected = None
    else:
        expected = expectation(traffic, view)
        yield from _status(view, name, expected)
        yield from error_code(traffic.contract, view, name, expected)
    if view.operation is not None:
        yield from _declared(traffic.contract, view, view.operation)
        if expected is not None and expected.kinds == ("invalid-parameter",) and view.status == 400:
            yield from details(traffic.contract, view, view.operation)


def _head(view: View, name: str) -> Iterator[Judgement]:
    """HEAD is no operation of the contract: a server may refuse it, but what it answers has no body."""
    body = view.exchange.response.body if view.exchange.response else b""
    yield Judgement(
        "CT115",
        name,
        "HEAD",
        "an answer to HEAD has no body",
        INFERRED,
        not body,
        (view.number,),
        f"HEAD was answered with {len(body)} bytes",
        0,
        len(body),
    )


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


def _status(view: View, name: str, expected: Expectation) -> Iterator[Judgement]:
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
        yield no_data(view, name)


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
    yield from _body(view, operation, response)
    for header in response.headers:
        yield from _header(view, operation, response, header)


def _body(view: View, operation: Operation, response: Response) -> Iterator[Judgement]:
    if not response.content:
        return
    seen = (view.header("content-type") or "").strip()
    essence = seen.partition(";")[0].strip().lower()
    media = next((entry for entry in response.content if _falls_under(essence, entry.name)), None)
    detail = f"{response.status} content type"
    yield Judgement(
        "CT104",
        operation.id,
        detail,
        "the content type is a declared one",
        response.provenance,
        media is not None,
        (view.number,),
        f"the {view.status} has the content type {seen or '(none)'!r}",
        [entry.name for entry in response.content],
        seen,
    )
    charset = seen.lower().partition("charset=")[2].strip('" ')
    media = media or response.media
    if media is None or not media.is_json:
        return
    readable = view.has_json and charset in ("", "utf-8", "utf8", "us-ascii")
    yield Judgement(
        "CT105",
        operation.id,
        f"{response.status} body",
        "the body is JSON",
        response.provenance,
        readable,
        (view.number,),
        f"the body of the {view.status} is no JSON",
        "JSON",
        shown(view.exchange.response.body[:120] if view.exchange.response else b""),
    )
    if view.has_json and media.schema is not None:
        yield from _schema(view, operation, response, media.schema)


def _falls_under(essence: str, declared: str) -> bool:
    pattern = declared.partition(";")[0].strip().lower()
    return pattern in (essence, "*/*") or (pattern.endswith("/*") and essence.startswith(pattern[:-1]))


def _schema(view: View, operation: Operation, response: Response, schema: Schema) -> Iterator[Judgement]:
    statement = f"the body of the {response.status} keeps its schema"
    seen: set[str] = set()
    for violation, error in zip(schema.violations(view.json), schema.validator.iter_errors(view.json), strict=True):
        place = ".".join("*" if isinstance(step, int) else step for step in violation.path)
        if place in seen:
            continue
        seen.add(place)
        provenance = provenance_at(schema, violation.path, response.provenance, str(list(error.schema_path)[-1]))
        yield Judgement(
            "CT106",
            operation.id,
            f"{response.status} {place or 'body'}",
            statement,
            provenance,
            False,
            (view.number,),
            f"{place or 'the body'}: {violation.message}"[:300],
            violation.expected,
            shown(violation.provided),
        )
    yield Judgement(
        "CT106",
        operation.id,
        f"{response.status} schema",
        statement,
        response.provenance,
        None if seen else True,
        (view.number,),
        reason="broken in a part, see its own clause",
    )


def _header(view: View, operation: Operation, response: Response, header: Header) -> Iterator[Judgement]:
    text = view.header(header.name)
    detail = f"{response.status} {header.name}"
    wanted = header.required or bool(header.source)
    if text is None:
        if wanted and not _excused(header, view):
            level = header.provenance if header.required or header.source else INFERRED
            yield Judgement(
                "CT108",
                operation.id,
                detail,
                f"{header.name} is sent",
                level,
                False,
                (view.number,),
                f"the {view.status} has no {header.name}",
                "present",
                None,
            )
        return
    if wanted:
        yield Judgement(
            "CT108", operation.id, detail, f"{header.name} is sent", header.provenance, True, (view.number,)
        )
    value = header_value(header, text)
    yield Judgement(
        "CT109",
        operation.id,
        detail,
        f"{header.name} keeps its schema",
        header.provenance,
        header.schema.is_valid(value),
        (view.number,),
        f"{header.name}: {text!r} is not {header.schema.expected}",
        header.schema.expected,
        text,
    )


def _excused(header: Header, view: View) -> bool:
    """Month's figures where a key has no monthly quota."""
    return header.source.startswith("month.") and view.role not in ("main", "limited", "exhausted")


def header_value(header: Header, text: str) -> JSON:
    """A header's text as its schema's type."""
    from mockserver.contract.parameters import scalar, types_of

    try:
        return scalar(text.strip(), types_of(header.schema.resolved))
    except ValueError:
        return text


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
                    header.provenance,
                    None,
                )
