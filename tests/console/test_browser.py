"""The console in headless Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

import mockserver.console
from tests.console.browser import Window, opened, running_browser
from tests.console.conftest import PAGES, PRO, Visitor, furnish
from tests.console.test_requests import HOSTILE
from tests.servers import SITE, ZENOVAY, Server, serving

WEBSITES = f"{ZENOVAY}/websites"
_STOPS = """[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((each) => each.checkVisibility() && !each.disabled)"""
AUDIT = {"resultTypes": ["violations"]}  # the rest is only counted, which is faster
TABBABLE = f"{_STOPS}.length"
FOCUSED = f"""() => {{
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const seen = style.outlineStyle !== "none" && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  return [at === document.body ? -1 : {_STOPS}.indexOf(at), seen];
}}"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield one server for all tests; other modules test its state."""
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def window(chromium: Browser, visitor: Visitor) -> Iterator[Window]:
    with opened(chromium, visitor.url, visitor.test) as made:
        yield made


def test_the_list_fills_while_requests_come(window: Window, visitor: Visitor) -> None:
    page = window.listen()
    expect(page.get_by_text("No requests yet")).to_be_visible()
    for number in range(1, 4):
        visitor.ask(f"{WEBSITES}?n={number}")
        expect(page.locator(f"#r{number}")).to_contain_text(f"/websites?n={number}")
    expect(page.get_by_text("No requests yet")).to_be_hidden()
    assert page.locator("#rows tr").evaluate_all("rows => rows.map(row => row.id)") == ["r3", "r2", "r1"]
    expect(page.locator("#announce")).to_contain_text("new requests; the last: 3")


def test_a_filter_holds_for_what_is_there_and_for_what_comes(window: Window, visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    visitor.ask(WEBSITES, key="not_a_key_of_ours")
    page = window.listen()
    expect(page.locator("#rows tr")).to_have_count(2)
    page.get_by_label("Status").select_option("401")
    expect(page.locator("#rows tr")).to_have_count(1)
    assert page.url.endswith("status=401&client=&group=")
    expect(page.locator("#live-state.on")).to_be_visible()
    visitor.ask(WEBSITES)
    visitor.ask(WEBSITES, key="not_a_key_of_ours")
    expect(page.locator("#r4")).to_be_visible()
    expect(page.locator("#r3")).to_have_count(0)
    page.get_by_role("link", name="All requests").click()
    expect(page.locator("#rows tr")).to_have_count(4)


def test_a_search_narrows_the_list_while_it_is_typed(window: Window, visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    visitor.ask(f"{ZENOVAY}/usage")
    page = window.listen()
    page.get_by_label("Method, path or query").press_sequentially("USAGE")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.get_by_label("Method, path or query")).to_be_focused()
    assert page.get_by_label("Method, path or query").input_value() == "USAGE"
    page.get_by_label("Show").select_option("by operation")
    expect(page.get_by_role("row", name="getUsage")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_a_table_that_refreshes_itself_keeps_the_focus(window: Window, visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    page = window.go("/?group=operation")
    link = page.get_by_role("link", name="listWebsites")
    link.focus()
    visitor.ask(WEBSITES)
    expect(page.get_by_role("row", name="listWebsites")).to_contain_text("200 2")
    expect(link).to_be_focused()


def test_the_arrow_keys_go_from_request_to_request(window: Window, visitor: Visitor) -> None:
    for number in range(3):
        visitor.ask(f"{WEBSITES}?n={number}")
    page = window.listen()
    page.locator("#r3 .what a").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#r2 .what a")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#r1 .what a")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("?n=1")


def test_a_pause_holds_the_list_and_its_end_brings_what_came(window: Window, visitor: Visitor) -> None:
    page = window.listen()
    pause = page.get_by_role("button", name="Pause")
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    visitor.ask(WEBSITES)
    visitor.ask(WEBSITES)
    expect(page.locator("#live-state")).to_have_text("paused, 2 waiting")
    expect(page.locator("#rows tr")).to_have_count(0)
    pause.click()
    expect(page.locator("#rows tr")).to_have_count(2)
    expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "false")
    visitor.ask(WEBSITES)
    expect(page.locator("#r3")).to_be_visible()


def test_a_request_opens_and_is_replayed(window: Window, visitor: Visitor) -> None:
    page = window.listen()
    visitor.ask(f"{ZENOVAY}/analytics/{SITE}?range=30d")
    page.locator("#r1 .what a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("/analytics/")
    tops = page.locator("section[aria-labelledby$='-title']").evaluate_all(
        "sections => sections.map(section => [section.getAttribute('aria-labelledby'), section.offsetTop])"
    )
    assert dict(tops)["request-title"] == dict(tops)["answer-title"], "request and answer stand side by side"
    expect(page.get_by_text("Parameters as the contract reads them").last).to_be_visible()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("this console: replay of 1")).to_be_visible()
    assert page.url.endswith("/console/requests/2")


def test_a_copied_line_of_curl_works_as_pasted(window: Window, visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = window.go("/console/requests/1")
    page.locator("[data-copy=curl]").click()
    expect(page.locator("[data-copy=curl]")).to_have_text("Copied")
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied.startswith("curl -sS")
    assert f"X-API-Key: {PRO}" in copied
    assert copied == page.locator("#curl").text_content()


def test_the_next_answer_is_forced_once(window: Window, visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    page = window.go("/console/requests/1")
    page.get_by_label("Next answer of listWebsites").select_option("server-error")
    page.get_by_role("button", name="Force once").click()
    expect(page.locator("[data-message]")).to_have_text("The next answer of listWebsites will be server-error, once.")
    assert [visitor.ask(WEBSITES).status_code for _ in range(2)] == [500, 200]


def test_used_up_is_429_and_the_gauge_goes_by_itself(window: Window, visitor: Visitor) -> None:
    page = window.go("/console/limits")
    gauge = page.locator("#gauge-1-minute")
    expect(gauge).to_contain_text("0 of 30")
    visitor.ask(WEBSITES)
    expect(gauge).to_contain_text("1 of 30")
    page.locator("#use-up-1-minute").click()
    expect(gauge).to_contain_text("30 of 30")
    expect(page.locator("[data-message]")).to_have_text("zv_demo_pro has 0 requests left this minute.")
    expect(page.locator("#announce")).to_contain_text("0 requests left")
    assert page.evaluate("document.activeElement.id") == "use-up-1-minute", "the focus stays"
    assert visitor.ask(WEBSITES).status_code == 429
    page.locator("#plan-1").select_option("scale")
    page.locator("#change-1").click()
    expect(gauge).to_contain_text("of 60")


def test_the_clock_is_frozen_and_moved(window: Window, visitor: Visitor) -> None:
    page = window.go("/console/faults")
    page.get_by_role("button", name="+1 day").click()
    expect(page.locator("[data-message]")).to_have_text("The clock is at 2026-02-08T12:00:20.000Z (frozen).")
    page.get_by_role("button", name="Unfreeze").click()
    expect(page.get_by_role("button", name="Freeze", exact=True)).to_be_visible()
    assert visitor.control("clock")["frozen"] is False  # type: ignore[index]
    page.get_by_role("button", name="Freeze", exact=True).click()
    expect(page.get_by_role("button", name="Unfreeze")).to_be_visible()


def test_a_scenario_is_a_switch_and_a_fault_a_form(window: Window, visitor: Visitor) -> None:
    page = window.go("/console/faults")
    switch = page.get_by_role("switch", name="server-errors-then-fine")
    switch.click()
    expect(page.get_by_role("switch", name="server-errors-then-fine")).to_be_checked()
    assert visitor.ask(WEBSITES).status_code == 500
    page.get_by_role("switch", name="server-errors-then-fine").click()
    expect(switch).not_to_be_checked()
    page.get_by_label("Documented error").fill("nonsense")
    page.get_by_role("button", name="Set the fault").click()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    page.get_by_label("Documented error").fill("404")
    page.get_by_label("Operation").select_option("getWebsite")
    page.get_by_role("button", name="Set the fault").click()
    expect(page.get_by_role("row", name="404 getWebsite")).to_be_visible()
    page.get_by_role("button", name="Remove 404").click()
    expect(page.get_by_text("No faults are set.")).to_be_visible()


def test_a_click_leaves_the_page_where_it_is(chromium: Browser, visitor: Visitor) -> None:
    with opened(chromium, visitor.url, visitor.test, viewport={"width": 390, "height": 800}) as window:
        page = window.go("/console/faults")
        switch = page.get_by_role("switch", name="trickle")
        switch.scroll_into_view_if_needed()
        before = page.evaluate("scrollY")
        assert before > 500
        page.get_by_role("switch", name="hangs-once").evaluate("button => button.click()")
        expect(page.locator("[data-message]")).to_be_in_viewport()
        assert abs(page.evaluate("scrollY") - before) < 100


def test_charts_show_the_numbers_of_the_api(window: Window, visitor: Visitor) -> None:
    page = window.go("/console/data")
    page.get_by_label("range").select_option("30d")
    page.wait_for_url("**range=30d**")
    asked = visitor.ask(f"{ZENOVAY}/analytics/{SITE}?range=30d", key="zv_demo_enterprise").json()["data"]
    drawn = json.loads(page.locator("[data-series]").get_attribute("data-series") or "")
    assert [day[:2] for day in drawn["days"]] == [[day["date"], day["total_visitors"]] for day in asked["daily_stats"]]
    countries = visitor.ask(f"{ZENOVAY}/analytics/{SITE}/countries?range=30d").json()["data"]["countries"]
    bars = page.locator(".bars").nth(1)
    assert bars.locator("th[scope=row]").first.inner_text() == countries[0]["country_name"]
    widths = bars.locator(".bar").evaluate_all("bars => bars.map(bar => bar.width.baseVal.value)")
    wanted = [100 * one["visitors"] / countries[0]["visitors"] for one in countries[: len(widths)]]
    assert widths == pytest.approx(wanted, abs=0.01)
    canvas = page.locator(".plot canvas")
    expect(canvas).to_be_visible()
    area = page.locator(".u-over").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] - 1, area["y"] + 20)
    last = asked["daily_stats"][-1]["total_visitors"]
    expect(page.locator(".tip")).to_contain_text(f"Sat, 7 Feb 2026: {last:,} visitors (not over yet)")
    page.locator(".plot").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tip")).to_contain_text("Fri, 6 Feb 2026")
    expect(page.locator("#announce")).to_contain_text("Fri, 6 Feb 2026")


def test_try_it_shows_the_answer_in_place(window: Window, visitor: Visitor) -> None:
    page = window.go("/console/contracts/zenovay@2026-02/listVisitors")
    page.get_by_role("combobox", name="limit").fill("2")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="The answer 200")).to_be_visible()
    answer = json.loads(page.locator("#try-answer").inner_text())
    assert len(answer["data"]["visitors"]) == 2
    assert page.get_by_role("combobox", name="limit").input_value() == "2"


def test_markup_in_traffic_is_shown_and_never_run(window: Window, visitor: Visitor) -> None:
    page = window.listen()
    visitor.ask(f"{ZENOVAY}/{HOSTILE.replace('/', '')}?q={HOSTILE}", key=f"{HOSTILE}!", headers={"User-Agent": HOSTILE})
    visitor.ask("/e/ZV_abc123xyz", method="POST", content=HOSTILE + "\r\n\r\nevent: entry\r\ndata: <b id=hit>\r\n\r\n")
    body = {"type": "pageview", "session_id": "c0501e00000f", "url": f"https://x.example/{HOSTILE}", HOSTILE: HOSTILE}
    visitor.ask("/e/ZV_abc123xyz", method="POST", json=body, headers={"Referer": "https://x/\u2028data: x".encode()})
    expect(page.locator("#rows tr")).to_have_count(3)
    expect(page.locator("#r1 .client")).to_have_text(HOSTILE)
    for path in (
        None,
        "/",
        *(f"/console/requests/{number}" for number in (1, 2, 3)),
        "/console/clients",
        "/?client=<script>",
    ):
        if path is not None:
            window.go(path)
        expect(page).not_to_have_title("hit")
        assert page.locator("main script, main img, #hit").count() == 0
    window.go("/console/requests/2")
    expect(page.locator("#request-body")).to_contain_text("<script>document.title='hit'</script>")


def test_every_page_fits_and_an_auditor_finds_nothing(window: Window, visitor: Visitor) -> None:
    """Check that no page scrolls sideways, and that axe-core finds nothing, contrast and folded parts included."""
    furnish(visitor)
    page = window.page
    for path in PAGES:
        for width, schemes in ((1280, ("light", "dark")), (390, ("dark", "light"))):
            page.set_viewport_size({"width": width, "height": 900})
            window.go(path)
            page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            for scheme in schemes:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                found = Axe().run(page, options=AUDIT).response["violations"]
                assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (path, width, scheme)


def test_pages_are_those_of_every_route(visitor: Visitor) -> None:
    furnish(visitor)
    kinds = {re.sub(r" .*", "", title) for path in PAGES for title in re.findall("<title>(.*?) ·", visitor.see(path))}
    folder = Path(mockserver.console.__file__).parent / "templates"
    titles = {
        path.name: re.findall("{% block title %}(.*?){% endblock %}", path.read_text())
        for path in folder.glob("*.html")
    }
    fixed = {title[0].partition(" ")[0] for title in titles.values() if title and title[0] and "{{" not in title[0]}
    assert fixed - kinds == {"Not", "Sign"}, "the two pages that are neither reached by a link nor have a content"


def test_every_page_is_walked_with_the_tab_key_alone(window: Window, visitor: Visitor) -> None:
    """Tab through every page: each stop is seen, in the order of the page, and the last one leaves the page."""
    furnish(visitor)
    for path in PAGES:
        page = window.listen(path) if path == "/" else window.go(path)
        wanted = page.evaluate(TABBABLE)
        stops: list[int] = []
        while True:
            page.keyboard.press("Tab")
            place, outlined = page.evaluate(FOCUSED)
            if place < 0 or (stops and place == stops[0]):  # out of the page, or around it
                break
            assert outlined, f"{path}: stop {len(stops) + 1} cannot be seen"
            assert len(stops) <= wanted, f"{path}: the focus does not leave the page: {stops}"
            stops.append(place)
        assert stops == sorted(set(stops)), path
        assert len(stops) == wanted, path


def test_the_keyboard_reaches_everything_and_shows_where_it_is(window: Window, visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    page = window.listen()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    seen: list[str] = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(str(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", seen[-1]
        if seen[-1].startswith("GET"):
            break
    assert seen[:3] == ["pause", "HAR", "clear"]
    assert {"f-search", "f-operation", "f-key", "f-status", "f-client", "f-group"} <= set(seen)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("/websites")
    page.get_by_role("button", name="Replay").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/2")
    window.go("/console/faults")
    page.get_by_role("switch", name="trickle").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name="trickle")).to_be_checked()
    expect(page.get_by_role("switch", name="trickle")).to_be_focused()


def test_it_is_read_without_scripts(chromium: Browser, visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    with opened(chromium, visitor.url, visitor.test, java_script_enabled=False) as window:
        page = window.go("/")
        expect(page.locator("#r1")).to_be_visible()
        page.get_by_label("Status").select_option("5xx")
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_text("None of the 1 requests in the journal matches")).to_be_visible()
        page = window.go("/console/faults")
        page.get_by_role("button", name="+1 day").click()
        expect(page.locator("#main time").first).to_have_text("2026-02-08 12:00:20")
        assert page.url.endswith("/console/faults")


def test_motion_is_left_out_where_it_is_not_wanted(chromium: Browser, visitor: Visitor) -> None:
    with opened(chromium, visitor.url, visitor.test, reduced_motion="reduce") as window:
        page = window.go("/console/limits")
        durations = page.evaluate(
            "[...new Set([...document.querySelectorAll('*')].map(e => getComputedStyle(e).transitionDuration))]"
        )
        assert durations == ["0s"]


def test_the_list_goes_on_after_the_server_was_away(chromium: Browser) -> None:
    with serving("--quiet") as first:
        port = first.url.rpartition(":")[2]
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{first.url}/__mock/")
        page.locator("#live-state.on").wait_for()
        first.get(WEBSITES, PRO)
        expect(page.locator("#r1")).to_be_visible()
    expect(page.locator("#live-state")).to_have_text("connection lost, reconnecting")
    with serving("--quiet", "--port", port) as second:
        page.locator("#live-state.on").wait_for()
        second.get(f"{ZENOVAY}/usage", PRO)
        second.get(f"{ZENOVAY}/usage?last=yes", PRO)
        expect(page.locator("#r2")).to_contain_text("/usage?last=yes")
        context.close()


def test_a_list_that_gave_way_says_so_and_goes_on_when_reloaded(chromium: Browser) -> None:
    with serving("--quiet", "--max-connections", "7") as server:
        context = chromium.new_context()
        older, newer = context.new_page(), context.new_page()
        for page in (older, newer):
            page.goto(f"{server.url}/__mock/")
            page.locator("#live-state.on").wait_for()
        expect(older.locator("#live-state")).to_have_text(
            "stopped: at most one live list can be open, and newer ones are; reload to continue"
        )
        server.get(WEBSITES, PRO)
        expect(newer.locator("#r1")).to_be_visible()
        expect(older.locator("#r1")).to_have_count(0)
        older.reload()
        older.locator("#live-state.on").wait_for()
        expect(newer.locator("#live-state")).to_contain_text("stopped")
        context.close()


def test_signing_in_by_hand(chromium: Browser) -> None:
    with serving("--host", "0.0.0.0", "--control-token", "open-sesame", "--quiet") as public:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{public.url}/__mock/")
        assert Axe().run(page, options=AUDIT).response["violations"] == []
        page.get_by_label("Control token").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_have_text("The token is not correct.")
        page.get_by_label("Control token").fill("open-sesame")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Requests")).to_be_visible()
        page.locator("#live-state.on").wait_for()
        page.goto(f"{public.url}/__mock/console/faults")
        page.get_by_role("button", name="Freeze", exact=True).click()
        expect(page.get_by_text("(frozen)").first).to_be_visible()
        assert not re.search("sesame", str(context.cookies()))
        page.locator(".space summary").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Control token")).to_be_visible()
        context.close()
