"""A parsed request."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mockserver.pipeline.lines import HeaderList
from mockserver.pipeline.resolve import Resolved

Address = tuple[str, int] | None


class Peer(tuple[str, int]):
    """The client's address and port, and when the connection was accepted (`time.perf_counter`)."""

    opened: float


class Request:
    """A request, independent of the server that received it.

    `raw_path` is percent-encoded, header names are lower case. `headers` holds the last value of each name,
    `duplicated` the names that occur more than once. `resolved` is the route. Only `body` is set after construction, by
    the reader of the connection; it is None if the body exceeds the limit.
    """

    __slots__ = (
        "body",
        "duplicated",
        "headers",
        "method",
        "peer",
        "query",
        "raw_headers",
        "raw_path",
        "resolved",
        "started",
    )

    def __init__(
        self,
        method: str,
        raw_path: bytes,
        query: bytes,
        raw_headers: HeaderList,
        headers: Mapping[bytes, bytes],
        peer: Address,
        started: float,
        resolved: Resolved,
    ) -> None:
        self.method, self.raw_path, self.query, self.peer, self.started = method, raw_path, query, peer, started
        self.raw_headers, self.headers, self.resolved = raw_headers, headers, resolved
        self.duplicated: Collection[bytes] = find_duplicates(raw_headers) if len(headers) != len(raw_headers) else ()
        self.body: bytes | None = b""

    @property
    def reads_body(self) -> bool:
        """Whether the operation has a request body."""
        endpoint = self.resolved.endpoint
        return endpoint is not None and endpoint.operation.body is not None

    @property
    def visitor(self) -> str:
        """The client's address: the first of `X-Forwarded-For`, else that of the connection."""
        return first_forwarded(self.headers) or (self.peer[0] if self.peer else "")


def first_forwarded(headers: Mapping[bytes, bytes]) -> str:
    """Return the first address of `X-Forwarded-For`, or an empty text."""
    return headers.get(b"x-forwarded-for", b"").partition(b",")[0].strip().decode("latin-1")


def find_duplicates(headers: HeaderList) -> frozenset[bytes]:
    """Return the header names that occur more than once."""
    names = [name for name, _ in headers]
    return frozenset(name for name in names if names.count(name) > 1)
