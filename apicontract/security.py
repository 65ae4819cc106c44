"""OpenAPI security schemes and requirements."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, cast

from apicontract.document import ContractError, Document
from apicontract.provenance import Provenance, below, read_provenance

Location = Literal["header", "query", "cookie", "connection"]


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """The location of a credential. `prefix`: the scheme in `Authorization` (`bearer`, `basic`), else empty.

    The certificate of mutual TLS is in the connection, and is not checked.
    """

    name: str
    location: Location
    parameter: str
    provenance: Provenance
    pointer: str
    prefix: str = ""

    def text(self, secret: str) -> str:
        """Return a secret as it is sent: after its scheme, and `user:password` encoded (RFC 7617)."""
        if self.prefix == "basic":
            secret = base64.b64encode((secret if ":" in secret else f"{secret}:").encode()).decode()
        return f"{self.prefix.capitalize()} {secret}" if self.prefix else secret


Requirement = tuple[SecurityScheme, ...]
"""Schemes that are required together. An operation has alternatives of them."""


def read_schemes(document: Document) -> dict[str, SecurityScheme]:
    """Read `components.securitySchemes`; one that cannot be read is left out."""
    found: dict[str, SecurityScheme] = {}
    components = document.root.get("components")
    raw = components.get("securitySchemes") if isinstance(components, dict) else None
    for name, entry in raw.items() if isinstance(raw, dict) else ():
        with suppress(ContractError):
            scheme = _scheme(name, document.resolve(entry))
            if scheme is not None:
                found[name] = scheme
    return found


def _scheme(name: str, entry: Any) -> SecurityScheme | None:
    if not isinstance(entry, dict):
        return None
    kind = entry.get("type")
    source = read_provenance(entry), below("#", "components", "securitySchemes", name)
    if kind == "apiKey":
        location, parameter = entry.get("in"), entry.get("name")
        known = location in ("header", "query", "cookie") and isinstance(parameter, str)
        return SecurityScheme(name, cast(Location, location), str(parameter), *source) if known else None
    if kind == "http":
        return SecurityScheme(name, "header", "Authorization", *source, str(entry.get("scheme") or "bearer").lower())
    if kind in ("oauth2", "openIdConnect"):
        return SecurityScheme(name, "header", "Authorization", *source, "bearer")
    if kind == "mutualTLS":
        return SecurityScheme(name, "connection", "", *source)
    return None


def read_requirements(raw: Any, schemes: Mapping[str, SecurityScheme]) -> tuple[Requirement, ...]:
    """Read a `security` list. `{}` among the alternatives makes the operation public.

    So does an alternative of mutual TLS alone, which is not checked.
    A scheme that the document does not define cannot be asked for: it is ignored.
    """
    alternatives: list[Requirement] = []
    for entry in raw or []:
        known = tuple(schemes[name] for name in entry if name in schemes)
        if not entry:
            return ()
        checked = tuple(scheme for scheme in known if scheme.location != "connection")
        if known and not checked:
            return ()
        if checked:
            alternatives.append(checked)
    return tuple(alternatives)


def unchecked_schemes(document: Document) -> list[str]:
    """Return the names of the security schemes that cannot be checked: mutual TLS."""
    return [name for name, scheme in read_schemes(document).items() if scheme.location == "connection"]
