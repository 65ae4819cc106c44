"""An answered request as a journal in memory keeps it: what is new in it, and no work done yet."""

from __future__ import annotations

from typing import Any, NamedTuple

from mockserver.dataset.accounts import Key
from mockserver.faults.fault import Fault
from mockserver.pipeline.chosen import Preference
from mockserver.pipeline.problem import Problem
from mockserver.pipeline.request import Address, HeaderList
from mockserver.pipeline.resolve import Resolved


class Noted(NamedTuple):
    """One answered request. `now` is the space's clock, `ended` the performance counter, both after its last byte.

    `frozen`: that clock stood still. `refused`: the limit that refused it, `free_at` when that lets more through (epoch
    seconds). `size` in bytes, about; `answer_headers` are packed.
    """

    size: int
    now: float
    ended: float
    frozen: bool
    started: float
    method: str
    raw_path: bytes
    query: bytes
    peer: Address
    headers: HeaderList
    body: bytes | None
    resolved: Resolved
    key: Key | None
    problem: Problem | None
    preference: Preference | None
    fault: Fault | None
    refused: str
    free_at: float
    status: int
    answer_headers: bytes
    answer_body: bytes


def whole(noted: Noted) -> Noted:
    """The same with the answer's body put together."""
    parts: Any = noted.answer_body
    if not isinstance(parts, tuple):
        return noted
    envelope, data, now = parts
    return noted._replace(answer_body=envelope.join({"data": data, "now": now}))


def packed(headers: HeaderList) -> bytes:
    """Headers as they stand in a response."""
    return b"".join([b"%b: %b\r\n" % pair for pair in headers])


def unpacked(headers: bytes) -> HeaderList:
    """The same as names and values."""
    lines = (line.partition(b": ") for line in headers.split(b"\r\n") if line)
    return [(name, value) for name, _, value in lines]
