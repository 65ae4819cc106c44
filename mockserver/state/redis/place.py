"""The Redis keys of a space, and of a namespace."""

from __future__ import annotations


class Place:
    """The keys of a space, those of all tests, and the servers' claims. `idle` is the time to live in seconds."""

    def __init__(self, namespace: str, test: bytes, idle: int, most: int) -> None:
        base = namespace.encode()
        self.test, self.idle, self.most = test, idle, most
        self.prefix = b"%b:test:%b:" % (base, test) if test else base + b":own:"
        self.tests, self.evicted, self.all = base + b":tests", base + b":evicted", base + b":test:"
        self.served = base + b":served"
