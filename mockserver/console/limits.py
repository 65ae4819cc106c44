"""The page with the rate limits of each key, as gauges with buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from mockserver.console.context import ActionResult, PageContext
from mockserver.console.page import show
from mockserver.console.served import find_api, find_key
from mockserver.control.calls import NotFoundError, execute
from mockserver.control.space import list_limits, put_limits
from mockserver.dataset.accounts import Key
from mockserver.form import BadInputError
from mockserver.journal.redaction import key_label

JSON = Any
_WINDOWS = {"minute": "remaining", "month": "monthly_remaining"}
_LEFT = {"use-up": 0, "one-left": 1}


@dataclass(frozen=True, slots=True)
class Gauge:
    """The minute or month of a key. `limit` None: the plan has none."""

    window: str
    title: str
    used: int
    limit: int | None
    left: int | None
    reset: str

    @property
    def high(self) -> float:
        """The value from which the gauge shows a warning."""
        return 0.8 * (self.limit or 0)


@dataclass(frozen=True, slots=True)
class Card:
    """A key. `gauges` are empty if its API has no limits."""

    number: int
    id: str
    shown: str
    name: str
    description: str
    plan: str
    plans: tuple[str, ...]
    total: int
    gauges: tuple[Gauge, ...]


async def page(context: PageContext) -> Response:
    """Return the page with all keys, by contract."""
    limits = (await execute(list_limits, context.call(), reads=True))["limits"]
    cards: dict[str, list[Card]] = {}
    for number, limit in enumerate(limits):
        cards.setdefault(limit["contract"], []).append(_card(context, number, limit))
    titles = {api.contract.selector: api.contract.title for api in context.mock.apis}
    return show(context, "limits.html", "limits", groups=cards, titles=titles)


async def change(context: PageContext) -> ActionResult:
    """Use up or reset a window of a key, leave one request in it, or change the plan."""
    key = context.path["key"]
    found = find_key(context, key)
    if found is None:
        raise NotFoundError("There is no such key.", [])
    plan = context.form.get("plan", "")
    if plan:
        await execute(put_limits, context.call({"key": key}, {"plan": plan}))
        return ActionResult(f"{_label(context, found)} has the plan {plan} now.")
    window, _, left = context.form.get("do", "").partition(" ")
    if window not in _WINDOWS or left not in (*_LEFT, "reset"):
        raise BadInputError("do", "there is no such action", ["minute use-up", "month reset", "…"])
    body = {_WINDOWS[window]: await _left(context, key, window, left)}
    after = await execute(put_limits, context.call({"key": key}, body))
    return ActionResult(f"{_label(context, found)} has {after[window]['remaining']:,} requests left this {window}.")


def _label(context: PageContext, key: Key) -> str:
    return key_label(key.secret, context.mock.settings)


async def _left(context: PageContext, key: str, window: str, left: str) -> int:
    if left in _LEFT:
        return _LEFT[left]
    limits = (await execute(list_limits, context.call(), reads=True))["limits"]
    figures = next(limit[window] for limit in limits if limit["id"] == key)
    if figures is None or figures["limit"] is None:
        raise BadInputError("do", f"the plan has no limit per {window}", ["another window"])
    return int(figures["limit"])


def _card(context: PageContext, number: int, limit: JSON) -> Card:
    key, api = find_key(context, limit["id"]), find_api(context, limit["contract"])
    gauges = [
        Gauge(
            window,
            title,
            limit[window]["used"],
            limit[window]["limit"],
            limit[window]["remaining"],
            limit[window]["reset"],
        )
        for window, title in (("minute", "This minute"), ("month", "This month"))
        if limit[window] is not None
    ]
    return Card(
        number=number,
        id=limit["id"],
        shown=limit["key"],
        name=key.name if key is not None else limit["id"],
        description=key.description if key is not None else "",
        plan=limit["plan"],
        plans=tuple(api.contract.plans) if api is not None else (),
        total=limit["total"] or 0,
        gauges=tuple(gauges),
    )
