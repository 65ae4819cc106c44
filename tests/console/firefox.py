"""Headless Firefox for tests, driven by WebDriver BiDi: Playwright needs a Firefox of its own.

Script errors and violations of the Content-Security-Policy fail the tests, as in `browser.py`.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.console.browser import find_program

JSON = Any
NAMES = ("firefox-esr", "firefox")
MISSING = "no Firefox is installed (Debian: apt-get install firefox-esr): the console is not looked at in it"
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_DARK = "layout.css.prefers-color-scheme.content-override"


@dataclass
class Firefox:
    """A tab of a running Firefox. `wrong`: the errors that the browser reported."""

    socket: ClientConnection
    tab: str = ""
    wrong: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def send(self, method: str, **params: JSON) -> JSON:
        """Send a command, and return its result; events that come meanwhile are read."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.wrong.append(message["params"]["text"])
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]

    def go(self, url: str, width: int = 1280) -> None:
        """Open an address, and wait until it is loaded."""
        self.send("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": 900})
        self.send("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def run(self, script: str) -> JSON:
        """Return the value of an expression in the page, or of its promise; it must be JSON."""
        target = {"context": self.tab}
        expression = f"Promise.resolve({script}).then((value) => JSON.stringify(value ?? null))"
        result = self.send("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])

    def wait(self, condition: str) -> None:
        """Wait until a condition holds in the page."""
        frame = "new Promise((next) => requestAnimationFrame(next))"
        self.run(f"(async () => {{ while (!({condition})) await {frame}; }})()")


@contextmanager
def running_firefox(*, dark: bool = False) -> Iterator[Firefox]:
    """Yield Debian's Firefox; without one, skip the test, or fail it if `REQUIRE_BROWSER` is set."""
    found = find_program(NAMES, MISSING)
    with tempfile.TemporaryDirectory(prefix="mockserver-firefox-", ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text(f'user_pref("{_DARK}", {0 if dark else 1});\n', encoding="utf-8")
        command = [found, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            try:
                address = next(match[1] for line in process.stderr if (match := _LISTENING.search(line)))
                with connect(f"{address}/session", max_size=None, compression=None) as socket:
                    yield _opened(Firefox(socket))
            finally:
                process.kill()


def _opened(firefox: Firefox) -> Firefox:
    firefox.send("session.new", capabilities={})
    firefox.send("session.subscribe", events=["log.entryAdded"])
    firefox.tab = firefox.send("browsingContext.getTree")["contexts"][0]["context"]
    return firefox
