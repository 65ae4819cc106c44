"""Which requests a rule is about: operations, a path, a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.pipeline.request import Request


@dataclass(frozen=True, slots=True)
class Target:
    """Empty members ask for nothing. `operations` are ids, `path` is a raw path, `key` a key's id."""

    operations: frozenset[str] = frozenset()
    method: str = ""
    path: str = ""
    key: str = ""

    @property
    def narrow(self) -> bool:
        """Whether it is about a route or a key, not about everything: such a rule comes first."""
        return bool(self.operations or self.path or self.method or self.key)

    def matches(self, request: Request, operation: str, key: str) -> bool:
        """Whether a request is meant."""
        return (
            (not self.operations or operation in self.operations)
            and (not self.method or request.method == self.method)
            and (not self.path or request.raw_path.decode("latin-1") == self.path)
            and (not self.key or key == self.key)
        )
