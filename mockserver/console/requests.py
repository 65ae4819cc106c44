"""The live list of requests, and each of them opened: what was asked, answered, and what the contract makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter
from urllib.parse import urlencode

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from mockserver.console.curl import as_sent, curl_of
from mockserver.console.explanation import explain
from mockserver.console.page import rendered, show
from mockserver.console.sending import MARK, read, send, without
from mockserver.console.served import (
    NamedKey,
    endpoint_of,
    errors_of,
    is_status,
    key_of,
    named_keys,
    operation_ids,
    operation_of,
)
from mockserver.console.visit import Done, Visit
from mockserver.control.calls import NotFoundError, execute
from mockserver.control.criteria import Criteria, read_criteria
from mockserver.control.faults import add_fault
from mockserver.control.nearmiss import near_misses
from mockserver.engine.example import example_request
from mockserver.engine.streams import Streams
from mockserver.form import BadInputError
from mockserver.journal.entry import Entry
from mockserver.state.space import StateError

FILTERS = ("operation", "key", "status", "client")
STATUSES = ("2xx", "4xx", "5xx", "429", "401", "403", "404", "400", "0")
_SHOWN = 200
_BURST = 100
_PAUSE = 0.25
_RETRY = 1_000  # milliseconds until a browser that lost the connection tries again
_SHARE = 9  # times as long as it takes to look, it is not looked: a flood of requests comes first


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in the list, with its key as a person knows it."""

    entry: Entry
    key: NamedKey | None


async def page(visit: Visit) -> Response:
    """The list, newest first, and where it goes on."""
    given, alert = _filters(visit), ""
    try:
        criteria = read_criteria(given, visit.mock)
    except BadInputError as error:
        criteria, given = Criteria(), {}
        alert = f"{error.message}: the filter was left out."
    known, forgotten = await read(visit)
    found = criteria.find(known)
    if alert:
        visit = replace(visit, alert=visit.alert or alert)
    return show(
        visit,
        "requests.html",
        "requests",
        rows=_rows(visit, reversed(found[-_SHOWN:])),
        found=len(found),
        kept=len(known),
        forgotten=forgotten,
        journal=visit.pipeline.space.journal is not None,
        given=given,
        operations=operation_ids(visit),
        keys=named_keys(visit),
        statuses=STATUSES,
        clients=sorted({entry.user_agent for entry in known if entry.user_agent} | {entry.client for entry in known}),
        stream=urlencode({**given, "after": known[-1].number if known else 0}),
        example=example_request(visit.mock, _origin(visit)),
        tests=[name.decode("latin-1") for name in await visit.mock.store.tests(visit.mock.tests)],
    )


async def stream(visit: Visit) -> Response:
    """New entries as server-sent events, each a row of the list, for as long as somebody listens.

    The journal is asked again and again, because it may be filled by another process.
    """
    given = {name: value for name, value in visit.query.items() if name != "after"}
    criteria = read_criteria({name: value for name, value in given.items() if name in FILTERS}, visit.mock)
    last = visit.request.headers.get("last-event-id", "") or visit.query.get("after", "")
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else 0
    stop = anyio.Event()
    events = _in_its_place(visit.mock.connections.streams, _events(visit, criteria, after, stop), stop)
    response = EventSourceResponse(events, ping=15, shutdown_event=stop, shutdown_grace_period=1)
    response.headers["connection"] = "close"  # where it gives way, its connection does
    return response


async def _in_its_place(
    streams: Streams, events: AsyncIterator[ServerSentEvent], stop: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    """Events until a newer stream takes the place, which the last one says, or until the shared state is away.

    In that case the browser comes back by itself.
    """
    with streams.hold(stop.set) as place, suppress(StateError):
        async for event in events:
            yield event
        if place.replaced:
            most = "one live list" if streams.most == 1 else f"{streams.most} live lists"
            yield ServerSentEvent(event="replaced", data=f"stopped: {most} at most, and newer ones are open; reload")


async def _events(visit: Visit, criteria: Criteria, after: int, stop: anyio.Event) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="listening", retry=_RETRY)
    known = (await read(visit)).entries
    if not known or known[-1].number < after:  # the server was started anew, and counts from 1
        after = 0
    while not stop.is_set():
        began = perf_counter()
        fresh = (await read(visit, after)).entries
        if fresh:
            after = fresh[-1].number
            found = criteria.find(fresh)
            for row in _rows(visit, found[-_BURST:]):
                html = rendered("row.html", visit.root, row=row)
                yield ServerSentEvent(event="entry", id=str(row.entry.number), data=html)
            if len(found) > _BURST:
                yield ServerSentEvent(event="missed", data=str(len(found) - _BURST))
        with anyio.move_on_after(max(_PAUSE, _SHARE * (perf_counter() - began))):
            await stop.wait()


async def entry_page(visit: Visit) -> Response:
    """One entry, opened."""
    entry, earlier, later = await _find(visit)
    endpoint = endpoint_of(visit, entry.contract, entry.operation)
    operation = endpoint.operation if endpoint is not None else None
    contracts = [api.contract for api in visit.mock.apis]
    contract = next((one for one in contracts if one.selector == entry.contract), None)
    key = key_of(visit, entry.key)
    origin = _origin(visit)
    return show(
        visit,
        "entry.html",
        "requests",
        entry=entry,
        key=key,
        earlier=earlier,
        later=later,
        mark=dict(entry.headers).get(MARK, ""),
        explanation=explain(entry, contract, operation, key) if contract is not None else None,
        operation=operation,
        misses=near_misses(entry, contracts) if operation is None else [],
        curl=curl_of(entry, origin, operation, key),
        errors=list(errors_of(endpoint)) if endpoint is not None else [],
    )


async def replay(visit: Visit) -> Done:
    """Send an entry again, with the key it came with, and go on to what comes of it."""
    entry, _, _ = await _find(visit)
    operation = operation_of(visit, entry.contract, entry.operation)
    key = key_of(visit, entry.key)
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in as_sent(entry, operation, key)
    ]
    headers = without(headers, (b"host", b"user-agent", b"x-test-id", MARK.encode()))
    sent = await send(visit, entry.method, entry.path, entry.query, headers, entry.body, f"replay of {entry.number}")
    if sent.number:
        return Done(to=f"/console/requests/{sent.number}")
    return Done(f"It was answered {sent.status or 'nothing'}; the journal does not have it.")


async def force_next(visit: Visit) -> Done:
    """Let the next answer of the entry's operation be one of its documented errors, once."""
    entry, _, _ = await _find(visit)
    error = visit.form.get("error", "")
    body: dict[str, object] = {"operation": entry.operation, "times": 1}
    body |= {"status": int(error)} if is_status(error) else {"error": error or "?"}
    if visit.form.get("key") and entry.key:
        body["key"] = entry.key
    await execute(add_fault, visit.call(body=body))
    return Done(f"The next answer of {entry.operation} will be {error}, once.")


async def clear(visit: Visit) -> Done:
    """Forget the entries."""
    if visit.pipeline.space.journal is not None:
        await visit.pipeline.space.journal.clear()
    return Done("The list is empty.")


async def _find(visit: Visit) -> tuple[Entry, int, int]:
    """The entry that the path names, and the numbers before and after it; 0 where there is none."""
    known, wanted = (await read(visit)).entries, visit.path["number"]
    for place, entry in enumerate(known):
        if str(entry.number) == wanted:
            earlier = known[place - 1].number if place else 0
            later = known[place + 1].number if place + 1 < len(known) else 0
            return entry, earlier, later
    kept = f"It holds {known[0].number} to {known[-1].number}." if known else "It is empty."
    raise NotFoundError(f"The journal has no request {wanted[:20]}. {kept}", [])


def _filters(visit: Visit) -> Mapping[str, str]:
    return {name: visit.query[name] for name in FILTERS if name in visit.query}


def _rows(visit: Visit, found: Iterable[Entry]) -> list[Row]:
    keys = {key.id: key for key in named_keys(visit)}
    return [Row(entry, keys.get(entry.key)) for entry in found]


def _origin(visit: Visit) -> str:
    """How the visitor calls this server."""
    url = visit.request.url
    return f"{url.scheme}://{url.netloc}{visit.root}"
