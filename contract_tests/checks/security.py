"""Keys: that each scheme works alone, that no answer repeats a key, what a limited key lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from apicontract import Contract
from contract_tests.checks.expectation import FOREIGN_RESOURCE, NO_KEY, UNKNOWN_RESOURCE
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import answer_facts
from contract_tests.model.clause import Clause, Ground, Guess, Judgement
from contract_tests.model.keys import MARKS, names_a_key
from contract_tests.reading.identifiers import ids_in
from contract_tests.reading.records import identity_of
from contract_tests.reading.traffic import Traffic, View

REQUEST_ID = Clause("CT112", "{name}", "no two answers have the same {name}")
SCHEME_WORKS = Clause("CT204", "{name}", "the security scheme {name} works on its own")
PUBLIC = Clause("CT207", "public", "a public operation needs no key")
NO_SECRET = Clause("CT209", "secret", "no answer repeats a key")
_SECRET = Guess("no document says that an answer must not repeat a key")
_DIFFERENT = Guess("no document says that two answers must not have the same request id")
OWN_RESOURCES = Clause("CT211", "scoped list", "a limited key lists its own resource only")


@guarded
def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Judge what the contract says about keys, as far as one status alone cannot show it."""
    yield from _schemes(traffic)
    yield from _echoes(traffic)
    yield from _request_ids(traffic)
    yield from _scoped_lists(traffic)
    yield from _public(traffic)


def _scheme_of(view: View) -> str | None:
    """Return the name of the security scheme that a request used."""
    headers = {name.lower(): value.lower() for name, value in view.exchange.request.headers}
    for alternative in view.operation.security if view.operation else ():
        for part in alternative:
            if part.location == "query" and part.parameter in view.given:
                return part.name
            text = headers.get(part.parameter.lower())
            if part.location == "header" and text is not None and text.startswith(part.prefix or ""):
                return part.name
    return None


@guarded
def _schemes(traffic: Traffic) -> Iterator[Judgement]:
    works: dict[tuple[str, str], View] = {}
    fails: dict[tuple[str, str], View] = {}
    for view in traffic.views:
        scheme = _scheme_of(view) if view.role == "main" and view.invalid is None else None
        if scheme is None or view.operation is None or view.operation.method != "GET":
            continue
        if view.succeeded:
            works[scheme, view.operation.id] = view
        elif view.status == 401:
            fails[scheme, view.operation.id] = view
    schemes = {
        scheme.name: scheme
        for operation in traffic.contract.operations
        for alternative in operation.security
        for scheme in alternative
    }
    for name in sorted({name for name, _ in [*works, *fails]}):
        good = next((view for (scheme, _), view in works.items() if scheme == name), None)
        bad = next((view for place, view in fails.items() if place[0] == name and place not in works), None)
        yield SCHEME_WORKS.about(None, schemes[name], name=name).holds(
            bad is None,
            *[view for view in (bad or good,) if view],
            message=f"a valid key was refused with the scheme {name}",
            expected="a success",
            seen=bad.status if bad else None,
        )


@guarded
def _echoes(traffic: Traffic) -> Iterator[Judgement]:
    held: set[str] = set()
    for view in traffic.views:
        response = view.exchange.response
        if response is None:
            continue
        places = [name for name, value in response.headers if names_a_key(value)]
        if any(mark.encode() in response.body for mark in MARKS):
            places.append("body")
        clause = NO_SECRET.about(view.operation, _SECRET)
        if places:
            yield clause.holds(
                False,
                view,
                message=f"the answer repeats the key it was asked with, in {', '.join(places)}",
                expected="no key",
                seen=places,
            )
        elif clause.id not in held:
            held.add(clause.id)
            yield clause.holds(True, view)


@guarded
def _request_ids(traffic: Traffic) -> Iterator[Judgement]:
    for name in sorted(_request_id_headers(traffic.contract)):
        first: dict[str, View] = {}
        double: tuple[View, View] | None = None
        for view in traffic.views:
            text = view.header(name)
            if text is None:
                continue
            if text in first and double is None:
                double = first[text], view
            first.setdefault(text, view)
        if len(first) + (double is not None) >= 2:
            yield REQUEST_ID.about(None, _DIFFERENT, name=name).holds(
                double is None,
                *(double or ()),
                message=f"two answers have the same {name}",
                expected="different ids",
                seen=double[1].header(name) if double else None,
                settled=True,
            )


def _request_id_headers(contract: Contract) -> set[str]:
    return {
        header.name.lower()
        for operation in contract.operations
        for response in operation.responses.values()
        for header in response.headers
        if header.source == "request-id" or header.name.lower() in ("x-request-id", "request-id")
    }


@guarded
def _scoped_lists(traffic: Traffic) -> Iterator[Judgement]:
    """Judge that a key for one resource lists one."""
    for view in traffic.views:
        if view.role != "scoped" or not view.succeeded or view.operation is None or not view.has_json:
            continue
        if view.resource or not _is_collection(traffic.contract, view):
            continue
        for items in view.lists.values():
            if identity_of(items) is not None:
                yield OWN_RESOURCES.about(view.operation, *answer_facts(view.operation), _ids(traffic.contract)).holds(
                    len(items) <= 1,
                    view,
                    message=f"a key for one resource lists {len(items)}",
                    expected=1,
                    seen=len(items),
                )


def _ids(contract: Contract) -> Ground:
    """Return what says that a parameter names a resource that a list shows."""
    parameters = [parameter for operation in contract.operations for parameter in operation.parameters]
    return next((each for each in parameters if each.resource is not None), Guess("lists are taken for resources"))


def _is_collection(contract: Contract, view: View) -> bool:
    """Return whether an operation lists what other operations take as their path parameter."""
    listed_at = view.operation.path if view.operation else ""
    return any(
        next(ids_in(view.json, operation, parameter.name, listed_at), None) is not None
        for operation in contract.operations
        for parameter in operation.parameters
        if parameter.location == "path"
    )


@guarded
def _public(traffic: Traffic) -> Iterator[Judgement]:
    answered: dict[str, list[View]] = defaultdict(list)
    for view in traffic.views:
        if view.operation is not None and not view.operation.security and view.role == "" and view.status:
            answered[view.operation.id].append(view)
    for name, views in answered.items():
        operation = traffic.contract.operation(name)
        bad = [view for view in views if view.status in (401, 403) and view.status not in operation.statuses]
        shown = (bad or views)[0]
        yield PUBLIC.about(operation, operation).holds(
            not bad,
            shown,
            message=f"without a key answered {shown.status}",
            expected="no 401 and no 403",
            seen=shown.status,
        )


def universe(contract: Contract) -> Iterator[Clause]:
    """List every clause of this family that the contract holds."""
    for operation in contract.operations:
        if not operation.security:
            yield PUBLIC.about(operation, operation)
            continue
        yield NO_KEY.about(operation, operation)
        for parameter in operation.parameters:
            if parameter.location == "path":
                yield UNKNOWN_RESOURCE.about(operation, operation, name=parameter.name)
                if parameter.resource is not None:
                    yield FOREIGN_RESOURCE.about(operation, operation, name=parameter.name)
