"""The input of a handler (Call), and its result: a body or a Refusal."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mockserver.dataset import Dataset, Site
from mockserver.dataset.accounts import Key
from mockserver.dataset.activity import Activity
from mockserver.limits.quota import Quota

__all__ = ["Call", "Handler", "Quota", "Refusal", "live"]


class Call(NamedTuple):
    """A valid request for an operation, with the data it is answered from."""

    params: Mapping[str, Any]  # by name, path parameters included, with defaults
    body: Any
    key: Key | None
    resource: Any  # the resource of the path parameter with `x-resource`, or None
    dataset: Dataset
    activity: Activity
    quota: Quota | None
    now: float  # epoch seconds, UTC
    client: str  # IP address of the client
    user_agent: str
    live_seconds: float  # how long a session is live after its last event or heartbeat (`x-tracking`), or 0

    def sites(self) -> list[Site]:
        """Return the sites that the key sees, in the order of the fixtures."""
        return self.dataset.visible(self.key.resources if self.key else (), self.now)


class Refusal(Exception):  # noqa: N818 - named like the pipeline's refusals
    """Raised by a handler to answer an error: a kind of the contract, and the values of its message."""

    def __init__(self, kind: str, **values: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.values = values


Handler = Callable[[Call], Any]
"""Returns the body of the answer, without the envelope."""


def live(handler: Handler) -> Handler:
    """Mark a handler whose answers must not be cached: they can change within a minute."""
    handler.live = True  # type: ignore[attr-defined]
    return handler
