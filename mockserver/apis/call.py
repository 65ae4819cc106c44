"""What a handler gets and gives: one call of one operation in, the body of its answer out."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mockserver.dataset import Dataset, Site
from mockserver.dataset.accounts import Key
from mockserver.dataset.activity import Activity
from mockserver.limits.quota import Quota

__all__ = ["Call", "Handler", "Quota", "Refusal", "live"]


class Call(NamedTuple):
    params: Mapping[str, Any]  # all parameters by name, path ones included, defaults applied
    body: Any
    key: Key | None
    resource: Any  # what the path parameter with x-resource names
    dataset: Dataset
    activity: Activity
    quota: Quota | None
    now: float  # epoch seconds, UTC
    client: str  # address of the caller
    user_agent: str

    def sites(self) -> list[Site]:
        """Return the sites that the key sees, in the order of the fixtures."""
        return self.dataset.visible(self.key.resources if self.key else (), self.now)


class Refusal(Exception):  # noqa: N818 - the word of the pipeline
    """A handler's refusal: an error kind of the contract, and the values of its message."""

    def __init__(self, kind: str, **values: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.values = values


# Returns the body without the envelope.
Handler = Callable[[Call], Any]


def live(handler: Handler) -> Handler:
    """Marks an answer that may differ within a minute and must not be kept."""
    handler.live = True  # type: ignore[attr-defined]
    return handler
