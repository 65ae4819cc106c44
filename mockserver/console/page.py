"""Render pages from templates. All values are escaped."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from apicontract.safetext.invisible import visible
from mockserver.clock import rfc3339
from mockserver.console.context import PageContext

FOLDER = Path(__file__).parent
_LONGEST = 200_000

NAVIGATION = (
    ("requests", "/", "Requests"),
    ("limits", "/console/limits", "Limits"),
    ("faults", "/console/faults", "Time and faults"),
    ("data", "/console/data", "Data"),
    ("contracts", "/console/contracts", "Contracts"),
    ("clients", "/console/clients", "Clients"),
)


def show(context: PageContext, template: str, section: str, **values: Any) -> Response:
    """Return a page of a section of the console."""
    clock = context.pipeline.space.clock
    frame = {
        "section": section,
        "context": context,
        "navigation": NAVIGATION,
        "now": clock.now(),
        "frozen": clock.is_frozen,
        "signed_in": bool(context.mock.settings.control_token),
        "tests": [],
    }
    return HTMLResponse(render(template, context.root, **{**frame, **values}), context.status)


def render(template: str, root: str, **values: Any) -> str:
    """Render a template. `root`: the path before `/__mock`."""
    return environment().get_template(template).render(mock=f"{root}/__mock", **values)


class Typed(str):
    """What a form holds to be sent again: it stays as it was typed."""

    __slots__ = ()


def _finalized(value: Any) -> Any:
    """Return what a template shows, with invisible characters as escapes."""
    return visible(value) if type(value) is str else value


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the Jinja environment; templates are compiled on first use."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_finalized,
    )
    made.globals["asset"] = _asset
    made.filters |= {
        "instant": rfc3339,
        "clock": _clock,
        "pretty": pretty,
        "text": as_text,
        "number": _number,
        "milliseconds": _milliseconds,
        "share": _share,
        "segment": _segment,
        "prose": prose,
        "typed": Typed,
    }
    return made


def pretty(value: Any) -> str:
    """Format a JSON value as indented text."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def as_text(body: bytes) -> str:
    """Format a body: JSON indented, other text unchanged, bytes that are not UTF-8 as a hexadecimal dump."""
    if len(body) > _LONGEST:
        return as_text(body[:_LONGEST]) + f"\n… {len(body) - _LONGEST:,} bytes more"
    try:
        return pretty(orjson.loads(body))
    except orjson.JSONDecodeError:
        pass
    try:
        return body.decode()
    except UnicodeDecodeError:
        lines = (body[at : at + 16].hex(" ") for at in range(0, min(len(body), 1_024), 16))
        return f"{len(body):,} bytes that are not text\n" + "\n".join(lines)


@lru_cache(maxsize=16)
def _asset(name: str) -> str:
    """Return the path of an asset below `/__mock`, with a hash of its content."""
    digest = hashlib.sha256((FOLDER / "assets" / name).read_bytes()).hexdigest()[:12]
    return f"/console/assets/{name}?v={digest}"


def prose(text: str) -> Markup:
    """Format a description: text, with code between backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _clock(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%H:%M:%S")


def _number(value: float) -> str:
    """Format a number: `1,247`; fractions with two decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")


def _milliseconds(seconds: float) -> str:
    """Format a time: `0.4`, `12`, `1,500`."""
    return f"{seconds * 1000:,.1f}" if seconds < 0.01 else f"{seconds * 1000:,.0f}"


def _share(seconds: float) -> float:
    """Return the length of a bar for a time, in percent: 1 ms is a fifth, every tenfold another one, 10 s all of it."""
    return round(min(max(20 * (math.log10(max(seconds, 1e-4)) + 4), 2), 100), 1)


def _segment(text: str) -> str:
    """Quote a text as a path segment or a query value."""
    return quote(text, safe="")
