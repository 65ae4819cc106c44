"""This process's view of a space in shared state."""

from __future__ import annotations

import asyncio
import math
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import msgspec

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
from mockserver.state.redis.link import Link, damaged, reading
from mockserver.state.redis.place import Place
from mockserver.state.space import InitialFaults, StateError

HELD_MS = 2_000  # expiry of the lock, in case its process dies
_PATIENCE = 10.0  # seconds to wait for the lock
_NO_EXPIRY = -1
_EVENTS_KEPT = 2_000  # events between two snapshots
_REFUSALS = ("", RATE_LIMITED, QUOTA_EXCEEDED)
Item = tuple[str | int, ...]
Figures = tuple[int, int, int, int, int, int]
_encoder = msgspec.msgpack.Encoder()
_figures = msgspec.msgpack.Decoder(list[Figures])


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
            RedisJournal(link, place.prefix, self.clock, settings.journal_max, redaction, self.publish)
            if settings.journal_max
            else None
        )
        self.journal: Journal | None = self._journal
        self._journal_bytes = journal_bytes
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
        self._link.begin()
        if self._next is None:
            if not self._asking.locked():
                await self._sync()
                return
            self._next = asyncio.get_running_loop().create_task(self._ask_next())
            self._next.add_done_callback(_seen)
        await asyncio.shield(self._next)

    async def _ask_next(self) -> None:
        failed = self._failed
        async with self._asking:
            self._next = None
            self._raise_unless(failed)
            await self._exchange((), self.clock.now())

    async def exchange(self, spendings: Sequence[Spending | None], since: float) -> list[Quota | None] | None:
        """Count requests that were judged by this process's copy, and publish what is new, in one round trip.

        Raises:
            StateError: The state is unavailable; the requests may have been counted.
        """
        self._link.begin(since)
        now, known = self.clock.now(), (self._epoch, self._version)
        asked = [spending for spending in spendings if spending is not None]
        items = [_item("spend", spending, now, *_judged(spending)) for spending in asked]
        async with self._turn():
            if known != (self._epoch, self._version):
                return None
            figures = await self._exchange(items, now, only_if_known=True)
        if figures is None:
            return None
        quotas = iter([_quota(spending, figure, now) for spending, figure in zip(asked, figures, strict=True)])
        return [None if spending is None else next(quotas) for spending in spendings]

    async def _sync(self) -> None:
        async with self._turn():
            await self._exchange((), self.clock.now())

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait until no other task asks Redis about this space.

        Raises:
            StateError: One of them failed meanwhile.
        """
        failed = self._failed
        async with self._asking:
            self._raise_unless(failed)
            yield

    def _raise_unless(self, failed: StateError | None) -> None:
        """Raise the last failure unless it is a known one: what is new here may be lost, and time is up."""
        if self._failed is not None and self._failed is not failed:
            raise self._failed

    async def _exchange(
        self, items: Sequence[Item], now: float, *, only_if_known: bool = False
    ) -> list[Figures] | None:
        """Publish what is new here, read what is new in other processes, and count requests; only in a `_turn`.

        What is new is forgotten on an error. `only_if_known` counts and returns nothing (None) if the space was changed
        in the meantime.

        Raises:
            StateError: The state is unavailable, damaged, or of servers that serve something else.
        """
        try:
            return await self._ask(items, now, only_if_known=only_if_known)
        except StateError as error:
            self._failed = error
            raise

    async def _ask(self, items: Sequence[Item], now: float, *, only_if_known: bool) -> list[Figures] | None:
        place, link, known = self._place, self._link, (self._epoch, self._version)
        if not self._month[0] <= now < self._month[1]:
            self._month = (month_start(now), next_month(now))
        batches = self._journal.take() if self._journal is not None else []
        events = self._tracked.take()
        await self._agreement.keep()
        question = (
            place.idle,
            place.test.decode("latin-1"),
            place.most,
            secrets.token_hex(8),
            self._epoch.decode("latin-1"),
            self._version,
            self._event,
            self.settings.journal_max,
            self._journal_bytes,
            [size for size, _ in batches],
            only_if_known,
            self._turned,
            int(self._month[0]),
            int(self._month[1]),
            items,
        )
        reply = await link.run(
            "exchange",
            (place.prefix, place.tests, place.evicted, place.all),
            _encoder.encode(question),
            *(text for _, text in batches),
            *events,
        )
        before = self._event
        with reading(link.address, place.prefix):
            *told, counted = reply
            self._apply(*told)
            figures = _figures.decode(counted) if counted is not None else None
        if events and self._event // _EVENTS_KEPT != before // _EVENTS_KEPT:
            await link.run("snapshot", self._keys, place.idle, self._epoch, self._event, self._tracked.dump())
        if only_if_known and known != (self._epoch, self._version):
            return None
        return figures or []

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
        self._link.begin()
        lock = self._place.prefix + b"lock"
        while not await self._link.ask("SET", lock, holder, "NX", "PX", HELD_MS):
            if await self._link.ask("PTTL", lock) == _NO_EXPIRY:
                raise damaged(self._link.address, lock, ValueError("a lock that does not expire"))
            if loop.time() > until:
                raise StateError("timeout: other processes hold the lock of this space")
            await asyncio.sleep(random.uniform(0.0005, 0.003))
            self._link.begin()  # Redis did reply
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
        if self._tracked.has_news or (self._journal is not None and self._journal.has_news):
            await self._sync()

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
        return await self._count(spending, "spend", *_judged(spending))

    async def read_quota(self, spending: Spending) -> Quota:
        """Return the quota of a key without counting a request.

        Raises:
            StateError: The state is unavailable.
        """
        return await self._count(spending, "read", *_judged(spending._replace(counted=False)))

    async def set_used(self, spending: Spending, *, minute_used: int | None, month_used: int | None) -> Quota:
        """Set the used requests of a key; the total changes with the month.

        Raises:
            StateError: The state is unavailable.
        """
        used = (-1 if used is None else used for used in (minute_used, month_used))
        return await self._count(spending, "set", *used)

    async def _count(self, spending: Spending, act: str, *more: int) -> Quota:
        now = self.clock.now()
        async with self._turn():
            figures = await self._exchange([_item(act, spending, now, *more)], now) or []
        return _quota(spending, figures[0], now)

    async def reset(self) -> None:
        """Reset the space. Call it inside `transaction`.

        Raises:
            StateError: The state is unavailable.
        """
        self.discard()
        epoch = secrets.token_hex(8)
        async with self._asking:
            keys = (*self._keys, self._place.tests, self._place.evicted, self._place.served)
            version, event = await self._link.run("reset", keys, self._place.idle, epoch)
            self._epoch, self._event = epoch.encode(), event
            self._tracked.load(b"")
            self._take(b"", version)


def _item(act: str, spending: Spending, now: float, *more: int) -> Item:
    """Return what `exchange.lua` counts."""
    key = spending.key
    return act, key.id, int(now // spending.limit.window_seconds), key.used_this_month, key.used_total, *more


def _judged(spending: Spending) -> tuple[int, ...]:
    plan, limit = spending.plan, spending.limit
    per_month = -1 if plan.per_month is None else plan.per_month
    flags = spending.counted, spending.enforce, 429 not in limit.uncounted
    return plan.per_minute, per_month, *map(int, flags)


def _quota(spending: Spending, figures: Figures, now: float) -> Quota:
    window, minute, month, total, till, refused = figures
    reset, why, plan = float((window + 1) * spending.limit.window_seconds), _REFUSALS[refused], spending.plan
    return Quota(
        plan.name,
        plan.per_minute,
        minute,
        reset,
        plan.per_month,
        month,
        float(till),
        total,
        why,
        max(1, math.ceil((till if why == QUOTA_EXCEEDED else reset) - now)) if why else 0,
    )


def _seen(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()
