"""The role of an operation in tracking live visitors: `x-tracking`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from apicontract.document import ContractError
from apicontract.provenance import Provenance, below, read_provenance

JSON = Any
TrackingKind = Literal["event", "live", "heartbeat"]
_KINDS: tuple[TrackingKind, ...] = get_args(TrackingKind)


@dataclass(frozen=True, slots=True)
class Tracking:
    """The role of an operation: `event` records an event, `live` counts live sessions, `heartbeat` extends a session.

    `session` and `code`: the members of the request body with the session and the tracking code, or empty.
    `page_view`: the members that make an event a page view. `seconds`: how long a session is live after its last event
    or heartbeat.
    """

    kind: TrackingKind
    session: str
    code: str
    page_view: Mapping[str, JSON]
    seconds: float
    provenance: Provenance
    pointer: str


def read_tracking(node: Mapping[str, JSON], inherited: Provenance, where: str, pointer: str) -> Tracking | None:
    """Read `x-tracking` of the operation at a pointer, or return None if it has none.

    Raises:
        ContractError: The kind is unknown, or `seconds` is missing for the kind `live`.
    """
    raw = node.get("x-tracking")
    if raw is None:
        return None
    kind = raw.get("kind") if isinstance(raw, dict) else None
    if kind not in _KINDS:
        raise ContractError(f"{where}: `x-tracking` needs a `kind`, one of {', '.join(_KINDS)}; found {kind!r}")
    seconds = raw.get("seconds", 0)
    if kind == "live" and not (isinstance(seconds, (int, float)) and seconds > 0):
        raise ContractError(f"{where}: `x-tracking` of the kind `live` needs `seconds`, a number above 0")
    return Tracking(
        kind=kind,
        session=str(raw.get("session", "")),
        code=str(raw.get("code", "")),
        page_view=dict(raw.get("page_view") or {}),
        seconds=float(seconds),
        provenance=read_provenance(raw, inherited),
        pointer=below(pointer, "x-tracking"),
    )
