"""Call a handler like the pipeline: with the defaults of the contract, a key and an instant."""

from collections.abc import Mapping
from typing import Any

from mockserver.apis import handlers
from mockserver.apis.call import Call, Quota
from mockserver.dataset import Dataset
from mockserver.dataset.activity import Activity
from tests.dataset.data import at, platform, zenovay

NEW, OLD, PLATFORM = ("zenovay", "2026-02"), ("zenovay", "2025-01"), ("analytics-platform", "v2")
NOW = {NEW: "2026-02-07T12:00:00.000Z", OLD: "2025-01-08T09:00:00Z", PLATFORM: "2025-03-28T12:00:00.000Z"}
KEY = {NEW: "zv_demo_scale", OLD: "zv_demo_pro", PLATFORM: "ap_demo"}
CODE, HEADS = "tracking-code", {"range": "7d", "timeRange": "7d", "page": 1, "per_page": 20, "offset": 0}
LIMITS = {"listVisitors": 100, "listReplaySessions": 50, "listErrorGroups": 50}


def dataset_of(contract: tuple[str, str], **variant: int) -> Dataset:
    return platform(**variant) if contract == PLATFORM else zenovay(contract[1], **variant)


def call(
    contract: tuple[str, str],
    operation: str,
    resource: str | None = None,
    *,
    now: str | None = None,
    key: str | None = None,
    activity: Activity | None = None,
    body: Mapping[str, Any] | None = None,
    quota: Quota | None = None,
    client: str = "203.0.113.7",
    user_agent: str = "",
    scale: int = 1,
    live_seconds: float = 300.0,
    **params: Any,
) -> Any:
    dataset = dataset_of(contract, scale=scale)
    named = next((found[name] for found in dataset.resources.values() if (name := resource or "") in found), None)
    assert (resource is None) == (named is None)
    defaults = {**HEADS, "limit": LIMITS.get(operation, 20)}
    return handlers(*contract)[operation](
        Call(
            params={**defaults, **params},
            body=body,
            key=next(found for found in dataset.keys if found.secret == (key or KEY[contract])),
            resource=named,
            dataset=dataset,
            activity=activity or Activity(),
            quota=quota,
            now=at(now or NOW[contract]),
            client=client,
            user_agent=user_agent,
            live_seconds=live_seconds,
        )
    )
