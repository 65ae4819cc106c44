"""Limits that show only when they are used up."""

from __future__ import annotations

import json

from tests.mutants.defects.catalogue import AP, Z25, Z26, mutant
from tests.mutants.edits import header, opened
from tests.mutants.server import Call

B = "burst"
for _contract in (Z26, Z25, AP):
    mutant(
        _contract,
        B,
        "burst-no-retry-after",
        "Every 429 carries Retry-After.",
        after=header("retry-after", lambda t: None),
        profile="burst",
    )
mutant(
    Z26,
    B,
    "burst-code",
    "A minute's 429 says RATE_LIMIT_EXCEEDED.",
    after=lambda c: c.data["error"].update(code="TOO_MANY_REQUESTS") if c.status == 429 else None,
    profile="burst",
)
mutant(
    Z25,
    B,
    "burst-503",
    "Too many requests are answered 429.",
    after=lambda c: setattr(c, "status", 503) if c.status == 429 else None,
    profile="burst",
)
mutant(
    Z26,
    B,
    "burst-one-too-many",
    "The limit is exact.",
    before=opened("zv_demo_scale", when=lambda c: _over(c, 0, 1)),
    after=lambda c: _mask(c),
    profile="burst",
)
mutant(
    Z26,
    B,
    "burst-never",
    "The limit is enforced.",
    before=opened("zv_demo_enterprise", when=lambda c: _over(c, 0, 10_000)),
    after=lambda c: _mask(c),
    profile="burst",
)
mutant(
    Z25,
    B,
    "burst-early",
    "The limit is exact.",
    after=lambda c: (
        (
            setattr(c, "status", 429),
            c.out.update({"retry-after": "30"}),
            setattr(c, "data", {"error": {"code": "rate_limit_exceeded", "message": "x", "retry_after": 30}}),
        )
        if c.out.get("x-ratelimit-remaining") in ("1", "2") and c.key == "zv_demo_free"
        else None
    ),
    profile="burst",
)
mutant(
    Z26,
    B,
    "burst-retry-after-milliseconds",
    "Retry-After is in seconds.",
    after=header("retry-after", lambda t: str(int(t) * 1000)),
    profile="burst",
)
mutant(
    Z26,
    B,
    "burst-retry-after-too-short",
    "After Retry-After requests succeed.",
    after=header("retry-after", lambda t: "1"),
    profile="burst",
)
mutant(
    AP,
    B,
    "burst-no-body",
    "A 429 has an error body.",
    after=lambda c: setattr(c, "data", {}) if c.status == 429 else None,
    profile="burst",
)


def _over(call: Call, low: int, high: int) -> bool:
    """Whether the limited key has used up its minute, by our own count, and this is one of the next requests."""
    if call.key != "zv_demo_free":
        return False
    minute = int(call.now() // 60)
    if call.state.get("minute") != minute:
        call.state.update(minute=minute, count=0)
    call.state["count"] += 1
    count: int = call.state["count"]
    return 10 + low < count <= 10 + high


def _mask(call: Call) -> None:
    if (
        call.state.get("count", 0) > 10
        and call.good
        and call.operation == "listWebsites"
        and "x-ratelimit-limit" in call.out
        and call.out["x-ratelimit-limit"] != "10"
    ):
        call.out.update({"x-ratelimit-limit": "10", "x-ratelimit-remaining": "0"})


def _trimmed(call: Call) -> None:
    """The server reads a large body all the same: it only looks at what is not too long."""
    if call.operation == "trackEvent" and len(call.body) > 1_000_000:
        call.body = json.dumps({**json.loads(call.body), "data": {}}).encode()
        call.headers["content-length"] = str(len(call.body))
