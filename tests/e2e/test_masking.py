"""No secret stands in anything that a server shows: planted in every field of a request, looked for in every output."""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest

import mockserver
from apicontract.catalogue import bundled_folder
from tests.lab import WEBSITES
from tests.redis import RedisServer
from tests.servers import QUIET, SITE, ZENOVAY

TOKEN = "c0ntrol/t0ken+9xYz=="
UNKNOWN = "sk_live_unknown_51Hx"
DEMO = "zv_demo_pro"
OTHER = "zv_demo_scale"
BROKEN = """
from mockserver.cli.main import main
from mockserver.engine.mock import Pipeline

works = Pipeline.complete

def broken(self, request, *more):
    if b"x-break" in request.headers:
        raise ValueError(f"{request.raw_path} {request.query} {request.raw_headers}")
    return works(self, request, *more)

Pipeline.complete = broken
main()
"""
TRACK = "/e/ZV_def456uvw"
DATA = f"console/data?site={QUIET}"  # of few visits, so that what is tracked stands in the charts
PAGES = ("", "console/limits", "console/faults", "console/data", DATA, "console/contracts", "console/clients")
CONTROL = (
    "requests",
    "requests/unmatched",
    "requests.har",
    "client-report?all=true",
    "metrics",
    "health",
    "version",
    "limits",
    "settings",
    "faults",
    "scenarios",
    "clock",
)


def spelled(secret: str) -> dict[str, str]:
    """Every way in which a client may spell a secret, by name."""
    every = "".join(f"%{byte:02x}" for byte in secret.encode())
    return {
        "plain": secret,
        "quoted": quote(secret, safe=""),
        "percent": every,
        "percent twice": every.replace("%", "%25"),
        "escaped": "".join(f"\\u{ord(char):04X}" for char in secret),
        "entities": "".join(f"&#{ord(char)};" for char in secret),
        "base64": base64.b64encode(secret.encode()).decode(),
        "password": base64.b64encode(f"user:{secret}".encode()).decode(),
        "user": base64.urlsafe_b64encode(f"{secret}:x".encode()).decode(),
    }


def forms_of(secret: str) -> list[str]:
    """What an output may not hold: each spelling, and what an output makes of it."""
    found = list(spelled(secret).values())
    kept = [secret.encode()[at:] for at in range(3)]  # what of a secret's base64 does not depend on its surroundings
    found += [base64.b64encode(part[: len(part) // 3 * 3]).decode() for part in kept]
    return [*found, *(json.dumps(one)[1:-1] for one in found), *(one.replace("&", "&amp;") for one in found)]


@dataclass
class Shown:
    """A server, and everything that it has said at its end."""

    url: str
    process: subprocess.Popen[str]

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> int:
        """Send a request as it is written: no client adds or cleans anything."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body)
        status = connection.getresponse().status
        connection.close()
        return status


def plant(server: Shown, secret: str, keyed: dict[str, str]) -> None:
    """Send a secret in every field of a request, and in every spelling; `keyed` are headers of all of them."""
    agent = {"User-Agent": "planter", **keyed}
    for text in spelled(secret).values():
        plant_where_it_is_decoded(server, text, agent)
    plant_in_headers(server, secret, agent)


def plant_where_it_is_decoded(server: Shown, text: str, agent: dict[str, str]) -> None:
    """Send a text in paths, queries and bodies."""
    for target in (f"/{text}", f"{WEBSITES}/{text}", f"{ZENOVAY}/analytics/{text}", f"{WEBSITES}?q={text}"):
        server.send("GET", target, agent)
    for name in ("limit", "api_key", "redirect=%2Fx%3Ftoken", text):
        server.send("GET", f"{ZENOVAY}/analytics/{SITE}/visitors?{name}={text}&{text}", agent)
    server.send("GET", f"/{'x' * 990}/{text}", agent)  # where the log cuts a path off
    page: dict[str, object] = {
        "session_id": "session-one",
        "url": f"/{text}",
        "device_type": "desktop",
        "browser": text,
        "os": text,
    }
    page |= {"user_agent": text, "referrer": f"https://example.com/{text}", "data": {text: text}, "token": text}
    raw = json.dumps(page).encode()
    for body in (raw, raw.replace(b"\\\\u", b"\\u")):
        server.send("POST", TRACK, {**agent, "Content-Type": "application/json"}, body)
    form = f"token={text}&url={text}&{text}=1".encode()
    server.send("POST", TRACK, {**agent, "Content-Type": "application/x-www-form-urlencoded"}, form)
    server.send("POST", TRACK, {**agent, "Content-Type": "text/plain"}, b"\xff" + text.encode())


def plant_in_headers(server: Shown, text: str, agent: dict[str, str]) -> None:
    """Send a text in every header that something reads, and in one that nothing does."""
    for name in (
        "User-Agent",
        "X-Request-Id",
        "X-Test-Id",
        "X-Forwarded-For",
        "X-Other",
        "Referer",
        "Host",
        "Content-Type",
        "Cookie",
        "Proxy-Authorization",
        "X-Mock-Fault",
        "X-Mock-Delay",
        "Prefer",
        "Origin",
        "Accept",
    ):
        server.send("GET", WEBSITES, {**agent, name: text})
    server.send("GET", WEBSITES, {**agent, "X-Request-Id": "x" * 95 + text, "Cookie": f"a=b; session={text}"})
    server.send("GET", f"{WEBSITES}?q={text}", {**agent, "X-Break": text})


def read(server: Shown, url: str) -> str:
    """What the control API or the console answers."""
    answer = httpx.get(url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
    assert answer.status_code == 200, (url, answer.text)
    return answer.text


def outputs(server: Shown) -> dict[str, str]:
    """Everything that a server shows, by where; it is stopped."""
    found = {path: read(server, f"{server.url}/__mock/{path}") for path in (*PAGES, *CONTROL)}
    entries = json.loads(found["requests"])["requests"]
    assert len(entries) > 200
    for entry in entries[::40]:
        page = f"console/requests/{entry['number']}"
        found[page] = read(server, f"{server.url}/__mock/{page}")
    stream = f"{server.url}/__mock/console/requests/stream?after={entries[-90]['number']}"
    with httpx.stream("GET", stream, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as events:
        found["stream"] = ""
        for line in events.iter_lines():
            found["stream"] += line + "\n"
            if line == f"id: {entries[-1]['number']}":
                break
    command = [sys.executable, "-m", "mockserver", "report", "--url", server.url, "--all", "--control-token", TOKEN]
    for more in ([], ["--json"]):
        found[" ".join(["report", *more])] = subprocess.run(
            [*command, *more], capture_output=True, text=True, check=False
        ).stdout
    server.process.terminate()
    found["log"], errors = server.process.communicate()
    banner, _, found["errors"] = errors.rpartition("\n  curl ")  # the banner names the demo keys
    assert all(secret not in banner for secret in (TOKEN, UNKNOWN))
    assert len(found["log"].splitlines()) > 100
    assert "ValueError" in found["errors"]
    return found


@pytest.fixture(params=["json", "text", "redis"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shown]:
    """Yield a server with fixtures of its own: only the bundled keys are no secrets."""
    shutil.copytree(bundled_folder(Path(mockserver.__file__).parent, "fixtures"), tmp_path / "own")
    options = ["--log-format", request.param] if request.param != "redis" else ["--state"]
    if request.param == "redis":
        running: RedisServer = request.getfixturevalue("redis")
        options += [running.url]
    command = [sys.executable, "-c", BROKEN, "serve", "--port", "0", "--no-rate-limit", "--control-token", TOKEN]
    command += ["--fixtures", str(tmp_path / "own")]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="surrogateescape"
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout if request.param != "text" else process.stderr
        line = first.readline()
        url = json.loads(line)["url"] if line.startswith("{") else line.split()[2]
        yield Shown(url, process)
        process.kill()


def test_no_secret_that_was_planted_anywhere_stands_in_any_output(server: Shown) -> None:
    plant(server, TOKEN, {"X-API-Key": OTHER, "Authorization": f"Bearer {TOKEN}"})
    plant(server, DEMO, {"X-API-Key": OTHER})
    plant(server, UNKNOWN, {"X-API-Key": UNKNOWN})
    plant_in_headers(server, UNKNOWN, {"Authorization": f"Basic {spelled(UNKNOWN)['password']}"})
    said = outputs(server)
    assert "zv_…pro" in said[DATA]
    found = [
        (where, form, text.find(form))
        for where, text in said.items()
        # What was tracked is data of the API: a key that nobody knows cannot be told from it later.
        for secret in (TOKEN, DEMO) + (() if where == DATA else (UNKNOWN,))
        for form in forms_of(secret)
        if form in text
    ]
    assert [f"{where}: {form}: {said[where][max(0, at - 200) : at + 100]}" for where, form, at in found][:5] == []
