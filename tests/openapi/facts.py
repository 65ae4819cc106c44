"""A contract as single facts, each with its level: what is compared with the table, whatever the YAML looks like.

A fact is a subject (`listWebsites 200 data.total`), an aspect of it (`type`) and a value (`number`). How a document is
divided into components does not show in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tests.openapi.reading import Operation, level_of, operations, parameters, resolve, responses, weakest

JSON = Any
Fact = tuple[str, str, str]
Claim = tuple[Fact, str]
INFERRED = "inferred"

# Whatever a schema, parameter, header, plan, error kind or security scheme has beside these is a constraint.
_NO_CONSTRAINT = {
    *("$ref", "allOf", "properties", "items", "required", "name", "in", "schema", "example", "examples"),
    *(
        "description",
        "x-quoted",
        "x-provenance",
        "x-provenance-of",
        "x-inferred",
        "x-effect",
        "x-resource",
        "x-source",
        "x-unit",
    ),
}
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def facts_of(root: JSON, whose: Iterable[Operation | None] | None = None) -> dict[Fact, str]:
    """Return the facts that a contract claims as documented or supplement; of some operations only, where asked.

    None stands for the facts that belong to no operation.
    """
    found: dict[Fact, str] = {}
    for operation in [None, *operations(root)] if whose is None else whose:
        for fact, level in _general(root) if operation is None else _operation(root, operation):
            if level != INFERRED:  # claimed twice, the surer level counts: in the alphabet, too, it comes first
                found[fact] = min(level, found.get(fact, level))
    return found


def members_of(root: JSON, schema: JSON) -> set[str]:
    """Return the paths of the members that a schema names: `data.websites[].id`."""
    return {subject.strip() for (subject, aspect, _), _ in _schema(root, " ", schema, INFERRED) if aspect == "member"}


def text(value: JSON) -> str:
    """Return a value as JSON; 1 and 1.0 are one number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def leaves(value: JSON, path: str = "") -> Iterator[tuple[str, JSON]]:
    """Yield the values of a tree with their paths: `data.websites.0.id`."""
    if isinstance(value, (dict, list)) and value:
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(member, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def inside(subject: str, name: str) -> str:
    """Return the subject of a member: `listWebsites 200 data` of a body, `… data.total` of an object in it."""
    return f"{subject}{'' if subject.endswith(' ') else '.'}{name}"


def words(prose: str) -> str:
    """Return a text on one line."""
    return " ".join(prose.split())


def _general(root: JSON) -> Iterator[Claim]:
    for server in root["servers"]:
        yield from _head("server", server, level_of(server, INFERRED))
        yield ("server", "url", server["url"]), level_of(server, INFERRED)
    yield from _limits(root)
    yield from _security(root)
    for name, kind in root["x-errors"]["kinds"].items():
        yield from _kind(root, f"error {name}", kind)
    yield from _headers(root, "no operation", root["x-errors"])
    for rule in root["x-cross-rules"]:
        yield from _rule(f"rule {rule['id']}", rule)
        yield (f"rule {rule['id']}", "exchanges", text(rule["exchanges"])), level_of(rule, INFERRED)


def _limits(root: JSON) -> Iterator[Claim]:
    for name, plan in root["x-plans"].items():
        yield from _node(f"plan {name}", plan)
    limits = root["x-rate-limit"]
    yield from _node("limits", {name: value for name, value in limits.items() if name != "uncounted"})
    for status, source in limits["uncounted"].items():
        yield from _head(f"uncounted {status}", {"x-provenance": source}, source["level"])
        yield (f"uncounted {status}", "in the month", "yes"), source["level"]


def _security(root: JSON) -> Iterator[Claim]:
    schemes = root["components"]["securitySchemes"]
    for name, scheme in schemes.items():
        yield from _node(f"security {name}", scheme)
        for keyword in scheme.keys() & {"name", "in"}:
            yield (f"security {name}", keyword, scheme[keyword]), _of_keyword(scheme, keyword)
    for requirement in root["security"]:
        level = weakest(*(level_of(schemes[name], INFERRED) for name in requirement))
        yield ("security", "accepts", " and ".join(requirement)), level


def _kind(root: JSON, subject: str, kind: JSON) -> Iterator[Claim]:
    coded = "{code}" in text(root["x-errors"]["body"])  # elsewhere the code is only a name to ask for the error by
    yield from _node(subject, {name: value for name, value in kind.items() if name != "code" or coded})
    if subject == "error invalid-parameter":  # a number out of its bounds may as well be cut to them
        yield (subject, "of a number out of bounds", "yes"), _of_keyword(kind, "status", None, "out-of-bounds")
    for name, source in kind.get("x-provenance-of", {}).get("message", {}).items():
        if f"{{{name}}}" in kind["message"]:
            yield (subject, "message has", name), source["level"]


def _operation(root: JSON, operation: Operation) -> Iterator[Claim]:
    node, who = operation.node, operation.id
    level = level_of(node, INFERRED)
    yield from _head(who, node, level)
    yield (who, "route", operation.name), level
    if "x-tracking" in node:
        yield from _node(f"{who} tracking", node["x-tracking"])
    if "security" in node:
        yield (who, "security", text(node["security"])), level
    for server in root["paths"][operation.name.split()[1]].get("servers", ()):
        yield (who, "server", server["url"]), level_of(server, INFERRED)
    for parameter in parameters(root, operation):
        yield from _parameter(root, f"{who} {parameter['in']} {parameter['name']}", parameter)
    if "requestBody" in node:
        yield from _body(root, f"{who} body", node["requestBody"], level)
    for status, response in responses(root, operation).items():
        yield (f"{who} {status}", "status", "yes"), weakest(level, level_of(response, INFERRED))
        yield from _body(root, f"{who} {status}", response, level)
        yield from _headers(root, f"{who} {status}", response)
    for rule in node.get("x-rules", ()):
        yield from _rule(f"{who} rule {rule['id']}", rule)


def _parameter(root: JSON, subject: str, parameter: JSON) -> Iterator[Claim]:
    yield from _node(subject, parameter)
    level = level_of(parameter, INFERRED)
    yield from _schema(root, subject, parameter["schema"], level)
    if "x-effect" in parameter:
        yield (subject, "effect", text(parameter["x-effect"])), _of_keyword(parameter, "x-effect", level)
    resource = parameter.get("x-resource", {})
    for name in resource.keys() & {"unknown", "denied"}:
        yield (subject, name, resource[name]), _of_keyword(resource, name, level)
    yield from _required(subject, parameter)
    yield from _examples(root, subject, parameter, level)


def _headers(root: JSON, subject: str, owner: JSON) -> Iterator[Claim]:
    """The headers that an answer is stated to have; those of it that are a guess claim nothing."""
    yield from _other_sources(owner)
    for name, header in owner.get("headers", {}).items():
        if _of_keyword(owner, "headers", "documented", name) != INFERRED:
            yield from _header(root, f"{subject}, header {name}", header)


def _header(root: JSON, subject: str, raw: JSON) -> Iterator[Claim]:
    header = resolve(root, raw)
    yield from _node(subject, header)
    yield from _schema(root, subject, header["schema"], level_of(header, INFERRED))
    yield from _required(subject, header)
    for name in ("x-source", "x-unit", "example"):
        if name in header:
            yield (subject, name, text(header[name])), _of_keyword(header, name)


def _required(subject: str, node: JSON) -> Iterator[Claim]:
    if node.get("required"):
        yield (subject, "always there", "yes"), _of_keyword(node, "required")


def _body(root: JSON, subject: str, body: JSON, outer: str) -> Iterator[Claim]:
    level = weakest(outer, level_of(body, INFERRED))
    yield from _head(subject, body, level)
    yield from _required(subject, body)
    for name, link in body.get("links", {}).items():
        yield from _node(f"{subject} link {name}", link)
    for media_type, media in body["content"].items():
        inner = level_of(media, level)
        yield (subject, "media type", media_type), inner
        for other in media.get("x-sent-as", {}).get("types", ()):
            yield (subject, "media type", other), level_of(media["x-sent-as"], INFERRED)
        yield from _schema(root, f"{subject} ", media["schema"], level)
        yield from _examples(root, subject, media, level)


def _examples(root: JSON, subject: str, node: JSON, otherwise: str) -> Iterator[Claim]:
    """Every value of every example. It is as sure as it says itself, unless nobody states that it belongs here."""
    for name, raw in node.get("examples", {}).items():
        example = resolve(root, raw)
        level = INFERRED if otherwise == INFERRED else level_of(example, otherwise)
        here = f"{subject} example {name}"
        yield from _head(here, example, level)
        left_out = example.get("x-inferred", {}).get("members", ())
        for path, value in leaves(example["value"]):
            inferred = any(f"{path}.".startswith(f"{prefix}.") for prefix in left_out)
            yield (here, path or "value", text(value)), INFERRED if inferred else level


def _rule(subject: str, rule: JSON) -> Iterator[Claim]:
    yield from _head(subject, rule, level_of(rule, INFERRED))
    yield (subject, "rule", words(rule["rule"])), level_of(rule, INFERRED)


def _schema(root: JSON, subject: str, raw: JSON, outer: str) -> Iterator[Claim]:
    """What a reference leads to holds, and what stands beside it holds as well."""
    level = weakest(outer, level_of(raw, outer))
    if "$ref" in raw:
        yield from _schema(root, subject, resolve(root, raw), level)
    yield from _keywords(subject.rstrip(), raw, level)
    yield from _quoted(subject.rstrip(), raw, level)
    yield from _source("any", raw, level)
    for part in raw.get("allOf", ()):
        yield from _schema(root, subject, part, level)
    for name in raw.get("required", ()):
        yield (inside(subject, name), "always there", "yes"), _of_keyword(raw, "required", level, name)
    for name, member in raw.get("properties", {}).items():
        own = weakest(level, level_of(member, level), level_of(resolve(root, member), level))
        yield (inside(subject, name), "member", "yes"), own
        yield from _schema(root, inside(subject, name), member, level)
    if "items" in raw:
        yield from _schema(root, subject.rstrip() + "[]", raw["items"], level)


def _node(subject: str, node: JSON) -> Iterator[Claim]:
    """A node with a provenance of its own: its source, its description where it is quoted, and its keywords."""
    level = level_of(node, INFERRED)
    yield from _head(subject, node, level)
    yield from _keywords(subject, node, level)


def _head(subject: str, node: JSON, level: str) -> Iterator[Claim]:
    yield from _source(subject, node, level)
    yield from _quoted(subject, node, level)


def _source(subject: str, node: JSON, level: str) -> Iterator[Claim]:
    """Where a node says that it comes from, however little is left of it by what it stands in."""
    own = node.get("x-provenance", {})
    if own.get("level", INFERRED) != INFERRED:
        yield (subject, "source", f"{own.get('page')}, {own.get('section')} ({own['level']})"), level


def _other_sources(node: JSON) -> Iterator[Claim]:
    """The pages of single keywords, and of single values of them."""
    for own in node.get("x-provenance-of", {}).values():
        for source in [own] if "level" in own else own.values():
            yield from _source("any", {"x-provenance": source}, source["level"])


def _quoted(subject: str, node: JSON, level: str) -> Iterator[Claim]:
    if node.get("x-quoted"):
        yield (subject, "description", words(node["description"])), level


def _keywords(subject: str, node: JSON, level: str) -> Iterator[Claim]:
    """The constraints of a node, each with its own level; where one is inferred, what is stated in its place."""
    yield from _other_sources(node)
    for keyword, value in node.items():
        if keyword not in _NO_CONSTRAINT:
            yield from _keyword(subject, keyword, value, node, _of_keyword(node, keyword, level))
    for keyword, value in node.get("x-inferred", {}).get("stated", {}).items():
        yield from _keyword(subject, keyword, value, {}, level)


def _keyword(subject: str, keyword: str, value: JSON, node: JSON, level: str) -> Iterator[Claim]:
    if keyword in ("enum", "const"):
        for member in value if keyword == "enum" else [value]:
            own = _of_keyword(node, keyword, level, member)
            yield (subject, "one of", text(member)), own
            yield (subject, "type", _TYPES[type(member)]), own
    elif keyword == "not" and value in ({"const": True}, {"const": False}):  # of a boolean: the other one
        yield (subject, "one of", text(not value["const"])), level
    elif keyword == "type":
        for name in [value] if isinstance(value, str) else value:
            yield (subject, "type", name), level
    else:
        yield (subject, keyword, text(value)), level


def _of_keyword(node: JSON, keyword: str, level: str | None = None, member: JSON = None) -> str:
    """How sure a keyword is, or one of its values."""
    own = node.get("x-provenance-of", {}).get(keyword, {})
    if member in own:
        return str(own[member]["level"])
    if keyword in node.get("x-inferred", {}).get("keywords", ()):
        return INFERRED
    return str(own.get("level", level_of(node, INFERRED) if level is None else level))
