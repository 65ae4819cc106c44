"""Pages out of templates. Everything is escaped: what came in by a request is text."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from mockserver.clock import rfc3339
from mockserver.console.visit import Visit

FOLDER = Path(__file__).parent
_LONGEST = 200_000

NAVIGATION = (
    ("requests", "/", "Requests"),
    ("limits", "/console/limits", "Limits"),
    ("trouble", "/console/trouble", "Time and trouble"),
    ("data", "/console/data", "Data"),
    ("contracts", "/console/contracts", "Contracts"),
    ("clients", "/console/clients", "Clients"),
)


def show(visit: Visit, template: str, section: str, **values: Any) -> Response:
    """A page of a section of the console."""
    clock = visit.pipeline.space.clock
    frame = {
        "section": section,
        "visit": visit,
        "navigation": NAVIGATION,
        "now": clock.now(),
        "frozen": clock.is_frozen,
        "signed_in": bool(visit.mock.settings.control_token),
        "tests": [],
    }
    return HTMLResponse(rendered(template, visit.root, **{**frame, **values}), visit.found)


def rendered(template: str, root: str, **values: Any) -> str:
    """A template with its values. `root`: what stands before `/__mock`."""
    return environment().get_template(template).render(mock=f"{root}/__mock", **values)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, compiled when first needed."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = _asset
    made.filters |= {
        "instant": rfc3339,
        "clock": _clock,
        "pretty": pretty,
        "text": as_text,
        "number": _number,
        "segment": _segment,
        "prose": prose,
    }
    return made


def pretty(value: Any) -> str:
    """A JSON value as indented text."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def as_text(body: bytes) -> str:
    """A body as text: JSON indented, anything else as it stands, what is no UTF-8 as a hexadecimal dump."""
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
        return f"{len(body):,} bytes that are no text\n" + "\n".join(lines)


@lru_cache(maxsize=16)
def _asset(name: str) -> str:
    """The address of an asset below `/__mock`, which changes with its content."""
    digest = hashlib.sha256((FOLDER / "assets" / name).read_bytes()).hexdigest()[:12]
    return f"/console/assets/{name}?v={digest}"


def prose(text: str) -> Markup:
    """A description: what stands between backticks is code, and everything is text."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _clock(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%H:%M:%S")


def _number(value: float) -> str:
    """`1,247`; a fraction to two decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")


def _segment(text: str) -> str:
    """A text as one segment of a path, or one value of a query."""
    return quote(text, safe="")
