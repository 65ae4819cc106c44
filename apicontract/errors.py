"""How an API words its errors: `x-errors`, or RFC 9457 problems where a document has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apicontract.document import Document
from apicontract.operations import Header, headers_of
from apicontract.provenance import INFERRED, Provenance, provenance_of
from apicontract.template import Template, fill_text

JSON = Any


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One way a request can be refused: what the engine calls it, and what the API calls it."""

    name: str
    status: int
    code: str
    message: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class ErrorCatalogue:
    """Every kind of error of one API, and the shape they share.

    `headers` are those of errors that belong to no operation: an unknown path, a method that is not allowed.
    """

    kinds: Mapping[str, ErrorKind]
    body: Template
    headers: tuple[Header, ...] = ()
    media_type: str = "application/json"

    @property
    def is_own(self) -> bool:
        """Whether the document words its errors itself."""
        return self.media_type == "application/json"

    def render(self, kind: ErrorKind, values: Mapping[str, JSON]) -> JSON:
        """The body of an error. `values` holds `now` and whatever the message speaks of."""
        given = {key: value for key, value in values.items() if key in ("parameter", "provided", "expected")}
        filled = {**values, "code": kind.code, "status": kind.status}
        if given:
            filled["details"] = given
        filled["message"] = fill_text(kind.message, filled)
        return self.body.render(filled)

    def with_status(self, status: int) -> list[ErrorKind]:
        """The kinds that are answered with this status, in the order of the contract."""
        return [kind for kind in self.kinds.values() if kind.status == status]


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
    "invalid-body": (400, "The request body is not valid: '{parameter}' must be {expected}"),
    "unsupported-media-type": (415, "The request body must be {expected}"),
    "body-too-large": (413, "The request body is larger than {limit} bytes"),
    "no-access": (403, "The credentials do not reach this resource"),
    "not-found": (404, "{resource} not found"),
    "server-error": (500, "Internal server error"),
}
RATE_LIMITED, QUOTA_EXCEEDED = "rate-limited", "quota-exceeded"
KINDS = tuple(_DEFAULTS)
"""The kinds of error that the engine can raise."""


def errors_of(document: Document) -> ErrorCatalogue:
    """Read `x-errors` of a document; kinds it does not word are worded as problems."""
    section = document.root.get("x-errors")
    raw = section if isinstance(section, dict) else {}
    kinds = {
        name: ErrorKind(name, status, name.replace("-", "_"), message, INFERRED)
        for name, (status, message) in _DEFAULTS.items()
    }
    for name, entry in raw.get("kinds", {}).items():
        default = kinds.get(name)
        kinds[name] = ErrorKind(
            name=name,
            status=int(entry.get("status", default.status if default else 500)),
            code=str(entry.get("code", name.replace("-", "_"))),
            message=str(entry.get("message", default.message if default else name)),
            provenance=provenance_of(entry, INFERRED),
        )
    if "body" in raw:
        headers = headers_of(raw.get("headers"), document, INFERRED)
        return ErrorCatalogue(kinds, Template.compile(raw["body"]), headers)
    return ErrorCatalogue(kinds, Template.compile(_PROBLEM), media_type="application/problem+json")
