"""Keys that see what belongs to others, and values that never change."""

from __future__ import annotations

from collections.abc import Callable

from tests.mutants.defects.catalogue import AP, GOOD, Z25, Z26, mutant
from tests.mutants.edits import on, opened, update
from tests.mutants.server import Call

I = "isolation"  # noqa: E741
for _contract, _key, _operations in (
    (Z26, "zv_demo_site", ("getWebsite", "listVisitors", "getAnalyticsOverview")),
    (Z25, "zv_demo_site", ()),
    (AP, "ap_demo_site", ("getSiteStats", "listSiteEvents")),
):
    for _operation in _operations:
        mutant(
            _contract,
            I,
            f"scoped-{_operation}",
            "A limited key cannot see another resource.",
            before=opened(GOOD[_contract], when=lambda c, o=_operation, k=_key: c.operation == o and c.key == k),
        )
mutant(
    Z26,
    I,
    "scoped-lists-all",
    "A limited key lists its own website.",
    before=opened("zv_demo_pro", when=lambda c: c.operation == "listWebsites" and c.key == "zv_demo_site"),
)
mutant(
    AP,
    I,
    "scoped-lists-all",
    "A limited key lists its own site.",
    before=opened("ap_demo", when=lambda c: c.operation == "listSites" and c.key == "ap_demo_site"),
)


def always(operation: str, value: str) -> Callable[[Call], None]:
    """The server answers for one resource whatever was asked."""

    def change(call: Call) -> None:
        if call.operation == operation and call.resource:
            call.path = call.path.replace(call.resource, value)

    return change


_FIRST = {
    Z26: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    Z25: "123e4567-e89b-12d3-a456-426614174000",
    AP: "6507f1f77bcf86cd799439011",
}
for _contract, _operation in ((Z26, "listVisitors"), (Z26, "getWebsite"), (Z25, "listPages"), (AP, "getSitePageviews")):
    mutant(
        _contract,
        I,
        f"always-first-{_operation}",
        "An answer is about the resource that was asked for.",
        before=always(_operation, _FIRST[_contract]),
    )
mutant(
    Z26,
    I,
    "wrong-website-in-overview",
    "The overview shows the website that was asked for.",
    after=on("getAnalyticsOverview", update("website.id", lambda v: "b2c3d4e5-f6a7-8901-bcde-f12345678901")),
)
mutant(
    Z26,
    I,
    "name-differs",
    "A website is the same wherever it is shown.",
    after=on("getWebsite", update("website.name", lambda v: v + "!")),
)
mutant(
    Z25,
    I,
    "domain-differs",
    "A website is the same wherever it is shown.",
    after=on("getAnalyticsOverview", update("website.domain", lambda v: "www." + v)),
)
