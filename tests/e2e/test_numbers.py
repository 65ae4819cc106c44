"""No number of a client gives a 500: wherever one can stand, the answer is what its contract says, or a refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apicontract.catalogue import bundled
from mockserver.control.space import own_document
from tests.lab import Lab
from tests.redis import STATES, options_of
from tests.servers import OLD_SITE, PLATFORM_SITE, SITE, ZENOVAY, serving

HUGE = 1 << 64
NUMBERS = st.one_of(
    st.sampled_from(["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "-0", "0", "1.5", "007", "1_000"]),
    st.sampled_from([HUGE - 1, HUGE, -HUGE, 1 << 63, (1 << 63) - 1, 1 << 53, 10**300 - 1]).map(str),
    st.integers().map(str),
    st.sampled_from([299, 300, 301, 309, 4_301, 20_000]).map(lambda digits: "9" * digits),
    st.floats().map(repr),
)
VALUES = {"websiteId": SITE, "siteId": PLATFORM_SITE, "trackingCode": "ZV_abc123xyz"}
OLD_VALUES = {"websiteId": OLD_SITE, "trackingCode": "abc123def456"}
READS = ("requests", "requests.har", "requests/count", "client-report", "limits", "clock", "settings", "scenarios", "")
HEADERS = ("Prefer: seed=", "Prefer: code=", "X-Forwarded-For: ", "X-Mock-Delay: -", "X-Mock-Fault: 429; retry_after=-")
MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
BESIDE: dict[str, list[Any]] = {  # what a control call needs beside the number
    "turnClock": [{"action": "advance"}, {"action": "set", "at": "next-month"}],
    "addFault": [{"status": 429}, {"fault": "TRUNCATED_RESPONSE"}, {"fault": "RETRY_AFTER_SKEWED"}],
    "defineScenario": [{"name": "x", "steps": [{"status": 500, "requests": 1}]}],
}
FORMS = {
    "clock": ("seconds", "at"),
    "faults": ("error", "times", "every", "probability", "retry_after", "fixedDelayMilliseconds"),
    "limits/zv_demo_pro": ("remaining", "monthly_remaining"),
    "requests/1/next": ("error",),
}
Place = tuple[str, str, str, str]  # method, path with its query, header, body; the number stands where # is


def places_of(contract: str) -> list[Place]:
    """Everywhere in the requests of a contract where a number can stand."""
    found: list[Place] = []
    for operation in bundled().load(contract).operations:
        values = OLD_VALUES if contract.endswith("2025-01") else VALUES
        path = operation.path.format(**values)
        for parameter in operation.parameters:
            if parameter.location == "path":
                found.append((operation.method, operation.path.replace(f"{{{parameter.name}}}", "#"), "", ""))
            else:
                found.append((operation.method, f"{path}?{parameter.name}=#", "", ""))
        found += [(operation.method, path, f"{header}#", "") for header in HEADERS]
        found += [(operation.method, f"{path}?__{name}=#", "", "") for name in ("seed", "code")]
        for media in operation.body.content if operation.body else ():
            example: dict[str, Any] = {"value": 0, **next(iter(media.examples.values()))}
            found += [(operation.method, path, "", body) for body in filled(example)]
    return found


def filled(value: Any) -> list[str]:
    """A JSON object as text, once for each member, with # in its place."""
    return [json.dumps({**value, name: "#"}).replace('"#"', "#") for name in value]


def resolved(node: Any) -> Any:
    """A node of the control API's document, its reference followed."""
    while "$ref" in node:
        name, node = node["$ref"], own_document()
        for step in name[2:].split("/"):
            node = node[step]
    return node


def bodies(node: Any, depth: int = 0) -> Iterator[Any]:
    """What a schema allows, with # in each place in turn where it allows anything."""
    node = resolved(node)
    yield "#"
    for part in (*node.get("oneOf", ()), *node.get("anyOf", ()), *node.get("allOf", ())):
        yield from bodies(part, depth)
    if depth < 4:
        members = {**node.get("properties", {}), "x": node.get("additionalProperties") or {}}
        for name, part in members.items():
            yield from ({name: inner} for inner in bodies(part, depth + 1))
        yield from ([inner] for inner in (bodies(node["items"], depth + 1) if "items" in node else ()))


def control_places() -> Iterator[Place]:
    """Everywhere in the calls of the control API where a number can stand."""
    for path, item in own_document()["paths"].items():
        for method in {"get", "put", "post", "delete"} & set(item):
            operation = item[method]
            here = "/__mock" + path.replace("{key}", "zv_demo_pro").replace("{name}", "retry-after-2s")
            for parameter in map(resolved, (*item.get("parameters", ()), *operation.get("parameters", ()))):
                where = f"/__mock{path}".replace(f"{{{parameter['name']}}}", "#")
                if parameter["in"] != "header":
                    yield method.upper(), where if "#" in where else f"{here}?{parameter['name']}=#", "", ""
            for media in operation.get("requestBody", {}).get("content", {}).values():
                for body in bodies(media["schema"]):
                    for beside in BESIDE.get(operation["operationId"], [{}]):
                        whole = {**beside, **body} if isinstance(body, dict) else body
                        yield method.upper(), here, "", json.dumps(whole).replace('"#"', "#")


def console_places() -> Iterator[Place]:
    """Everywhere in the console's forms and queries where a number can stand."""
    for path, names in FORMS.items():
        for name in names:
            yield "POST", f"/__mock/console/{path}", "", f"{name}=#"
    yield "GET", "/__mock/console/requests/#", "", ""
    yield "POST", "/__mock/console/requests/#/replay", "", ""
    yield from (("GET", f"/__mock/?{name}=#", "", "") for name in ("status", "operation", "key", "client", "after"))


ZENOVAY_NEW, ZENOVAY_OLD, PLATFORM = map(places_of, ("zenovay@2026-02", "zenovay@2025-01", "analytics-platform@v2"))
CONTROL = [*control_places(), *console_places()]


def send(lab: Lab, place: Place, number: str) -> httpx.Response:
    """Send the request of a place with a number in it."""
    method, path, header, body = place
    name, _, value = header.replace("#", number).partition(": ")
    is_form = "/console/" in path and bool(body)
    headers = {
        **({"Authorization": "Bearer ap_demo"} if "/v2/" in path else {"X-API-Key": "zv_demo_enterprise"}),
        **({name: value} if name else {}),
        "Content-Type": "application/x-www-form-urlencoded" if is_form else "application/json",
        "Origin": lab.url,
        "Cookie": f"mockserver-space={lab.headers['X-Test-Id']}",
    }
    text = body.replace("#", quote(number) if is_form else number)
    return lab.client.request(method, path.replace("#", quote(number)), headers=headers, content=text.encode())


@pytest.fixture(scope="module")
def old() -> Iterator[Lab]:
    with serving("--edition", "2025-01", "--now", "2025-01-08T09:00:20Z", "--quiet") as running:
        lab = Lab(running)
        with lab.client:
            yield lab


@pytest.fixture(scope="module", params=STATES)
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet", *options_of(request)) as running:
        made = Lab(running)
        with made.client:
            yield made


def check(lab: Lab, place: Place, number: str, read: str) -> None:
    """Send a number to a place; afterwards the space can still be read."""
    answer = send(lab, place, number)
    if "code=#" not in place[1] + place[2]:  # there a 500 may be what was asked for
        assert answer.status_code < 500, answer.text
    if answer.headers.get("content-type") == "application/json":
        answer.json()
    again = lab.control("GET", read)
    assert again.status_code == 200, again.text


@MANY
@given(place=st.sampled_from([*ZENOVAY_NEW, *PLATFORM]), number=NUMBERS, read=st.sampled_from(READS))
def test_no_number_in_a_request_gives_a_500(lab: Lab, place: Place, number: str, read: str) -> None:
    check(lab, place, number, read)
    lab.set("POST", "reset")


@MANY
@given(place=st.sampled_from(ZENOVAY_OLD), number=NUMBERS, read=st.sampled_from(READS))
def test_no_number_in_a_request_of_the_older_edition_gives_a_500(
    old: Lab, place: Place, number: str, read: str
) -> None:
    check(old, place, number, read)
    old.set("POST", "reset")


@MANY
@given(place=st.sampled_from(CONTROL), number=NUMBERS, read=st.sampled_from(READS))
def test_no_number_in_a_control_call_gives_a_500_then_or_later(lab: Lab, place: Place, number: str, read: str) -> None:
    check(lab, place, number, read)
    if not {"faults", "scenarios", "next"} & set(place[1].split("/")):
        for path in (f"/analytics/{SITE}?range=1y", f"/heatmaps/{SITE}/pages", f"/replays/{SITE}/sessions", "/usage"):
            assert lab.get(ZENOVAY + path).status_code in (200, 429), path
    lab.set("POST", "reset")


@pytest.mark.parametrize("offset", [HUGE - 1, HUGE, 10**299])
def test_a_page_beyond_every_list_is_empty(lab: Lab, offset: int) -> None:
    answer = lab.get(f"{ZENOVAY}/analytics/{SITE}/visitors?offset={offset}")
    assert answer.status_code == 200
    assert answer.json()["data"] == {"visitors": [], "pagination": {"limit": 100, "offset": offset, "has_more": False}}
    entry = lab.set("GET", "requests")["requests"][-1]
    assert entry["parameters"]["offset"] == (offset if offset < HUGE else str(offset))


def test_a_page_number_beyond_every_list_is_an_empty_page(old: Lab) -> None:
    answer = old.get(f"{ZENOVAY}/analytics/{OLD_SITE}/visitors?page={HUGE}")
    assert answer.status_code == 200
    assert answer.json()["visitors"] == []
    assert answer.json()["pagination"]["page"] == HUGE


def test_a_number_that_no_json_reader_could_read_back_is_refused(lab: Lab) -> None:
    answer = lab.get(f"{ZENOVAY}/analytics/{SITE}/visitors?offset={'9' * 301}")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["expected"] == "an integer, at least 0, of at most 300 digits"
