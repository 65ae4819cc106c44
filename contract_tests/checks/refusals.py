"""What a refusal says: its code, the parameter it names, and no data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apicontract import Contract, Schema
from apicontract.errors import ErrorKind
from apicontract.provenance import DOCUMENTED, INFERRED
from contract_tests.checks.expectation import EXHAUSTED, Expectation
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.numbers import whole
from contract_tests.reading.quota import announced
from contract_tests.reading.records import Path, excerpt, member
from contract_tests.reading.traffic import Traffic, View

JSON = Any
ERROR_CODE = Clause("CT107", "{status} {kind}", "a {status} ({kind}) has the code {code}")
DETAILS = Clause("CT114", "details", "the details of a 400 name the invalid parameter")
NO_DATA = Clause("CT205", "no data in a refusal", "a refusal carries no data")
_SMALL = 400
"""Bytes that an error with a list in it may have before the list is taken for data."""


def no_data(traffic: Traffic, view: View) -> Judgement:
    """Judge whether a refusal carries a list that successes carry, or more records than any error has."""
    body = view.exchange.response.body if view.exchange.response else b""
    lists = {
        path for path, items in view.lists.items() if any(isinstance(item, dict) and len(item) > 2 for item in items)
    }
    data = view.json.get("data") if isinstance(view.json, dict) else None
    leaks = bool(lists) and (len(body) > _SMALL or bool(lists & _places_of_lists(traffic)))
    leaks = leaks or (isinstance(data, (dict, list)) and bool(data))
    return NO_DATA.about(view.operation, DOCUMENTED).holds(
        not leaks,
        view,
        message=f"the {view.status} carries data",
        expected="an error alone",
        seen=excerpt(view.json),
    )


def _places_of_lists(traffic: Traffic) -> set[Path]:
    """Return the places of lists in successes."""
    return {path for view in traffic.views if view.succeeded and view.has_json for path in view.lists}


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
    facts = tuple(kind.code_provenance for kind in kinds)
    response = view.operation.response(view.status) if view.operation else None
    schema = response.media.schema if response is not None and response.media is not None else None
    swapped = any(kind.code == seen and kind.status == view.status for kind in contract.errors.kinds.values())
    if schema is not None and seen not in codes and not swapped and _is_open(schema, view.json, place, codes):
        facts = (INFERRED,)
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
    yield DETAILS.about(view.operation, contract.errors.kinds["invalid-parameter"].provenance).holds(
        named in (None, wrong),
        view,
        message=f"the details name {named!r}, the invalid parameter is {wrong!r}",
        expected=wrong,
        seen=named,
    )
