"""A request that is plainly meant for the other edition is answered by this one, with a header that says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab import Lab
from tests.servers import OLD_SITE, SITE, ZENOVAY, serving

PARAMETER = "the parameter {}: only in zenovay@{}; this is zenovay@{}; switch with --edition {}"
RESOURCE = "website {}: only in zenovay@{}; this is zenovay@{}; switch with --edition {}"
NEW, OLD = ("2026-02", "2025-01"), ("2025-01", "2026-02")


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, Lab]]:
    options = ("--now", "2026-02-07T12:00:20Z", "--no-rate-limit", "--quiet")
    with serving(*options) as new, serving("--edition", "2025-01", *options) as old:
        labs = {"2026-02": Lab(new), "2025-01": Lab(old)}
        with labs["2026-02"].client, labs["2025-01"].client:
            yield labs


@pytest.mark.parametrize(
    ("edition", "path", "status", "says"),
    [
        ("2026-02", f"{ZENOVAY}/websites/{OLD_SITE}", 404, RESOURCE.format(OLD_SITE, *OLD, "2025-01")),
        ("2026-02", f"{ZENOVAY}/websites/{OLD_SITE.upper()}", 404, RESOURCE.format(OLD_SITE, *OLD, "2025-01")),
        ("2026-02", f"{ZENOVAY}/analytics/{SITE}?timeRange=30d", 200, PARAMETER.format("timeRange", *OLD, "2025-01")),
        (
            "2026-02",
            f"{ZENOVAY}/analytics/{SITE}/visitors?page=2&limit=3",
            200,
            PARAMETER.format("page", *OLD, "2025-01"),
        ),
        ("2026-02", "/live/abc123def456", 404, "tracking code abc123def456"),
        ("2026-02", f"{ZENOVAY}/analytics/{SITE}?timeRange=30d&range=no", 400, "the parameter timeRange"),
        ("2025-01", f"{ZENOVAY}/analytics/{SITE}?range=30d", 200, PARAMETER.format("range", *NEW, "2026-02")),
        ("2025-01", f"{ZENOVAY}/analytics/{SITE}/visitors?offset=5", 200, "the parameter offset"),
    ],
)
def test_what_only_the_other_edition_has_is_named_with_the_way_to_it(
    served: dict[str, Lab], edition: str, path: str, status: int, says: str
) -> None:
    lab = served[edition]
    answer = lab.client.get(path, headers={"X-API-Key": "zv_demo_pro", "Origin": "https://app.example"})
    assert answer.status_code == status
    assert answer.headers["x-mock-edition"].startswith(says)
    assert "X-Mock-Edition" in answer.headers["access-control-expose-headers"]
    again = lab.client.get(path, headers={"X-API-Key": "zv_demo_pro"})
    assert again.headers["x-mock-edition"] == answer.headers["x-mock-edition"]


@pytest.mark.parametrize(
    ("edition", "path"),
    [
        ("2026-02", f"{ZENOVAY}/websites/{SITE}"),
        ("2026-02", f"{ZENOVAY}/websites/00000000-0000-4000-8000-000000000000"),
        ("2026-02", f"{ZENOVAY}/analytics/{SITE}?range=30d&utm_source=x"),
        ("2026-02", f"{ZENOVAY}/analytics/{SITE}?range=nonsense"),
        ("2026-02", f"{ZENOVAY}/websites?timeRange=30d"),
        ("2026-02", f"{ZENOVAY}/nothing?timeRange=30d"),
        ("2025-01", f"{ZENOVAY}/websites/{OLD_SITE}"),
        ("2025-01", f"{ZENOVAY}/analytics/{OLD_SITE}?timeRange=nonsense"),
        ("2025-01", "/api/v2/sites?timeRange=30d"),
    ],
)
def test_what_no_edition_has_or_both_have_is_no_sign_of_the_other(
    served: dict[str, Lab], edition: str, path: str
) -> None:
    answer = served[edition].client.get(path, headers={"X-API-Key": "zv_demo_pro"})
    assert "x-mock-edition" not in answer.headers
