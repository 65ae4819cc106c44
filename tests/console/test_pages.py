"""The pages for data, contracts and clients, compared with the API and the contracts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

import mockserver
from apicontract import Provenance, bundled, load_contract
from apicontract.catalogue import bundled_folder
from apicontract.document import Document
from mockserver.console.charts import Chart, Points, list_charts, read_points
from mockserver.console.page import prose
from mockserver.console.schemas import list_fields
from mockserver.console.series import PART, UNFINISHED, read_series
from tests.console.conftest import PAGES, Visitor, furnish, words
from tests.documents import document, write
from tests.servers import SITE, ZENOVAY, Server, serving

SELECTORS = sorted(bundled().files)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield a server with its own state: the pages do not depend on where it is stored."""
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet") as running:
        yield running


def test_charts_are_drawn_from_the_answers_that_the_api_gives(visitor: Visitor) -> None:
    shown = visitor.read("/console/data?range=30d")
    asked = visitor.ask(f"{ZENOVAY}/analytics/{SITE}?range=30d", key="zv_demo_enterprise").json()["data"]
    days = [(day["date"], f"{day['total_visitors']:,}") for day in asked["daily_stats"]]
    assert len(days) == 31
    assert all(f" {date} {visitors} " in shown for date, visitors in days)
    pages = visitor.ask(f"{ZENOVAY}/analytics/{SITE}/pages?range=30d", key="zv_demo_enterprise").json()["data"]["pages"]
    assert f"{pages[0]['path']} {pages[0]['page_views']:,}" in shown
    live = visitor.ask("/live/ZV_abc123xyz").json()["data"]["visitors"]
    assert f"Live now {live} visitors From getLiveVisitors : GET /live/ZV_abc123xyz" in shown


def test_drawing_counts_nothing_and_leaves_no_trace(visitor: Visitor) -> None:
    before = visitor.control("limits")
    visitor.see("/console/data")
    assert visitor.control("limits") == before
    assert "No requests yet" in visitor.read()


def test_tracked_visits_stand_in_the_charts_at_once(visitor: Visitor) -> None:
    def live() -> int:
        return int(re.findall(r'class="huge">(\d+)<', visitor.see("/console/data"))[0])

    before = live()
    event = {
        "type": "pageview",
        "session_id": "5e551011cafe",
        "url": "https://mywebsite.com/",
        "device_type": "desktop",
    }
    event |= {"browser": "Chrome", "os": "macOS", "user_agent": "Mozilla/5.0"}
    assert visitor.ask("/e/ZV_abc123xyz", method="POST", json=event).status_code < 300
    assert live() == before + 1


def test_every_contract_of_the_package_says_what_can_be_drawn_and_its_answers_have_it(visitor: Visitor) -> None:
    for selector in SELECTORS:
        kinds = {chart.kind for chart in list_charts(bundled().load(selector))}
        assert kinds == {"line", "bars", "number"}, selector
    for selector in ("zenovay@2026-02", "analytics-platform@v2"):
        assert "without the data" not in visitor.read(f"/console/data?contract={selector}")


def test_a_chart_is_asked_with_a_key_that_has_something_left(visitor: Visitor) -> None:
    widest = "ak_2b3c4d5e-6f70-4182-93a4-b5c6d7e8f901"
    assert f'<option value="{widest}" selected>' in visitor.see("/console/data")
    visitor.click(f"/console/limits/{widest}", do="month use-up")
    page = visitor.see("/console/data")
    assert f'<option value="{widest}" selected>' not in page
    assert "without the data" not in page
    assert "The API answers 429, without the data of this chart." in visitor.read(f"/console/data?key={widest}")


def test_an_x_chart_that_is_none_is_left_out(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "odd.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n"
        "      x-chart: [1, {kind: pie, value: v}, {kind: bars, value: v}, {kind: number, value: v, title: T}]\n"
        "      responses: {'200': {description: d}}\n"
    )
    (chart,) = list_charts(load_contract(path))
    assert (chart.title, chart.kind) == ("T", "number")
    assert read_points(chart, {"v": 3}).points == (("T", 3),)  # type: ignore[union-attr]
    assert read_points(chart, {"v": "3"}) is None
    assert read_points(chart, []) is None
    bars = Chart(chart.operation, "", "bars", "rows", "name", "value", "things")
    assert read_points(bars, {"rows": [{"name": "a", "value": 1}, {"name": "b", "value": None}]}) is None
    assert read_points(bars, {"rows": [{"name": str(n), "value": n} for n in range(20)]}).left_out == 8  # type: ignore[union-attr]


def days(*figures: float, until: int = 21) -> Points:
    """Return the points of some days in November, of which the last is `until`."""
    return Points(tuple((f"2026-11-{until - len(figures) + 1 + at:02}", each) for at, each in enumerate(figures)))


def test_a_period_is_compared_with_the_days_before_by_its_complete_days() -> None:
    longer = days(1, 2, 3, 10, 20, 30, 4), days(9, 9, 9, 9, 1, 2, 3, 10, 20, 30, 4)
    series = read_series(days(10, 20, 30, 4), longer, "2026-11-21", "visitors")
    assert [day.note for day in series.days] == ["", "", "", UNFINISHED]
    assert [day.before for day in series.days[:3]] == [("2026-11-15", 1), ("2026-11-16", 2), ("2026-11-17", 3)]
    assert (series.total, series.total_before, series.change) == (60, 6, 900)
    yesterday = read_series(days(10, 20, until=20), [days(1, 2, 10, 20, until=20)], "2026-11-21", "visitors")
    assert [day.note for day in yesterday.days] == ["", ""]
    assert (yesterday.total, yesterday.total_before) == (30, 3)


def test_a_day_of_which_the_answer_has_a_part_is_marked_and_not_compared() -> None:
    series = read_series(days(5, 4), [days(1, 2, 3, 9, 4)], "2026-11-21", "visitors")
    assert [day.note for day in series.days] == [PART, UNFINISHED]
    assert (series.complete, series.total_before, series.change) == ([], None, None)


def test_without_a_longer_answer_nothing_is_compared() -> None:
    for longer in ([], [days(1, 5, 4)], [days(1, 2, 3, 5, 4, until=20)], [Points(())]):
        assert read_series(days(5, 4), longer, "2026-11-30", "").total_before is None
    assert read_series(Points(()), [days(1)], "2026-11-21", "").days == ()


def test_what_a_chart_counts_is_said_beside_its_numbers(visitor: Visitor) -> None:
    page = visitor.see("/console/data?contract=analytics-platform@v2")
    countries = page[page.index(">Countries</h2>") :]
    assert "page views" in countries[: countries.index("<tbody>")]
    shown = words(page)
    assert re.search(r"Page views per day [\d,]+ page views on 7 complete days", shown)
    assert UNFINISHED in shown


def test_a_field_is_only_as_sure_as_what_it_stands_in() -> None:
    guessed = Provenance("inferred", reason="a guess")
    node = {
        "properties": {
            "a": {"type": "string", "x-provenance": {"level": "documented", "page": "P"}},
            "b": {"items": {"$ref": "#/components/schemas/Tree"}},
        },
        "required": ["a"],
    }
    tree = {"properties": {"more": {"$ref": "#/components/schemas/Tree"}}, "x-provenance": {"level": "supplement"}}
    document = Document(Path("x"), {"components": {"schemas": {"Tree": tree}}})
    rows = {row.path: row for row in list_fields(node, document, guessed)}
    assert list(rows) == ["", "a", "b", "b[]", "b[].more"]
    assert {row.provenance.level for row in rows.values()} == {"inferred"}
    sure = {row.path: row.provenance.level for row in list_fields(node, document, Provenance("documented"))}
    assert sure == {
        "": "documented",
        "a": "documented",
        "b": "documented",
        "b[]": "supplement",
        "b[].more": "supplement",
    }
    assert (rows["a"].required, rows["b"].required) == (True, False)


def test_a_description_has_code_in_it_and_no_markup() -> None:
    assert prose("by `limit` and <b>`off<set`</b>") == (
        "by <code>limit</code> and &lt;b&gt;<code>off&lt;set</code>&lt;/b&gt;"
    )
    assert prose("a ` alone <b>") == "a ` alone &lt;b&gt;"


@pytest.mark.parametrize("selector", SELECTORS)
def test_every_operation_is_documented_with_its_parameters_and_statuses(visitor: Visitor, selector: str) -> None:
    for operation in bundled().load(selector).operations:
        page = visitor.see(f"/console/contracts/{selector}/{operation.id}")
        assert all(parameter.name in page for parameter in operation.parameters)
        assert all(f">{status}</span>" in page for status in operation.responses)


LEVEL = re.compile(r'class="level (\w+)"')


def shown_levels(table: str) -> list[str]:
    """Return the level of every row of a table as a reader takes it: its own, else that of what it stands in."""
    caption, *rows = re.findall(r"<caption>.*?</caption>|<tr>\s*<th scope=\"row\".*?</tr>", table, re.DOTALL)
    around = {-1: LEVEL.findall(caption)[0]}
    found = []
    for row in rows:
        depth = int((re.findall(r'class="d(\d)"', row) or ["0"])[0])
        nearest = around[max(one for one in around if one < depth)]
        level = (LEVEL.findall(row) or [nearest])[0]
        around = {one: known for one, known in around.items() if one < depth} | {depth: level}
        found.append(level)
    return found


@pytest.mark.parametrize("selector", SELECTORS)
def test_the_level_of_every_member_and_header_is_shown_once_and_where_it_changes(
    visitor: Visitor, selector: str
) -> None:
    marks = rows = 0
    for operation in bundled().load(selector).operations:
        page = visitor.see(f"/console/contracts/{selector}/{operation.id}").split('id="try-title"')[0]
        tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
        bodies = [(media, operation.body.provenance) for media in operation.body.content] if operation.body else []
        expected = [[one.provenance.level for one in operation.parameters]] if operation.parameters else []
        for response in operation.responses.values():
            bodies += [(media, response.provenance) for media in response.content]
        members = [
            [row.provenance.level for row in list_fields(media.schema.node, media.schema.document, provenance)]
            for media, provenance in bodies
            if media.schema is not None
        ]
        headers = [[one.provenance.level for one in each.headers] for each in operation.responses.values()]
        expected += members + [each for each in headers if each]
        assert sorted(map(shown_levels, tables)) == sorted(expected), operation.id
        marks += sum(len(LEVEL.findall(table)) - 1 for table in tables)
        rows += sum(map(len, expected))
    assert marks < rows / 4


def test_the_parts_of_an_operation_are_linked_at_its_top(visitor: Visitor) -> None:
    page = visitor.see("/console/contracts/zenovay@2026-02/trackEvent")
    (links,) = re.findall(r'aria-label="On this page">(.*?)</nav>', page)
    named = re.findall(r'href="#(\w+)"', links)
    assert {"parameters", "request", "answers", "try"} <= set(named)
    assert all(f'id="{name}"' in page for name in named)


def test_a_rule_is_stated_as_a_rule(visitor: Visitor) -> None:
    for selector in SELECTORS:
        assert all(rule.statement for operation in bundled().load(selector).operations for rule in operation.rules)
    shown = visitor.read("/console/contracts/zenovay@2026-02/listVisitors")
    assert "At most limit visitors are in a page." in shown
    assert "There are more visitors" not in shown


def test_the_names_of_documents_are_explained(visitor: Visitor) -> None:
    for selector in SELECTORS:
        root = bundled().load(selector).document.root
        named = set(re.findall(r"'page': '([A-Z]+)'", str(root)))
        assert set(root["x-pages"]) == named
        page = visitor.see(f"/console/contracts/{selector}")
        assert all(f"<dt>{name}</dt><dd>" in page for name in named)
    page = visitor.see("/console/contracts/zenovay@2026-02/listWebsites")
    assert '<abbr title="Zenovay&#39;s page of GET /websites, of February 2026">WEBSITES</abbr>' in page


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("page_views", "data.pages[].page_views member answer 200 of listPages"),
        ("heatmaps", "listHeatmapPages operation GET /api/external/v1/heatmaps/{websiteId}/pages"),
        ("MONTHLY_LIMIT", "MONTHLY_LIMIT_EXCEEDED code 429 quota-exceeded"),
        ("timeRange", "timeRange parameter query parameter of getAnalyticsOverview"),
        ("visitors within limit", "visitors-within-limit rule At most limit visitors are in a page."),
    ],
)
def test_a_search_finds_paths_parameters_members_codes_and_rules(visitor: Visitor, wanted: str, found: str) -> None:
    shown = visitor.read(f"/console/search?q={wanted}")
    assert found in shown


def test_a_search_leads_to_the_place_and_says_when_there_is_none_or_too_much(visitor: Visitor) -> None:
    page = visitor.see("/console/search?q=summary.total_page_views")
    (link,) = re.findall(r'href="(/__mock/console/contracts/[^"]+)#answer-200"', page)
    assert 'id="answer-200"' in visitor.client.get(link).text
    assert "0 places." in visitor.read("/console/search?q=nothing_has_this_name")
    assert "The first 100 places are shown." in visitor.read("/console/search?q=a")
    assert "places" not in visitor.read("/console/search?q=")


def test_every_contract_links_to_its_document(visitor: Visitor) -> None:
    for path in ("/console/contracts", *(f"/console/contracts/{selector}" for selector in SELECTORS)):
        links = re.findall(r'href="(/__mock/contracts/[^"]+)"', visitor.see(path))
        assert len(links) == (6 if path == "/console/contracts" else 4)
        assert [visitor.client.get(unescape(link)).status_code for link in links] == [200] * len(links)


def test_a_field_shows_page_and_section_or_the_reason(visitor: Visitor) -> None:
    shown = visitor.read("/console/contracts/zenovay@2026-02/listWebsites")
    assert "documented WEBSITES , “Response”" in shown
    assert (
        "details optional an object: What was wrong with a request inferred taken over from REF's error format" in shown
    )
    shown = visitor.read("/console/contracts/zenovay@2026-02/getAnalyticsOverview")
    assert "inferred a count is never negative minimum of data.summary.total_visitors, " in shown
    shown = visitor.read("/console/contracts/zenovay@2026-02/listHeatmapPages")
    assert "inferred a limit of 0 would return nothing minimum of limit" in shown
    assert "SUPPLEMENT , “Zenovay 2026-02, error codes and headers” API_PAID_PLAN_REQUIRED of error.code" in shown
    assert "“Page URL path”" in shown


def test_try_it_sends_a_request_that_counts_and_shows_its_answer(visitor: Visitor) -> None:
    path = "/console/contracts/zenovay@2026-02/listVisitors"
    form = {"key": "ak_1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9", "p.websiteId": SITE, "p.limit": "3", "prefer": ""}
    shown = words(visitor.click(path, 200, **form).text)
    assert "The answer 200" in shown
    assert "v1a2b3c4-d5e6-7890-abcd-ef1234567890" in shown
    assert "/visitors?limit=3" in shown
    assert "-H 'X-API-Key: zv_demo_pro'" in shown
    assert visitor.control("limits/zv_demo_pro")["minute"]["used"] == 1  # type: ignore[index]
    shown = words(visitor.click(path, 200, **{**form, "prefer": "code=404"}).text)
    assert "The answer 404" in shown
    shown = words(visitor.click(path, 200, **{**form, "p.limit": "many", "key": ""}).text)
    assert "The answer 401" in shown


def test_the_form_has_selects_defaults_and_examples(visitor: Visitor) -> None:
    page = visitor.see("/console/contracts/zenovay@2026-02/listVisitors")
    assert re.search(r'<select [^>]*name="p.range"[^>]*>\s*<option value="">not sent: 7d</option>', page)
    assert re.search(r'name="p.limit" value="" placeholder="100"', page)
    assert "query, an integer from 1 to 1000, default 100" in page
    page = visitor.see("/console/contracts/zenovay@2026-02/trackEvent")
    assert re.search(r'name="p.trackingCode" value="ZV_abc123xyz"', page)
    path = "/console/contracts/zenovay@2026-02/listVisitors"
    again = visitor.click(path, 200, **{"p.websiteId": SITE, "p.range": "never", "key": ""}).text
    assert "<option selected>never</option>" in again


@pytest.mark.parametrize(("language", "command"), [("Python", [sys.executable, "-"]), ("TypeScript", ["node", "-"])])
def test_a_code_sample_runs_as_it_stands(visitor: Visitor, language: str, command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    path = "/console/contracts/zenovay@2026-02/trackEvent"
    body = json.dumps({"type": "pageview", "session_id": "5e551011cafe", "url": 'https://mywebsite.com/"ü"'})
    pages = [
        visitor.see("/console/contracts/zenovay@2026-02/listWebsites"),
        visitor.click(path, 200, **{"p.trackingCode": "ZV_abc123xyz", "body": body}).text,
    ]
    for page, status in zip(pages, ("200", "400"), strict=True):
        (code,) = re.findall(rf'aria-label="The request in {language}"><code>(.*?)</code>', page, re.DOTALL)
        code = unescape(code)
        if command[0] == "node":
            code = f"(async () => {{ {code} }})()"
        done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(f"{status} ")


def test_try_it_begins_with_the_example_of_the_contract_and_sends_it(visitor: Visitor) -> None:
    path = "/console/contracts/zenovay@2026-02/trackEvent"
    (example,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", visitor.see(path), re.DOTALL)
    shown = words(visitor.click(path, 200, **{"p.trackingCode": "ZV_abc123xyz", "body": unescape(example)}).text)
    assert "The answer 2" in shown
    assert "--data-binary" in shown


def test_an_edition_that_is_not_served_is_read_but_not_tried(visitor: Visitor) -> None:
    path = "/console/contracts/zenovay@2025-01/listVisitors"
    assert "Start it with --contract zenovay@2025-01" in visitor.read(path)
    visitor.click(path, 404)


def test_editions_stand_side_by_side_with_what_differs(visitor: Visitor) -> None:
    shown = visitor.read("/console/compare/zenovay")
    assert "not-found: status and code 2026-02 404 NOT_FOUND 2025-01 404 not_found" in shown
    assert "query parameter timeRange optional, one of 24h, 7d, 30d, 90d, default 7d" in shown
    assert "statuses that are not counted 2026-02 401, 429 2025-01 400, 401, 500" in shown
    assert "1 difference, 8 equal" in shown
    assert "plan pro: requests per minute" not in shown
    assert "an object of success, data, timestamp; the data is in data 2025-01 the data itself" in shown
    assert shown.count("X-Usage-Total") == 1, "what differs in most operations is said once"
    assert "answer daily_stats 2026-02 daily_stats: an array 2025-01 dailyStats: an array" in shown
    assert "answer date_range an object" in shown
    assert "date_range.start" not in shown, "what is inside of it goes without saying"
    assert "answer data" not in shown
    assert "has fewer than two editions to compare" in visitor.read("/console/compare/analytics-platform", 404)


@pytest.mark.parametrize(
    "path",
    [
        "/console/contracts/nothing",
        "/console/contracts/zenovay@2026-02/nothing",
        "/console/compare/x",
        "/console/x/y/z",
    ],
)
def test_what_does_not_exist_is_a_page_that_leads_back(visitor: Visitor, path: str) -> None:
    page = visitor.see(path, 404)
    assert 'role="alert"' in page
    assert "To the list of requests" in page


def test_a_scenario_stays_in_its_place_when_it_is_switched_on(visitor: Visitor) -> None:
    before = re.findall(r'id="switch-([^"]+)"', visitor.see("/console/faults"))
    visitor.click(f"/console/scenarios/{before[-1]}/on")
    page = visitor.see("/console/faults")
    assert re.findall(r'id="switch-([^"]+)"', page) == before
    assert page.count('aria-checked="true"') == 1


@pytest.mark.parametrize("path", PAGES)
def test_a_label_is_a_name_and_its_hint_stands_apart(visitor: Visitor, path: str) -> None:
    furnish(visitor)
    page = visitor.see(path)
    labels = re.findall(r"<label[^>]*>(.*?)</label>", page, re.DOTALL)
    assert [label for label in labels if 'class="where"' in label or 'class="hint"' in label] == []
    hints = re.findall(r'aria-describedby="([^"]+)"', page)
    assert all(f'id="{hint}"' in page for hint in hints)


def test_clients_are_judged_with_links_to_what_shows_it(visitor: Visitor) -> None:
    visitor.ask(f"{ZENOVAY}/websites?colour=blue", headers={"User-Agent": "my-app/1"})
    visitor.ask(f"{ZENOVAY}/nothing", headers={"User-Agent": "my-app/1"})
    page = visitor.see("/console/clients")
    shown = words(page)
    assert "my-app/1 fail 2 requests, key zv_demo_pro" in shown
    assert "has no parameter 'colour'" in shown
    assert 'href="/__mock/console/requests/1"' in page
    assert "Errors received: 1 of 14" in shown
    assert "✓ 404 unknown-path : received 2" in shown
    assert "Not seen in its requests:" in shown


def test_clients_that_failed_come_first_with_at_most_three_requests_and_passes_folded(visitor: Visitor) -> None:
    visitor.ask(f"{ZENOVAY}/websites", headers={"User-Agent": "good-app/1"})
    for _ in range(6):
        visitor.ask(f"{ZENOVAY}/websites", headers={"User-Agent": "bad-app/1"})
    page = visitor.see("/console/clients")
    assert page.index("bad-app/1") < page.index("good-app/1")
    failed = page[page.index("bad-app/1") : page.index("<details>", page.index("bad-app/1"))]
    assert "does not repeat a request before the data can have changed" in failed
    assert 'class="verdict pass"' not in failed
    assert failed.count("/console/requests/") == 3
    assert ", …" in failed


def test_demo_keys_are_shown_whole_and_keys_that_users_bring_are_masked(visitor: Visitor, tmp_path: Path) -> None:
    visitor.ask(f"{ZENOVAY}/websites")
    for path in ("/", "/console/requests/1", "/console/limits", "/console/faults", "/console/data", "/console/clients"):
        assert "zv_demo_pro" in visitor.see(path), path
        assert "…pro" not in visitor.see(path), path
    shutil.copytree(bundled_folder(Path(mockserver.__file__).parent, "fixtures"), tmp_path / "own")
    with serving("--quiet", "--fixtures", str(tmp_path / "own")) as running:
        running.get(f"{ZENOVAY}/websites", "zv_demo_pro")
        operation = "console/contracts/zenovay@2026-02/listWebsites"
        for path in (
            "",
            "console/requests/1",
            "console/limits",
            "console/faults",
            "console/data",
            "console/clients",
            operation,
        ):
            page = running.client.get(f"{running.url}/__mock/{path}").text
            assert "zv_demo_pro" not in page, path
            assert "zv_…pro" in page, path
    (tmp_path / "keys.yaml").write_text("keys: [{key: a-key-of-somebody}]\n", encoding="utf-8")
    operations = {"/pets": {"get": {"security": [{"k": []}], "responses": {"200": {"description": "Pets"}}}}}
    schemes = {"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}}
    contract = write(tmp_path / "pets.yaml", {**document(operations), "components": schemes})
    with serving("--quiet", "--contract", str(contract), "--keys", str(tmp_path / "keys.yaml")) as running:
        assert running.get("/pets", "a-key-of-somebody").status_code == 200
        for path in ("", "console/faults", "console/clients"):
            page = running.client.get(f"{running.url}/__mock/{path}").text
            assert "a-key-of-somebody" not in page, path
            assert "a-k…ody" in page, path


def test_the_console_is_a_client_of_its_own_in_the_report(visitor: Visitor) -> None:
    visitor.ask(f"{ZENOVAY}/websites", headers={"User-Agent": "my-app/1"})
    visitor.click("/console/requests/1/replay")
    shown = visitor.read("/console/clients")
    assert "my-app/1 pass 1 request" in shown
    assert "mockserver-console pass 1 request" in shown
