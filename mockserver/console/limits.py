"""Each key's minute and month as gauges, with buttons that use them up or give them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from mockserver.console.page import show
from mockserver.console.served import api_of, key_of
from mockserver.console.visit import Done, Visit
from mockserver.control.calls import NotFoundError, execute
from mockserver.control.space import list_limits, put_limits
from mockserver.form import BadInputError

JSON = Any
_WINDOWS = {"minute": "remaining", "month": "monthly_remaining"}
_LEFT = {"use-up": 0, "one-left": 1}


@dataclass(frozen=True, slots=True)
class Gauge:
    """One window of a key. `limit` None: this plan has no such limit."""

    window: str
    title: str
    used: int
    limit: int | None
    left: int | None
    reset: str

    @property
    def high(self) -> float:
        """From where on it is nearly used up."""
        return 0.8 * (self.limit or 0)


@dataclass(frozen=True, slots=True)
class Card:
    """One key. `gauges` are empty where nothing is counted."""

    number: int
    id: str
    shown: str
    name: str
    description: str
    plan: str
    plans: tuple[str, ...]
    total: int
    gauges: tuple[Gauge, ...]


async def page(visit: Visit) -> Response:
    """All keys, by contract."""
    limits = (await execute(list_limits, visit.call(), reads=True))["limits"]
    cards: dict[str, list[Card]] = {}
    for number, limit in enumerate(limits):
        cards.setdefault(limit["contract"], []).append(_card(visit, number, limit))
    titles = {api.contract.selector: api.contract.title for api in visit.mock.apis}
    return show(visit, "limits.html", "limits", groups=cards, titles=titles)


async def change(visit: Visit) -> Done:
    """Use a window up, leave one request in it, give it back, or change the plan."""
    key = visit.path["key"]
    found = key_of(visit, key)
    if found is None:
        raise NotFoundError("There is no such key.", [])
    plan = visit.form.get("plan", "")
    if plan:
        await execute(put_limits, visit.call({"key": key}, {"plan": plan}))
        return Done(f"{found.name} is on the plan {plan} now.")
    window, _, left = visit.form.get("do", "").partition(" ")
    if window not in _WINDOWS or left not in (*_LEFT, "reset"):
        raise BadInputError("do", "no button of this page says so", ["minute use-up", "month reset", "…"])
    body = {_WINDOWS[window]: await _left(visit, key, window, left)}
    after = await execute(put_limits, visit.call({"key": key}, body))
    return Done(f"{found.name} has {after[window]['remaining']:,} requests left this {window}.")


async def _left(visit: Visit, key: str, window: str, left: str) -> int:
    if left in _LEFT:
        return _LEFT[left]
    limits = (await execute(list_limits, visit.call(), reads=True))["limits"]
    figures = next(limit[window] for limit in limits if limit["id"] == key)
    if figures is None or figures["limit"] is None:
        raise BadInputError("do", f"the plan has no limit a {window}", ["another window"])
    return int(figures["limit"])


def _card(visit: Visit, number: int, limit: JSON) -> Card:
    key, api = key_of(visit, limit["id"]), api_of(visit, limit["contract"])
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
