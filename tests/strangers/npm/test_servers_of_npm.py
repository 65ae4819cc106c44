"""What the contract tests say about servers of others is true: each finding is judged in findings.yaml."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from apicontract import bundled
from contract_tests.cli.main import main
from tests.strangers.npm.servers import HERE, SERVERS, serving

CONTRACTS = sorted(bundled().files)


def rules_of(server: str) -> list[dict[str, Any]]:
    """Return the rules that judge the findings about a server; a list inside the list stands for its rules."""
    rules = yaml.safe_load((HERE / "findings.yaml").read_text("utf-8"))[server]
    return [rule for entry in rules for rule in (entry if isinstance(entry, list) else [entry])]


def findings_of(server: str, contract: str, folder: Path) -> list[dict[str, Any]]:
    """Return what the contract tests find at a server that serves a contract."""
    report = folder / "report.json"
    with serving(server, contract, folder) as url:
        options = f"--target {url} --contract {contract} --api-key zv_of_nobody --rate off --report json={report}"
        ran = CliRunner().invoke(main, ["run", *options.split()])
    assert ran.exit_code in (0, 1, 3), ran.output
    found: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))["findings"]
    return found


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("server", SERVERS)
def test_every_finding_about_a_server_of_others_is_classified_and_true(
    server: str, contract: str, tmp_path: Path
) -> None:
    rules = rules_of(server)
    unclassified, false = [], []
    for finding in findings_of(server, contract, tmp_path):
        said = f"{finding['clause']}: {finding['message']} ({finding['provenance']})"
        rule = next((rule for rule in rules if fnmatchcase(finding["clause"], rule["clause"])), None)
        if rule is None:
            unclassified.append(said)
        elif not rule["true_of_it"]:
            false.append(f"{said}, but {rule['because']}")
    assert not unclassified
    assert not false


@pytest.mark.parametrize("server", SERVERS)
def test_every_rule_says_whether_it_is_true_and_why(server: str) -> None:
    rules = rules_of(server)
    assert rules
    for rule in rules:
        assert rule["because"]
        assert set(rule) == {"clause", "true_of_it", "because"}
        assert isinstance(rule["true_of_it"], bool)
