"""Request bodies read by their media type: JSON, XML, text, forms and multipart with `encoding`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from apicontract.operations import MediaType
from apicontract.parameters import essence_of, is_json_type, parse_query
from apicontract.schemas import Schema
from apicontract.styles import deep_object, item_schema, member_names, member_schema, read_types, split_style, typed
from mockserver.pipeline.multipart import Part, split_parts
from mockserver.pipeline.problem import Detail
from mockserver.pipeline.representation import is_binary_type, is_text_type, is_xml_type
from mockserver.pipeline.xmlbody import read_xml

JSON = Any
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class MistakenBodyError(ValueError):
    """A body that is not what its media type says. `expected` is in words; `details` name its parts."""

    def __init__(self, expected: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(expected)
        self.expected, self.details = expected, tuple(details)


def parse_body(media: MediaType, content_type: str, body: bytes) -> tuple[JSON, bool]:
    """Return the value of a body, and whether its schema can judge it: that of an unknown format cannot.

    Raises:
        MistakenBodyError: The body is not what its media type says.
    """
    declared = essence_of(media.name)
    essence = essence_of(content_type) if "*" in declared else declared
    schema = media.schema
    try:
        if is_json_type(essence):
            return _json(body), True
        if schema is not None and is_xml_type(essence):
            return read_xml(body, schema), True
        if schema is not None and essence == _FORM:
            return _form(parse_query(body), schema, media.encoding), True
        if schema is not None and essence == _MULTIPART:
            return _multipart(split_parts(content_type, body), schema, media.encoding), True
    except MistakenBodyError:
        raise
    except (ValueError, RecursionError) as error:
        raise MistakenBodyError(str(error) or "valid") from None
    text = body.decode("utf-8", "replace")
    if schema is not None and essence == "text/plain":
        return typed(text, schema.node, schema.document.resolve), True
    return text, False


def _json(data: bytes) -> JSON:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MistakenBodyError(f"JSON ({error.msg} at line {error.lineno}, column {error.colno})") from None


def _form(texts: Mapping[str, Sequence[str]], schema: Schema, encoding: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the fields of a form: the declared ones in their style, others as they come."""
    resolve, value = schema.document.resolve, dict[str, JSON]()
    names, seen = member_names(schema.node, resolve), set[str]()
    for name in names:
        node = member_schema(schema.node, name, resolve)
        nested = {key: texts[key] for key in texts if key.startswith(f"{name}[") and key not in names}
        if name in texts:
            value[name] = _field(name, texts[name], node, resolve, encoding.get(name) or {})
        elif nested:
            value[name] = typed(deep_object(name, nested), node, resolve)
        seen |= {name, *nested}
    for name in texts.keys() - seen:
        only = texts[name][0] if len(texts[name]) == 1 else list(texts[name])
        value[name] = typed(only, member_schema(schema.node, name, resolve), resolve)
    return value


def _field(name: str, texts: Sequence[str], node: JSON, resolve: Any, encoding: Mapping[str, JSON]) -> JSON:
    style, kinds = encoding.get("style"), read_types(node, resolve)
    explode = bool(encoding.get("explode", style in (None, "form")))
    if style is None and (is_json_type(str(encoding.get("contentType", ""))) or _looks_like_json(texts, kinds)):
        return _json(texts[0].encode())
    if "array" in kinds:
        is_split = not explode and len(texts) == 1
        items = split_style(texts[0], name, style or "form", "array", explode=False) if is_split else list(texts)
        return typed(items, node, resolve)
    if "object" in kinds:
        return typed(split_style(texts[0], name, style or "form", "object", explode=False), node, resolve)
    return typed(list(texts), node, resolve)


def _looks_like_json(texts: Sequence[str], kinds: frozenset[str]) -> bool:
    return len(texts) == 1 and bool(kinds) and kinds <= {"object", "null"} and texts[0].lstrip().startswith("{")


def _multipart(parts: Sequence[Part], schema: Schema, encoding: Mapping[str, JSON]) -> dict[str, JSON]:
    resolve, value, mistakes = schema.document.resolve, dict[str, JSON](), list[Detail]()
    fields: dict[str, list[Part]] = {}
    for part in parts:
        fields.setdefault(part.name, []).append(part)
    for name, found in fields.items():
        node, stated = member_schema(schema.node, name, resolve), encoding.get(name) or {}
        mistakes += [mistake for part in found for mistake in _header_mistakes(name, part, stated)]
        is_list = "array" in read_types(node, resolve)
        if is_list and len(found) == 1 and is_json_type(found[0].content_type):
            value[name] = _part(name, found[0], node, schema)
        elif is_list or len(found) > 1:
            items = item_schema(node, resolve) if is_list else node
            value[name] = [_part(name, part, items, schema) for part in found]
        else:
            value[name] = _part(name, found[0], node, schema)
    if mistakes:
        raise MistakenBodyError(f"parts as declared: {mistakes[0].place} {mistakes[0].message}", mistakes)
    return value


def _header_mistakes(name: str, part: Part, encoding: Mapping[str, JSON]) -> list[Detail]:
    """Return what `encoding` says of a part's content type and headers, and the part does not keep."""
    found = []
    allowed = [each.strip().lower() for each in str(encoding.get("contentType", "")).split(",") if each.strip()]
    sent = part.content_type
    if allowed and sent and not any(_covers(each.partition(";")[0], sent) for each in allowed):
        found.append(Detail("body", (name,), f"of the type {' or '.join(allowed)}", sent))
    for header, node in (encoding.get("headers") or {}).items():
        if isinstance(node, dict) and node.get("required") and header.lower() not in part.headers:
            found.append(Detail("body", (name,), f"a part with the header {header}", None, True))
    return found


def _covers(pattern: str, content_type: str) -> bool:
    return pattern in (content_type, "*/*") or (pattern.endswith("/*") and content_type.startswith(pattern[:-1]))


def _part(name: str, part: Part, node: JSON, schema: Schema) -> JSON:
    resolve = schema.document.resolve
    resolved, kinds, sent = resolve(node), read_types(node, resolve), part.content_type
    is_scalar = not kinds or bool(kinds - {"object", "array", "null"})
    try:
        if is_json_type(sent) or (not is_scalar and not sent):
            return _json(part.data)
        if is_xml_type(sent) and not is_scalar:
            return read_xml(part.data, Schema(node, schema.document))
    except ValueError as error:
        mistake = Detail("body", (name,), str(error), None)
        raise MistakenBodyError(f"parts as declared: {name} {mistake.message}", (mistake,)) from None
    is_binary = isinstance(resolved, dict) and resolved.get("format") == "binary"
    if is_binary or part.filename is not None or is_binary_type(sent) or (sent and not is_text_type(sent)):
        return part.data.decode("latin-1")
    return typed(part.data.decode("utf-8", "replace"), node, resolve)
