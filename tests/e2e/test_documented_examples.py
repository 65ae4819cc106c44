"""Every example of the contracts, asked for by the request of the same name: what comes back is what stands there.

An object has every documented member with its value; a list begins with what is documented, for the documents cut
theirs short. Of an example that no document states only the status is compared. What cannot come true is excused by
name, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from apicontract import bundled
from tests.e2e.conftest import INSTANT_2025, INSTANT_2026
from tests.openapi.reading import Operation, contract, level_of, operations, parameters, resolve, responses
from tests.servers import PLATFORM, SITE, ZENOVAY, Server, serving

NEW, OLD, PLATFORM_V2 = "zenovay@2026-02", "zenovay@2025-01", "analytics-platform@v2"

# The key that an example needs; every other one has that of its product.
KEYS = {
    (NEW, "invalid-key"): "zv_wrong",
    (OLD, "invalid-key"): "zv_wrong",
    (PLATFORM_V2, "invalid-key"): "ap_wrong",
    (NEW, "no-access"): "zv_demo_site",
    (OLD, "no-permission"): "zv_demo_site",
    (PLATFORM_V2, "no-access"): "ap_demo_site",
}
USUAL = {NEW: "zv_demo_pro", OLD: "zv_demo_pro", PLATFORM_V2: "ap_demo"}
# The limiter's figures depend on what was asked before: they have tests of their own below.
COUNTED = {(NEW, "getUsage", "200", "production-key"), (OLD, "getUsage", "200", "pro")}


@dataclass
class Asked:
    """The request of one name."""

    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None


def requests_of(root: Any, operation: Operation) -> Iterator[tuple[str, Asked]]:
    """The requests that an operation shows, by the names of their examples; one that takes nothing has only one."""
    taken = parameters(root, operation)
    body = operation.node.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
    shown = {name for parameter in taken for name in parameter.get("examples", {})} | set(body)
    if not taken and not body:
        shown = set(responses(root, operation)["200"]["content"]["application/json"]["examples"]) | {"invalid-key"}
    for name in sorted(shown):
        examples = {parameter["name"]: parameter.get("examples", {}).get(name) for parameter in taken}
        asked = Asked(operation.name.split()[1], body=body.get(name, {}).get("value"))
        for parameter in taken:
            example = examples[parameter["name"]]
            if example is not None and parameter["in"] == "path":
                asked.path = asked.path.replace(f"{{{parameter['name']}}}", str(example["value"]))
            elif example is not None:
                asked.query[parameter["name"]] = example["value"]
        if "{" not in asked.path and (asked.body is not None or not body):
            yield name, asked


def pairs() -> dict[tuple[str, str, str, str], tuple[str, Asked]]:
    """Every example of a response whose name a request has, too."""
    found = {}
    for selector in bundled().files:
        root = contract(selector.replace("@", "-"))
        for operation in operations(root):
            requests = dict(requests_of(root, operation))
            for status, response in responses(root, operation).items():
                for name in response["content"]["application/json"]["examples"]:
                    if name in requests:
                        found[selector, operation.id, status, name] = operation.name.split()[0], requests[name]
    return found


PAIRS = pairs()
FIELDS_EXCUSED = {"timestamp"}


def differences(documented: Any, answered: Any, where: str = "body") -> Iterator[str]:
    """What the document says and the answer does not."""
    if isinstance(documented, dict) and isinstance(answered, dict):
        for name, value in documented.items():
            if name not in answered:
                yield f"{where}.{name} is missing"
            elif name not in FIELDS_EXCUSED:
                yield from differences(value, answered[name], f"{where}.{name}")
    elif isinstance(documented, list) and isinstance(answered, list):
        if len(answered) < len(documented):
            yield f"{where} has {len(answered)} of {len(documented)}"
        for index, (one, other) in enumerate(zip(documented, answered, strict=False)):
            yield from differences(one, other, f"{where}[{index}]")
    elif documented != answered:
        yield f"{where}: documented {documented!r}, answered {answered!r}"


def example(selector: str, operation: str, status: str, name: str) -> Any:
    return bundled().load(selector).operation(operation).responses[status].examples[name]


def level(selector: str, operation_id: str, status: str, name: str) -> str:
    """How sure an example is; below an answer that nobody states it is a guess, whatever it says itself."""
    root = contract(selector.replace("@", "-"))
    operation = next(operation for operation in operations(root) if operation.id == operation_id)
    response = responses(root, operation)[status]
    if level_of(response, "inferred") == "inferred":
        return "inferred"
    raw = response["content"]["application/json"]["examples"][name]
    return level_of(resolve(root, raw), "inferred")


def compare(running: Server, asked: tuple[str, str, str, str]) -> None:
    selector, operation, status, name = asked
    method, request = PAIRS[asked]
    served = bundled().load(selector).operation(operation).path
    before = served[: len(served) - len(served.removeprefix(ZENOVAY).removeprefix(PLATFORM))]
    key = KEYS.get((selector, name), USUAL[selector])
    sent = {"json": request.body} if request.body is not None else {}
    answer = running.request(method, before + request.path, key, params=request.query, **sent)
    assert answer.status_code == int(status), answer.text
    if level(*asked) != "inferred":
        assert list(differences(example(*asked), answer.json())) == []


READ = [asked for asked in PAIRS if PAIRS[asked][0] == "GET" and asked not in COUNTED]
WRITTEN = [asked for asked in PAIRS if PAIRS[asked][0] == "POST"]


@pytest.mark.parametrize("asked", READ, ids="-".join)
def test_the_request_of_an_example_gets_the_answer_of_its_name(
    asked: tuple[str, str, str, str], server: Server, server_2025: Server, server_platform: Server
) -> None:
    compare({NEW: server, OLD: server_2025, PLATFORM_V2: server_platform}[asked[0]], asked)


@pytest.mark.parametrize("edition", ["2026-02", "2025-01"])
def test_what_an_example_tracks_is_answered_by_its_name(edition: str) -> None:
    written = [asked for asked in WRITTEN if asked[0] == f"zenovay@{edition}"]
    assert len(written) >= 4
    with serving("--quiet", "--edition", edition, "--no-rate-limit") as running:
        for asked in written:
            compare(running, asked)


def test_the_heatmap_and_the_websites_hold_nothing_more_than_is_documented(server: Server) -> None:
    assert len(server.get(f"{ZENOVAY}/heatmaps/{SITE}/pages", "zv_demo_pro").json()["data"]["pages"]) == 4
    assert len(server.get(f"{ZENOVAY}/websites", "zv_demo_pro").json()["data"]["websites"]) == 2


def test_even_the_timestamp_comes_true_on_a_frozen_clock(server: Server) -> None:
    answered = server.get(f"{ZENOVAY}/websites", "zv_demo_pro").json()
    assert answered == example(NEW, "listWebsites", "200", "two-websites")


def test_usage_answers_the_documented_figures_of_2026() -> None:
    with serving("--now", INSTANT_2026) as running:
        answered = running.get(f"{ZENOVAY}/usage", "zv_demo_scale").json()
    assert list(differences(example(NEW, "getUsage", "200", "production-key"), answered)) == []


def test_the_fifth_request_of_a_minute_answers_the_documented_usage_of_2025() -> None:
    with serving("--now", INSTANT_2025, "--edition", "2025-01") as running:
        answered = [running.get(f"{ZENOVAY}/usage", "zv_demo_pro") for _ in range(5)][-1]
    assert answered.json() == example(OLD, "getUsage", "200", "pro")
    assert answered.headers["x-usage-monthly"] == "4521"
    assert answered.headers["x-usage-limit"] == "10000"
    assert answered.headers["x-usage-reset"] == "2025-02-01T00:00:00Z"
    assert answered.headers["x-ratelimit-limit"] == "30"


@pytest.mark.parametrize("selector", sorted(bundled().files))
def test_every_success_has_a_request_of_its_name(selector: str) -> None:
    root = contract(selector.replace("@", "-"))
    for operation in operations(root):
        names = responses(root, operation)["200"]["content"]["application/json"]["examples"]
        assert [name for name in names if (selector, operation.id, "200", name) not in PAIRS] == [], operation.id


def test_the_documented_refusals_that_a_request_brings_about_are_asked_for() -> None:
    stated = {asked for asked in PAIRS if level(*asked) == "documented" and asked[2] != "200"}
    assert {(selector, status, name) for selector, _, status, name in stated} == {
        (NEW, "401", "invalid-key"),
        (NEW, "403", "no-access"),
        (NEW, "404", "website-not-found"),
        (PLATFORM_V2, "401", "invalid-key"),
    }
