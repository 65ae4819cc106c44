"""OpenAPI security schemes and requirements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from apicontract.document import ContractError, Document
from apicontract.provenance import Provenance, below, read_provenance


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """The location of a credential. `prefix`: the scheme in `Authorization` (`bearer`, `basic`), else empty."""

    name: str
    location: Literal["header", "query", "cookie"]
    parameter: str
    provenance: Provenance
    pointer: str
    prefix: str = ""


Requirement = tuple[SecurityScheme, ...]
"""Schemes that are required together. An operation has alternatives of them."""


def read_schemes(document: Document) -> dict[str, SecurityScheme]:
    """Read `components.securitySchemes`."""
    raw = document.resolve(document.root.get("components") or {}).get("securitySchemes") or {}
    return {name: _scheme(name, document.resolve(entry), document) for name, entry in raw.items()}


def _scheme(name: str, entry: Mapping[str, Any], document: Document) -> SecurityScheme:
    kind = entry.get("type")
    source = read_provenance(entry), below("#", "components", "securitySchemes", name)
    if kind == "apiKey":
        location = entry.get("in", "header")
        if location not in ("header", "query", "cookie"):
            raise ContractError(f"{document.path}: security scheme {name!r}: expected `in`: header, query or cookie")
        return SecurityScheme(name, location, str(entry.get("name", "")), *source)
    if kind == "http" and str(entry.get("scheme", "")).lower() == "basic":
        return SecurityScheme(name, "header", "Authorization", *source, "basic")
    if kind in ("http", "oauth2", "openIdConnect", "mutualTLS"):
        return SecurityScheme(name, "header", "Authorization", *source, "bearer")
    raise ContractError(f"{document.path}: security scheme {name!r} has the unknown type {kind!r}")


def read_requirements(
    raw: Any, schemes: Mapping[str, SecurityScheme], where: str, document: Document
) -> tuple[Requirement, ...]:
    """Read a `security` list. `{}` among the alternatives makes the operation public."""
    alternatives: list[Requirement] = []
    for entry in raw or []:
        if not entry:
            return ()
        missing = [name for name in entry if name not in schemes]
        if missing:
            raise ContractError(f"{document.path}: {where}: `components.securitySchemes` has no {missing[0]!r}")
        alternatives.append(tuple(schemes[name] for name in entry))
    return tuple(alternatives)
