"""The live list of requests, and the page of each request."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from mockserver.console.context import ActionResult, PageContext
from mockserver.console.curl import entry_curl, sent_headers
from mockserver.console.explanation import explain
from mockserver.console.page import render, show
from mockserver.console.sending import MARK, read, send, without
from mockserver.console.served import (
    NamedKey,
    find_endpoint,
    find_key,
    find_operation,
    is_status,
    list_errors,
    named_keys,
    operation_ids,
)
from mockserver.control.calls import NotFoundError, execute
from mockserver.control.criteria import Criteria, read_criteria
from mockserver.control.faults import add_fault
from mockserver.control.nearmiss import near_misses
from mockserver.engine.example import example_request
from mockserver.engine.streams import Streams
from mockserver.form import BadInputError
from mockserver.journal.entry import Entry
from mockserver.journal.redaction import key_label
from mockserver.state.space import StateError

FILTERS = ("search", "operation", "key", "status", "client")
STATUSES = ("2xx", "4xx", "5xx", "429", "401", "403", "404", "400", "0")
_SHOWN = 200
_BURST = 100
_PAUSE = 0.25
_RETRY = 1_000  # milliseconds after which a browser reconnects
_SHARE = 9  # the pause between two reads is this many times the length of a read, so that requests come first


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of the list, with the name of its key."""

    entry: Entry
    key: NamedKey | None


@dataclass(frozen=True, slots=True)
class Group:
    """The requests for one operation, or for none. `query`: the filter that lists them. Times in seconds."""

    operation: str
    count: int
    statuses: tuple[tuple[int, int], ...]
    median: float
    slowest: float
    last: Entry
    query: str


async def page(context: PageContext) -> Response:
    """Return the page with the list, newest first, or with a table of operations (`group=operation`)."""
    given, alert = _filters(context), ""
    try:
        criteria = read_criteria(given, context.mock)
    except BadInputError as error:
        criteria, given = Criteria(), {}
        alert = f"{error.message}: the filter was ignored."
    known, forgotten = await read(context)
    found = criteria.find(known)
    if alert:
        context = replace(context, alert=context.alert or alert)
    return show(
        context,
        "requests.html",
        "requests",
        rows=_rows(context, reversed(found[-_SHOWN:])),
        found=len(found),
        kept=len(known),
        forgotten=forgotten,
        journal=context.pipeline.space.journal is not None,
        given=given,
        groups=_groups(found, given) if context.query.get("group") == "operation" else None,
        query=urlencode(context.query),
        operations=operation_ids(context),
        keys=named_keys(context),
        statuses=STATUSES,
        clients=sorted({entry.user_agent for entry in known if entry.user_agent} | {entry.client for entry in known}),
        stream=urlencode({**given, "after": known[-1].number if known else 0}),
        example=example_request(context.mock, _origin(context)),
        tests=[name.decode("latin-1") for name in await context.mock.store.tests(context.mock.tests)],
    )


async def stream(context: PageContext) -> Response:
    """Stream new entries as server-sent events, each a row of the list.

    The journal is polled, because another process may add to it.
    """
    given = {name: value for name, value in context.query.items() if name != "after"}
    criteria = read_criteria({name: value for name, value in given.items() if name in FILTERS}, context.mock)
    last = context.request.headers.get("last-event-id", "") or context.query.get("after", "")
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else 0
    stop = anyio.Event()
    events = _until_replaced(context.mock.connections.streams, _events(context, criteria, after, stop), stop)
    response = EventSourceResponse(events, ping=15, shutdown_event=stop, shutdown_grace_period=1)
    response.headers["connection"] = "close"  # if a newer stream replaces this one, its connection must close too
    return response


async def _until_replaced(
    streams: Streams, events: AsyncIterator[ServerSentEvent], stop: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    """Yield events until a newer stream replaces this one (the last event says so) or the shared state is unavailable.

    In the latter case the browser reconnects.
    """
    with streams.hold(stop.set) as place, suppress(StateError):
        async for event in events:
            yield event
        if place.replaced:
            most = "one live list" if streams.most == 1 else f"{streams.most} live lists"
            yield ServerSentEvent(
                event="replaced", data=f"stopped: at most {most} can be open, and newer ones are; reload to continue"
            )


async def _events(
    context: PageContext, criteria: Criteria, after: int, stop: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="listening", retry=_RETRY)
    known = (await read(context)).entries
    if not known or known[-1].number < after:  # the server was restarted, and numbers start from 1
        after = 0
    while not stop.is_set():
        began = perf_counter()
        fresh = (await read(context, after)).entries
        if fresh:
            after = fresh[-1].number
            found = criteria.find(fresh)
            for row in _rows(context, found[-_BURST:]):
                html = render("row.html", context.root, row=row)
                yield ServerSentEvent(event="entry", id=str(row.entry.number), data=html)
            if len(found) > _BURST:
                yield ServerSentEvent(event="missed", data=str(len(found) - _BURST))
        with anyio.move_on_after(max(_PAUSE, _SHARE * (perf_counter() - began))):
            await stop.wait()


async def entry_page(context: PageContext) -> Response:
    """Return the page of a request."""
    entry, earlier, later = await _find(context)
    endpoint = find_endpoint(context, entry.contract, entry.operation)
    operation = endpoint.operation if endpoint is not None else None
    contracts = [api.contract for api in context.mock.apis]
    contract = next((one for one in contracts if one.selector == entry.contract), None)
    key = find_key(context, entry.key)
    shown = key if context.mock.settings.has_demo_keys else None
    label = key_label(key.secret, context.mock.settings) if key is not None else entry.key
    origin = _origin(context)
    return show(
        context,
        "entry.html",
        "requests",
        entry=entry,
        key=key,
        headers=sent_headers(entry, operation, shown),
        earlier=earlier,
        later=later,
        mark=dict(entry.headers).get(MARK, ""),
        label=label,
        explanation=explain(entry, contract, operation, key, label) if contract is not None else None,
        operation=operation,
        misses=near_misses(entry, contracts) if operation is None else [],
        masked=bool(entry.key) and shown is None,
        curl=entry_curl(entry, origin, operation, shown),
        errors=list(list_errors(endpoint)) if endpoint is not None else [],
    )


async def replay(context: PageContext) -> ActionResult:
    """Send a request again with its key, and redirect to the new one."""
    entry, _, _ = await _find(context)
    operation = find_operation(context, entry.contract, entry.operation)
    key = find_key(context, entry.key)
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in sent_headers(entry, operation, key)
    ]
    headers = without(headers, (b"host", b"user-agent", b"x-test-id", MARK.encode()))
    result = await send(
        context, entry.method, entry.path, entry.query, headers, entry.body, f"replay of {entry.number}"
    )
    if result.number:
        return ActionResult(redirect=f"/console/requests/{result.number}")
    return ActionResult(f"The status of the answer is {result.status or 'none'}; the journal has no entry for it.")


async def force_next(context: PageContext) -> ActionResult:
    """Answer the next request for the entry's operation with one of its documented errors."""
    entry, _, _ = await _find(context)
    error = context.form.get("error", "")
    body: dict[str, object] = {"operation": entry.operation, "times": 1}
    body |= {"status": int(error)} if is_status(error) else {"error": error or "?"}
    if context.form.get("key") and entry.key:
        body["key"] = entry.key
    await execute(add_fault, context.call(body=body))
    return ActionResult(f"The next answer of {entry.operation} will be {error}, once.")


async def clear(context: PageContext) -> ActionResult:
    """Clear the journal."""
    if context.pipeline.space.journal is not None:
        await context.pipeline.space.journal.clear()
    return ActionResult("The list is empty.")


async def _find(context: PageContext) -> tuple[Entry, int, int]:
    """Return the entry of the path, and the numbers of those before and after it, or 0."""
    known, wanted = (await read(context)).entries, context.path["number"]
    for place, entry in enumerate(known):
        if str(entry.number) == wanted:
            earlier = known[place - 1].number if place else 0
            later = known[place + 1].number if place + 1 < len(known) else 0
            return entry, earlier, later
    kept = f"It holds {known[0].number} to {known[-1].number}." if known else "It is empty."
    raise NotFoundError(f"The journal has no request {wanted[:20]}. {kept}", [])


def _filters(context: PageContext) -> Mapping[str, str]:
    return {name: context.query[name] for name in FILTERS if name in context.query}


def _rows(context: PageContext, found: Iterable[Entry]) -> list[Row]:
    keys = {key.id: key for key in named_keys(context)}
    return [Row(entry, keys.get(entry.key)) for entry in found]


def _groups(found: Iterable[Entry], given: Mapping[str, str]) -> list[Group]:
    """Group entries by operation, most first."""
    by_operation: dict[str, list[Entry]] = {}
    for entry in found:
        by_operation.setdefault(entry.operation, []).append(entry)
    return [
        Group(
            operation=operation,
            count=len(entries),
            statuses=tuple(sorted(Counter(entry.status for entry in entries).items())),
            median=median(entry.seconds for entry in entries),
            slowest=max(entry.seconds for entry in entries),
            last=entries[-1],
            query=urlencode({**given, "operation": operation}),
        )
        for operation, entries in sorted(by_operation.items(), key=lambda pair: -len(pair[1]))
    ]


def _origin(context: PageContext) -> str:
    """Return the URL of this server as the browser has it."""
    url = context.request.url
    return f"{url.scheme}://{url.netloc}{context.root}"
