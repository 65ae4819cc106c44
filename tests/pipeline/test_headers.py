"""Headers: those that the contract declares for an answer, with the client's own figures, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from apicontract.catalogue import bundled
from apicontract.contract import Contract
from tests.lab import Lab
from tests.servers import PLATFORM, PLATFORM_SITE, QUIET, SITE, ZENOVAY, serving

LIMITS_OF = {
    "zenovay@2025-01": {
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-usage-monthly",
        "x-usage-limit",
        "x-usage-reset",
    },
    "analytics-platform@v2": {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"},
}
LIMITS_OF["zenovay@2026-02"] = {*LIMITS_OF["zenovay@2025-01"], "x-ratelimit-reset", "x-usage-total"}
OF_HTTP = {"content-type", "content-length", "date", "allow", "preference-applied"}
VALUES = {"websiteId": SITE, "siteId": PLATFORM_SITE, "trackingCode": "ZV_abc123xyz"}


@pytest.fixture(scope="module", params=sorted(LIMITS_OF))
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Contract, Lab]]:
    with serving("--contract", request.param, "--now", "2026-02-07T12:00:20Z", "--quiet") as running:
        lab = Lab(running)
        with lab.client:
            yield bundled().load(request.param), lab


@pytest.fixture
def lab(served: tuple[Contract, Lab]) -> Lab:
    served[1].set("POST", "reset")
    return served[1]


def paths_of(contract: Contract) -> tuple[str, str]:
    """A path that nobody serves, and one that has no PATCH."""
    base = PLATFORM if contract.base_path == PLATFORM else ZENOVAY
    return f"{base}/nothing/here", f"{base}/{'sites' if base == PLATFORM else 'websites'}"


def key_of(contract: Contract) -> dict[str, str]:
    return {"Authorization": f"Bearer {'ap_demo' if contract.base_path == PLATFORM else 'zv_demo_pro'}"}


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_known_key_is_told_its_limits_where_no_operation_is_and_it_counts(
    served: tuple[Contract, Lab], lab: Lab, method: str
) -> None:
    contract = served[0]
    path = paths_of(contract)[method == "PATCH"]
    wanted = LIMITS_OF[contract.selector]
    first, second = (lab.client.request(method, path, headers=key_of(contract)) for _ in range(2))
    assert first.status_code == second.status_code == (405 if method == "PATCH" else 404)
    assert {name for name in first.headers if "limit" in name or "usage" in name} == wanted
    assert int(second.headers["x-ratelimit-remaining"]) == int(first.headers["x-ratelimit-remaining"]) - 1
    assert ("allow" in first.headers) is (method == "PATCH")
    good = lab.client.get(paths_of(contract)[1], headers=key_of(contract))
    assert int(good.headers["x-ratelimit-remaining"]) == int(first.headers["x-ratelimit-remaining"]) - 2


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nobody"}])
def test_whoever_has_no_key_is_told_no_limits_there(
    served: tuple[Contract, Lab], lab: Lab, headers: dict[str, str]
) -> None:
    for method, path in zip(("GET", "PATCH"), paths_of(served[0]), strict=True):
        answer = lab.client.request(method, path, headers=headers)
        assert answer.status_code in (404, 405)
        assert not {name for name in answer.headers if "limit" in name or "usage" in name or "authenticate" in name}


def test_a_used_up_minute_is_a_429_there_too(served: tuple[Contract, Lab], lab: Lab) -> None:
    contract = served[0]
    key = key_of(contract)["Authorization"].removeprefix("Bearer ")
    lab.set("PUT", f"limits/{key}", {"remaining": 0})
    answer = lab.client.get(paths_of(contract)[0], headers=key_of(contract))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "40"
    assert answer.headers["x-mock-rule"].startswith("rate-limited")
    assert "allow" not in answer.headers


def test_to_ask_what_is_allowed_costs_nothing_nor_does_a_public_path(served: tuple[Contract, Lab], lab: Lab) -> None:
    contract = served[0]
    before = lab.client.get(paths_of(contract)[1], headers=key_of(contract)).headers["x-ratelimit-remaining"]
    assert lab.client.options(paths_of(contract)[1], headers=key_of(contract)).status_code == 204
    if contract.base_path != PLATFORM:
        public = lab.client.patch("/heartbeat", headers=key_of(contract))
        assert public.status_code == 405
        assert not {name for name in public.headers if "limit" in name}
    after = lab.client.get(paths_of(contract)[1], headers=key_of(contract)).headers["x-ratelimit-remaining"]
    assert int(after) == int(before) - 1


def test_every_header_of_an_answer_is_declared_or_the_mocks_own(served: tuple[Contract, Lab], lab: Lab) -> None:
    contract = served[0]
    for operation in contract.operations:
        path = re.sub(r"{(\w+)}", lambda match: VALUES[match[1]], operation.path)
        for status in operation.statuses:
            answer = lab.client.request(
                operation.method, path, headers={**key_of(contract), "Prefer": f"code={status}"}, json={}
            )
            response = operation.response(status)
            assert response is not None
            declared = {header.name.lower() for header in response.headers}
            own = {name for name in answer.headers if name.startswith("x-mock-")}
            assert set(answer.headers) - declared - OF_HTTP - own == set(), (operation.id, status)


def test_a_401_names_the_schemes_that_its_contract_has(served: tuple[Contract, Lab], lab: Lab) -> None:
    path = paths_of(served[0])[1]
    for headers in ({}, {"Authorization": "Bearer nobody"}, {**key_of(served[0]), "Prefer": "code=401"}):
        answer = lab.client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_an_id_may_be_written_in_upper_case(served: tuple[Contract, Lab], lab: Lab) -> None:
    contract = served[0]
    if contract.base_path == PLATFORM:
        other = lab.client.get(f"{PLATFORM}/sites/{PLATFORM_SITE.upper()}X/stats", headers=key_of(contract))
        assert other.status_code == 403
        return
    for path in (f"/websites/{SITE}", f"/analytics/{QUIET}"):
        upper = "/".join((*path.split("/")[:-1], path.split("/")[-1].upper()))
        answers = [lab.client.get(ZENOVAY + one, headers=key_of(contract)) for one in (path, upper)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
