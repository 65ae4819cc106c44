"""A site does not exist before it was created: it is neither listed nor found, whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab import Lab
from tests.servers import OLD_SITE, PLATFORM, PLATFORM_SITE, QUIET, SITE, ZENOVAY, serving

CREATED = {SITE: "2025-11-15T10:30:00Z", QUIET: "2026-01-05T08:00:00Z"}
JUST_BEFORE = {SITE: "2025-11-15T10:29:59Z", QUIET: "2026-01-05T07:59:59Z"}
CODES = {SITE: "ZV_abc123xyz", QUIET: "ZV_def456uvw"}
EVENT = {
    "type": "pageview",
    "session_id": "session-0001",
    "url": "/",
    "device_type": "desktop",
    "browser": "Chrome",
    "os": "macOS",
    "user_agent": "test",
}


@pytest.fixture(scope="module", params=["2026-02", "2025-01"])
def edition(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with serving("--edition", request.param, "--now", "2025-01-08T00:00:00Z", "--no-rate-limit", "--quiet") as running:
        lab = Lab(running)
        with lab.client:
            yield lab


def listed(lab: Lab, key: str = "zv_demo_pro") -> list[str]:
    body = lab.get(f"{ZENOVAY}/websites", key).json()
    return [website["id"] for website in body.get("data", body)["websites"]]


def statuses(lab: Lab, site: str, key: str = "zv_demo_pro") -> set[int]:
    """What every operation about a site answers."""
    paths = ["websites/{}", "analytics/{}", "analytics/{}/visitors", "heatmaps/{}/pages", "errors/{}/groups"]
    answers = {lab.get(f"{ZENOVAY}/{path.format(site)}", key).status_code for path in paths}
    public = [("GET", f"/live/{CODES[site]}"), ("POST", f"/e/{CODES[site]}"), ("POST", "/heartbeat")]
    body = {**EVENT, "tracking_code": CODES[site]}
    return answers | {lab.client.request(method, path, json=body).status_code for method, path in public}


@pytest.mark.parametrize("site", [SITE, QUIET])
def test_a_site_exists_from_the_second_it_was_created(edition: Lab, site: str) -> None:
    edition.set("POST", "clock", {"action": "freeze", "at": CREATED[site]})
    assert site in listed(edition)
    assert statuses(edition, site) == {200}
    edition.set("POST", "clock", {"action": "freeze", "at": JUST_BEFORE[site]})
    assert site not in listed(edition)
    assert statuses(edition, site) == {404}


def test_the_older_edition_lists_what_its_reference_lists(edition: Lab) -> None:
    edition.set("POST", "clock", {"action": "reset"})
    old = edition.get(f"{ZENOVAY}/websites/{OLD_SITE}").status_code == 200
    assert listed(edition) == ([OLD_SITE] if old else [])


def test_a_key_that_is_bound_to_a_site_works_before_its_creation_and_lists_nothing(edition: Lab) -> None:
    edition.set("POST", "clock", {"action": "reset"})
    assert listed(edition, "zv_demo_site") == []
    assert edition.get(f"{ZENOVAY}/websites/{SITE}", "zv_demo_site").status_code == 404
    assert edition.get(f"{ZENOVAY}/usage", "zv_demo_site").status_code == 200


def test_a_site_of_the_platform_that_does_not_exist_yet_is_refused_as_an_unknown_one() -> None:
    with serving("--now", "2025-01-15T10:29:59Z", "--quiet") as running:
        lab = Lab(running)
        headers = {"Authorization": "Bearer ap_demo"}
        with lab.client:
            for status, sites in ((403, []), (200, [PLATFORM_SITE])):
                answer = lab.client.get(f"{PLATFORM}/sites", headers=headers).json()
                assert [site["siteId"] for site in answer["sites"]] == sites
                stats = lab.client.get(f"{PLATFORM}/sites/{PLATFORM_SITE}/stats", headers=headers)
                assert stats.status_code == status
                lab.set("POST", "clock", {"action": "advance", "seconds": 60})
