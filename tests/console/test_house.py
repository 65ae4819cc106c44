"""The colours and files of the console, and its cost for a server without visitors."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import mockserver.console
from tests.console import browser, firefox
from tests.redis import running_redis, shared
from tests.servers import serving

FOLDER = Path(mockserver.console.__file__).parent
CSS = (FOLDER / "assets" / "console.css").read_text(encoding="utf-8")
LIGHT, DARK = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
GROUNDS = ("ground", "surface")
TEXTS = [
    *((text, ground) for text in ("text", "muted", "accent", "bad", "good", "warn") for ground in GROUNDS),
    ("text", "sunken"),
    ("muted", "sunken"),
    ("accent", "tint"),
    ("text", "tint"),
    ("text", "bad-tint"),
    ("good", "good-tint"),
    ("warn", "warn-tint"),
    ("bad", "bad-tint"),
    ("on-accent", "accent"),
]
EDGES = [("edge", ground) for ground in GROUNDS] + [("accent", "surface"), ("accent", "sunken")]


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(palette: str, one: str, other: str) -> float:
    """Return the contrast ratio (WCAG 2.2)."""
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", palette))
    dark, bright = sorted((luminance(colours[one]), luminance(colours[other])))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_edges_stand_out_from_their_ground_as_wcag_aa_asks(palette: str) -> None:
    assert {pair: ratio for pair in TEXTS if (ratio := contrast(palette, *pair)) < 4.5} == {}
    assert {pair: ratio for pair in EDGES if (ratio := contrast(palette, *pair)) < 3} == {}


def test_colours_are_named_in_one_place() -> None:
    rules = CSS.replace(LIGHT, "").replace(DARK, "")
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsl", rules) == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (FOLDER / "templates").iterdir():
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//', path.read_text(encoding="utf-8")) == [], path.name
    assert re.findall(r"url\(|@import", CSS) == []


def test_files_of_others_are_named_with_version_and_licence() -> None:
    notes = (FOLDER / "assets" / "VENDORED.md").read_text(encoding="utf-8")
    own = {"charts.js", "console.css", "console.js", "icon.svg", "VENDORED.md"}
    others = {path.name for path in (FOLDER / "assets").iterdir()} - own
    assert others
    assert all(
        re.search(rf"`{re.escape(name)}` \| `[\w.-]+` \| \d+\.\d+\.\d+ \| .* \| (?:0BSD|MIT) \|", notes)
        for name in others
    )
    assert "MIT License" in (FOLDER / "assets" / "uplot-LICENSE.txt").read_text(encoding="utf-8")
    (version,) = re.findall(r'version:"([\d.]+)"', (FOLDER / "assets" / "htmx.min.js").read_text(encoding="utf-8"))
    assert f"`htmx.org` | {version} |" in notes


def test_a_server_that_nobody_looks_at_loads_nothing_of_it() -> None:
    code = (
        "import sys; from mockserver.serving import serve; from mockserver.app import create_app; create_app();"
        "print([name for name in ('jinja2', 'sse_starlette', 'mockserver.console.site') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_server_stops_at_once_with_somebody_listening() -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    shown = ""
    while "/__mock/" not in shown:
        shown = process.stderr.readline()
    (console,) = re.findall(r"http://\S+/__mock/", shown)
    with httpx.Client(timeout=60) as client, client.stream("GET", f"{console}console/requests/stream") as events:
        lines = events.iter_lines()
        assert next(lines) == ": listening"
        process.send_signal(signal.SIGTERM)
        assert [line for line in lines if line.startswith("data")] == []
    _, errors = process.communicate()
    assert process.returncode == 0
    assert "exceeded" not in errors
    assert "Traceback" not in errors


def test_without_a_browser_its_tests_are_skipped_with_a_reason_or_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("REQUIRE_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"), browser.running_browser():
        pass
    with pytest.raises(pytest.skip.Exception, match="apt-get install firefox-esr"), firefox.running_firefox():
        pass
    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"), browser.running_browser():
        pass
    with pytest.raises(pytest.fail.Exception, match="apt-get install firefox-esr"), firefox.running_firefox():
        pass


def test_bounds_on_slow_clients_do_not_end_the_list_of_somebody_who_looks() -> None:
    with serving("--quiet", "--request-timeout", "1s", "--keep-alive", "1s") as server:
        url = f"{server.url}/__mock/console/requests/stream"
        with server.client.stream("GET", url) as events:
            lines = events.iter_lines()
            assert next(lines) == ": listening"
            with socket.create_connection((httpx.URL(server.url).host, httpx.URL(server.url).port or 0)) as slow:
                slow.sendall(b"GET / HTTP/1.1\r\n")
                assert slow.recv(100).startswith(b"HTTP/1.1 408"), "the bound was met, and the stream is older"
            server.get("/api/v2/sites", "ap_demo")
            assert "id: 1" in (next(line for line in lines if line.startswith(("id", ": ping"))))


def test_as_many_live_lists_as_connections_leave_room_for_others_and_the_newest_go_on() -> None:
    with serving("--quiet", "--max-connections", "20") as server, contextlib.ExitStack() as opened:
        streams = []
        for _ in range(20):
            url = f"{server.url}/__mock/console/requests/stream"
            events = opened.enter_context(httpx.stream("GET", url, timeout=60))
            streams.append(events.iter_lines())
            assert next(streams[-1]) == ": listening"
        assert server.get("/api/v2/sites", "ap_demo").status_code == 200
        for lines in streams[:15]:
            *_, event, said, _ = list(lines)
            assert event == "event: replaced"
            assert "at most 5 live lists" in said
        for lines in streams[15:]:
            assert next(line for line in lines if line.startswith(("id", "event: replaced"))) == "id: 1"


def test_a_live_list_that_was_closed_leaves_its_place() -> None:
    with serving("--quiet", "--max-connections", "8") as server:
        url = f"{server.url}/__mock/console/requests/stream"
        with httpx.stream("GET", url, timeout=60) as kept:
            lines = kept.iter_lines()
            assert next(lines) == ": listening"
            for _ in range(5):
                with httpx.stream("GET", url, timeout=60) as other:
                    assert next(other.iter_lines()) == ": listening"
                server.get("/__mock/health")  # a process that answers this has seen that the other one is gone
            server.get("/api/v2/sites", "ap_demo")
            assert next(line for line in lines if line.startswith(("id", "event: replaced"))) == "id: 1"


def test_while_the_shared_state_is_away_every_page_says_so_and_they_come_back() -> None:
    with running_redis() as redis, serving(*shared(redis), "--quiet") as server:
        console = f"{server.url}/__mock"
        assert server.client.get(f"{console}/").status_code == 200
        with server.client.stream("GET", f"{console}/console/requests/stream") as events:
            redis.kill()
            assert [line for line in events.iter_lines() if line.startswith("event")] == [], "it ends by itself"
        for path in ("/", "/console/limits", "/console/data", "/console/requests/stream"):
            answer = server.client.get(f"{console}{path}")
            assert answer.status_code == 503, path
            assert "The shared state is unavailable" in answer.text
        answer = server.client.post(f"{console}/console/reset", headers={"Origin": server.url})
        assert answer.status_code == 503
        redis.start()
        for _ in range(100):
            if server.client.get(f"{console}/").status_code == 200:
                break
        assert server.client.get(f"{console}/console/limits").status_code == 200
