"""Generate values from a schema, deterministic by seed."""

from __future__ import annotations

import base64
import math
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from apicontract.schemas import Schema

JSON = Any
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "frost", "grove", "haven", "iris", "jade", "maple", "pine")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_DEEPEST = 6


def make_value(schema: Schema, seed: str) -> JSON:
    """Generate a value that is valid for a schema; equal seeds give equal values.

    After 20 invalid attempts (a contradictory schema, `not`) the last value is returned.
    """
    value: JSON = None
    for attempt in range(20):
        value = _Maker(schema, Random(f"{seed}/{attempt}")).make(schema.node, 0)
        if schema.is_valid(value):
            break
    return value


class _Maker:
    def __init__(self, schema: Schema, random: Random) -> None:
        self.resolve = schema.document.resolve
        self.random = random

    def make(self, raw: JSON, depth: int) -> JSON:
        node = self.resolve(raw)
        if not isinstance(node, dict):
            return None if node is False else self.text({})
        if "const" in node:
            return node["const"]
        if node.get("enum"):
            return self.random.choice(node["enum"])
        node = self.merged(node)
        for keyword in ("oneOf", "anyOf"):
            if node.get(keyword):
                options = node[keyword]
                chosen = self.resolve(options[0] if depth >= _DEEPEST else self.random.choice(options))
                rest = {name: value for name, value in node.items() if name != keyword}
                return self.make(_merge(rest, chosen) if isinstance(chosen, dict) else rest, depth)
        return self.typed(self.kind(node, depth), node, depth)

    def merged(self, node: Mapping[str, JSON]) -> dict[str, JSON]:
        whole = {name: value for name, value in node.items() if name != "allOf"}
        for part in node.get("allOf") or ():
            resolved = self.resolve(part)
            if isinstance(resolved, dict):
                whole = _merge(whole, self.merged(resolved))
        return whole

    def kind(self, node: Mapping[str, JSON], depth: int) -> str:
        raw = node.get("type")
        kinds = [raw] if isinstance(raw, str) else list(raw or ())
        if "null" in kinds and (depth >= _DEEPEST or self.random.random() < 0.1):
            return "null"
        kinds = [kind for kind in kinds if kind != "null"] or (["null"] if kinds else [])
        if kinds:
            return str(self.random.choice(kinds))
        if "properties" in node or "additionalProperties" in node or "required" in node:
            return "object"
        return "array" if "items" in node else "number" if "minimum" in node or "maximum" in node else "string"

    def typed(self, kind: str, node: Mapping[str, JSON], depth: int) -> JSON:
        if kind == "object":
            return self.object(node, depth)
        if kind == "array":
            return self.array(node, depth)
        if kind in ("integer", "number"):
            return self.number(node, whole=kind == "integer")
        if kind == "boolean":
            return self.random.random() < 0.5
        return None if kind == "null" else self.text(node)

    def object(self, node: Mapping[str, JSON], depth: int) -> JSON:
        properties = node.get("properties") or {}
        required = set(node.get("required") or ())
        made = {
            name: self.make(schema, depth + 1)
            for name, schema in properties.items()
            if name in required or (depth < _DEEPEST and self.random.random() < 0.8)
        }
        extra = node.get("additionalProperties", True)
        for name in required - set(properties):
            made[name] = self.make(extra if isinstance(extra, dict) else {"type": "string"}, depth + 1)
        while len(made) < int(node.get("minProperties", 0)):
            made[f"{self.random.choice(_WORDS)}_{len(made)}"] = self.make(
                extra if isinstance(extra, dict) else {"type": "string"}, depth + 1
            )
        return made

    def array(self, node: Mapping[str, JSON], depth: int) -> JSON:
        low = int(node.get("minItems", 0))
        high = int(node.get("maxItems", max(low, 3)))
        count = low if depth >= _DEEPEST else self.random.randint(min(max(low, 1), high), min(high, low + 3))
        made = [self.make(schema, depth + 1) for schema in (node.get("prefixItems") or ())]
        items = node.get("items", {})
        unique = bool(node.get("uniqueItems"))
        for _ in range(count * 10):
            if len(made) >= count:
                break
            value = self.make(items, depth + 1)
            if not unique or value not in made:
                made.append(value)
        return made

    def number(self, node: Mapping[str, JSON], *, whole: bool) -> JSON:
        low = float(node.get("minimum", node.get("exclusiveMinimum", 0)))
        high = float(node.get("maximum", node.get("exclusiveMaximum", max(low + 1000, 1000))))
        if "minimum" not in node and "exclusiveMinimum" not in node:
            low = min(low, high)
        step = node.get("multipleOf")
        if step:
            first, last = math.ceil(low / step), math.floor(high / step)
            value = self.random.randint(first, max(first, last)) * step
            return int(value) if whole else value
        if whole:
            first = math.floor(low) + 1 if "exclusiveMinimum" in node else math.ceil(low)
            last = math.ceil(high) - 1 if "exclusiveMaximum" in node else math.floor(high)
            return self.random.randint(first, max(first, last))
        return round(low + (high - low) * self.random.uniform(0.05, 0.95), 2)

    def text(self, node: Mapping[str, JSON]) -> str:
        made = self.formatted(str(node.get("format", "")))
        if made is not None:
            return made
        if "pattern" in node:
            import rstr

            return str(rstr.Rstr(self.random).xeger(node["pattern"]))
        low, high = int(node.get("minLength", 0)), node.get("maxLength")
        made = " ".join(self.random.choice(_WORDS) for _ in range(self.random.randint(1, 3)))
        while len(made) < low:
            made += " " + self.random.choice(_WORDS)
        return made if high is None else made[: int(high)]

    def formatted(self, name: str) -> str | None:
        word, random = self.random.choice(_WORDS), self.random
        instant = _START + timedelta(seconds=random.randint(0, 31_000_000))
        if name == "date-time":
            return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
        if name == "uuid":
            return str(uuid.UUID(int=random.getrandbits(128), version=4))
        plain = {
            "date": instant.strftime("%Y-%m-%d"),
            "time": instant.strftime("%H:%M:%SZ"),
            "email": f"{word}@example.com",
            "hostname": f"{word}.example.com",
            "uri": f"https://{word}.example.com/",
            "url": f"https://{word}.example.com/",
            "uri-reference": f"/{word}",
            "ipv4": "192.0.2." + str(random.randint(1, 254)),
            "ipv6": "2001:db8::" + f"{random.randint(1, 65535):x}",
            "duration": "PT5M",
            "byte": base64.b64encode(word.encode()).decode(),
            "json-pointer": f"/{word}",
            "regex": word,
        }
        return plain.get(name)


def _merge(one: Mapping[str, JSON], other: Mapping[str, JSON]) -> dict[str, JSON]:
    """Merge two schemas that must both hold: all properties and required members, the tighter bound of each kind."""
    whole = dict(one)
    for name, value in other.items():
        mine = whole.get(name)
        if mine is None:
            whole[name] = value
        elif name == "properties":
            whole[name] = {**mine, **value}
        elif name == "required":
            whole[name] = [*mine, *(member for member in value if member not in mine)]
        elif name in ("minimum", "minLength", "minItems", "exclusiveMinimum"):
            whole[name] = max(mine, value)
        elif name in ("maximum", "maxLength", "maxItems", "exclusiveMaximum"):
            whole[name] = min(mine, value)
        elif name == "enum":
            whole[name] = [member for member in mine if member in value]
    return whole
