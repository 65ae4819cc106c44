"""Export journal entries as HAR 1.2 (HTTP Archive)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apicontract.har import har_entry, har_log, har_request, har_response
from mockserver.journal.entry import Entry

JSON = Any


def to_har(entries: Iterable[Entry], version: str) -> dict[str, JSON]:
    """Return entries as a HAR document; additional members of the mock are in `_mockserver`."""
    return har_log("mockserver", version, map(_entry, entries))


def _entry(entry: Entry) -> dict[str, JSON]:
    host = next((value for name, value in entry.headers if name == "host"), "localhost")
    return har_entry(
        entry.at,
        entry.seconds,
        har_request(entry.method, f"http://{host}{entry.target}", entry.headers, entry.body),
        har_response(entry.status, entry.answer_headers, entry.answer_body),
        serverIPAddress="",
        connection=entry.connection,
        _mockserver={
            "number": entry.number,
            "operation": entry.operation,
            "key": entry.key,
            "problem": entry.problem,
            "rule": entry.rule,
            "fault": entry.fault,
        },
    )
