"""Changes of the clock and of the limits of keys, by a scenario, a file or the control API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.clock import Clock, next_month
from mockserver.dataset.accounts import Key
from mockserver.faults.reading import BIG, find_key_id
from mockserver.form import EARLIEST, LATEST, BadInputError, Form
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.pipeline.api import Api
from mockserver.pipeline.world import World

JSON = Any
CLOCK_ACTIONS = ("freeze", "unfreeze", "advance", "set", "reset")
NEXT_MONTH = "next-month"
EVERY_KEY = "*"
_Change = tuple[Key, Spending, int | None, int | None]


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A change of the clock. `at`: epoch seconds, or None.

    `to_month`: the target is `seconds` before the first instant of the next month.
    """

    action: str
    seconds: float = 0.0
    at: float | None = None
    to_month: bool = False

    def check(self, clock: Clock) -> float | None:
        """Return the instant to set (epoch seconds), or None if the change has none.

        Raises:
            BadInputError: The clock would leave the years 2000 to 2099.
        """
        at = next_month(clock.now()) - self.seconds if self.to_month else self.at
        target = clock.now() + self.seconds if self.action == "advance" else at
        if target is not None and not EARLIEST <= target <= LATEST:
            raise BadInputError("seconds", "the clock would leave its range", ["an instant from 2000 to 2099"])
        return at

    def apply(self, clock: Clock) -> None:
        """Change a clock.

        Raises:
            BadInputError: The clock would leave the years 2000 to 2099.
        """
        at = self.check(clock)
        if self.action == "reset":
            clock.reset()
        elif self.action == "freeze":
            clock.freeze(at)
        elif self.action == "unfreeze":
            clock.unfreeze()
        elif self.action == "advance":
            clock.advance(self.seconds)
        elif at is not None:
            clock.set(at)


def read_clock(value: JSON) -> ClockChange:
    """Read a change of the clock, such as `{"action": "set", "at": "2026-03-01T00:00:00Z"}`.

    `action`: one of CLOCK_ACTIONS; `advance` takes `seconds`. `at`: an instant, or `next-month` with `seconds` before
    it.

    Raises:
        BadInputError: A member is not valid; the error has its name and valid values.
    """
    form = Form(value, ("action", "seconds", "at"))
    action = form.text("action", CLOCK_ACTIONS)
    if not action:
        raise BadInputError("action", "action is missing", CLOCK_ACTIONS)
    seconds = form.number("seconds", 0, BIG * 4)
    to_month = form.raw("at") == NEXT_MONTH
    at = None if to_month else form.instant("at")
    if action == "advance" and (seconds is None or "at" in form):
        raise BadInputError("seconds", "advance takes seconds", ["a number of seconds, 0 or more"])
    if action == "set" and "at" not in form:
        raise BadInputError("at", "set takes an instant", ["an RFC 3339 date-time", NEXT_MONTH])
    if action in ("unfreeze", "reset") and len([name for name in ("seconds", "at") if name in form]):
        raise BadInputError("action", f"{action} takes no seconds and no at", ["no seconds", "no at"])
    if action in ("set", "freeze") and seconds is not None and not to_month:
        raise BadInputError("seconds", f"{action} takes seconds only with at: {NEXT_MONTH}", ["no seconds"])
    return ClockChange(action, seconds or 0.0, at, to_month)


@dataclass(frozen=True, slots=True)
class LimitsChange:
    """A change of a key's remaining requests or plan; None leaves it unchanged. `key`: its id, or `*` for every key."""

    key: str
    remaining: int | None = None
    monthly_remaining: int | None = None
    plan: str = ""

    async def apply(self, world: World, apis: Sequence[Api], *, lenient: bool = False) -> None:
        """Apply the change; an error leaves every key unchanged. `lenient`: skip what is not possible."""
        for key, spending, minute, month in self.check(world, apis, lenient=lenient):
            if self.plan:
                world.keys[key.id] = key
            await world.set_used(spending, minute_used=minute, month_used=month)

    def check(self, world: World, apis: Sequence[Api], *, lenient: bool = False) -> list[_Change]:
        """Return the changes: each key, its spending, and the requests used this minute and month.

        Raises:
            BadInputError: The API has no such plan, or the plan allows fewer requests.
        """
        every = lenient or self.key == EVERY_KEY
        changes: list[_Change] = []
        for api, key in list_keys(world, apis):
            if self.key not in (EVERY_KEY, key.id):
                continue
            if self.plan:
                key = on_plan(api, key, self.plan, every)
            spending = create_spending(api, key)
            if spending is None:
                if not every:
                    raise BadInputError(
                        "key", f"{api.contract.selector} has no limits", ["a key of an API with limits"]
                    )
                continue
            plan = spending.plan
            minute = _used("remaining", self.remaining, plan.per_minute, plan.name, every)
            month = _used("monthly_remaining", self.monthly_remaining, plan.per_month, plan.name, every)
            changes.append((key, spending, minute, month))
        return changes


def read_limits(value: JSON, key: str, apis: tuple[Api, ...]) -> LimitsChange:
    """Read `{"remaining": 1, "monthly_remaining": 4, "plan": "pro"}`, for a key by id or secret.

    Raises:
        BadInputError: A member is not valid, or there is no such key.
    """
    form = Form(value, ("remaining", "monthly_remaining", "plan"))
    change = LimitsChange(
        key if key == EVERY_KEY else find_key_id(key, apis),
        form.integer("remaining", 0, BIG),
        form.integer("monthly_remaining", 0, BIG),
        form.text("plan"),
    )
    if change.remaining is None and change.monthly_remaining is None and not change.plan:
        raise BadInputError("", "no change is given", ["remaining", "monthly_remaining", "plan"])
    return change


def list_keys(world: World, apis: Sequence[Api]) -> list[tuple[Api, Key]]:
    """List every key of every API, with the plans of a space."""
    changed = world.keys
    return [(api, changed.get(key.id, key)) for api in apis for key in api.keys.values()]


def create_spending(api: Api, key: Key) -> Spending | None:
    """Return what reads a key's counter, or None if its API has no limits."""
    plan, limit = api.contract.plans.get(key.plan), api.contract.rate_limit
    return None if plan is None or limit is None else Spending(key, plan, limit, counted=False, enforce=False)


async def read_quota(world: World, api: Api, key: Key) -> Quota | None:
    """Return the quota of a key, or None if its API has no limits."""
    spending = create_spending(api, key)
    return None if spending is None else await world.read_quota(spending)


def on_plan(api: Api, key: Key, plan: str, every: bool) -> Key:
    """Return a key with another plan. `every`: return it unchanged if its API has no such plan.

    Raises:
        BadInputError: Its API has no such plan.
    """
    if plan not in api.contract.plans:
        if every:
            return key
        raise BadInputError("plan", f"{api.contract.selector} has no plan {plan!r}", api.contract.plans)
    tier = next((other.tier for other in api.keys.values() if other.plan == plan), key.tier)
    return replace(key, plan=plan, tier=tier)


def _used(name: str, left: int | None, limit: int | None, plan: str, every: bool) -> int | None:
    if left is None:
        return None
    if limit is None:
        if every:
            return None
        raise BadInputError(name, f"the plan {plan} has no limit for {name}", ["a key of a plan that has one"])
    if left > limit and not every:
        raise BadInputError(name, f"{name} is {left}, but the plan {plan} allows {limit}", [f"0 to {limit}"])
    return limit - min(left, limit)
