"""A name with a slip of the hand is answered with the one that was meant."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from contract_tests.cli.main import main as contract_tests
from mockserver.cli.main import main as mockserver
from tests.lab import Lab


@pytest.mark.parametrize(
    ("method", "path", "body", "meant"),
    [
        ("GET", "limits/zv_demo_por", None, "zv_demo_pro"),
        ("POST", "scenarios/retry-after-2/start", None, "retry-after-2s"),
        ("POST", "faults", {"operation": "listWebsite", "status": 500}, "listWebsites"),
        ("POST", "faults", {"fault": "EMPTY_RESPONS"}, "EMPTY_RESPONSE"),
        ("POST", "faults", {"status": 500, "probabilty": 0.5}, "probability"),
        ("POST", "clock", {"action": "freze"}, "freeze"),
    ],
)
def test_a_control_call_names_what_was_probably_meant(lab: Lab, method: str, path: str, body: Any, meant: str) -> None:
    answer = lab.control(method, path, body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["title"].endswith(f"; did you mean '{meant}'?")


def test_the_commands_name_what_was_probably_meant() -> None:
    served = CliRunner().invoke(mockserver, ["serve", "--scenario", "retry-after-2"])
    assert "did you mean 'retry-after-2s'?" in served.output
    planned = CliRunner().invoke(contract_tests, ["plan", "--contract", "zenovay@2026-2", "--api-key", "k"])
    assert "did you mean 'zenovay@2026-02'?" in planned.output


def test_nothing_is_suggested_for_a_name_like_no_other(lab: Lab) -> None:
    assert "did you mean" not in lab.control("GET", "limits/something-else").text
