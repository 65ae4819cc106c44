"""The command line and pytest are two fronts of one engine: the same verdict, the same findings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from apicontract import bundled, load_contract
from contract_tests.run.engine import Options, run
from tests.servers import Server, serving

GIVEN = ["--api-key", "zv_demo_pro", "--rate", "off", "--max-requests", "9"]


@pytest.fixture(scope="module", autouse=True)
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contract in a file of its own: a bundled one would be told from the edition that the server speaks."""
    path = tmp_path_factory.mktemp("contract") / "newer.yaml"
    path.write_text(bundled().files["zenovay@2026-02"].read_text())
    GIVEN[:] = ["--contract", str(path), *GIVEN[-6:]]
    return path


@pytest.fixture(scope="module")
def old() -> Iterator[Server]:
    with serving("--no-rate-limit", "--edition", "2025-01") as server:
        yield server


def by_command_line(target: str, place: Path, *more: str) -> tuple[int, str, set[str], set[str]]:
    """Exit code, verdict, what fails the run, what does not: each as operation and code."""
    command = [sys.executable, "-m", "contract_tests", "run", "--target", target, *GIVEN, *more]
    done = subprocess.run([*command, "-q", "--report", f"json={place}"], capture_output=True, text=True, check=False)
    report = json.loads(place.read_text())
    grave, mild = (
        {f"{each['operation']}-{each['code']}" for each in report["findings"] if (each["severity"] == "error") is fails}
        for fails in (True, False)
    )
    return done.returncode, report["verdict"], grave, mild - grave


def by_pytest(target: str, place: Path, *more: str) -> tuple[int, set[str], str]:
    """Exit code, the items that fail, and what they say."""
    installed = any(entry.value == "contract_tests.plugin" for entry in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "contract_tests.plugin"]
    command = [sys.executable, "-m", "pytest", *plugin, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, "--pyargs", "contract_tests", "--target", target, *GIVEN, *more, f"--junit-xml={place}"],
        capture_output=True,
        text=True,
        check=False,
    )
    cases = [case for case in Xml.parse(place).iter("testcase") if case.find("failure") is not None]
    return done.returncode, {case.get("name", "").partition("[")[2].rstrip("]") for case in cases}, done.stdout


@pytest.mark.parametrize("least", ["documented", "inferred"])
def test_both_fronts_fail_for_the_same(old: Server, tmp_path: Path, least: str) -> None:
    more = ("--min-provenance", least)
    code, verdict, grave, mild = by_command_line(old.url, tmp_path / "r.json", *more)
    status, failed, _ = by_pytest(old.url, tmp_path / "r.xml", *more)
    assert (code, verdict, status) == (1, "violates", 1)
    named = {name.replace("others-", "-").replace("every-", "-") for name in failed if "-" in name}
    assert {name.rpartition("-")[2] for name in named} == {name.rpartition("-")[2] for name in grave}
    assert {name for name in named if not name.startswith("-")} <= grave
    assert bool(mild) is (least == "documented")


def test_both_fronts_say_of_a_server_that_never_answers_that_nothing_can_be_said(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    code, verdict, grave, mild = by_command_line(nowhere, tmp_path / "r.json")
    assert (code, verdict, grave, mild) == (3, "inconclusive", set(), set())
    assert {clause["outcome"] for clause in json.loads((tmp_path / "r.json").read_text())["clauses"]} == {
        "inconclusive"
    }
    status, failed, said = by_pytest(nowhere, tmp_path / "r.xml")
    assert (status, failed) == (1, {""})
    assert "inconclusive: nothing can be reached at 127.0.0.1:9" in said


def test_what_a_key_of_a_command_line_lacks_is_said_by_pytest_as_well(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "contract_tests"]
    given = ["--target", "http://127.0.0.1:9", *GIVEN, "--key", "queen=abcdef"]
    done = subprocess.run([*command, *given], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 4
    assert "the role 'queen' is unknown" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_finding_below_the_least_provenance_is_no_error_in_the_engine_itself(old: Server, document: Path) -> None:
    keys = {"main": "zv_demo_pro"}
    contract = load_contract(document)
    severities = {
        least: {
            finding.clause.provenance.level: finding.severity
            for finding in run(Options(old.url, contract, keys, 9, "off", min_provenance=least))[0].findings
        }
        for least in ("documented", "supplement")
    }
    assert severities["documented"] == {"documented": "error", "supplement": "warning", "inferred": "info"}
    assert severities["supplement"] == {"documented": "error", "supplement": "error", "inferred": "info"}
