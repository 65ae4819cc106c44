"""Keys: what works alone, what is never said aloud, what a limited key lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from apicontract import Contract
from apicontract.provenance import DOCUMENTED
from contract_tests.checks.judgement import Judgement
from contract_tests.checks.provenance import told_by
from contract_tests.model.keys import MARKS, names_a_key
from contract_tests.reading.identifiers import ids_in
from contract_tests.reading.records import identity_of, lists_of
from contract_tests.reading.traffic import Traffic, View


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Every statement about keys that one status alone cannot show."""
    yield from _schemes(traffic)
    yield from _echoes(traffic)
    yield from _request_ids(traffic)
    yield from _scoped_lists(traffic)
    yield from _public(traffic)


def _scheme_of(view: View) -> str | None:
    """The name of the security scheme that a request used."""
    if view.operation is None:
        return None
    headers = {name.lower(): value for name, value in view.exchange.request.headers}
    for alternative in view.operation.security:
        for part in alternative:
            if part.location == "query" and part.parameter in view.given:
                return part.name
            text = headers.get(part.parameter.lower())
            if (
                part.location == "header"
                and text is not None
                and (not part.prefix or text.lower().startswith(part.prefix))
            ):
                return part.name
    return None


def _schemes(traffic: Traffic) -> Iterator[Judgement]:
    works: dict[tuple[str, str], View] = {}
    fails: dict[tuple[str, str], View] = {}
    for view in traffic.views:
        scheme = _scheme_of(view) if view.role == "main" and view.refusal is None else None
        if scheme is None or view.operation is None or view.operation.method != "GET":
            continue
        (works if view.succeeded else fails if view.status == 401 else {})[scheme, view.operation.id] = view
    for name in sorted({name for name, _ in [*works, *fails]}):
        good = next((view for (scheme, _), view in works.items() if scheme == name), None)
        bad = next(
            (
                view
                for (scheme, operation), view in fails.items()
                if scheme == name and (scheme, operation) not in works
            ),
            None,
        )
        level = next(
            (operation.provenance for operation in traffic.contract.operations if operation.security), DOCUMENTED
        )
        shows = bad or good
        yield Judgement(
            "CT204",
            "",
            name,
            f"the scheme {name} works alone",
            level,
            bad is None,
            (shows.number,) if shows else (),
            f"a good key was refused with the scheme {name}",
            "a success",
            bad.status if bad else None,
        )


def _echoes(traffic: Traffic) -> Iterator[Judgement]:
    seen: set[str] = set()
    for view in traffic.views:
        response = view.exchange.response
        if response is None:
            continue
        places = [name for name, value in response.headers if names_a_key(value)]
        if any(mark.encode() in response.body for mark in MARKS):
            places.append("body")
        name = view.operation.id if view.operation else ""
        if places:
            yield Judgement(
                "CT209",
                name,
                "secret",
                "no answer repeats a key",
                DOCUMENTED,
                False,
                (view.number,),
                f"the answer repeats the key it was asked with, in {', '.join(places)}",
                "no key",
                places,
            )
        elif name not in seen:
            seen.add(name)
            yield Judgement("CT209", name, "secret", "no answer repeats a key", DOCUMENTED, True, (view.number,))


def _request_ids(traffic: Traffic) -> Iterator[Judgement]:
    names = {
        header.name.lower(): header.provenance
        for operation in traffic.contract.operations
        for response in operation.responses.values()
        for header in response.headers
        if header.source == "request-id" or header.name.lower() in ("x-request-id", "request-id")
    }
    for name, provenance in names.items():
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
            yield Judgement(
                "CT112",
                "",
                name,
                f"every {name} is another one",
                provenance,
                double is None,
                (double[0].number, double[1].number) if double else (),
                f"two answers carry the same {name}",
                "different ids",
                double[1].header(name) if double else None,
                settled=True,
            )


def _scoped_lists(traffic: Traffic) -> Iterator[Judgement]:
    """A key for one resource lists one, and it is among those the main key lists."""
    for view in traffic.views:
        if view.role != "scoped" or not view.succeeded or view.operation is None or not view.has_json:
            continue
        if any(parameter.location == "path" for parameter in view.operation.parameters):
            continue
        for items in lists_of(view.json).values():
            key = identity_of(items)
            if key is None or not _is_collection(traffic.contract, view):
                continue
            yield Judgement(
                "CT211",
                view.operation.id,
                "scoped list",
                "a limited key lists its own resource only",
                told_by(view.operation),
                len(items) <= 1,
                (view.number,),
                f"a key for one resource lists {len(items)}",
                1,
                len(items),
            )


def _is_collection(contract: Contract, view: View) -> bool:
    """Whether an operation lists what other operations take as their path parameter."""
    listed_at = view.operation.path if view.operation else ""
    return any(
        next(ids_in(view.json, operation, parameter.name, listed_at), None) is not None
        for operation in contract.operations
        for parameter in operation.parameters
        if parameter.location == "path"
    )


def _public(traffic: Traffic) -> Iterator[Judgement]:
    answered: dict[str, list[View]] = defaultdict(list)
    for view in traffic.views:
        if view.operation is not None and not view.operation.security and view.role == "" and view.status:
            answered[view.operation.id].append(view)
    for name, views in answered.items():
        bad = [view for view in views if view.status in (401, 403)]
        yield Judgement(
            "CT207",
            name,
            "public",
            "a public operation needs no key",
            traffic.contract.operation(name).provenance,
            not bad,
            ((bad or views)[0].number,),
            f"without a key answered {(bad or views)[0].status}",
            "no 401 and no 403",
            (bad or views)[0].status,
        )


def universe(contract: Contract) -> Iterator[Judgement]:
    """Every clause of this family that the contract holds."""
    for operation in contract.operations:
        if not operation.security:
            yield Judgement(
                "CT207", operation.id, "public", "a public operation needs no key", operation.provenance, None
            )
            continue
        level = operation.provenance
        yield Judgement("CT201", operation.id, "no key", "a request without a key is answered 401", level, None)
        for parameter in operation.parameters:
            if parameter.location == "path":
                yield Judgement(
                    "CT210", operation.id, f"{parameter.name} unknown", "an unknown resource is refused", level, None
                )
                if parameter.resource is not None:
                    yield Judgement(
                        "CT206",
                        operation.id,
                        f"{parameter.name} of another",
                        "a limited key cannot see another resource",
                        level,
                        None,
                    )
