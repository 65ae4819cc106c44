"""What a refusal says: its code, the parameter it names, and no data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apicontract import Contract, Operation, Schema
from apicontract.provenance import DOCUMENTED, INFERRED, weakest
from contract_tests.checks.expectation import Expectation
from contract_tests.checks.judgement import Judgement, shown
from contract_tests.reading.figures import figure, whole
from contract_tests.reading.records import Path, lists_of, member
from contract_tests.reading.traffic import Traffic, View

JSON = Any


_SMALL = 400


def no_data(traffic: Traffic, view: View, name: str) -> Judgement:
    """A refusal that carries a list that successes carry, or more records than any error has, carries data."""
    body = view.exchange.response.body if view.exchange.response else b""
    lists = {
        path
        for path, items in lists_of(view.json).items()
        if any(isinstance(item, dict) and len(item) > 2 for item in items)
    }
    data = view.json.get("data") if isinstance(view.json, dict) else None
    leaks = len(lists) > 0 and (len(body) > _SMALL or bool(lists & _shown(traffic)))
    leaks = leaks or (isinstance(data, (dict, list)) and bool(data))
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


def _shown(traffic: Traffic) -> set[Path]:
    """The places of lists in successes."""
    return {path for view in traffic.views if view.succeeded and view.has_json for path in lists_of(view.json)}


def error_code(contract: Contract, view: View, name: str, expected: Expectation) -> Iterator[Judgement]:
    """The code of an error, where the contract words its errors."""
    if "x-errors" not in contract.document.root or not view.has_json or view.succeeded:
        return
    place = _place_of("{code}", contract.errors.body.shape)
    if place is None:
        return
    if view.status == 429 and expected.code != "CT610":
        kinds = [contract.errors.kinds[kind] for kind in _limits_of(contract, view)]
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
    provenance = weakest(*(kind.code_provenance for kind in kinds))
    response = view.operation.response(view.status) if view.operation else None
    swapped = any(kind.code == seen and kind.status == view.status for kind in contract.errors.kinds.values())
    media = response.media if response is not None else None
    if media is not None and media.schema is not None and not right and not swapped:
        other = _with(view.json, place, kinds[0].code)
        if media.schema.is_valid(view.json) and media.schema.is_valid(other):
            provenance = (
                INFERRED
                if len({kind.code for kind in kinds}) == 1 and _listed(media.schema, view.json, place)
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


def _limits_of(contract: Contract, view: View) -> tuple[str, ...]:
    """Which limit a 429 can be about: only the minute's where the answer itself says that the month is not over."""
    used, month = (whole(figure(contract, view, source)) for source in ("month.used", "month.limit"))
    minute_only = used is not None and month is not None and used < month
    return ("rate-limited",) if minute_only else ("rate-limited", "quota-exceeded")


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


def details(contract: Contract, view: View, operation: Operation) -> Iterator[Judgement]:
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
