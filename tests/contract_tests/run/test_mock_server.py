"""The engine against the mock on a real socket, and over what it recorded there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points

import httpx
import pytest

from apicontract import bundled
from contract_tests.run.engine import Options, check, identify, run
from tests.servers import Server, serving
from tests.strangers import FOLDER

CATALOGUE = bundled()
NEW, OLD, PLATFORM = "zenovay@2026-02", "zenovay@2025-01", "analytics-platform@v2"


@pytest.fixture(scope="module")
def new() -> Iterator[Server]:
    with serving("--no-rate-limit") as server:
        yield server


@pytest.fixture(scope="module")
def old() -> Iterator[Server]:
    with serving("--no-rate-limit", "--edition", "2025-01") as server:
        yield server


def options(target: str, selector: str, **more: object) -> Options:
    keys = (
        {"main": "ap_demo", "scoped": "ap_demo_site"}
        if selector == PLATFORM
        else {"main": "zv_demo_pro", "scoped": "zv_demo_site"}
    )
    return Options(target=target, contract=CATALOGUE.load(selector), keys=keys, rate="off", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("selector", [NEW, PLATFORM])
def test_the_mock_conforms_on_a_real_socket(new: Server, selector: str) -> None:
    result, exchanges = run(options(new.url, selector, quota_reserve=0.0))
    assert [(finding.clause.id, finding.message) for finding in result.findings] == []
    assert (result.verdict, result.requests) == ("conforms", len(exchanges))


def test_the_other_edition_conforms_to_its_own_contract_and_is_not_judged_by_this_one(old: Server) -> None:
    assert run(options(old.url, OLD, quota_reserve=0.0))[0].verdict == "conforms"
    result, _ = run(options(old.url, NEW, max_requests=15))
    assert result.verdict == "inconclusive"
    assert OLD in result.stop_reason


def test_recorded_traffic_gives_the_same_findings_without_a_server() -> None:
    with serving("--no-rate-limit") as server:
        httpx.post(f"{server.url}/__mock/faults", json={"operation": "getUsage", "status": 500}).raise_for_status()
        chosen = options(server.url, NEW, max_requests=40)
        result, exchanges = run(chosen)
    again = check(chosen.contract, exchanges, chosen)
    found = {finding.clause.id for finding in result.findings}
    assert found
    assert found <= {finding.clause.id for finding in again.findings}


@pytest.mark.parametrize("edition", [NEW, OLD])
def test_a_server_is_identified_by_the_edition_it_speaks(new: Server, old: Server, edition: str) -> None:
    target = new.url if edition == NEW else old.url
    found = identify(target, [CATALOGUE.load(OLD), CATALOGUE.load(NEW)], "zv_demo_pro")
    assert found[0].contract == edition
    assert found[0].confidence > found[1].confidence + 0.3


def test_pytest_runs_the_contract_tests_as_items(new: Server) -> None:
    installed = any(entry.value == "contract_tests.plugin" for entry in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "contract_tests.plugin"]
    pytest_itself = [sys.executable, "-m", "pytest", *plugin, "-q", "-p", "no:cacheprovider"]
    given = ["--target", new.url, "--contract", PLATFORM, "--api-key", "ap_demo", "--rate", "off"]
    done = subprocess.run(
        [*pytest_itself, "--pyargs", "contract_tests", *given, "-k", "getSiteStats or finished"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "passed" in done.stdout


def test_the_mock_of_a_document_of_somebody_else_conforms() -> None:
    file = FOLDER / "pets.yaml"
    with serving("--quiet", "--contract", str(file)) as server:
        found = run(Options(target=server.url, contract=CATALOGUE.load(str(file)), keys={"main": "secret"}, rate="off"))
    assert [(finding.clause.id, finding.message) for finding in found[0].findings if finding.severity == "error"] == []
    assert found[0].verdict == "conforms"
