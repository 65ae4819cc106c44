"""Make numbers and texts for a schema."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from apicontract.patterns import make_text, matches
from apicontract.realistic import Realistic

JSON = Any
_FORMATS: dict[str, Callable[[Realistic], str]] = {
    "date-time": lambda it: it.instant().strftime("%Y-%m-%dT%H:%M:%SZ"),
    "date": lambda it: it.instant().strftime("%Y-%m-%d"),
    "time": lambda it: it.instant().strftime("%H:%M:%SZ"),
    "uuid": lambda it: it.fake.uuid4(),
    "email": lambda it: it.fake.email(),
    "idn-email": lambda it: it.fake.email(),
    "hostname": lambda it: f"{it.fake.word()}.example.com",
    "idn-hostname": lambda it: f"{it.fake.word()}.example.com",
    "uri": lambda it: f"https://example.com/{it.fake.slug()}",
    "url": lambda it: f"https://example.com/{it.fake.slug()}",
    "iri": lambda it: f"https://example.com/{it.fake.slug()}",
    "uri-reference": lambda it: f"/{it.fake.slug()}",
    "iri-reference": lambda it: f"/{it.fake.slug()}",
    "uri-template": lambda it: f"/{it.fake.word()}/{{id}}",
    "ipv4": lambda it: f"192.0.2.{it.random.randint(1, 254)}",
    "ipv6": lambda it: f"2001:db8::{it.random.randint(1, 65535):x}",
    "duration": lambda it: f"PT{it.random.randint(1, 59)}M",
    "byte": lambda it: base64.b64encode(it.words(2).encode()).decode(),
    "json-pointer": lambda it: f"/{it.fake.word()}",
    "relative-json-pointer": lambda it: f"{it.random.randint(0, 3)}/{it.fake.word()}",
    "regex": lambda it: f"^{it.fake.word()}$",
    "phone": lambda it: it.fake.numerify("+1-202-555-01##"),
    "password": lambda it: f"{it.random.getrandbits(64):016x}",
}


def make_number(node: Mapping[str, JSON], name: str, real: Realistic, *, whole: bool) -> JSON:
    """Return a number within the bounds of a schema: one that suits its name, else any."""
    low, high = _bound(node, "minimum", "exclusiveMinimum", max), _bound(node, "maximum", "exclusiveMaximum", min)
    named = None if "multipleOf" in node else real.number(name, whole=whole)
    if named is not None and (low is None or named > low) and (high is None or named < high):
        return named
    if low is None:
        low = 0.0 if high is None or high > 0 else high - 1000
    if high is None:
        high = max(low + 1000, 1000) if abs(low) < 1e15 else low * 2
    step = node.get("multipleOf") or (1 if whole else None)
    if step:
        size = Decimal(str(step)) if not whole or float(step) % 1 == 0 else Decimal(str(step)) * _denominator(step)
        first = math.ceil(Decimal(str(low)) / size)
        last = math.floor(Decimal(str(high)) / size)
        first += node.get("exclusiveMinimum") is not None and first * size <= Decimal(str(low))
        last -= node.get("exclusiveMaximum") is not None and last * size >= Decimal(str(high))
        made = real.random.randint(first, max(first, last)) * size
        return int(made) if whole or made == made.to_integral() else float(made)
    value = low + (high - low) * real.random.uniform(0.05, 0.95)
    short = round(value, 2)
    return short if low < short < high else value


def make_string(node: Mapping[str, JSON], name: str, parent: str, real: Realistic) -> str:
    """Return a text by the format, the name, the pattern and the length that a schema tells."""
    low, high = int(node.get("minLength", 0)), node.get("maxLength")
    form = _FORMATS.get(str(node.get("format", "")))
    if form is not None:
        return str(form(real))
    if node.get("contentEncoding") == "base64":
        return base64.b64encode(real.words(2).encode()).decode()
    made = real.text(name, parent)
    if "pattern" in node:
        if low <= len(made) <= (high or len(made)) and matches(node["pattern"], made):
            return made
        return make_text(node["pattern"], real.random, low, high) or made
    while len(made) < low:
        made += " " + real.words(3) if low - len(made) < 1_000 else " " + "lorem ipsum " * (low // 12)
    return made if high is None else made[: int(high)]


def _bound(node: Mapping[str, JSON], closed: str, opened: str, tighter: Any) -> float | None:
    bounds = [node[keyword] for keyword in (closed, opened) if isinstance(node.get(keyword), (int, float))]
    return tighter(bounds) if bounds else None


def _denominator(step: float) -> int:
    """Return the smallest factor that makes a step whole."""
    return Decimal(str(step)).as_integer_ratio()[1]
