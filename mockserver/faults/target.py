"""The requests that a fault rule applies to."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.pipeline.request import Request


@dataclass(frozen=True, slots=True)
class Target:
    """The requests a rule applies to: all given conditions must hold.

    `operations`: operationIds. `path`: a raw path. `key`: the id of a key.
    """

    operations: frozenset[str] = frozenset()
    method: str = ""
    path: str = ""
    key: str = ""

    @property
    def narrow(self) -> bool:
        """Whether it has a condition; such a rule takes precedence over one for all requests."""
        return bool(self.operations or self.path or self.method or self.key)

    def matches(self, request: Request, operation: str, key: str) -> bool:
        """Whether a request matches. `operation`: its operationId; `key`: the id of its key."""
        return (
            (not self.operations or operation in self.operations)
            and (not self.method or request.method == self.method)
            and (not self.path or request.raw_path.decode("latin-1") == self.path)
            and (not self.key or key == self.key)
        )
