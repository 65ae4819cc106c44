"""The page with charts of the data, drawn from the answers of the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from starlette.responses import Response

from apicontract.operations import Operation
from apicontract.parameters import MISSING
from mockserver.clock import rfc3339
from mockserver.console.charts import BARS, LINE, NUMBER, Chart, Points, list_charts, read_points
from mockserver.console.context import PageContext
from mockserver.console.curl import credentials
from mockserver.console.page import show
from mockserver.console.series import Series, read_series
from mockserver.console.served import named_keys
from mockserver.dataset.accounts import Key
from mockserver.dataset.site import Site
from mockserver.pipeline.api import Api
from mockserver.scenarios.actions import list_keys, read_quota

JSON = Any


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart and its points. `points` None: the answer lacks them, for the reason `why`. `series`: of a line chart."""

    number: int
    chart: Chart
    target: str
    points: Points | None
    series: Series | None
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A query parameter of the charts' operations: its values, and the selected one."""

    name: str
    values: tuple[str, ...]
    chosen: str


async def page(context: PageContext) -> Response:
    """Return the page: the charts of a contract for one site and one key."""
    apis = [api for api in context.mock.apis if api.dataset is not None and any(list_charts(api.contract))]
    wanted = context.query.get("contract", "")
    api = next((api for api in apis if api.contract.selector == wanted), apis[0] if apis else None)
    if api is None or api.dataset is None:
        return show(context, "data.html", "data", api=None, apis=[], drawn={})
    keys = [
        key
        for owner, key in list_keys(context.pipeline.space, context.pipeline.apis)
        if owner is api and key.permitted and not key.revoked
    ]
    key = next((key for key in keys if key.id == context.query.get("key")), None) or await _choose_key(
        context, api, keys
    )
    sites = api.dataset.visible(key.resources if key is not None else (), context.pipeline.space.clock.now())
    site = next((site for site in sites if site.id == context.query.get("site")), sites[0] if sites else None)
    charts = list(list_charts(api.contract))
    choices = list(_choices(charts, context.query))
    drawn: dict[str, list[Drawn]] = {NUMBER: [], LINE: [], BARS: []}
    asked = Asked(context, api, key, site, {})
    today = rfc3339(context.pipeline.space.clock.now())[:10]
    for number, chart in enumerate(charts):
        target, status, body = await asked.answer(chart.operation, choices)
        points = _read(chart, status, body)
        series = None
        if points is not None and chart.kind == LINE:
            longer = [
                _read(chart, *(await asked.answer(chart.operation, other))[1:])
                for other in _others(chart.operation, choices)
            ]
            series = read_series(points, [one for one in longer if one is not None], today, chart.unit)
        why = "" if points is not None else f"The API answers {status}, without the data of this chart."
        drawn[chart.kind].append(Drawn(number, chart, target, points, series, why))
    return show(
        context,
        "data.html",
        "data",
        api=api,
        apis=apis,
        keys=keys,
        labels={one.id: one.label for one in named_keys(context)},
        key=key,
        sites=[(one.id, _name(one)) for one in sites],
        site=site,
        choices=choices,
        drawn=drawn,
        query=urlencode(context.query),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers about one site with one key. `known`: by their target."""

    context: PageContext
    api: Api
    key: Key | None
    site: Site | None
    known: dict[str, tuple[int, bytes]]

    async def answer(self, operation: Operation, choices: list[Choice]) -> tuple[str, int, bytes]:
        """Return target, status and body of a dry run of an operation, which is neither counted nor recorded."""
        path, query = _target(self.api, operation, self.site, choices)
        target = f"{path}?{query}" if query else path
        if target not in self.known:
            self.known[target] = await _ask(self.context, operation, self.key, path, query)
        return target, *self.known[target]


def _target(api: Api, operation: Operation, site: Site | None, choices: list[Choice]) -> tuple[str, str]:
    """Return path and query of an operation for a site."""
    path, link = operation.path, api.endpoints[operation.id].link
    if link is not None and site is not None and api.dataset is not None:
        name = next((name for name, one in api.dataset.resources[link.kind].items() if one is site), "")
        path = path.replace(f"{{{api.endpoints[operation.id].link_parameter}}}", quote(name, safe=""))
    return path, urlencode({one.name: one.chosen for one in choices if _has_choice(operation, one)})


async def _ask(context: PageContext, operation: Operation, key: Key | None, path: str, query: str) -> tuple[int, bytes]:
    headers = [(name.lower().encode(), value.encode()) for name, value in credentials(operation, key)]
    pipeline = context.pipeline
    request = pipeline.receive("GET", path.encode(), query.encode(), headers, dict(headers))
    judged = pipeline.judge(request, dry=True)
    quota = None if judged.spending is None else await pipeline.space.read_quota(judged.spending)
    answer = pipeline.complete(request, judged, quota)
    return answer.status, context.mock.redaction.body(answer.body)


def _read(chart: Chart, status: int, body: bytes) -> Points | None:
    if status != chart.operation.success:
        return None
    try:
        return read_points(chart, orjson.loads(body))
    except orjson.JSONDecodeError:
        return None


def _others(operation: Operation, choices: list[Choice]) -> Iterator[list[Choice]]:
    """Yield the choices with one other value of one parameter of an operation, such as a longer range."""
    for place, choice in enumerate(choices):
        if _has_choice(operation, choice):
            for value in choice.values:
                other = replace(choice, chosen=value)
                if value != choice.chosen and _has_choice(operation, other):
                    yield [*choices[:place], other, *choices[place + 1 :]]


def _choices(charts: list[Chart], query: Mapping[str, str]) -> Iterator[Choice]:
    """Yield the query parameters with an `enum`; each operation gets those it has."""
    found: dict[str, list[str]] = {}
    defaults: dict[str, str] = {}
    for chart in charts:
        for parameter in chart.operation.parameters:
            values = parameter.schema.resolved.get("enum")
            if parameter.location != "query" or not values:
                continue
            known = found.setdefault(parameter.name, [])
            known += [str(value) for value in values if str(value) not in known]
            if parameter.default is not MISSING:
                defaults.setdefault(parameter.name, str(parameter.default))
    for name, values in found.items():
        chosen = query.get(name, "")
        yield Choice(name, tuple(values), chosen if chosen in values else defaults.get(name, str(values[0])))


def _has_choice(operation: Operation, choice: Choice) -> bool:
    parameter = operation.parameter(choice.name)
    values = parameter.schema.resolved.get("enum") if parameter is not None else None
    return choice.chosen in [str(value) for value in values or ()]


async def _choose_key(context: PageContext, api: Api, keys: list[Key]) -> Key | None:
    """Return the key for the charts: one with requests left, then most resources, then most requests left."""
    ranked: list[tuple[bool, int, int, Key]] = []
    for key in keys:
        quota = await read_quota(context.pipeline.space, api, key)
        left = 1 if quota is None else quota.minute_remaining
        used_up = quota is not None and quota.month_limit is not None and quota.month_used >= quota.month_limit
        ranked.append((left > 0 and not used_up, len(key.resources), left, key))
    return max(ranked, key=lambda one: one[:3])[-1] if ranked else None


def _name(site: Site) -> str:
    """Return the name of a site: its first text that is not its id."""
    texts = [str(value) for value in site.record.values() if isinstance(value, str) and value != site.id]
    return next(iter(texts), site.id)
