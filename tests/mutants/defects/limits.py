"""Limits that are counted or reported wrongly."""

from __future__ import annotations

from collections.abc import Callable

from tests.mutants.defects.catalogue import AP, Z25, Z26, mutant
from tests.mutants.edits import header, on, opened, update
from tests.mutants.server import Call

R = "limits"


def counting(name: str, change: Callable[[int, Call], int]) -> Callable[[Call], None]:
    """Another figure in a header."""

    def changed(call: Call) -> None:
        if name in call.out:
            call.out[name] = str(change(int(call.out[name]), call))

    return changed


for _contract in (Z26, Z25, AP):
    mutant(
        _contract,
        R,
        "remaining-constant",
        "Remaining goes down.",
        after=counting("x-ratelimit-remaining", lambda v, c: 25),
    )
    mutant(
        _contract,
        R,
        "remaining-by-two",
        "Remaining goes down by one.",
        after=counting("x-ratelimit-remaining", lambda v, c: max(0, 2 * v - int(c.out["x-ratelimit-limit"]))),
    )
mutant(
    Z26,
    R,
    "remaining-negative",
    "Remaining is never below zero.",
    after=counting("x-ratelimit-remaining", lambda v, c: v - int(c.out["x-ratelimit-limit"])),
)
mutant(
    Z26,
    R,
    "remaining-above-limit",
    "Remaining is at most the limit.",
    after=counting("x-ratelimit-remaining", lambda v, c: v + 100),
)
mutant(
    Z26,
    R,
    "remaining-full-on-one",
    "Every request counts.",
    after=lambda c: (
        c.out.update({"x-ratelimit-remaining": c.out["x-ratelimit-limit"]})
        if c.operation == "listCountries" and "x-ratelimit-limit" in c.out
        else None
    ),
)
mutant(Z25, R, "month-constant", "Monthly usage goes up.", after=counting("x-usage-monthly", lambda v, c: 4521))
mutant(Z26, R, "month-by-two", "Monthly usage goes up by one.", after=counting("x-usage-monthly", lambda v, c: v * 2))
mutant(Z26, R, "total-constant", "The total goes up.", after=counting("x-usage-total", lambda v, c: 128340))
mutant(
    AP,
    R,
    "reset-in-seconds",
    "X-RateLimit-Reset is in milliseconds.",
    after=counting("x-ratelimit-reset", lambda v, c: v // 1000),
)
mutant(
    Z26,
    R,
    "reset-in-milliseconds",
    "X-RateLimit-Reset is in seconds.",
    after=counting("x-ratelimit-reset", lambda v, c: v * 1000),
)
mutant(
    AP, R, "reset-in-the-past", "The reset lies ahead.", after=counting("x-ratelimit-reset", lambda v, c: v - 600_000)
)
mutant(
    Z26,
    R,
    "reset-too-far",
    "The reset is at most a minute ahead.",
    after=counting("x-ratelimit-reset", lambda v, c: v + 3600),
)
mutant(
    Z25,
    R,
    "month-reset-past",
    "The month's reset lies ahead.",
    after=header("x-usage-reset", lambda t: "2020-01-01T00:00:00Z"),
)
mutant(
    Z25,
    R,
    "limit-of-another-plan",
    "The limit is that of the plan.",
    after=lambda c: c.out.update({"x-ratelimit-limit": "60"}) if "x-ratelimit-limit" in c.out else None,
)
mutant(
    AP,
    R,
    "limit-60",
    "100 requests a minute.",
    after=lambda c: (
        c.out.update(
            {"x-ratelimit-limit": "60", "x-ratelimit-remaining": str(max(0, int(c.out["x-ratelimit-remaining"]) - 40))}
        )
        if "x-ratelimit-limit" in c.out
        else None
    ),
)
mutant(
    Z26,
    R,
    "limit-differs-on-one",
    "The limit of a key is one.",
    after=lambda c: (
        c.out.update({"x-ratelimit-limit": "60"})
        if c.operation == "listPages" and "x-ratelimit-limit" in c.out
        else None
    ),
)
mutant(
    Z26,
    R,
    "usage-month-differs",
    "/usage agrees with the headers.",
    after=on("getUsage", update("usage.monthly_requests", lambda v: v - 3)),
)
mutant(
    Z26,
    R,
    "usage-minute-differs",
    "/usage agrees with the headers.",
    after=on("getUsage", update("rate_limits.requests_per_minute", lambda v: 120)),
)
mutant(
    Z25,
    R,
    "usage-differs",
    "/usage agrees with the headers.",
    after=on("getUsage", update("usage.requests_this_month", lambda v: v + 1)),
)
mutant(
    Z25,
    R,
    "usage-minute-differs",
    "/usage agrees with the headers.",
    after=on("getUsage", update("usage.requests_this_minute", lambda v: v + 4)),
)
mutant(
    Z26,
    R,
    "always-429",
    "Requests are answered while some remain.",
    after=lambda c: (
        (
            setattr(c, "status", 429),
            c.out.update({"retry-after": "5"}),
            setattr(
                c,
                "data",
                {
                    "success": False,
                    "error": {"message": "x", "code": "RATE_LIMIT_EXCEEDED", "timestamp": "2026-02-07T12:00:00.000Z"},
                },
            ),
        )
        if c.operation == "listHeatmapPages" and c.good
        else None
    ),
)
mutant(
    Z26,
    R,
    "exhausted-answered",
    "A used-up month is answered 429.",
    before=opened("zv_demo_enterprise", when=lambda c: (c.key or "").endswith("exhausted")),
)
mutant(
    Z26,
    R,
    "exhausted-code",
    "A used-up month says MONTHLY_LIMIT_EXCEEDED.",
    after=lambda c: (
        c.data["error"].update(code="RATE_LIMIT_EXCEEDED")
        if c.status == 429 and (c.key or "").endswith("exhausted")
        else None
    ),
)
