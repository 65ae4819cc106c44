"""The errors of an API: `x-errors`, or RFC 9457 problems for a document without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apicontract.document import Document
from apicontract.operations import Header, Operation, read_headers
from apicontract.provenance import INFERRED, Provenance, below, read_keyword_provenance, read_provenance
from apicontract.template import Template, fill_text, placeholders

JSON = Any


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One kind of error. `name` is the engine's, `status`, `code` and `message` are the API's.

    `out_of_bounds`: the provenance of the claim that a number out of its bounds has this status and is not clamped.
    """

    name: str
    status: int
    code: str
    message: str
    provenance: Provenance
    code_provenance: Provenance
    out_of_bounds: Provenance
    pointer: str = ""

    def can_render(self, values: Mapping[str, JSON]) -> bool:
        """Whether the values include every placeholder of the message."""
        return all(name in values for name in placeholders(self.message))


@dataclass(frozen=True, slots=True)
class DeclaredError:
    """An error that an operation declares.

    `kind` None: the contract has none with this status. `example`: the body stated by a document, or None; the body is
    then rendered from the kind.
    """

    status: int
    kind: ErrorKind | None
    example: JSON


@dataclass(frozen=True, slots=True)
class ErrorCatalogue:
    """Every kind of error of one API, and the shape of their bodies.

    `headers` are sent with errors that belong to no operation: an unknown path, a method that is not allowed.
    """

    kinds: Mapping[str, ErrorKind]
    body: Template
    headers: tuple[Header, ...] = ()
    media_type: str = "application/json"

    @property
    def has_own_format(self) -> bool:
        """Whether the document defines its own error bodies (`x-errors.body`)."""
        return self.media_type == "application/json"

    def render(self, kind: ErrorKind, values: Mapping[str, JSON]) -> JSON:
        """Return the body of an error. `values`: `now`, and the values of the message's placeholders."""
        given = {key: value for key, value in values.items() if key in ("parameter", "provided", "expected")}
        filled = {**values, "code": kind.code, "status": kind.status}
        if given:
            filled["details"] = given
        filled["message"] = fill_text(kind.message, filled)
        return self.body.render(filled)

    def with_status(self, status: int) -> list[ErrorKind]:
        """Return the kinds with this status, in the order of the contract."""
        return [kind for kind in self.kinds.values() if kind.status == status]

    def declared_by(self, operation: Operation) -> tuple[DeclaredError, ...]:
        """Return the errors of an operation by status: those with a stated example first, then the most likely.

        Errors that belong to no operation (an unknown path, a method that is not allowed) are left out.
        """
        kinds = self._list_kinds(operation)
        statuses = {status for status in operation.statuses if status >= 400} | {kind.status for kind in kinds}
        found: list[DeclaredError] = []
        for status in sorted(statuses):
            response = operation.response(status)
            assert response is not None  # noqa: S101 - it is declared
            left = [kind for kind in kinds if kind.status == status]
            stated = []
            for example in response.stated_examples:
                kind = self.find_kind(example, left)
                stated.append(DeclaredError(status, kind, example))
                left = [other for other in left if other is not kind]
            worded = [DeclaredError(status, kind, None) for kind in left]
            found += stated + worded or [DeclaredError(status, None, None)]
        return tuple(found)

    def find_kind(self, body: JSON, kinds: Sequence[ErrorKind]) -> ErrorKind | None:
        """Return the kind that a body belongs to: by its message, else by its code."""
        if not self.has_own_format:
            return None
        values = self.body.values_in(body)
        named = [kind for kind in kinds if values.get("code", kind.code) == kind.code]
        return next((kind for kind in named if kind.message == values.get("message")), named[0] if named else None)

    def _list_kinds(self, operation: Operation) -> list[ErrorKind]:
        """Return the kinds that an operation can answer, the most likely first."""
        links = [parameter.resource for parameter in operation.parameters if parameter.resource is not None]
        likely = {"invalid-body"} if operation.body is not None else {"invalid-parameter"}
        likely |= {name for link in links for name in (link.unknown, link.denied)}
        kinds = [
            kind
            for kind in self.kinds.values()
            if kind.name not in _OF_NO_OPERATION
            and operation.response(kind.status) is not None
            and (kind.name not in _OF_BODIES or operation.body is not None)
        ]
        return sorted(kinds, key=lambda kind: (kind.name not in likely, kind.name == "plan-refused"))


_NOT_ACCEPTABLE = "not-acceptable"
_OF_NO_OPERATION = frozenset({"unknown-path", "method-not-allowed"})
_OF_BODIES = frozenset({"invalid-body", "unsupported-media-type", "body-too-large"})
_PROBLEM = {"title": "{message}", "status": "{status}", "code": "{code}", "details": "{details}"}
_DEFAULTS: dict[str, tuple[int, str]] = {
    "unknown-path": (404, "No operation of the contract has the path {path}"),
    "method-not-allowed": (405, "{method} is not allowed here; allowed: {allowed}"),
    "unauthorized": (401, "Credentials are missing or not valid"),
    "no-permission": (403, "The credentials do not permit this"),
    "plan-refused": (403, "The plan {plan} does not include this API"),
    "rate-limited": (429, "More than {limit} requests a minute; retry in {retry_after} seconds"),
    "quota-exceeded": (429, "More than {limit} requests this month"),
    "invalid-parameter": (400, "The parameter '{parameter}' must be {expected}"),
    "invalid-body": (400, "The request body is not valid: '{parameter}' must be {expected}. An example: {example}"),
    "unsupported-media-type": (415, "The request body must be {expected}"),
    _NOT_ACCEPTABLE: (406, "None of the accepted media types is available; available: {available}"),
    "body-too-large": (413, "The request body is larger than {limit} bytes"),
    "no-access": (403, "The credentials do not reach this resource"),
    "not-found": (404, "{resource} not found"),
    "server-error": (500, "Internal server error"),
}
RATE_LIMITED, QUOTA_EXCEEDED = "rate-limited", "quota-exceeded"
KINDS = tuple(_DEFAULTS)
"""The kinds of error that the engine can raise."""


def read_errors(document: Document) -> ErrorCatalogue:
    """Read `x-errors` of a document; kinds that it lacks get the text of a default."""
    section = document.root.get("x-errors")
    raw = section if isinstance(section, dict) else {}
    kinds = {
        name: ErrorKind(name, status, name.replace("-", "_"), message, INFERRED, INFERRED, INFERRED)
        for name, (status, message) in _DEFAULTS.items()
    }
    for name, entry in raw.get("kinds", {}).items():
        default = kinds.get(name)
        provenance = read_provenance(entry, INFERRED)
        kinds[name] = ErrorKind(
            name=name,
            status=int(entry.get("status", default.status if default else 500)),
            code=str(entry.get("code", name.replace("-", "_"))),
            message=str(entry.get("message", default.message if default else name)),
            provenance=provenance,
            code_provenance=read_keyword_provenance(entry, "code", provenance),
            out_of_bounds=read_keyword_provenance(entry, "status", provenance, "out-of-bounds"),
            pointer=below("#", "x-errors", "kinds", name),
        )
    if "body" in raw:
        if _NOT_ACCEPTABLE not in raw.get("kinds", {}):
            del kinds[_NOT_ACCEPTABLE]  # media types are negotiated for documents without errors of their own
        headers = read_headers(raw, document, INFERRED, below("#", "x-errors"))
        return ErrorCatalogue(kinds, Template.compile(raw["body"]), headers)
    return ErrorCatalogue(kinds, Template.compile(_PROBLEM), media_type="application/problem+json")
