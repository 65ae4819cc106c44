"""Explain an entry by its contract: parameters, credentials, the reason for the answer, and provenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from apicontract.contract import Contract
from apicontract.operations import Operation, Response
from apicontract.parameters import MISSING, Parameter, parse_query
from apicontract.provenance import Provenance
from mockserver.console.schemas import list_fields
from mockserver.dataset.accounts import Key
from mockserver.journal.entry import Entry

JSON = Any


@dataclass(frozen=True, slots=True)
class Reading:
    """A parameter of a request. `given`: its text, or None. `value`: its parsed value, or MISSING."""

    parameter: Parameter
    given: str | None
    value: JSON

    @property
    def how(self) -> str:
        """How the value was obtained, in words."""
        if self.given is not None:
            return "given" if self.value is not MISSING else "given, not valid"
        if self.value is not MISSING:
            return "default"
        return "missing" if self.parameter.required else "absent"

    @property
    def is_read(self) -> bool:
        """Whether the parameter has a value."""
        return self.value is not MISSING


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of an entry. `unknown`: query parameters that the operation does not have.

    `decided`: sentences with the reason for the answer. `inferred`: the facts of this exchange that are only inferred,
    and why.
    """

    readings: tuple[Reading, ...]
    unknown: tuple[str, ...]
    credentials: tuple[str, ...]
    decided: tuple[str, ...]
    response: Response | None
    inferred: tuple[tuple[str, str], ...]


def explain(entry: Entry, contract: Contract, operation: Operation | None, key: Key | None, label: str) -> Explanation:
    """Explain a journal entry by its contract. `label`: the name of its key."""
    if operation is None:
        return Explanation((), (), (), tuple(_decided(entry, contract, key, label)), None, ())
    response = operation.response(entry.status) if entry.status else None
    texts = parse_query(entry.query.encode("latin-1", "replace"))
    path = _path_values(operation.path, entry.path)
    readings = tuple(_reading(entry, parameter, texts, path) for parameter in operation.parameters)
    known = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
    return Explanation(
        readings=readings,
        unknown=tuple(name for name in entry.names if name not in known and not name.startswith("__")),
        credentials=tuple(_credentials(operation)),
        decided=tuple(_decided(entry, contract, key, label)),
        response=response,
        inferred=_by_reason(_inferred(operation, readings, response)),
    )


def _reading(entry: Entry, parameter: Parameter, texts: Mapping[str, list[str]], path: Mapping[str, str]) -> Reading:
    given: str | None = None
    if parameter.location == "path":
        given = path.get(parameter.name)
    elif parameter.location == "query":
        given = ", ".join(texts[parameter.name]) if parameter.name in texts else None
    elif parameter.location == "header":
        given = dict(entry.headers).get(parameter.name.lower())
    value = entry.parameters.get(parameter.name, MISSING)
    return Reading(parameter, given, value)


def _path_values(template: str, path: str) -> dict[str, str]:
    pairs = zip(template.split("/"), path.split("/"), strict=False)
    return {name[1:-1]: unquote(text) for name, text in pairs if name.startswith("{") and name.endswith("}")}


def _credentials(operation: Operation) -> Iterator[str]:
    """Yield the alternative credentials of an operation."""
    for requirement in operation.security:
        yield " with ".join(
            f"{scheme.parameter} ({scheme.prefix.capitalize() + ' ' if scheme.prefix else ''}{scheme.location})"
            for scheme in requirement
        )


def _key(entry: Entry, key: Key | None, label: str) -> Iterator[str]:
    if key is not None and entry.status == 401:
        yield f"The credential is that of {label} ({key.name}, plan {key.plan}), but its form is not accepted."
    elif key is not None:
        yield f"The key is {label} ({key.name}, plan {key.plan})."
    elif entry.key:
        yield f"The credential {entry.key} belongs to no key."


def _decided(entry: Entry, contract: Contract, key: Key | None, label: str) -> Iterator[str]:
    yield from _key(entry, key, label)
    if entry.fault:
        yield f"A fault was injected: {entry.fault}." + (" The client got no usable answer." if entry.broken else "")
    if entry.preference:
        yield f"The client chose the answer with Prefer: {entry.preference}. Such an answer has no effects."
    if entry.rule:
        yield f"A rate limit refused the request: {entry.rule}."
    kind = contract.errors.kinds.get(entry.problem)
    if entry.is_from_mock:
        yield f"The mock itself, not the API, refused the request: {entry.answer.get('title', '')}."
    elif kind is not None:
        code = f" with the code {kind.code}" if kind.code else ""
        yield f"The error is “{kind.name}”, {kind.status}{code}: {kind.provenance}."
    for place in entry.exposed:
        yield f"The {place} holds a credential, which belongs in a header."
    if not entry.fault and not entry.preference and not entry.rule and kind is None and 200 <= entry.status < 400:
        yield "This is the usual answer: no fault, preference, limit or error."


def _by_reason(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Group facts by reason."""
    found: dict[str, list[str]] = {}
    for what, reason in facts:
        if what not in found.setdefault(reason, []):
            found[reason].append(what)
    return tuple((", ".join(whats), reason) for reason, whats in found.items())


def _inferred(
    operation: Operation, readings: tuple[Reading, ...], response: Response | None
) -> Iterator[tuple[str, str]]:
    facts: list[tuple[str, Provenance]] = [("the operation", operation.provenance)]
    facts += [(f"the parameter {one.parameter.name}", one.parameter.provenance) for one in readings]
    if response is not None:
        facts.append((f"the response {response.status}", response.provenance))
        facts += [(f"the header {header.name}", header.provenance) for header in response.headers]
    yield from ((what, fact.reason) for what, fact in facts if fact.level == "inferred")
    if response is not None and response.media is not None and response.media.schema is not None:
        schema = response.media.schema
        for row in list_fields(schema.node, schema.document, response.provenance):
            if row.provenance.level == "inferred" and row.provenance != response.provenance:
                yield f"the member {row.path or 'body'}", row.provenance.reason
            for part in row.parts:
                if part.provenance.level == "inferred":
                    yield f"{', '.join(part.keywords)} of {row.path or 'the body'}", part.provenance.reason
