"""One attempt to make a value for a schema: its examples, then what its keywords and the names of members tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from apicontract.merging import merge_schemas
from apicontract.patterns import make_text, matches
from apicontract.realistic import Realistic
from apicontract.scalars import make_number, make_string
from apicontract.schemas import Schema
from apicontract.styles import read_types

JSON = Any
Sent = Literal["request", "response", ""]
ATTEMPTS = 20
_DEEPEST, BOTTOM = 5, 12
_ROOM = 250
"""Values that are made before optional members are left out."""
_MOST_ITEMS = 5_000
MISSING: Any = object()


def flag_of_unsent(sent: Sent) -> str:
    """Return the keyword of members that are not sent in a direction."""
    return {"request": "readOnly", "response": "writeOnly"}.get(sent, "")


def has_flag(node: JSON, flag: str) -> bool:
    """Whether a schema has a keyword that is true."""
    return bool(flag) and isinstance(node, dict) and node.get(flag) is True


class Maker:
    """One attempt. Later attempts check examples before they use them, and choose other alternatives."""

    def __init__(
        self,
        schema: Schema,
        seed: str,
        attempt: int = 0,
        *,
        examples: bool = False,
        brief: bool = False,
        sent: Sent = "",
    ) -> None:
        self.document, self.resolve = schema.document, schema.document.resolve
        self.real = Realistic(seed)
        self.random, self.attempt = self.real.random, attempt
        self.examples, self.brief, self.unsent = examples, brief, flag_of_unsent(sent)
        self.room = _ROOM
        self.stack: list[str] = []

    def make(self, raw: JSON, depth: int, name: str, parent: str, hint: JSON = MISSING) -> JSON:
        """Return a value for a schema, which belongs to the member `name` of an object `parent`."""
        self.room -= 1
        reference = str(raw["$ref"]) if isinstance(raw, dict) and "$ref" in raw else ""
        node = self.resolve(raw)
        if not isinstance(node, dict):
            return None if node is False else self.real.words(1)
        if hint is not MISSING and Schema(raw, self.document).is_valid(hint):
            return hint
        if self.examples and hint is MISSING:
            shown = self._example(node)
            if shown is not MISSING:
                return shown
        self.stack.append(reference)
        try:
            return self._chosen(node, depth, name, parent or _last(reference), hint)
        finally:
            self.stack.pop()

    def _example(self, node: Mapping[str, JSON]) -> JSON:
        """Return the first example or default of a schema; later attempts take one that is valid."""
        shown = [node["example"]] if "example" in node else []
        shown += node["examples"] if isinstance(node.get("examples"), list) else []
        shown += [node["default"]] if "default" in node else []
        if self.attempt:
            schema = Schema({key: value for key, value in node.items() if key != "$ref"}, self.document)
            shown = [value for value in shown if schema.is_valid(value)] if self.attempt < ATTEMPTS // 2 else []
        return shown[0] if shown else MISSING

    def _chosen(self, node: Mapping[str, JSON], depth: int, name: str, parent: str, hint: JSON) -> JSON:
        """Make a value after the alternatives of a schema are chosen."""
        if "const" in node:
            return node["const"]
        node = self._merged(node)
        if isinstance(node.get("enum"), list) and node["enum"]:
            values = [value for value in node["enum"] if value is not None] or node["enum"]
            return values[0] if self.examples and not self.attempt else self.random.choice(values)
        if "const" in node:
            return node["const"]
        for keyword in ("oneOf", "anyOf"):
            if isinstance(node.get(keyword), list) and node[keyword]:
                rest = {key: value for key, value in node.items() if key not in (keyword, "discriminator")}
                option = self._option(node[keyword], depth)
                rest = self._discriminated(merge_schemas(rest, self._merged(self.resolve(option))), node, option)
                return self._chosen(rest, depth, name, parent, hint)
        child = self._child(node, depth)
        if child is not None:
            return self.make(child, depth, name, parent, hint)
        return self._typed(self._kind(node, depth, hint), node, depth, name, parent, hint)

    def _merged(self, raw: JSON) -> dict[str, JSON]:
        """Return a schema with its `allOf`, and one branch of its `if`, as members of its own."""
        if not isinstance(raw, dict):
            return {"enum": []} if raw is False else {}
        whole = {key: value for key, value in raw.items() if key not in ("allOf", "if", "then", "else")}
        for part in raw.get("allOf") or ():
            resolved = self.resolve(part)
            base = self._merged(resolved)
            if "discriminator" in base:
                base = self._discriminated(base, base, {"$ref": self.stack[-1] if self.stack else ""})
                base.pop("discriminator")
            whole = merge_schemas(whole, base)
        if "if" in raw:
            branches = [raw["if"], raw.get("then", {})] if self.attempt % 2 == 0 else [raw.get("else", {})]
            for branch in branches:
                whole = merge_schemas(whole, self._merged(self.resolve(branch)))
        return whole

    def _option(self, options: list[JSON], depth: int) -> JSON:
        """Return an alternative: the first that is not null, deep down one that leads to no other object."""
        objects = [option for option in options if self.resolve(option) != {"type": "null"}]
        free = [option for option in objects if not self._is_open(option)]
        free = free or [option for option in options if option not in objects] or options
        if depth >= _DEEPEST or self.room < 0:
            return min(free, key=lambda option: bool(read_types(option, self.resolve) & {"object", "array"}))
        return free[0] if self.examples and not self.attempt else self.random.choice(free)

    def _is_open(self, raw: JSON) -> bool:
        """Whether a schema is being made already, so that making it again would not end."""
        return isinstance(raw, dict) and raw.get("$ref") in self.stack

    def _child(self, node: Mapping[str, JSON], depth: int) -> JSON:
        """Return a schema that `discriminator.mapping` names for a base schema, or None."""
        mapping = (node.get("discriminator") or {}).get("mapping")
        targets = [_as_reference(target) for target in mapping.values()] if isinstance(mapping, dict) else []
        own = self.stack[-1] if self.stack else ""
        targets = [target for target in targets if target not in self.stack]
        if not targets or not own or depth > BOTTOM:
            return None
        return {"$ref": targets[0] if self.examples and not self.attempt else self.random.choice(targets)}

    def _discriminated(self, node: dict[str, JSON], owner: Mapping[str, JSON], option: JSON) -> dict[str, JSON]:
        """Return a schema whose discriminator names the chosen alternative."""
        discriminator = owner.get("discriminator")
        reference = option.get("$ref") if isinstance(option, dict) else None
        if not isinstance(discriminator, dict) or not reference or "propertyName" not in discriminator:
            return node
        name, mapping = discriminator["propertyName"], discriminator.get("mapping") or {}
        keys = [key for key, target in mapping.items() if _same_target(_as_reference(target), reference)]
        members = dict(node.get("properties") or {})
        stated = self.resolve(members.get(name, {}))
        values = (
            stated.get("enum", [stated["const"]] if "const" in stated else None) if isinstance(stated, dict) else None
        )
        value = (keys or [_last(reference)])[0]
        if isinstance(values, list) and value not in values:
            return node
        members[name] = {"const": value}
        required = [*(node.get("required") or ()), name]
        return {**node, "properties": members, "required": required}

    def _kind(self, node: Mapping[str, JSON], depth: int, hint: JSON) -> str:
        raw = node.get("type")
        kinds = [raw] if isinstance(raw, str) else list(raw or ())
        if "null" in kinds and (depth > _DEEPEST or (not self.examples and self.random.random() < 0.1)):
            return "null"
        kinds = [kind for kind in kinds if kind != "null"] or (["null"] if kinds else [])
        hinted = [kind for kind in kinds if isinstance(hint, (dict, list)) and kind == _name_of(hint)]
        if kinds:
            return str((hinted or [self.random.choice(kinds)])[0])
        for kind, keywords in _TELLING.items():
            if any(keyword in node for keyword in keywords):
                return kind
        excluded = read_types(node.get("not", {}), self.resolve)
        return next(kind for kind in ("string", "integer", "object", "boolean", "null") if kind not in excluded)

    def _typed(self, kind: str, node: dict[str, JSON], depth: int, name: str, parent: str, hint: JSON) -> JSON:
        if kind == "object":
            return self._object(node, depth, name or parent, hint if isinstance(hint, dict) else None)
        if kind == "array":
            return self._array(node, depth, name, parent, hint if isinstance(hint, list) else None)
        if kind in ("integer", "number"):
            return make_number(node, name, self.real, whole=kind == "integer")
        if kind == "boolean":
            return self.random.random() < 0.5
        return None if kind == "null" else make_string(node, name, parent, self.real)

    def _object(self, node: dict[str, JSON], depth: int, name: str, hint: JSON) -> dict[str, JSON]:
        if depth > BOTTOM:
            return {}
        names = self._names(node, depth, hint)
        for trigger, schema in (node.get("dependentSchemas") or {}).items():
            if trigger in names:
                node = merge_schemas(node, self._merged(self.resolve(schema)))
                names = list(dict.fromkeys([*names, *(node.get("required") or ())]))
        properties, made = node.get("properties") or {}, dict[str, JSON]()
        for member in names:
            schema = properties[member] if member in properties else self._undeclared(node, member)
            if schema is not False and not has_flag(self.resolve(schema), self.unsent):
                given = hint.get(member, MISSING) if hint else MISSING
                made[member] = self.make(schema, depth + 1, member, name, given)
        wanted = int(node.get("minProperties", 0))
        if not names and not properties and isinstance(node.get("additionalProperties"), dict) and depth < _DEEPEST:
            wanted = max(wanted, 0 if self.brief else min(2, int(node.get("maxProperties", 2))))
        for _ in range(20 * wanted):
            if len(made) >= wanted:
                break
            key = self._key(node, len(made))
            schema = self._undeclared(node, key)
            if key not in made and schema is not False:
                made[key] = self.make(schema, depth + 1, key, name)
        return made

    def _names(self, node: Mapping[str, JSON], depth: int, hint: JSON) -> list[str]:
        """Return the members to make: the required ones, optional ones, and those that these require."""
        required = [str(member) for member in node.get("required") or ()]
        properties = node.get("properties") or {}
        found = [member for member in properties if member in required or self._wants(properties[member], depth, hint)]
        if hint:
            found = [member for member in properties if member in required or member in hint]
            found += [member for member in hint if member not in properties]
        negated = node.get("not")
        if isinstance(negated, dict) and isinstance(negated.get("required"), list):
            found = [member for member in found if member in required or member not in negated["required"]]
        found += [member for member in required if member not in properties]
        most = node.get("maxProperties")
        if most is not None and len(found) > int(most):
            found = sorted(found, key=lambda member: member not in required)[: max(int(most), len(required))]
        together = node.get("dependentRequired") or {}
        for member in found:
            found += [other for other in together.get(member, ()) if other not in found]
        return list(dict.fromkeys(found))

    def _wants(self, raw: JSON, depth: int, hint: JSON) -> bool:
        """Whether an optional member is made."""
        if self.brief or hint or depth >= _DEEPEST or self.room < 0 or raw is False or self._is_open(raw):
            return False
        node = self.resolve(raw)
        if isinstance(node, dict) and node.get("deprecated") is True and self.examples:
            return False
        return self.random.random() < (0.8 if not self.examples else 1.0 if self.attempt < 3 else 0.5)

    def _undeclared(self, node: Mapping[str, JSON], name: str) -> JSON:
        """Return the schema of a member that is not among the properties; False if it is not allowed."""
        for pattern, schema in (node.get("patternProperties") or {}).items():
            if matches(pattern, name):
                return schema
        extra = node.get("additionalProperties", node.get("unevaluatedProperties", True))
        return {"type": "string"} if extra is True else extra

    def _key(self, node: Mapping[str, JSON], number: int) -> str:
        """Return a name for a member that no property declares."""
        patterns = node.get("patternProperties") or {}
        if "propertyNames" in node:
            return str(
                self.make({"type": "string", **self._merged(self.resolve(node["propertyNames"]))}, _DEEPEST, "", "")
            )
        if patterns and (node.get("additionalProperties") is False or number % 2 == 0):
            pattern = self.random.choice(list(patterns))
            return make_text(pattern, self.random) + ("" if pattern.endswith("$") else self.real.words(1))
        return self.real.words(1)

    def _array(self, node: Mapping[str, JSON], depth: int, name: str, parent: str, hint: JSON) -> list[JSON]:
        if depth > BOTTOM:
            return []
        low = int(node.get("minItems", 0))
        high = max(int(node.get("maxItems", max(low, 3))), low)
        is_small = self.brief or depth >= _DEEPEST or self.room < 0 or self._is_open(node.get("items"))
        count = low if is_small else self.random.randint(min(max(low, 1), high), min(high, low + 2, max(low, 3)))
        if hint is not None:
            count = min(max(len(hint), low), high)
        count, unique = min(count, _MOST_ITEMS), bool(node.get("uniqueItems"))
        first = list(node.get("prefixItems") or ())
        items = node.get("items", node.get("unevaluatedItems", {}))
        made = [self.make(schema, depth + 1, name, parent) for schema in first[: max(count, low, len(first))]]
        if items is False:
            return made
        contained = self._contained(node)
        for tried in range(count * 10):
            if len(made) >= count and not contained:
                break
            given = hint[len(made)] if hint and len(made) < len(hint) and tried < count else MISSING
            schema = merge_schemas(self._merged(self.resolve(items)), contained.pop()) if contained else items
            value = self.make(schema, depth + 1, name, parent, given)
            if not unique or value not in made:
                made.append(value)
        return made

    def _contained(self, node: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        """Return the schema of `contains`, as often as it is needed."""
        if "contains" not in node:
            return []
        return [self._merged(self.resolve(node["contains"]))] * int(node.get("minContains", 1))


_TELLING = {
    "object": ("properties", "additionalProperties", "required", "patternProperties", "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "contains", "minItems", "uniqueItems"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}


def _name_of(value: JSON) -> str:
    return "object" if isinstance(value, dict) else "array"


def _as_reference(target: str) -> str:
    return target if "/" in target or "#" in target else f"#/components/schemas/{target}"


def _same_target(one: str, other: str) -> bool:
    return one == other or (one.rpartition("#")[2] == other.rpartition("#")[2] and one.startswith("#"))


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
