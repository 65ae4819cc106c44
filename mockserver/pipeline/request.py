"""One request on its way through the pipeline, and its answer as it takes shape."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from apicontract.template import Template
from mockserver.dataset.accounts import Key
from mockserver.faults.fault import Fault
from mockserver.limits.quota import Quota
from mockserver.pipeline.chosen import Preference
from mockserver.pipeline.problem import Problem, Reply
from mockserver.pipeline.resolve import Resolved
from mockserver.state.space import Space

HeaderList = list[tuple[bytes, bytes]]
Address = tuple[str, int] | None


class Peer(tuple[str, int]):
    """The other end of a connection: address and port, and when it was made (by the performance counter)."""

    opened: float


class Request:
    """What was asked, whatever server brought it: `raw_path` still percent-encoded, header names in lower case.

    `headers` holds the last value of each name; `doubled` the names that were given more than once. `fault`: what goes
    wrong with its answer; `dry`: nothing may be counted or changed. Status 0: it was never answered. `head`: the
    answer's headers as sent; `whole`: the envelope, data and time that its body was put together from.
    """

    __slots__ = (
        "answer_body",
        "answer_headers",
        "body",
        "doubled",
        "dry",
        "fault",
        "head",
        "headers",
        "json",
        "key",
        "method",
        "peer",
        "preference",
        "problem",
        "query",
        "quota",
        "raw_headers",
        "raw_path",
        "resolved",
        "space",
        "started",
        "status",
        "whole",
    )

    def __init__(
        self, method: str, raw_path: bytes, query: bytes, raw_headers: HeaderList, peer: Address, started: float
    ) -> None:
        self.method, self.raw_path, self.query, self.peer, self.started = method, raw_path, query, peer, started
        self.raw_headers = raw_headers
        self.headers = headers = dict(raw_headers)
        self.doubled: Collection[bytes] = given_twice(raw_headers) if len(headers) != len(raw_headers) else ()
        self.resolved: Resolved
        self.space: Space
        self.fault: Fault | None = None
        self.dry = False
        self.body: bytes | None = b""
        self.json: Any = None
        self.key: Key | None = None
        self.problem: Problem | None = None
        self.preference: Preference | None = None
        self.quota: Quota | None = None
        self.status = 500
        self.answer_headers: HeaderList = []
        self.answer_body = b""
        self.head = b""
        self.whole: tuple[Template, bytes, bytes] | None = None

    def reply(self, reply: Reply) -> None:
        """Take a finished answer."""
        self.status, self.answer_body, self.answer_headers = reply.status, reply.body, list(reply.headers)

    @property
    def reads_body(self) -> bool:
        """Whether its operation looks at the body at all."""
        endpoint = self.resolved.endpoint
        return endpoint is not None and endpoint.operation.body is not None

    @property
    def visitor(self) -> str:
        """The address of who is behind it: the first of `X-Forwarded-For`, else the peer's."""
        forwarded = self.headers.get(b"x-forwarded-for")
        if forwarded:
            return forwarded.partition(b",")[0].strip().decode("latin-1")
        return self.peer[0] if self.peer else ""


def given_twice(headers: HeaderList) -> frozenset[bytes]:
    """The names that stand more than once among headers."""
    names = [name for name, _ in headers]
    return frozenset(name for name in names if names.count(name) > 1)
