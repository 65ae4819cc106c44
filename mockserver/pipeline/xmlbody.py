"""XML bodies: written and read by the `xml` objects of a schema (name, attribute, wrapped, prefix, namespace)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from apicontract.schemas import Schema
from apicontract.styles import Resolve, item_schema, member_names, member_schema, read_types, typed

JSON = Any
_NO_NAME = re.compile(r"[^\w.-]")
_NO_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DEEPEST = 64


def write_xml(value: JSON, node: JSON, resolve: Resolve) -> bytes:
    """Return a value as an XML document, named by its schema."""
    writer = _Writer(resolve)
    root = ElementTree.Element(*writer.tag(node, _reference_name(node) or "root"))
    if isinstance(value, list):
        items = item_schema(node, writer.resolve)
        name = _reference_name(items) or root.tag.rpartition(":")[2]
        for item in value:
            writer.element(root, name, item, items)
    else:
        writer.content(root, value, node)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root)


class _Writer:
    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve

    def tag(self, node: JSON, name: str) -> tuple[str, dict[str, str]]:
        """Return the qualified name of an element, and the declaration of its namespace."""
        xml = _xml(self.resolve(node))
        name, prefix, namespace = str(xml.get("name") or name), xml.get("prefix"), xml.get("namespace")
        name = _NO_NAME.sub("_", name)
        name = name if name[:1].isalpha() or name.startswith("_") else f"_{name}"
        declared = {f"xmlns:{prefix}" if prefix else "xmlns": str(namespace)} if namespace else {}
        return (f"{prefix}:{name}" if prefix and namespace else name), declared

    def element(self, parent: ElementTree.Element, name: str, value: JSON, node: JSON) -> None:
        """Add a member: one element, or several for an array that is not wrapped."""
        if not isinstance(value, list):
            self.content(ElementTree.SubElement(parent, *self.tag(node, name)), value, node)
            return
        items = item_schema(node, self.resolve)
        if _is_wrapped(self.resolve(node)):
            parent = ElementTree.SubElement(parent, *self.tag(node, name))
            name = str(_xml(self.resolve(node)).get("name") or name)
        for item in value:
            self.element(parent, name, item, items)

    def content(self, element: ElementTree.Element, value: JSON, node: JSON) -> None:
        """Write the attributes, children or text of one element."""
        if not isinstance(value, dict):
            element.text = _text(value)
            return
        for name, member in value.items():
            schema = member_schema(node, name, self.resolve)
            xml = _xml(self.resolve(schema))
            kind = "attribute" if xml.get("attribute") else xml.get("nodeType", "element")
            if kind == "attribute":
                tag, declared = self.tag(schema, name)
                element.attrib.update({**declared, tag: _text(member)})
            elif kind in ("text", "cdata"):
                element.text = _text(member)
            else:
                self.element(element, name, member, schema)


def read_xml(body: bytes, schema: Schema) -> JSON:
    """Return the value of an XML document, typed by its schema. Namespaces are not compared.

    Raises:
        ValueError: The document is not well-formed, has a DOCTYPE, is nested too deeply, or has another root.
    """
    if b"<!DOCTYPE" in body:
        raise ValueError("XML without a DOCTYPE")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - entities need a DOCTYPE
    except ElementTree.ParseError as error:
        raise ValueError(f"well-formed XML ({error})") from None
    resolve = schema.document.resolve
    wanted = _xml(resolve(schema.node)).get("name")
    if wanted and _local(root.tag) != wanted:
        raise ValueError(f"XML with the root element {wanted}")
    if "array" in read_types(schema.node, resolve):
        items = item_schema(schema.node, resolve)
        return [_value(child, items, schema, 1) for child in root]
    return _value(root, schema.node, schema, 0)


def _value(element: ElementTree.Element, node: JSON, schema: Schema, depth: int) -> JSON:
    if depth > _DEEPEST:
        raise ValueError(f"XML of at most {_DEEPEST} levels")
    resolve = schema.document.resolve
    names = member_names(node, resolve)
    if not names and not len(element) and not element.attrib and "object" not in read_types(node, resolve):
        return typed(element.text or "", node, resolve)
    value: dict[str, JSON] = {}
    known = {_local_name(member_schema(node, name, resolve), name, resolve): name for name in names}
    for tag, text in element.attrib.items():
        name = known.get(_local(tag), _local(tag))
        if not tag.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
            value[name] = typed(text, member_schema(node, name, resolve), resolve)
    for name in names:
        if _xml(resolve(member_schema(node, name, resolve))).get("nodeType") in ("text", "cdata"):
            value[name] = typed(element.text or "", member_schema(node, name, resolve), resolve)
    for child in element:
        name = known.get(_local(child.tag), _local(child.tag))
        member = member_schema(node, name, resolve)
        if "array" not in read_types(member, resolve):
            value[name] = _value(child, member, schema, depth + 1)
            continue
        listed = child if _is_wrapped(resolve(member)) else [child]
        items = item_schema(member, resolve)
        value.setdefault(name, []).extend(_value(item, items, schema, depth + 1) for item in listed)
    return value


def _local_name(node: JSON, name: str, resolve: Any) -> str:
    """Return the element of a member: of an array that is not wrapped, the name of its items."""
    node = resolve(node)
    if "array" in read_types(node, resolve) and not _is_wrapped(node):
        return str(_xml(resolve(item_schema(node, resolve))).get("name") or name)
    return str(_xml(node).get("name") or name)


def _xml(node: JSON) -> Mapping[str, JSON]:
    parts = [node, *(node.get("allOf") or ())] if isinstance(node, dict) else []
    return next((part["xml"] for part in parts if isinstance(part, dict) and isinstance(part.get("xml"), dict)), {})


def _is_wrapped(node: JSON) -> bool:
    xml = _xml(node)
    return bool(xml.get("wrapped")) or xml.get("nodeType") == "element"


def _reference_name(node: JSON) -> str:
    reference = node.get("$ref") if isinstance(node, dict) else None
    return str(reference).rpartition("/")[2] if reference else ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _text(value: JSON) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _NO_TEXT.sub("�", str(value))
