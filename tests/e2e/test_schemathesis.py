"""Schemathesis, all phases and all checks, against the server: it finds nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from apicontract import bundled
from tests.servers import serving

AUTH = {"zenovay": "X-API-Key: zv_demo_enterprise", "analytics-platform": "Authorization: Bearer ap_demo"}


@pytest.mark.parametrize("selector", sorted(bundled().files))
def test_schemathesis_finds_nothing(selector: str, tmp_path: Path) -> None:
    with serving("--no-rate-limit", "--quiet", "--contract", selector) as running:
        document = f"{running.url}/__mock/contracts/{selector}.json?flatten=true"
        command = [str(Path(sys.executable).with_name("st")), "run", document, "--url", running.url]
        command += ["-H", AUTH[selector.partition("@")[0]], "--checks", "all", "--max-examples", "12", "--seed", "1"]
        result = subprocess.run(
            [*command, "--continue-on-failure"], capture_output=True, text=True, cwd=tmp_path, check=False
        )
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr
    assert "No issues found" in result.stdout
