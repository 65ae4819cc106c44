"""An answered request in the compact form of the journal in memory."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.dataset.accounts import Key
from mockserver.faults.fault import Fault
from mockserver.limits.quota import Quota
from mockserver.pipeline.chosen import Preference
from mockserver.pipeline.lines import HeaderList
from mockserver.pipeline.problem import Problem
from mockserver.pipeline.request import Address
from mockserver.pipeline.resolve import Resolved


class JournalRecord(NamedTuple):
    """An answered request. `now` is the space's clock, `ended` the performance counter, both after the last byte.

    `before` is the approximate size of all earlier records in bytes. `frozen` tells whether the clock was frozen.
    `refusal` is the quota if the rate limiter refused the request. `lines` and `pieces` are headers and body of the
    answer.
    """

    before: int
    now: float
    ended: float
    frozen: bool
    started: float
    peer: Address
    headers: HeaderList
    body: bytes | None
    resolved: Resolved
    key: Key | None
    problem: Problem | None
    preference: Preference | None
    fault: Fault | None
    refusal: Quota | None
    status: int
    lines: bytes
    pieces: tuple[bytes, ...]
