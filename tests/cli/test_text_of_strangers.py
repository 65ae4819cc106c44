"""Contracts and fixtures may be a stranger's: what the commands, the banner and the control API say of them is text."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from apicontract.catalogue import bundled_folder
from mockserver.cli.listing import Listing, show

HOSTILE = "\x1b[2J\x9b1m\u202eneppo\u2066"
ESCAPED = r"\u001b[2J\u009b1m\u202eneppo\u2066"
MARKUP = "[bold]x[/nope]"
FORBIDDEN = ("\x1b", "\x9b", "\u202e", "\u2066")
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": f"Pets {HOSTILE} {MARKUP}", "version": "1"},
    "paths": {"/pets": {"get": {"operationId": f"list{HOSTILE}", "responses": {"200": {"description": "pets"}}}}},
}


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """A hostile contract, and the bundled ones with a hostile description of a key."""
    folder = tmp_path_factory.mktemp("strangers")
    contract = folder / "pets.json"
    contract.write_text(json.dumps(CONTRACT))
    fixtures = folder / "fixtures"
    shutil.copytree(bundled_folder(Path("mockserver").resolve(), "fixtures"), fixtures)
    keys = fixtures / "zenovay" / "keys.yaml"
    usual = "description: Free plan, full access"
    assert usual in keys.read_text("utf-8")
    hostile = f"description: {json.dumps(f'Free {HOSTILE} {MARKUP}')}"
    keys.write_text(keys.read_text("utf-8").replace(usual, hostile), "utf-8")
    return ("--contract", str(contract), "--contract", "zenovay@2026-02", "--fixtures", str(fixtures))


def run(*arguments: str) -> str:
    """What a command prints; on both outputs."""
    ended = subprocess.run(
        [sys.executable, "-m", "mockserver", *arguments], capture_output=True, check=False, encoding="utf-8"
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("command", ["keys", "operations"])
def test_a_command_shows_what_a_stranger_wrote_as_text(options: tuple[str, ...], command: str) -> None:
    said = run(command, *options)
    assert ESCAPED in said
    assert not [each for each in FORBIDDEN if each in said]
    assert MARKUP in said


def test_the_banner_shows_what_a_stranger_wrote_as_text(options: tuple[str, ...]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        rules = json.loads(said)["url"] + "/__mock/faults"
        refused, taken = (
            httpx.post(rules, json={"operation": operation, "fault": "EMPTY_RESPONSE"})
            for operation in ("nobody", f"list{HOSTILE}")
        )
        process.terminate()
        said += process.communicate()[1]
    assert ESCAPED in said
    assert MARKUP in said
    assert not [each for each in FORBIDDEN if each in said + refused.text + taken.text]
    assert any(HOSTILE in each for each in refused.json()["valid"]), "it says the same, escaped"
    assert taken.json()["operations"] == [f"list{HOSTILE}"]


def test_a_table_on_a_terminal_is_text_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    show([Listing(MARKUP, ("name",), [(HOSTILE,), (MARKUP,)]), MARKUP])
    said = capsys.readouterr().out
    assert said.count(MARKUP) == 3
    assert ESCAPED in said
