"""Headless Chromium for tests; script errors and violations of the Content-Security-Policy fail them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
expect.set_options(timeout=30_000)  # as everything else in Playwright: a busy machine is slow, not wrong
MISSING = "no Chromium is installed (Debian: apt-get install chromium): the console is not looked at in a browser"
_WATCH = """
window.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


def find_program(names: tuple[str, ...], missing: str) -> str:
    """Return the path of a browser; without one, skip the test, or fail it if `REQUIRE_BROWSER` is set."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is not None:
        return found
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(missing)
    pytest.skip(missing)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Yield Debian's Chromium; without one, skip the test, or fail it if `REQUIRE_BROWSER` is set."""
    found = find_program(NAMES, MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A page of a browser, for the space of a test. `wrong`: the errors that the browser reported."""

    page: Page
    context: BrowserContext
    url: str
    test: str
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str = "/") -> Page:
        """Open a page of the console."""
        self.page.goto(f"{self.url}/__mock{path}")
        return self.page

    def listen(self, path: str = "/") -> Page:
        """Open the list of requests, and wait until it is live."""
        page = self.go(path)
        page.locator("#live-state.on").wait_for()
        return page


def _is_wrong(message: ConsoleMessage) -> bool:
    """Whether a message is an error other than a form that was answered 422."""
    return message.type == "error" and "status of 422" not in message.text


@contextmanager
def opened(browser: Browser, url: str, test: str, **options: Any) -> Iterator[Window]:
    """Yield a window; check at the end that the browser reported no errors."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.add_init_script(_WATCH)
    context.add_cookies([{"name": "mockserver-space", "value": test, "url": url}])
    page = context.new_page()
    window = Window(page, context, url, test)
    page.on("console", lambda message: window.wrong.append(message.text) if _is_wrong(message) else None)
    page.on("pageerror", lambda error: window.wrong.append(str(error)))

    def dismiss(dialog: Dialog) -> None:
        window.wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    try:
        yield window
    finally:
        context.close()
    assert window.wrong == []
