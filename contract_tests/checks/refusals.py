"""What a refusal says: its code, the parameter it names, and no data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from apicontract import Contract, Fact, Provenance, Schema
from apicontract.errors import ErrorKind
from apicontract.provenance import below, weakest
from contract_tests.checks.expectation import EXHAUSTED, Expectation
from contract_tests.model.clause import Clause, Guess, Judgement
from contract_tests.reading.numbers import whole
from contract_tests.reading.quota import announced
from contract_tests.reading.records import MOMENTS, Path, excerpt, member, scalars_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
ERROR_CODE = Clause("CT107", "{status} {kind}", "a {status} ({kind}) has the code {code}")
DETAILS = Clause("CT114", "details", "the details of a 400 name the invalid parameter")
NO_DATA = Clause("CT205", "no data in a refusal", "a refusal carries no data")
_NOT_FOR_THIS_KEY = (401, 403, 404)
_ANY_REFUSAL = Guess("no document says that this refusal carries no data")
_EITHER = Provenance("inferred", reason="the schema allows both codes")


def no_data(traffic: Traffic, view: View) -> Judgement:
    """Judge whether a refusal shows what successes show: their records, or figures at their places."""
    data = _records_shown(traffic, view) or _figures_shown(traffic, view)
    kept_out = view.operation if view.operation is not None and view.status in _NOT_FOR_THIS_KEY else _ANY_REFUSAL
    return NO_DATA.about(view.operation, kept_out).holds(
        not data,
        view,
        message=f"the {view.status} carries data: {excerpt(data, 80)}",
        expected="an error alone",
        seen=excerpt(view.json),
    )


def _records_shown(traffic: Traffic, view: View) -> JSON:
    """Return a record that stands where successes have records, with members of these; None where there is none."""
    known = _members_of_records(traffic) if view.lists else {}
    for path, items in view.lists.items():
        for item in items:
            if isinstance(item, dict) and len(item) > 1 and set(item) <= known.get(path, set()):
                return item
    return None


def _members_of_records(traffic: Traffic) -> dict[Path, set[str]]:
    """Return the members of the records that successes list, by the place of the list."""
    found: dict[Path, set[str]] = defaultdict(set)
    for view in traffic.views:
        for path, items in view.lists.items() if view.succeeded and view.has_json else ():
            for item in items:
                found[path].update(item if isinstance(item, dict) else ())
    return found


def _figures_shown(traffic: Traffic, view: View) -> dict[str, JSON]:
    """Return the values at places that only successes of the operation have; empty where it is a single one."""
    if view.operation is None or not view.has_json:
        return {}
    own: set[Path] = set()
    others: set[Path] = set()
    for other in traffic.views:
        if other.succeeded and other.has_json and other.operation is not None:
            (own if other.operation is view.operation else others).update(path for path, _ in scalars_of(other.json))
    found = {
        ".".join(path): value
        for path, value in scalars_of(view.json)
        if path in own - others and path[-1] not in MOMENTS and not isinstance(value, (bool, type(None)))
    }
    return found if len(found) > 1 else {}


def error_code(contract: Contract, view: View, expected: Expectation) -> Iterator[Judgement]:
    """Judge the code of an error, where the contract words its errors."""
    if "x-errors" not in contract.document.root or not view.has_json or view.succeeded:
        return
    place = _place_of("{code}", contract.errors.body.shape)
    kinds = _kinds_of(contract, view, expected)
    if place is None or not kinds:
        return
    seen = member(view.json, place)
    codes = [kind.code for kind in kinds]
    facts = tuple(Fact(below(kind.pointer, "code"), kind.code_provenance) for kind in kinds)
    response = view.operation.response(view.status) if view.operation else None
    schema = response.media.schema if response is not None and response.media is not None else None
    swapped = any(kind.code == seen and kind.status == view.status for kind in contract.errors.kinds.values())
    if schema is not None and seen not in codes and not swapped and _is_open(schema, view.json, place, codes):
        facts = tuple(Fact(fact.pointer, weakest(fact.provenance, _EITHER)) for fact in facts)
    yield ERROR_CODE.about(view.operation, *facts, status=view.status, kind=kinds[0].name, code=codes[0]).holds(
        seen in codes,
        view,
        message=f"the {view.status} has the code {seen!r}, expected: {' or '.join(map(str, codes))}",
        expected=codes,
        seen=seen,
    )


def _kinds_of(contract: Contract, view: View, expected: Expectation) -> list[ErrorKind]:
    """Return the kinds of error that an answer can be."""
    if view.status == 429 and expected.clause.code != EXHAUSTED.code:
        return [contract.errors.kinds[kind] for kind in _limits_of(contract, view)]
    kinds = [contract.errors.kinds[kind] for kind in expected.kinds] if view.status in expected.statuses else []
    return [kind for kind in kinds if kind.status == view.status]


def _limits_of(contract: Contract, view: View) -> tuple[str, ...]:
    """Return the limits that a 429 can be about: only the minute's where the answer says that the month is not over."""
    used, month = (whole(announced(contract, view, source)) for source in ("month.used", "month.limit"))
    minute_only = used is not None and month is not None and used < month
    return ("rate-limited",) if minute_only else ("rate-limited", "quota-exceeded")


def _is_open(schema: Schema, body: JSON, place: tuple[str, ...], codes: list[str]) -> bool:
    """Return whether the schema lists several codes, both the one seen and the one expected, without saying when."""
    return (
        schema.is_valid(body)
        and schema.is_valid(_with(body, place, codes[0]))
        and len(set(codes)) == 1
        and not schema.is_valid(_with(body, place, "no such code"))
    )


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


def details(contract: Contract, view: View) -> Iterator[Judgement]:
    """Judge whether the details of a 400 name the parameter that was wrong."""
    place = _place_of("{details}", contract.errors.body.shape)
    found = member(view.json, place) if place is not None and view.has_json else None
    if view.invalid is None or not isinstance(found, dict):
        return
    wrong, named = view.invalid[0].name, found.get("parameter")
    yield DETAILS.about(view.operation, contract.errors.kinds["invalid-parameter"]).holds(
        named in (None, wrong),
        view,
        message=f"the details name {named!r}, the invalid parameter is {wrong!r}",
        expected=wrong,
        seen=named,
    )
