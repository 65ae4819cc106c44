"""Every answer by itself: status, content type, body, headers. On success and on every error alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.checks.expectation import Expectation, expectation
from contract_tests.checks.judgement import Judgement, shown, weakest
from contract_tests.checks.records import lists_of, member
from contract_tests.checks.traffic import Traffic, View
from contract_tests.exchange import NOT_JSON
from mockserver.contract import Contract, Header, Operation, Response, Schema
from mockserver.contract.provenance import DOCUMENTED, INFERRED, Provenance, provenance_of

JSON = Any
_SMALL = 400


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
        yield from _status(traffic, view, name, expected)
        yield from _error_code(traffic.contract, view, name, expected)
    if view.operation is not None:
        yield from _declared(traffic.contract, view, view.operation)
        if expected is not None and expected.kinds == ("invalid-parameter",) and view.status == 400:
            yield from _details(traffic.contract, view, view.operation)


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
        yield _no_data(view, name)


def _no_data(view: View, name: str) -> Judgement:
    """A refusal that is larger than any error, or carries a list of records, carries data."""
    body = view.exchange.response.body if view.exchange.response else b""
    lists = [
        items
        for items in lists_of(view.json).values()
        if any(isinstance(item, dict) and len(item) > 2 for item in items)
    ]
    data = view.json.get("data") if isinstance(view.json, dict) else None
    leaks = (len(lists) > 0 and len(body) > _SMALL) or (isinstance(data, (dict, list)) and bool(data))
    return Judgement(
        "CT205",
        name,
        "no data in a refusal",
        "a refused request gets no data",
        DOCUMENTED,
        not leaks,
        (view.number,),
        f"the {view.status} carries data",
        "an error alone",
        shown(view.json),
    )


def _statuses(statuses: frozenset[int]) -> str:
    return " or ".join(str(status) for status in sorted(statuses))


def _error_code(contract: Contract, view: View, name: str, expected: Expectation) -> Iterator[Judgement]:
    """The code of an error, where the contract words its errors."""
    if "x-errors" not in contract.document.root or not view.has_json or view.succeeded:
        return
    place = _place_of("{code}", contract.errors.body.shape)
    if place is None:
        return
    if view.status == 429 and expected.code != "CT610":
        kinds = [contract.errors.kinds[kind] for kind in ("rate-limited", "quota-exceeded")]
    elif view.status in expected.statuses:
        kinds = [
            contract.errors.kinds[kind] for kind in expected.kinds if contract.errors.kinds[kind].status == view.status
        ]
    else:
        kinds = []
    if not kinds:
        return
    seen = member(view.json, place)
    right = seen in [kind.code for kind in kinds]
    provenance = weakest(*(kind.provenance for kind in kinds))
    response = view.operation.response(view.status) if view.operation else None
    if response is not None and response.media is not None and response.media.schema is not None and not right:
        other = _with(view.json, place, kinds[0].code)
        if response.media.schema.is_valid(view.json) and response.media.schema.is_valid(other):
            provenance = (
                INFERRED
                if len({kind.code for kind in kinds}) == 1 and _listed(response.media.schema, view.json, place)
                else provenance
            )
    yield Judgement(
        "CT107",
        name,
        f"{view.status} {kinds[0].name}",
        f"a {view.status} ({kinds[0].name}) says {kinds[0].code}",
        provenance,
        right,
        (view.number,),
        f"the {view.status} says {seen!r}",
        [kind.code for kind in kinds],
        seen,
    )


def _listed(schema: Schema, body: JSON, place: tuple[str, ...]) -> bool:
    """Whether the schema lists the codes it knows, so that another listed one is a matter of taste."""
    return not schema.is_valid(_with(body, place, "no such code"))


def _with(body: JSON, place: tuple[str, ...], value: JSON) -> JSON:
    if not place:
        return value
    if not isinstance(body, dict):
        return body
    return {**body, place[0]: _with(body.get(place[0]), place[1:], value)}


def _place_of(placeholder: str, shape: JSON, path: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    if shape == placeholder:
        return path
    if isinstance(shape, dict):
        for name, value in shape.items():
            found = _place_of(placeholder, value, (*path, str(name)))
            if found is not None:
                return found
    return None


def _details(contract: Contract, view: View, operation: Operation) -> Iterator[Judgement]:
    place = _place_of("{details}", contract.errors.body.shape)
    if place is None or view.refusal is None or not view.has_json:
        return
    details = member(view.json, place)
    if not isinstance(details, dict):
        return
    parameter = view.refusal[0]
    named = details.get("parameter")
    yield Judgement(
        "CT114",
        operation.id,
        "details",
        "the details of a 400 name the wrong parameter",
        contract.errors.kinds["invalid-parameter"].provenance,
        named is None or named == parameter.name,
        (view.number,),
        f"the details name {named!r}, wrong was {parameter.name!r}",
        parameter.name,
        named,
    )


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


def provenance_at(schema: Schema, path: tuple[str | int, ...], otherwise: Provenance, keyword: str = "") -> Provenance:
    """The provenance of the schema that a place in a body falls under: the innermost one that names it.

    A keyword that stands in the schema's `x-inferred` is a guess, whatever the rest is."""
    resolve = schema.document.resolve
    nodes: list[tuple[JSON, Provenance]] = [(schema.node, otherwise)]
    for step in (None, *path):
        found: list[tuple[JSON, Provenance]] = []
        for raw, level in nodes:
            found += list(_children(resolve(raw), step, level, resolve)) if step is not None else [(raw, level)]
        nodes = [pair for raw, level in found for pair in _alternatives(raw, _founded(raw, level, resolve), resolve)]
        if not nodes:
            return otherwise
        otherwise = nodes[-1][1]
    if keyword == "required" and path:
        return INFERRED if _guesses(schema, path[:-1], keyword) else otherwise
    return INFERRED if any(_has_guess(resolve(raw), keyword) for raw, _ in nodes) else otherwise


def _has_guess(node: JSON, keyword: str) -> bool:
    guessed = node.get("x-inferred") if isinstance(node, dict) else None
    return isinstance(guessed, dict) and keyword in guessed.get("keywords", guessed)


def _guesses(schema: Schema, path: tuple[str | int, ...], keyword: str) -> bool:
    """Whether the object at a place guesses which members it has."""
    resolve = schema.document.resolve
    nodes = [node for node, _ in _alternatives(schema.node, INFERRED, resolve)]
    for step in path:
        children = [child for node in nodes for child, _ in _children(node, step, INFERRED, resolve)]
        nodes = [node for child in children for node, _ in _alternatives(child, INFERRED, resolve)]
    return any(_has_guess(node, keyword) for node in nodes)


def _founded(raw: JSON, inherited: Provenance, resolve: Any) -> Provenance:
    """A node that says itself where it comes from is founded so; a component it refers to can only be less."""
    if isinstance(raw, dict) and "x-provenance" in raw:
        return provenance_of(raw, inherited)
    return weakest(inherited, provenance_of(resolve(raw), inherited))


def _alternatives(raw: JSON, level: Provenance, resolve: Any) -> Iterator[tuple[JSON, Provenance]]:
    node = resolve(raw)
    yield node, level
    if isinstance(node, dict):
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in node.get(keyword) or ():
                yield from _alternatives(part, _founded(part, level, resolve), resolve)


def _children(node: JSON, step: str | int, level: Provenance, resolve: Any) -> Iterator[tuple[JSON, Provenance]]:
    if not isinstance(node, dict):
        return
    child = node.get("items") if isinstance(step, int) else (node.get("properties") or {}).get(step)
    if isinstance(child, Mapping):
        yield child, level


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


__all__ = ["NOT_JSON", "header_value", "judge", "judge_view", "provenance_at", "universe"]
