"""Headers that are missing or wrong."""

from __future__ import annotations

from tests.mutants.defects.catalogue import AP, Z25, Z26, mutant
from tests.mutants.edits import header

H = "headers"
for _contract in (Z25, AP):
    mutant(
        _contract,
        H,
        "no-remaining",
        "Every response carries X-RateLimit-Remaining.",
        after=header("x-ratelimit-remaining", lambda t: None),
    )
    mutant(
        _contract,
        H,
        "no-limit-on-errors",
        "Every response carries X-RateLimit-Limit.",
        after=header("x-ratelimit-limit", lambda t: None, when=lambda c: c.status >= 400),
    )
mutant(Z25, H, "usage-reset-unix", "X-Usage-Reset is RFC 3339.", after=header("x-usage-reset", lambda t: "1738368000"))
mutant(
    Z25,
    H,
    "usage-limit-missing-once",
    "Every response carries X-Usage-Limit.",
    after=header("x-usage-limit", lambda t: None, when=lambda c: c.operation == "getUsage"),
)
mutant(Z26, H, "no-request-id", "Responses carry x-request-id.", after=header("x-request-id", lambda t: None))
mutant(Z26, H, "request-id-no-uuid", "x-request-id is a UUID.", after=header("x-request-id", lambda t: "req-" + t[:8]))
mutant(
    Z26,
    H,
    "request-id-constant",
    "x-request-id is another one each time.",
    after=header("x-request-id", lambda t: "3f2b8c1e-0f6a-4a6f-9d0c-2b1f0c9d8e7f"),
)
mutant(
    Z26, H, "limit-as-words", "X-RateLimit-Limit is a number.", after=header("x-ratelimit-limit", lambda t: t + "/min")
)
mutant(
    Z26,
    H,
    "remaining-float",
    "X-RateLimit-Remaining is a whole number.",
    after=header("x-ratelimit-remaining", lambda t: t + ".0"),
)
