"""Operations of a contract: what may be asked, and what may be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apicontract.document import ContractError, Document
from apicontract.parameters import Parameter, parameter_of
from apicontract.provenance import INFERRED, Provenance, provenance_of, provenance_of_keyword
from apicontract.rules import Rule, rules_of
from apicontract.schemas import Schema
from apicontract.security import Requirement, SecurityScheme, requirements_of
from apicontract.tracking import Tracking, tracking_of
from apicontract.values import make_value

JSON = Any
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Header:
    """A response header. `source`: the engine's value it carries (`x-source`); empty when only the API knows.

    `presence`: the provenance of the claim that it is always sent; inferred where it is not required.
    """

    name: str
    required: bool
    schema: Schema
    source: str
    unit: str
    example: JSON
    provenance: Provenance
    presence: Provenance


@dataclass(frozen=True, slots=True)
class MediaType:
    """One content type of a body, its schema (None: anything), its named examples and where each comes from."""

    name: str
    schema: Schema | None
    examples: Mapping[str, JSON]
    sources: Mapping[str, Provenance]

    @property
    def is_json(self) -> bool:
        """`application/json`, or a type that ends in `+json`."""
        essence = self.name.partition(";")[0].strip().lower()
        return essence == "application/json" or essence.endswith("+json")

    @property
    def sample(self) -> JSON:
        """The first example, else a value that is made from the schema."""
        if self.examples or self.schema is None:
            return next(iter(self.examples.values()), {})
        return make_value(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of an operation. `status` is `200`, `4XX` or `default`, as in the document."""

    status: str
    description: str
    headers: tuple[Header, ...]
    content: tuple[MediaType, ...]
    provenance: Provenance

    @property
    def media(self) -> MediaType | None:
        """The content type that is answered: the first JSON one, else the first."""
        return next((media for media in self.content if media.is_json), self.content[0] if self.content else None)

    @property
    def examples(self) -> Mapping[str, JSON]:
        """The named examples of `media`."""
        return self.media.examples if self.media else {}

    @property
    def stated_examples(self) -> list[JSON]:
        """The examples that some document states, documented ones before those of a supplement."""
        media = self.media
        if media is None:
            return []
        return [
            value
            for level in ("documented", "supplement")
            for name, value in media.examples.items()
            if media.sources[name].level == level
        ]


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What an operation reads."""

    required: bool
    content: tuple[MediaType, ...]
    provenance: Provenance

    def media(self, content_type: str) -> MediaType | None:
        """The declared content type that a request's one falls under, or None."""
        for media in self.content:
            if media.name == content_type:
                return media
        essence = content_type.partition(";")[0].strip().lower()
        for media in self.content:
            pattern = media.name.partition(";")[0].strip().lower()
            if pattern in (essence, "*/*") or (pattern.endswith("/*") and essence.startswith(pattern[:-1])):
                return media
        return None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `path` has the server's base path before it; `security` () means public."""

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: Mapping[str, Response]
    security: tuple[Requirement, ...]
    rules: tuple[Rule, ...]
    provenance: Provenance
    bare: bool = False
    tracking: Tracking | None = None

    def response(self, status: int) -> Response | None:
        """The response declared for a status: itself, its class (`4XX`), or `default`."""
        return (
            self.responses.get(str(status)) or self.responses.get(f"{status // 100}XX") or self.responses.get("default")
        )

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses that are declared by number."""
        return tuple(int(status) for status in self.responses if status.isdigit())

    @property
    def success(self) -> int:
        """The status of a success: the lowest declared 2xx; 200 where none is."""
        classes = [200 for status in self.responses if status.upper() == "2XX"]
        return min([status for status in self.statuses if 200 <= status < 300] or classes or [200])

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


def operations_of(
    path: str, item: JSON, base: str, document: Document, schemes: Mapping[str, SecurityScheme]
) -> list[Operation]:
    """Read every operation of a path item."""
    shared = item.get("parameters") or []
    found = []
    for method in METHODS:
        node = item.get(method)
        if not isinstance(node, dict):
            continue
        where = f"{method.upper()} {path}"
        provenance = provenance_of(node)
        merged: dict[tuple[str, str], Parameter] = {}
        for raw in [*shared, *(node.get("parameters") or [])]:
            parameter = parameter_of(raw, document, where, provenance)
            merged[parameter.name, parameter.location] = parameter
        security = node.get("security", document.root.get("security"))
        found.append(
            Operation(
                id=str(node.get("operationId") or where),
                method=method.upper(),
                path=base + path,
                summary=str(node.get("summary", "")),
                parameters=tuple(merged.values()),
                body=_body_of(node.get("requestBody"), document, provenance),
                responses=_responses_of(node, document, where, provenance),
                security=requirements_of(security, schemes, where, document),
                rules=rules_of(node, provenance),
                provenance=provenance,
                bare=node.get("x-envelope") is False,
                tracking=tracking_of(node, provenance, f"{document.path}: {where}"),
            )
        )
    return found


def _body_of(raw: JSON, document: Document, inherited: Provenance) -> RequestBody | None:
    if raw is None:
        return None
    node = document.resolve(raw)
    provenance = provenance_of(node, inherited)
    return RequestBody(bool(node.get("required")), _content_of(node, document, provenance), provenance)


def _responses_of(node: JSON, document: Document, where: str, inherited: Provenance) -> dict[str, Response]:
    raw = node.get("responses")
    if not isinstance(raw, dict) or not raw:
        raise ContractError(f"{document.path}: {where}: `responses` is missing or empty")
    responses: dict[str, Response] = {}
    for status, entry in raw.items():
        if str(status).startswith("x-"):
            continue
        response = document.resolve(entry)
        if not isinstance(response, dict):
            raise ContractError(f"{document.path}: {where}: response {status} is not a mapping")
        provenance = provenance_of(entry, provenance_of(response, inherited))
        responses[str(status).upper() if str(status) != "default" else "default"] = Response(
            status=str(status),
            description=str(response.get("description", "")),
            headers=headers_of(response.get("headers"), document, provenance),
            content=_content_of(response, document, provenance),
            provenance=provenance,
        )
    return responses


def headers_of(raw: JSON, document: Document, inherited: Provenance) -> tuple[Header, ...]:
    """Read a `headers` mapping; `Content-Type` is said by `content`."""
    return tuple(
        _header_of(name, header, document, inherited)
        for name, header in (raw or {}).items()
        if name.lower() != "content-type"
    )


def _header_of(name: str, raw: JSON, document: Document, inherited: Provenance) -> Header:
    node = document.resolve(raw)
    example = node.get("example")
    if example is None and node.get("examples"):
        example = document.resolve(next(iter(node["examples"].values()))).get("value")
    provenance = provenance_of(raw, provenance_of(node, inherited))
    return Header(
        name=name,
        required=bool(node.get("required")),
        schema=Schema(node.get("schema", {}), document),
        source=str(node.get("x-source", "")),
        unit=str(node.get("x-unit", "")),
        example=example,
        provenance=provenance,
        presence=provenance_of_keyword(node, "required", provenance) if node.get("required") else INFERRED,
    )


def _content_of(node: JSON, document: Document, inherited: Provenance) -> tuple[MediaType, ...]:
    found = []
    for name, raw in (node.get("content") or {}).items():
        media = document.resolve(raw)
        schema = Schema(media["schema"], document) if "schema" in media else None
        entries = {key: document.resolve(entry) for key, entry in (media.get("examples") or {}).items()}
        examples = {key: entry.get("value") for key, entry in entries.items()}
        if "example" in media:
            examples.setdefault("default", media["example"])
        if not examples and schema is not None and isinstance(schema.resolved, dict):
            own = schema.resolved.get("examples")
            if "example" in schema.resolved:
                examples["default"] = schema.resolved["example"]
            elif isinstance(own, list) and own:
                examples["default"] = own[0]
        sources = {key: provenance_of(entries.get(key), inherited) for key in examples}
        found.append(MediaType(name, schema, examples, sources))
    return tuple(found)
