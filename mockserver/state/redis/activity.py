"""Tracked events in shared state: every process applies the same events in the same order."""

from __future__ import annotations

import msgspec

from mockserver.dataset.activity import Activity
from mockserver.dataset.tracked import Event, TrackedDay, TrackedVisit


class ActivityMessage(msgspec.Struct, frozen=True, array_like=True):
    """An event, or a heartbeat if `event` is None. `at` is in epoch seconds of the mock's clock."""

    at: float
    site: str
    session: str
    event: Event | None = None


class Session(msgspec.Struct, frozen=True, array_like=True):
    """A session with its current visit."""

    site: str
    session: str
    seen: float
    path: str
    visit: TrackedVisit | None
    visit_day: int
    views: int


class Snapshot(msgspec.Struct, frozen=True):
    """All tracked data. `detailed` lists the dates with visit details, oldest first."""

    days: dict[str, dict[int, TrackedDay]]
    sessions: list[Session]
    count: int
    detailed: list[tuple[str, int]]


_messages = msgspec.json.Decoder(ActivityMessage)
_snapshots = msgspec.msgpack.Decoder(Snapshot)


class SharedActivity(Activity):
    """Activity that queues its own events for publication (`take`) and counts them when they return in global order."""

    def __init__(self) -> None:
        super().__init__()
        self._outbox: list[bytes] = []

    def track(self, event: Event, now: float) -> None:
        """Queue an event."""
        self._outbox.append(msgspec.json.encode(ActivityMessage(now, event.site, event.session, event)))

    def heartbeat(self, site: str, session: str, now: float) -> bool:
        """Queue a heartbeat. Always True: whether the session is known is only decided when it is applied."""
        self._outbox.append(msgspec.json.encode(ActivityMessage(now, site, session)))
        return True

    @property
    def has_news(self) -> bool:
        """Whether something was tracked and not taken."""
        return bool(self._outbox)

    def take(self) -> list[bytes]:
        """Remove and return the queued events."""
        taken, self._outbox = self._outbox, []
        return taken

    def apply(self, text: bytes) -> None:
        """Apply an event of any process. Call it inside `reading`."""
        message = _messages.decode(text)
        if message.event is None:
            super().heartbeat(message.site, message.session, message.at)
        else:
            super().track(message.event, message.at)

    def dump(self) -> bytes:
        """Return a snapshot of all tracked data."""
        sessions = [
            Session(*key, one.seen, one.path, one.visit, one.visit_day, one.views)
            for key, one in self._sessions.items()
        ]
        return msgspec.msgpack.encode(Snapshot(self._days, sessions, self._count, list(self._detailed)))

    def load(self, text: bytes) -> None:
        """Restore a snapshot; an empty one resets. Call it inside `reading`."""
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
