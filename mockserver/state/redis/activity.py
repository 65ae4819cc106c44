"""Tracked traffic that several processes share: each takes the same events in the same order."""

from __future__ import annotations

import msgspec

from mockserver.dataset.activity import Activity
from mockserver.dataset.tracked import Event, TrackedDay, TrackedVisit


class Sign(msgspec.Struct, frozen=True, array_like=True):
    """An event, or (where it is None) a heartbeat of a session on a site. `at`: epoch seconds of the mock's clock."""

    at: float
    site: str
    session: str
    event: Event | None = None


class Session(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a session; `visit` is that of the day it belongs to."""

    site: str
    session: str
    seen: float
    path: str
    visit: TrackedVisit | None
    visit_day: int
    views: int


class Snapshot(msgspec.Struct, frozen=True):
    """Everything that was tracked. `detailed`: the days whose visits have details, oldest first."""

    days: dict[str, dict[int, TrackedDay]]
    sessions: list[Session]
    count: int
    detailed: list[tuple[str, int]]


_signs = msgspec.json.Decoder(Sign)
_snapshots = msgspec.msgpack.Decoder(Snapshot)


class SharedActivity(Activity):
    """What is tracked here is sent off first (`take`), and counts when it comes back in its place among the others'."""

    def __init__(self) -> None:
        super().__init__()
        self._outbox: list[bytes] = []

    def track(self, event: Event, now: float) -> None:
        """See Activity."""
        self._outbox.append(msgspec.json.encode(Sign(now, event.site, event.session, event)))

    def heartbeat(self, site: str, session: str, now: float) -> bool:
        """See Activity; whether the session is known is not known yet."""
        self._outbox.append(msgspec.json.encode(Sign(now, site, session)))
        return True

    def take(self) -> list[bytes]:
        """What is to be sent off."""
        taken, self._outbox = self._outbox, []
        return taken

    def apply(self, text: bytes) -> None:
        """Let an event count, inside `reading`."""
        sign = _signs.decode(text)
        if sign.event is None:
            super().heartbeat(sign.site, sign.session, sign.at)
        else:
            super().track(sign.event, sign.at)

    def dump(self) -> bytes:
        """All that was tracked."""
        sessions = [
            Session(*key, one.seen, one.path, one.visit, one.visit_day, one.views)
            for key, one in self._sessions.items()
        ]
        return msgspec.msgpack.encode(Snapshot(self._days, sessions, self._count, list(self._detailed)))

    def load(self, text: bytes) -> None:
        """Be as another was when it was dumped, inside `reading`; empty: as at the start."""
        self.reset()
        if not text:
            return
        snapshot = _snapshots.decode(text)
        self._days, self._count = snapshot.days, snapshot.count
        for site, day in snapshot.detailed:
            self._detailed[site, day] = self._days[site][day]
        visits = {visit.id: visit for day in self._detailed.values() for visit in day.visits}
        self._details = len(visits)
        for one in snapshot.sessions:
            visit = one.visit if one.visit is None else visits.get(one.visit.id, one.visit)
            self.restore(one.site, one.session, one.seen, one.path, visit, one.visit_day, one.views)
