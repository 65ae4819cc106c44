"""The console in Firefox: every page in both widths and themes, and what a person does there first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.console.conftest import PAGES, Visitor, furnish
from tests.console.firefox import Firefox, running_firefox
from tests.servers import ZENOVAY, Server, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield one server for all tests; other modules test its state."""
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet") as running:
        yield running


AUDIT = """axe.run({resultTypes: ["violations"]})
  .then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))"""


def enter(firefox: Firefox, visitor: Visitor) -> None:
    """Select the space of the test."""
    host = visitor.url.removeprefix("http://").partition(":")[0]
    cookie = {"name": "mockserver-space", "value": {"type": "string", "value": visitor.test}, "domain": host}
    firefox.send("storage.setCookie", cookie=cookie)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_every_page_fits_and_an_auditor_finds_nothing(visitor: Visitor, width: int, dark: bool) -> None:
    """Check that no page scrolls sideways or reports an error, and that axe-core finds nothing."""
    furnish(visitor)
    with running_firefox(dark=dark) as firefox:
        enter(firefox, visitor)
        target = {"context": firefox.tab}
        for path in (*PAGES, "/console/nothing"):
            firefox.go(f"{visitor.url}/__mock{path}", width)
            assert firefox.run("matchMedia('(prefers-color-scheme: dark)').matches") is dark
            firefox.run("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
            assert firefox.run("document.documentElement.scrollWidth") <= width, path
            firefox.send("script.evaluate", expression=AXE_SCRIPT, target=target, awaitPromise=False)
            assert firefox.run(AUDIT) == [], path
        assert firefox.wrong == []


def test_the_list_is_live_a_chart_is_drawn_and_an_operation_is_tried(visitor: Visitor) -> None:
    with running_firefox() as firefox:
        enter(firefox, visitor)
        firefox.go(f"{visitor.url}/__mock/")
        firefox.wait("document.querySelector('#live-state.on')")
        visitor.ask(f"{ZENOVAY}/websites")
        firefox.wait("document.querySelector('#r1')")
        firefox.run("document.querySelector('#r1 .what a').click()")
        firefox.wait("document.querySelector('#answer-body')")
        firefox.go(f"{visitor.url}/__mock/console/data")
        firefox.wait("document.querySelector('.plot canvas')")
        firefox.go(f"{visitor.url}/__mock/console/contracts/zenovay@2026-02/listWebsites")
        firefox.run("document.querySelector('#send').click()")
        firefox.wait("document.querySelector('#try-answer')")
        assert '"domain": "mywebsite.com"' in firefox.run("document.querySelector('#try-answer').textContent")
        assert firefox.wrong == []
