"""`readOnly` and `writeOnly`: what is sent in one direction only is neither missed nor sent in the other."""

from __future__ import annotations

from typing import Any

from apicontract.making import BOTTOM, Maker, Sent, flag_of_unsent, has_flag
from apicontract.schemas import Schema, Violation
from apicontract.styles import member_names, member_schema

JSON = Any


def is_valid(schema: Schema, value: JSON, sent: Sent = "") -> bool:
    """Whether a value has no violations (`list_violations`)."""
    return schema.is_valid(value) or (bool(sent) and not list_violations(schema, value, sent))


def list_violations(schema: Schema, value: JSON, sent: Sent = "") -> list[Violation]:
    """Return the violations of a value, for what is sent in one direction as OpenAPI judges it.

    Required members that are not sent in this direction are not missed, and of several schemas of a `oneOf` that a
    value has, its discriminator decides for one.
    """
    found = schema.violations(value)
    if found and sent:
        found = schema.violations(value, lambda part: _completed(schema, part, sent))
    return [violation for violation in found if not (sent and violation.is_ambiguous)]


def strip_unsent(schema: Schema, value: JSON, sent: Sent) -> JSON:
    """Return a value without the members that are not sent in this direction."""
    resolve, flag = schema.document.resolve, flag_of_unsent(sent)

    def strip(value: JSON, node: JSON) -> JSON:
        if isinstance(value, dict):
            members = {name: member_schema(node, name, resolve) for name in value}
            return {
                name: strip(value[name], members[name]) for name in value if not has_flag(resolve(members[name]), flag)
            }
        if isinstance(value, list):
            items = (resolve(node) or {}).get("items", {}) if isinstance(resolve(node), dict) else {}
            return [strip(item, items) for item in value]
        return value

    return strip(value, schema.node)


def _completed(schema: Schema, value: JSON, sent: Sent) -> JSON:
    """Return a value with the members that are not sent in this direction, so that they are not missed."""
    resolve, flag = schema.document.resolve, flag_of_unsent(sent)

    def complete(value: JSON, node: JSON, depth: int) -> JSON:
        if depth > BOTTOM:
            return value
        if isinstance(value, dict):
            members = {name: member_schema(node, name, resolve) for name in [*value, *member_names(node, resolve)]}
            whole = {name: complete(value[name], members[name], depth + 1) for name in value}
            unsent = [name for name in members if name not in value and has_flag(resolve(members[name]), flag)]
            return whole | {name: _made(schema, members[name], name) for name in unsent}
        if isinstance(value, list):
            resolved = resolve(node)
            items = resolved.get("items", {}) if isinstance(resolved, dict) else {}
            return [complete(item, items, depth + 1) for item in value]
        return value

    return complete(value, schema.node, 0)


def _made(schema: Schema, node: JSON, name: str) -> JSON:
    return Maker(Schema(node, schema.document), name).make(node, 0, name, "")
