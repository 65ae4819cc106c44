"""This process's view of a space in shared state."""

from __future__ import annotations

import asyncio
import math
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from apicontract.errors import QUOTA_EXCEEDED, RATE_LIMITED
from mockserver.clock import month_start, next_month
from mockserver.dataset.accounts import Key
from mockserver.dataset.activity import Activity
from mockserver.journal.journal import Journal
from mockserver.journal.redaction import Redaction
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.scenarios.fault_state import FaultState
from mockserver.settings import Settings
from mockserver.state.redis.activity import SharedActivity
from mockserver.state.redis.agreement import Agreement
from mockserver.state.redis.document import Document, Reader, decode, encode, encode_fault_state
from mockserver.state.redis.journal import RedisJournal
from mockserver.state.redis.link import Link, reading
from mockserver.state.redis.place import Place
from mockserver.state.space import InitialFaults, StateError

HELD_MS = 2_000  # expiry of the lock, in case its process dies
_PATIENCE = 10.0  # seconds to wait for the lock
_EVENTS_KEPT = 2_000  # events between two snapshots
_REFUSALS = ("", RATE_LIMITED, QUOTA_EXCEEDED)


class RedisSpace:
    """A space in Redis. Between two calls of `refresh` it answers from this process's copy."""

    local = False

    def __init__(
        self,
        link: Link,
        agreement: Agreement,
        place: Place,
        settings: Settings,
        reader: Reader,
        redaction: Redaction,
        initial_faults: InitialFaults,
        journal_bytes: int,
    ) -> None:
        self.settings = self._started = settings
        self.clock = settings.clock()
        self._tracked = SharedActivity()
        self.activity: Activity = self._tracked
        self.keys: dict[str, Key] = {}
        self.fault_state: FaultState | None = None
        self._link, self._agreement, self._place, self._reader = link, agreement, place, reader
        self._initial_faults = initial_faults
        self._keys = (place.prefix,)
        self._journal = (
            RedisJournal(link, place.prefix, place.idle, self.clock, settings.journal_max, journal_bytes, redaction)
            if settings.journal_max
            else None
        )
        self.journal: Journal | None = self._journal
        self._epoch, self._version, self._event = b"", -1, 0
        self._failed: StateError | None = None
        self._known, self._text = Document(), b""
        self._month = (0.0, 0.0)
        self._next: asyncio.Task[None] | None = None
        self._asking, self._mine = asyncio.Lock(), asyncio.Lock()

    async def refresh(self) -> None:
        """Read the changes made by other processes. Concurrent calls share one round trip.

        Raises:
            StateError: The state is unavailable.
        """
        if self._next is None:
            if not self._asking.locked():
                async with self._asking:
                    await self._sync()
                return
            self._next = asyncio.get_running_loop().create_task(self._ask_next())
            self._next.add_done_callback(_seen)
        await asyncio.shield(self._next)

    async def _ask_next(self) -> None:
        failed = self._failed
        async with self._asking:
            self._next = None
            if self._failed is not failed and self._failed is not None:  # do not wait for a second timeout
                raise self._failed
            await self._sync()

    async def _sync(self) -> None:
        """Read the changes made by other processes.

        Raises:
            StateError: The state is unavailable, damaged, or of servers that serve something else.
        """
        try:
            await self._agreement.keep()
            await self._read()
        except StateError as error:
            self._failed = error
            raise

    async def _read(self) -> None:
        place = self._place
        epoch, version, document, snapshot, seen, events = await self._link.run(
            "sync",
            (place.prefix, place.tests, place.evicted, place.all),
            place.idle,
            place.test,
            place.most,
            secrets.token_hex(8),
            self._epoch,
            self._version,
            self._event,
        )
        with reading(self._link.address, place.prefix):
            self._apply(epoch, version, document, snapshot, seen, events)

    def _apply(
        self, epoch: bytes, version: int, document: bytes | None, snapshot: bytes | None, seen: int, events: list[bytes]
    ) -> None:
        if epoch != self._epoch:
            self._epoch, self._version, self._event = epoch, -1, 0
            self._tracked.load(b"")
        if document is not None and version != self._version:
            self._take(document, version)
        if snapshot is not None and seen > self._event:
            self._tracked.load(snapshot)
            self._event = seen
        for text in events[max(0, self._event - seen) :]:
            self._tracked.apply(text)
        self._event = max(self._event, seen + len(events))

    def _take(self, text: bytes, version: int) -> None:
        """Apply a document; an empty one is the initial state."""
        if text:
            document = decode(text)
            fault_state = self._reader.fault_state(document.fault_state) if document.fault_state is not None else None
            self.clock.restore(document.frozen, document.offset)
        else:
            fault_state = self._initial_faults()
            self.clock.reset()
            rate_limit, refused = self._started.rate_limit, self._started.refused_plans
            document = Document(*self.clock.standing, version, rate_limit, sorted(refused))
        self.fault_state = fault_state
        self.keys = self._reader.keys(document.plans)
        refused = frozenset(document.refused_plans)
        self.settings = replace(self._started, rate_limit=document.rate_limit, refused_plans=refused)
        self._known, self._version = document, version
        self._text = encode(self._now())

    @property
    def _turned(self) -> int:
        """The version of the last change of the clock, even if it is not published yet."""
        known = self._known
        return known.turned if self.clock.standing == (known.frozen, known.offset) else self._version + 1

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Lock the space; publish changes on exit, discard them on an error.

        Raises:
            StateError: The state is unavailable, or the lock is held for too long.
        """
        async with self._mine:
            holder = secrets.token_hex(8)
            await self._hold(holder)
            try:
                yield
            except BaseException:
                self._version = -1  # discard local changes: read the document again
                if not self._link.is_down:  # otherwise the lock expires on its own
                    with suppress(StateError):
                        await self._link.run("commit", self._keys, self._place.idle, holder)
                raise
            await self._commit(holder)

    async def _hold(self, holder: str) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while not await self._link.ask("SET", self._place.prefix + b"lock", holder, "NX", "PX", HELD_MS):
            if loop.time() > until:
                raise StateError("timeout: other processes hold the lock of this space")
            await asyncio.sleep(random.uniform(0.0005, 0.003))
        await self._sync()

    async def _commit(self, holder: str) -> None:
        document = self._now()
        text = encode(document)
        given = (text,) if text != self._text else ()
        try:
            version = await self._link.run("commit", self._keys, self._place.idle, holder, *given)
        except StateError:
            self._version = -1  # unknown whether the change was applied: read it again
            raise
        if version < 0:
            self._version = -1
            raise StateError("the transaction took too long: its lock expired and its changes were discarded")
        self._known, self._text, self._version = document, text, version

    def _now(self) -> Document:
        frozen, offset = self.clock.standing
        return Document(
            frozen,
            offset,
            self._turned,
            self.settings.rate_limit,
            sorted(self.settings.refused_plans),
            {name: key.plan for name, key in self.keys.items()},
            encode_fault_state(self.fault_state),
        )

    async def publish(self) -> None:
        """Send tracked events and journal entries to Redis.

        Raises:
            StateError: The state is unavailable.
        """
        if self._journal is not None:
            await self._journal.send()
        events = self._tracked.take()
        if not events:
            return
        last = await self._link.run("publish", self._keys, self._place.idle, *events)
        if last // _EVENTS_KEPT != (last - len(events)) // _EVENTS_KEPT:
            await self._sync()
            dump = self._tracked.dump()
            await self._link.run("snapshot", self._keys, self._place.idle, self._epoch, self._event, dump)

    def discard(self) -> None:
        """Discard tracked events that were not published."""
        self._tracked.take()

    def spend_now(self, spending: Spending) -> Quota:
        """Raise an error: only local spaces count synchronously."""
        raise NotImplementedError

    async def spend(self, spending: Spending) -> Quota:
        """Count or refuse a request.

        Raises:
            StateError: The state is unavailable; the request may have been counted.
        """
        return await self._count("spend", spending, *_judged(spending))

    async def read_quota(self, spending: Spending) -> Quota:
        """Return the quota of a key without counting a request.

        Raises:
            StateError: The state is unavailable.
        """
        return await self._count("peek", spending, *_judged(spending._replace(counted=False)))

    async def set_used(self, spending: Spending, *, minute_used: int | None, month_used: int | None) -> Quota:
        """Set the used requests of a key; the total changes with the month.

        Raises:
            StateError: The state is unavailable.
        """
        return await self._count("put", spending, *(-1 if used is None else used for used in (minute_used, month_used)))

    async def _count(self, act: str, spending: Spending, *more: int) -> Quota:
        now, seconds, key, plan = self.clock.now(), spending.limit.window_seconds, spending.key, spending.plan
        if not self._month[0] <= now < self._month[1]:
            self._month = (month_start(now), next_month(now))
        window, minute, month, total, till, refused = await self._link.run(
            "count",
            self._keys,
            self._place.idle,
            key.id,
            act,
            self._turned,
            int(now // seconds),
            int(self._month[0]),
            int(self._month[1]),
            key.used_this_month,
            key.used_total,
            *more,
        )
        reset, why = float((window + 1) * seconds), _REFUSALS[refused]
        return Quota(
            plan=plan.name,
            minute_limit=plan.per_minute,
            minute_used=minute,
            minute_reset=reset,
            month_limit=plan.per_month,
            month_used=month,
            month_reset=float(till),
            total_used=total,
            refused=why,
            retry_after=max(1, math.ceil((till if why == QUOTA_EXCEEDED else reset) - now)) if why else 0,
        )

    async def reset(self) -> None:
        """Reset the space. Call it inside `transaction`.

        Raises:
            StateError: The state is unavailable.
        """
        self.discard()
        epoch = secrets.token_hex(8)
        version, event = await self._link.run("reset", self._keys, self._place.idle, epoch)
        self._epoch, self._event = epoch.encode(), event
        self._tracked.load(b"")
        self._take(b"", version)


def _judged(spending: Spending) -> tuple[int, ...]:
    plan, limit = spending.plan, spending.limit
    per_month = -1 if plan.per_month is None else plan.per_month
    flags = spending.counted, spending.enforce, 429 not in limit.uncounted
    return plan.per_minute, per_month, *map(int, flags)


def _seen(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()
