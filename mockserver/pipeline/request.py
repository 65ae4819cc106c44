"""One request, as it was parsed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mockserver.pipeline.resolve import Resolved

HeaderList = list[tuple[bytes, bytes]]
Address = tuple[str, int] | None


class Peer(tuple[str, int]):
    """The other end of a connection: address and port, and when it was made (by the performance counter)."""

    opened: float


class Request:
    """What was asked, whatever server brought it: `raw_path` still percent-encoded, header names in lower case.

    `headers` holds the last value of each name, `doubled` the names that were given more than once. `resolved`: where
    it leads. `body` comes after the head: whoever reads it from the connection sets it (None: larger than is allowed),
    and nothing else is ever written here.
    """

    __slots__ = (
        "body",
        "doubled",
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
        self.doubled: Collection[bytes] = given_twice(raw_headers) if len(headers) != len(raw_headers) else ()
        self.body: bytes | None = b""

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
