"""The contract tests call every server conforming that keeps its contract, whatever the documents leave to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from contract_tests.cli.main import main
from tests.strangers.catalogue import AP, KEYS, STRANGERS, Z25, Z26, Stranger, serving

# Servers that keep their contract and are not called conforming yet. A test that passes again fails here: take it out.
NOT_YET: dict[tuple[str, str], str] = {}


def parameters() -> list[Any]:
    """Return every stranger, those that are misjudged marked."""
    return [
        pytest.param(
            stranger,
            id=str(stranger),
            marks=[pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)]
            if (reason := NOT_YET.get((stranger.contract, stranger.name)))
            else [],
        )
        for stranger in STRANGERS
    ]


@pytest.mark.parametrize("stranger", parameters())
def test_a_server_that_keeps_its_contract_in_its_own_way_conforms(stranger: Stranger, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    arguments = ["--contract", stranger.contract, "--rate", "off", "--report", f"json={report}", "--quiet"]
    for role, key in KEYS[stranger.contract].items():
        arguments += ["--api-key", key] if role == "main" else ["--key", f"{role}={key}"]
    with serving(stranger) as url:
        ran = CliRunner().invoke(main, ["run", "--target", url, *arguments])
    findings = [
        f"{finding['code']} {finding['operation']}: {finding['message']} ({finding['provenance']})"
        for finding in json.loads(report.read_text("utf-8"))["findings"]
        if finding["provenance"] != "inferred"
    ]
    assert not findings
    assert ran.exit_code == 0, ran.output[-2000:]


def test_every_contract_is_kept_by_five_servers_and_on_five_frameworks() -> None:
    for contract in (Z26, Z25, AP):
        mine = [stranger for stranger in STRANGERS if stranger.contract == contract]
        assert len(mine) >= 5
        assert len({stranger.front for stranger in mine}) == 5
