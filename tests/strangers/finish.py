"""From a response to octets: order of members, media type, compression, validators, HEAD."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from tests.strangers.habits import Habits
from tests.strangers.message import Request, Response


@dataclass(frozen=True)
class Sent:
    """What goes over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def shaped(value: Any, habits: Habits) -> Any:
    """Return a JSON value with members in the server's order, and with members of its own."""
    if isinstance(value, list):
        return [shaped(item, habits) for item in value]
    if not isinstance(value, dict):
        return value
    members = [(name, shaped(item, habits)) for name, item in value.items()]
    if habits.extra_members:
        members.insert(len(members) // 2, ("_meta", {"node": "a-7", "weights": [1, 2.5, None], "notes": ""}))
    if habits.order == "sorted":
        members.sort()
    if habits.order == "reversed":
        members.reverse()
    return dict(members)


def finish(request: Request, response: Response, habits: Habits) -> Sent:
    """Return what is sent for a response."""
    headers = list(response.headers)
    headers.append(("Cache-Control", "private, no-cache"))
    body = b""
    if response.json is not None:
        body = json.dumps(shaped(response.json, habits), ensure_ascii=habits.order == "sorted").encode()
        headers.append(("Content-Type", habits.media_type))
    headers.append(("Vary", "Accept-Encoding, Authorization, X-API-Key"))
    status = response.status
    if habits.tags and status == 200 and request.method in ("GET", "HEAD"):
        tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers.append(("ETag", tag))
        if tag in (request.header("If-None-Match") or ""):
            status, body = 304, b""
            headers = [item for item in headers if item[0] != "Content-Type"]
    if habits.compresses and body and accepts_gzip(request.header("Accept-Encoding")):
        body = gzip.compress(body, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    if habits.extra_headers:
        headers += [("Server", "stranger"), ("X-Served-By", "a-7"), ("Strict-Transport-Security", "max-age=31536000")]
        headers += [("Server-Timing", "db;dur=3.1"), ("Server-Timing", "render;dur=0.4"), ("Via", "1.1 edge")]
    if status != 304:
        headers.append(("Content-Length", str(len(body))))
    if request.method == "HEAD":
        body = b""
    return Sent(status, tuple((cased(name, habits), value) for name, value in headers), body)


def accepts_gzip(value: str | None) -> bool:
    """Return whether Accept-Encoding allows gzip."""
    for item in (value or "").lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def cased(name: str, habits: Habits) -> str:
    """Return a header's name in the server's case."""
    return {"lower": name.lower(), "upper": name.upper()}.get(habits.header_case, name)


def http_date(at: float) -> str:
    """Return an instant as HTTP writes it."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(at))
