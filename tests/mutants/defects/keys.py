"""Keys that open what they must not."""

from __future__ import annotations

from tests.mutants.defects.catalogue import AP, GOOD, Z25, Z26, mutant
from tests.mutants.edits import answer, on, opened

A = "authentication"
for _contract, _operations in (
    (Z26, ("getWebsite", "listErrorGroups", "getUsage")),
    (Z25, ("listCountries", "listWebsites")),
    (AP, ("getSiteRealtime", "getSitePageviews")),
):
    for _operation in _operations:
        mutant(
            _contract,
            A,
            f"open-{_operation}",
            "The operation needs a key.",
            before=opened(GOOD[_contract], when=lambda c, o=_operation: c.operation == o and not c.key),
        )
_known = {
    "zv_demo_pro",
    "zv_demo_free",
    "zv_demo_scale",
    "zv_demo_site",
    "zv_demo_noperm",
    "zv_demo_exhausted",
    "zv_demo_enterprise",
    "ap_demo",
    "ap_demo_site",
}
for _contract in (Z26, AP):
    mutant(
        _contract,
        A,
        "any-key",
        "A key must be a known one.",
        before=opened(GOOD[_contract], when=lambda c: bool(c.key) and c.key not in _known),
    )
    mutant(
        _contract,
        A,
        "key-prefix",
        "A key must be whole.",
        before=opened(
            GOOD[_contract],
            when=lambda c, g=GOOD[_contract]: (
                bool(c.key) and len(c.key or "") > 4 and g.startswith(c.key or "-") and c.key not in _known
            ),
        ),
    )
    mutant(
        _contract,
        A,
        "key-case",
        "Keys are case sensitive.",
        before=opened(GOOD[_contract], when=lambda c, g=GOOD[_contract]: (c.key or "").lower() == g and c.key != g),
    )
    mutant(
        _contract,
        A,
        "key-in-query",
        "Keys stand in headers.",
        before=opened(GOOD[_contract], when=lambda c, g=GOOD[_contract]: not c.key and c.given("api_key") == g),
    )
    mutant(
        _contract,
        A,
        "revoked-works",
        "A revoked key is refused.",
        before=opened(GOOD[_contract], when=lambda c: (c.key or "").endswith("revoked")),
    )
mutant(
    Z25,
    A,
    "key-extended",
    "A key must be exactly a good one.",
    before=opened("zv_demo_pro", when=lambda c: (c.key or "").startswith("zv_demo_prox")),
)
mutant(
    Z25,
    A,
    "any-key-one-operation",
    "A key must be a known one.",
    before=opened(
        "zv_demo_pro", when=lambda c: c.operation == "listReplaySessions" and bool(c.key) and c.key not in _known
    ),
)
mutant(Z26, A, "no-bearer", "Authorization: Bearer works too.", before=lambda c: c.headers.pop("authorization", None))
mutant(Z25, A, "no-x-api-key", "X-API-Key works.", before=lambda c: c.headers.pop("x-api-key", None))
mutant(
    Z26,
    A,
    "basic-accepted",
    "Only Bearer stands in Authorization.",
    before=lambda c: (
        c.headers.update(authorization="Bearer " + c.headers["authorization"][6:])
        if c.headers.get("authorization", "").startswith("Basic ")
        else None
    ),
)
mutant(
    Z26,
    A,
    "bare-accepted",
    "A key in Authorization follows the word Bearer.",
    before=lambda c: (
        c.headers.update(authorization="Bearer " + c.headers["authorization"])
        if c.headers.get("authorization", "").startswith("zv_")
        else None
    ),
)
mutant(
    Z26,
    A,
    "echoes-key",
    "No answer repeats the key.",
    after=lambda c: c.data["error"].update(message=f"Invalid API key {c.key}") if c.status == 401 and c.key else None,
)
mutant(
    Z26,
    A,
    "echoes-key-in-usage",
    "No answer repeats the key.",
    after=on("getUsage", lambda c: c.inner["api_key"].update(secret=c.key)),
)
mutant(
    AP,
    A,
    "echoes-key-header",
    "No answer repeats the key.",
    after=lambda c: c.out.update({"x-debug-key": c.key}) if c.key else None,
)
mutant(
    Z26,
    A,
    "refusal-with-data",
    "A refused request gets no data.",
    after=lambda c: (
        c.data.update(data={"websites": [{"id": "a", "domain": "b", "name": "c"}]})
        if c.status == 401 and isinstance(c.data, dict)
        else None
    ),
)
mutant(
    Z26,
    A,
    "live-needs-key",
    "The live count is public.",
    after=answer(
        401,
        {
            "success": False,
            "error": {
                "message": "Invalid or missing API key",
                "code": "UNAUTHORIZED",
                "timestamp": "2026-02-07T12:00:00.000Z",
            },
        },
        when=lambda c: c.operation == "getLiveVisitors" and not c.key,
    ),
)
mutant(
    Z26,
    A,
    "noperm-works",
    "A key without permission is refused.",
    before=opened("zv_demo_pro", when=lambda c: (c.key or "").endswith("noperm")),
)
