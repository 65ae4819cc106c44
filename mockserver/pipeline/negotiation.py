"""Content negotiation: the media type of an answer by the client's `Accept` (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from apicontract.operations import MediaType

BODILESS = frozenset({204, 205, 304})
"""Statuses whose answers have no body, whatever a document declares: a client would read it as the next answer."""
_CONCRETE = {"image": "image/png", "text": "text/plain", "audio": "audio/wav", "video": "video/mp4"}


class _Range(NamedTuple):
    essence: str
    parameters: dict[str, str]
    quality: float


class Chosen(NamedTuple):
    """A declared media type, and the content type to send, which has no wildcard."""

    media: MediaType
    content_type: str


def negotiate(content: Sequence[MediaType], accept: str) -> Chosen | None:
    """Return the media type that a client prefers, or None if it accepts none of those declared.

    Of media types that the client prefers alike, JSON is chosen before others, then the first in the document.
    """
    ranges = _parse(accept)
    found: list[tuple[tuple[float, int, int, bool], Chosen]] = []
    for media in content:
        best = max(
            (
                (specific, -index, wanted)
                for index, wanted in enumerate(ranges)
                if (specific := _specificity(media.name, wanted))
            ),
            default=None,
            key=lambda match: match[:2],
        )
        if best is not None and best[2].quality > 0:
            rank = (best[2].quality, best[0], best[1], media.is_json)
            found.append((rank, Chosen(media, _concrete(media, best[2].essence))))
    return max(found, key=lambda each: each[0])[1] if found else None


def default_choice(content: Sequence[MediaType]) -> Chosen | None:
    """Return the media type for a client that accepts everything, or None if there is none."""
    return negotiate(content, "*/*")


@lru_cache(maxsize=512)
def _parse(accept: str) -> tuple[_Range, ...]:
    ranges = []
    for part in accept.split(","):
        essence, *rest = (piece.strip() for piece in part.split(";"))
        parameters = {name.strip().lower(): value.strip().strip('"') for name, _, value in _split(rest)}
        essence = "*/*" if essence == "*" else essence.lower()
        if essence.count("/") == 1:
            ranges.append(_Range(essence, parameters, _quality(parameters.pop("q", "1"))))
    return tuple(ranges) or (_Range("*/*", {}, 1.0),)


def _split(parameters: Sequence[str]) -> list[tuple[str, str, str]]:
    return [parameter.partition("=") for parameter in parameters if parameter]


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 1.0


def _specificity(name: str, wanted: _Range) -> int:
    """Return how exactly a range names a declared media type: 0 if it does not match, else 1 to 4."""
    declared, *rest = (piece.strip().lower() for piece in name.split(";"))
    own = {key.strip(): value.strip().strip('"') for key, _, value in _split(rest)}
    if any(own.get(key, value.lower()) != value.lower() for key, value in wanted.parameters.items()):
        return 0
    if wanted.essence == "*/*":
        return 1
    kind, _, subtype = wanted.essence.partition("/")
    own_kind, _, own_subtype = declared.partition("/")
    if own_kind not in (kind, "*"):
        return 0
    if subtype == "*":
        return 2
    if own_subtype not in (subtype, "*"):
        return 0
    return 4 if wanted.parameters.keys() & own.keys() else 3


def _concrete(media: MediaType, wanted: str) -> str:
    """Return the content type to send: what is declared, or for a declared wildcard what the client named."""
    if "*" not in media.name:
        return media.name
    if "*" not in wanted:
        return wanted
    kind = media.name.partition("/")[0] if not media.name.startswith("*") else wanted.partition("/")[0]
    node = media.schema.resolved if media.schema is not None else {}
    is_binary = isinstance(node, dict) and node.get("format") == "binary"
    return _CONCRETE.get(kind, "application/octet-stream" if is_binary else "application/json")
