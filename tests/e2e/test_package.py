"""What a newcomer does: the README's commands, the Makefile's, and the package outside its checkout."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from mockserver.cli.main import main
from tests.servers import Server, serving

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPET = re.compile(r"^( *)```sh\n(.*?)^\1```\n(?:\n\1```json\n(.*?)^\1```)?", re.DOTALL | re.MULTILINE)
SNIPPETS = [(command.strip(), answer.strip() or None) for _, command, answer in SNIPPET.findall(README)]
CONSOLE = [
    line[2:].partition("  #")[0].strip()
    for block in re.findall(r"^```console\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if line.startswith("$ ")
]
RUNNABLE = [line for line in CONSOLE if not any(word in line for word in ("…", " serve", "https://", "F.har", " URL"))]
CURLS = [(command, answer) for command, answer in SNIPPETS if command.startswith("curl ")]


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with serving("--quiet") as started:
        yield started


def test_the_readme_shows_the_two_commands_and_requests_with_their_answers() -> None:
    assert [command for command, _ in SNIPPETS][:2] == ["make serve", "make test"]
    assert len(CURLS) >= 2
    assert all(answer for _, answer in CURLS)


@pytest.mark.parametrize(("command", "answer"), CURLS)
def test_every_request_of_the_readme_answers_as_shown(command: str, answer: str) -> None:
    with serving("--now", "2026-02-07T12:00:00Z") as running:
        words = shlex.split(command.replace("http://127.0.0.1:4010", running.url))
        output = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert json.loads(output) == json.loads(answer)


def test_the_readme_shows_lines_of_a_console_that_can_be_run() -> None:
    assert {line.split()[0] for line in RUNNABLE} == {"curl", "mockserver", "contract-tests"}
    assert len(RUNNABLE) >= 6


@pytest.mark.parametrize("line", RUNNABLE)
def test_every_console_line_of_the_readme_does_what_it_says(line: str, running: Server) -> None:
    running.request("POST", "/__mock/reset").raise_for_status()
    words = shlex.split(line.replace("localhost:4010", running.url))
    if words[0] == "curl":
        words[1:1] = ["--fail", "--silent", "--show-error"]
    else:
        words[:1] = [sys.executable, "-m", words[0].replace("-", "_")]
    if words[2:] == ["mockserver", "report"]:
        words += ["--url", running.url]
    subprocess.run(words, capture_output=True, text=True, check=True)


@pytest.mark.parametrize("line", [line for line in CONSOLE if " serve" in line])
def test_every_way_to_serve_that_the_readme_shows_starts(line: str, request: pytest.FixtureRequest) -> None:
    if "redis://" in line:
        line = line.replace("redis://127.0.0.1:6379/0", request.getfixturevalue("redis").url)
    line = re.sub(r"--port \d+", "", line)
    with serving(*shlex.split(line)[2:], "--quiet") as running:
        assert running.get("/__mock/health").status_code == 200


def test_make_serve_serves_and_says_where_and_stops_on_interrupt() -> None:
    command = ["make", "--no-print-directory", "serve", "ARGS=--port 0", f"BIN={Path(sys.executable).parent}", "STAMP="]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    url = json.loads(process.stdout.readline())["url"]
    shown = ""
    while "curl" not in shown:
        line = process.stderr.readline()
        assert line, f"the banner ended without a curl line:\n{shown}"
        shown += line
    assert f"{url}/api/external/v1" in shown
    assert f"{url}/api/v2" in shown
    assert all(key in shown for key in ("zv_demo_pro", "zv_demo_revoked", "ap_demo"))
    curl = next(line for line in shown.splitlines() if line.strip().startswith("curl"))
    answered = subprocess.run([*shlex.split(curl), "-s"], capture_output=True, text=True, check=True).stdout
    assert json.loads(answered)["success"] is True
    os.killpg(process.pid, 2)
    _, errors = process.communicate()
    assert "Traceback" not in errors


def as_nobody() -> list[str]:
    """What makes a command run as a user who may read everything and write nothing; root only can become one."""
    if os.getuid() != 0:
        return []
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", *reading]


def test_the_built_wheel_serves_in_a_venv_outside_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "venv")
    scripts = tmp_path / "venv" / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python")]
    install: list[str | Path] = [*pip, "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    locked = ROOT / "locked" / "mockserver.txt"  # as in the Dockerfile
    subprocess.run([*install, "--require-hashes", "--requirement", locked], check=True, cwd=tmp_path)
    subprocess.run([*install, "--no-deps", "--no-index", wheel], check=True, cwd=tmp_path)
    assert list(tmp_path.glob("venv/lib/*/site-packages/*.dist-info/licenses/LICENSE"))
    empty = tmp_path / "read-only"
    empty.mkdir(mode=0o555)
    process = subprocess.Popen(
        [*as_nobody(), scripts / "mockserver", "serve", "--port", "0"],
        cwd=empty,
        env={"PATH": f"{scripts}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": "/nowhere"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        url = json.loads(process.stdout.readline())["url"]
        answer = httpx.get(f"{url}/api/v2/sites", headers={"Authorization": "Bearer ap_demo"})
        assert answer.json()["sites"][0]["domain"] == "example.com"
        answer = httpx.get(f"{url}/api/external/v1/websites", headers={"X-API-Key": "zv_demo_pro"})
        assert answer.json()["data"]["total"] == 2
        console = httpx.get(f"{url}/__mock/").text
        assert "/api/external/v1/websites" in console
        for asset in re.findall(r'(?:src|href)="(/__mock/console/assets/[^"]+)"', console):
            assert httpx.get(url + asset).status_code == 200, asset
        assert "journal" in httpx.get(f"{url}/__mock/metrics").text
        subprocess.run([*as_nobody(), scripts / "mockserver", "health", url], check=True, cwd=empty)
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0
    failed = subprocess.run([scripts / "mockserver", "health", url], capture_output=True, text=True, check=False)
    assert (failed.returncode, "Traceback" in failed.stderr) == (1, False)
    assert not [*empty.iterdir()]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--port", "70000"], ["--port", "70000"]),
        (["serve", "--now", "yesterday"], ["--now", "yesterday", "2026-02-07T12:00:00Z"]),
        (["serve", "--offset", "soon"], ["--offset", "soon"]),
        (["serve", "--now", "9999-12-31T23:59:59Z"], ["--now", "2000 to 2099"]),
        (["serve", "--offset", "-90000000000"], ["--offset", "2000 to 2099"]),
        (["serve", "--max-body", "9" * 5000], ["--max-body", "1024m"]),
        (["serve", "--edition", "2024-01"], ["2024-01", "2025-01", "2026-02"]),
        (["serve", "--contract", "nothing.yaml"], ["nothing.yaml", "zenovay@2026-02"]),
        (["serve", "--contract", "pyproject.toml"], ["pyproject.toml"]),
        (["serve", "--contract", "zenovay@2026-02", "--contract", "zenovay@2025-01"], ["both answer"]),
        (["serve", "--host", "no.such.host.invalid"], ["--host", "no.such.host.invalid"]),
        (["serve", "--scale", "0"], ["--scale"]),
        (["serve", "--fixtures", "nowhere"], ["--fixtures", "nowhere"]),
        (["serve", "--wrong"], ["--wrong"]),
        (["nothing"], ["nothing"]),
    ],
)
def test_bad_arguments_get_one_clear_message(
    arguments: list[str], words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, arguments)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (1, 2)
    assert all(word in result.stderr for word in words), result.stderr


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["validate"], ["keys"]])
@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (
            "zenovay/keys.yaml",
            "plan: pro",
            "plan: gold",
            "'plan' must be one of free, pro, scale, enterprise, not 'gold'",
        ),
        ("zenovay/sites.yaml", "name: Acme Store", "name: 7", "'name': 7 is not of type"),
        ("zenovay/sites.yaml", "sites:", "sites: [", "not YAML"),
        ("analytics-platform/sites.yaml", "createdAt: ", "createdAt: never ", "createdAt"),
    ],
)
def test_a_broken_fixture_stops_the_start_with_file_line_and_reason(
    tmp_path: Path, command: list[str], file: str, old: str, new: str, reason: str
) -> None:
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    path = tmp_path / "fixtures" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    result = CliRunner().invoke(main, [*command, "--fixtures", str(tmp_path / "fixtures")])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    assert re.search(rf"mockserver: {re.escape(str(path))}:\d+: ", result.stderr), result.stderr
    assert reason in result.stderr


def test_a_port_in_use_is_one_clear_line() -> None:
    with serving() as running:
        port = running.url.rpartition(":")[2]
        result = subprocess.run(
            [sys.executable, "-m", "mockserver", "serve", "--port", port], capture_output=True, text=True, check=False
        )
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        f"mockserver: port {port} on 127.0.0.1 is in use; choose another with --port, or --port 0"
    )


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("keys", ["zv_demo_pro", "ap_demo_revoked", "10,000", "limited to mywebsite.com"]),
        ("operations", ["getAnalyticsOverview", "/heartbeat", "/api/v2/sites/{siteId}/stats", "one of 7d, 30d, 90d"]),
        ("validate", ["zenovay@2026-02: 14 operations", "analytics-platform@v2: 5 operations"]),
        ("--help", ["serve", "keys", "operations", "validate"]),
        ("serve --help", ["--edition", "--now", "--no-rate-limit", "Prefer: code=429"]),
    ],
)
def test_commands_say_what_a_person_needs(command: str, words: list[str]) -> None:
    result = CliRunner().invoke(main, command.split())
    assert (result.exit_code, result.exception) == (0, None)
    assert all(word in result.stdout for word in words), result.stdout
