"""Operations of a contract: parameters, request bodies and responses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apicontract.document import ContractError, Document
from apicontract.parameters import Parameter, essence_of, is_in_range, is_json_type, read_parameter
from apicontract.problems import reading
from apicontract.provenance import (
    INFERRED,
    Provenance,
    below,
    read_description,
    read_keyword_provenance,
    read_provenance,
    weakest,
)
from apicontract.rules import Rule, read_rules
from apicontract.schemas import Schema
from apicontract.security import Requirement, SecurityScheme, read_requirements
from apicontract.styles import read_types, split_style, typed
from apicontract.tracking import Tracking, read_tracking
from apicontract.values import make_value

JSON = Any
Bases = Callable[[JSON], tuple[str, ...]]
_STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Header:
    """A response header. `source`: the engine's value that it carries (`x-source`), or empty.

    `presence`: the provenance of the statement that it is always sent; inferred if it is not required.
    """

    name: str
    required: bool
    schema: Schema
    source: str
    unit: str
    example: JSON
    provenance: Provenance
    presence: Provenance
    pointer: str
    explode: bool = False
    is_json: bool = False

    def read(self, text: str) -> JSON:
        """Return the value of a header, in the style `simple`, typed by its schema.

        Raises:
            ValueError: The text is no JSON, or no object.
        """
        if self.is_json:
            return json.loads(text)
        kinds, resolve = read_types(self.schema.node, self.schema.document.resolve), self.schema.document.resolve
        kind = next((kind for kind in ("array", "object") if kind in kinds), "")
        parts = ",".join(part.strip() for part in text.split(",")) if kind else text.strip()
        return typed(split_style(parts, self.name, "simple", kind, explode=self.explode), self.schema.node, resolve)


@dataclass(frozen=True, slots=True)
class MediaType:
    """One content type of a body. `schema` None: any value. `sources`: the provenance of each example.

    `sent_as`: other content types with which clients send the same body, each with its provenance (`x-sent-as`).
    `encoding`: how the members of a form are sent, by name, as in the document.
    """

    name: str
    schema: Schema | None
    examples: Mapping[str, JSON]
    sources: Mapping[str, Provenance]
    sent_as: Mapping[str, Provenance]
    provenance: Provenance
    pointer: str
    encoding: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def is_json(self) -> bool:
        """Whether it is `application/json` or ends in `+json`."""
        return is_json_type(self.name)

    @property
    def sample(self) -> JSON:
        """The first example, or a value generated from the schema."""
        if self.examples or self.schema is None:
            return next(iter(self.examples.values()), {})
        return make_value(self.schema, self.name, sent="request")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a response. `target`: the operationId or JSON pointer of an operation; `parameters` at run time."""

    name: str
    target: str
    parameters: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Response:
    """One response of an operation. `status` is `200`, `4XX` or `default`, as in the document."""

    status: str
    description: str
    headers: tuple[Header, ...]
    content: tuple[MediaType, ...]
    provenance: Provenance
    pointer: str = ""
    links: tuple[Link, ...] = ()

    @property
    def media(self) -> MediaType | None:
        """The content type of the mock's answer: the first JSON one, else the first."""
        return next((media for media in self.content if media.is_json), self.content[0] if self.content else None)

    @property
    def examples(self) -> Mapping[str, JSON]:
        """The named examples of `media`."""
        return self.media.examples if self.media else {}

    @property
    def stated_examples(self) -> list[JSON]:
        """The examples stated by a document: first `documented`, then `supplement`."""
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
    """The request body of an operation."""

    required: bool
    content: tuple[MediaType, ...]
    provenance: Provenance
    pointer: str

    def media(self, content_type: str) -> MediaType | None:
        """Return the declared content type that matches a request's `Content-Type`, or None."""
        for media in self.content:
            if media.name == content_type:
                return media
        essence = essence_of(content_type)
        for media in self.content:
            if is_in_range(essence, media.name):
                return media
        return next((media for media in self.content if essence in media.sent_as), None)

    @property
    def names(self) -> str:
        """The content types that are accepted, for messages."""
        return ", ".join(name for media in self.content for name in (media.name, *media.sent_as))


@dataclass(frozen=True, slots=True)
class Broken:
    """Why an operation cannot be answered, and the JSON pointer of the place that is wrong."""

    pointer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Callback:
    """A request that the server sends after it answered an operation. `expression`: its address, at run time."""

    name: str
    expression: str
    method: str
    parameters: tuple[Parameter, ...]
    body: RequestBody | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `path` includes the server's base path. `security`: alternatives; empty means public.

    `aliases`: the same path below the base paths of other servers. `pointer`: its place in the document.
    """

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
    aliases: tuple[str, ...] = ()
    pointer: str = ""
    broken: Broken | None = None
    callbacks: tuple[Callback, ...] = ()

    def response(self, status: int) -> Response | None:
        """Return the response declared for a status: exact, by class (`4XX`), or `default`."""
        return (
            self.responses.get(str(status)) or self.responses.get(f"{status // 100}XX") or self.responses.get("default")
        )

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses declared by number."""
        return tuple(int(status) for status in self.responses if status.isdigit())

    @property
    def success(self) -> int:
        """The status of a success: the lowest declared 2xx, else 3xx, else 200 for `default`, else the lowest."""
        for first, of_class in ((200, 200), (300, 302)):
            own = [status for status in self.statuses if first <= status < first + 100]
            if own or f"{first // 100}XX" in self.responses:
                return min(own or [of_class])
        if "default" in self.responses:
            return 200
        lowest = [*self.statuses, *(int(status[0]) * 100 for status in self.responses if status.endswith("XX"))]
        return min([status for status in lowest if status >= 400] or [200])

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter with this name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


def read_operations(
    path: str, item: JSON, bases: Bases, document: Document, schemes: Mapping[str, SecurityScheme], pointer: str
) -> list[Operation]:
    """Read the operations of a path item; one that cannot be read is `broken`.

    Args:
        path: The path template.
        item: The path item, with its `$ref` followed.
        bases: Returns the base paths for a list of servers, None for those of the path item.
        document: The document.
        schemes: The security schemes of the document.
        pointer: The JSON pointer of the path item.
    """
    found = []
    others = item.get("additionalOperations")
    nodes = [(method, item[method], below(pointer, method)) for method in (*METHODS, "query") if method in item]
    if isinstance(others, dict):
        nodes += [(method, node, below(pointer, "additionalOperations", method)) for method, node in others.items()]
    for method, node, place in nodes:
        where = f"{method.upper()} {path}"
        try:
            with reading(place):
                found.append(_read_operation(method, path, item, node, bases, document, schemes, place))
        except ContractError as error:
            reason = str(error).removeprefix(f"{document.name}: ").removeprefix(f"{where}: ")
            found.append(broken_operation(method.upper(), path, bases, reason, error.pointer))
    return found


def broken_operation(method: str, path: str, bases: Bases, reason: str, pointer: str) -> Operation:
    """Return an operation that cannot be answered. The method `*` is every method that the path may have."""
    paths = tuple(base + path for base in bases(None))
    name = f"{method} {path}"
    return Operation(
        name, method, paths[0], "", (), None, {}, (), (), INFERRED, aliases=paths[1:], broken=Broken(pointer, reason)
    )


def _read_operation(
    method: str,
    path: str,
    item: JSON,
    node: JSON,
    bases: Bases,
    document: Document,
    schemes: Mapping[str, SecurityScheme],
    pointer: str,
) -> Operation:
    where = f"{method.upper()} {path}"
    of_item = pointer.rpartition("/")[0].removesuffix("/additionalOperations")
    node, pointer = document.resolve(node), document.follow(node, pointer)
    if not isinstance(node, dict):
        raise ContractError(f"expected an operation, found {node!r:.40}")
    provenance = read_provenance(node)
    merged: dict[tuple[str, str], Parameter] = {}
    for owner, place in ((item, of_item), (node, pointer)):
        for index, raw in enumerate(owner.get("parameters") or []):
            its_place = below(place, "parameters", index)
            with reading(its_place):
                parameter = read_parameter(raw, document, where, provenance, its_place)
            merged[parameter.name, parameter.location] = parameter
    security = node.get("security", document.root.get("security"))
    paths = tuple(base + path for base in bases(node.get("servers")))
    with reading(below(pointer, "requestBody")):
        body = _read_body(node.get("requestBody"), document, provenance, below(pointer, "requestBody"))
    return Operation(
        id=str(node.get("operationId") or where),
        method=method.upper(),
        path=paths[0],
        summary=str(node.get("summary", "")),
        parameters=tuple(one for one in merged.values() if one.location != "path" or f"{{{one.name}}}" in path),
        body=body,
        responses=_read_responses(node, document, provenance, pointer),
        security=read_requirements(security, schemes),
        rules=read_rules(node, provenance, pointer),
        provenance=provenance,
        bare=node.get("x-envelope") is False,
        tracking=read_tracking(node, provenance, f"{document.path}: {where}", pointer),
        callbacks=_read_callbacks(node, document, provenance, pointer),
        aliases=paths[1:],
        pointer=pointer,
    )


def _read_callbacks(node: JSON, document: Document, provenance: Provenance, pointer: str) -> tuple[Callback, ...]:
    found = []
    for name, entry in (node.get("callbacks") or {}).items():
        for expression, raw in document.resolve(entry).items():
            item, place = document.resolve(raw), below(pointer, "callbacks", name, expression)
            for method in METHODS if isinstance(item, dict) and not expression.startswith("x-") else ():
                if isinstance(item.get(method), dict):
                    own = below(place, method)
                    parameters = [
                        read_parameter(each, document, f"callback {name}", provenance, below(own, "parameters", index))
                        for index, each in enumerate(item[method].get("parameters") or [])
                    ]
                    body = _read_body(item[method].get("requestBody"), document, provenance, below(own, "requestBody"))
                    found.append(Callback(name, expression, method.upper(), tuple(parameters), body))
    return tuple(found)


def _read_body(raw: JSON, document: Document, inherited: Provenance, pointer: str) -> RequestBody | None:
    if raw is None:
        return None
    node, pointer = document.resolve(raw), document.follow(raw, pointer)
    provenance = read_provenance(node, inherited)
    content = _read_content(node, document, provenance, pointer)
    return RequestBody(bool(node.get("required")), content, provenance, pointer)


def _read_responses(node: JSON, document: Document, inherited: Provenance, pointer: str) -> dict[str, Response]:
    responses: dict[str, Response] = {}
    for status, entry in (node.get("responses") or {}).items():
        if str(status).startswith("x-"):
            continue
        place = below(pointer, "responses", status)
        with reading(place):
            name = str(status).upper() if str(status) != "default" else "default"
            if not _STATUS.fullmatch(name):
                raise ContractError(f"expected a status (200, 4XX, default), found {status!r}")
            responses[name] = _read_response(name, entry, node, document, inherited, place)
    return responses


def _read_response(
    status: str, entry: JSON, node: JSON, document: Document, inherited: Provenance, pointer: str
) -> Response:
    response = document.resolve(entry)
    if not isinstance(response, dict):
        raise ContractError("expected a response, which is a mapping")
    pointer = document.follow(entry, pointer)
    own = read_provenance(entry, read_provenance(response, inherited))
    # Other operations may state a shared response with more authority than this one does; its words are theirs.
    provenance = weakest(own, read_keyword_provenance(node, "responses", own))
    return Response(
        status=status,
        description=read_description(response if provenance is own else {**response, "x-quoted": False}),
        headers=read_headers(response, document, provenance, pointer),
        content=_read_content(response, document, provenance, pointer),
        provenance=provenance,
        pointer=pointer,
        links=_read_links(response, document),
    )


def _read_links(response: JSON, document: Document) -> tuple[Link, ...]:
    found = []
    for name, raw in (response.get("links") or {}).items():
        node = document.resolve(raw)
        target = node.get("operationId") or node.get("operationRef")
        if isinstance(target, str):
            parameters = node.get("parameters")
            found.append(Link(name, target, parameters if isinstance(parameters, dict) else {}))
    return tuple(found)


def read_headers(owner: JSON, document: Document, inherited: Provenance, pointer: str) -> tuple[Header, ...]:
    """Read the `headers` of the owner at a pointer: a response, or the errors that belong to no operation.

    Without `Content-Type`, which `content` states. A header that other responses state with more authority is as sure
    as its owner says.
    """
    found = []
    for name, raw in (owner.get("headers") or {}).items():
        if name.lower() != "content-type":
            provenance = read_provenance(raw, read_provenance(document.resolve(raw), inherited))
            provenance = weakest(provenance, read_keyword_provenance(owner, "headers", provenance, name))
            place = document.follow(raw, below(pointer, "headers", name))
            found.append(_read_header(name, raw, document, provenance, place))
    return tuple(found)


def _read_header(name: str, raw: JSON, document: Document, provenance: Provenance, pointer: str) -> Header:
    node = document.resolve(raw)
    content = node.get("content")
    media_type, media = next(iter(content.items())) if isinstance(content, dict) and content else ("", node)
    example = node.get("example")
    if example is None and node.get("examples"):
        example = document.resolve(next(iter(node["examples"].values()))).get("value")
    return Header(
        name=name,
        required=bool(node.get("required")),
        schema=Schema(media.get("schema", {}), document, below(pointer, "schema")),
        source=str(node.get("x-source", "")),
        unit=str(node.get("x-unit", "")),
        example=example,
        provenance=provenance,
        presence=read_keyword_provenance(node, "required", provenance) if node.get("required") else INFERRED,
        pointer=pointer,
        explode=node.get("explode") is True,
        is_json=is_json_type(media_type),
    )


_SHOWN = ("value", "serializedValue", "dataValue")
"""The members of an example that hold it, the last one first. That of another file (`externalValue`) is not read."""


def _read_content(node: JSON, document: Document, inherited: Provenance, pointer: str) -> tuple[MediaType, ...]:
    found = []
    for name, raw in (node.get("content") or {}).items():
        media = document.resolve(raw)
        place = document.follow(raw, below(pointer, "content", name))
        schema = Schema(media["schema"], document, below(place, "schema")) if "schema" in media else None
        if schema is None and "itemSchema" in media:  # a stream: its items one after the other
            items = {"type": "array", "items": media["itemSchema"], "minItems": 2, "maxItems": 3}
            schema = Schema(items, document, below(place, "itemSchema"))
        entries = {key: document.resolve(entry) for key, entry in (media.get("examples") or {}).items()}
        examples = {key: entry[name] for key, entry in entries.items() for name in _SHOWN if name in entry}
        if "example" in media:
            examples.setdefault("default", media["example"])
        if not examples and schema is not None and isinstance(schema.resolved, dict):
            own = schema.resolved.get("examples")
            if "example" in schema.resolved:
                examples["default"] = schema.resolved["example"]
            elif isinstance(own, list) and own:
                examples["default"] = own[0]
        sources = {key: read_provenance(entries.get(key), inherited) for key in examples}
        others = media.get("x-sent-as") or {}
        sent_as = dict.fromkeys(others.get("types", ()), read_provenance(others, inherited))
        encoding = {key: document.resolve(entry) for key, entry in (media.get("encoding") or {}).items()}
        provenance = read_provenance(media, inherited)
        found.append(MediaType(name, schema, examples, sources, sent_as, provenance, place, encoding))
    return tuple(found)
