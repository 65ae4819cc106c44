"""Schemathesis, all phases and all checks, against the server: it finds nothing."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from apicontract import Contract, bundled
from tests.servers import serving

AUTH = {"zenovay": "X-API-Key: zv_demo_enterprise", "analytics-platform": "Authorization: Bearer ap_demo"}


def flattened(contract: Contract) -> dict[str, object]:
    """The contract with each path's own server written into it: Schemathesis reads the document's servers only."""
    document = copy.deepcopy(contract.document.root)
    paths = {}
    for path, item in document["paths"].items():
        servers = item.pop("servers", document["servers"])
        paths[urlsplit(servers[0]["url"]).path.rstrip("/") + path] = item
    return {**document, "paths": paths, "servers": [{"url": "/"}]}


@pytest.mark.parametrize("selector", sorted(bundled().files))
def test_schemathesis_finds_nothing(selector: str, tmp_path: Path) -> None:
    contract = bundled().load(selector)
    document = tmp_path / "contract.json"
    document.write_text(json.dumps(flattened(contract)))
    with serving("--no-rate-limit", "--quiet", "--contract", selector) as running:
        command = [str(Path(sys.executable).with_name("st")), "run", str(document), "--url", running.url]
        command += ["-H", AUTH[contract.name], "--checks", "all", "--max-examples", "25", "--seed", "1"]
        result = subprocess.run(
            [*command, "--continue-on-failure"], capture_output=True, text=True, cwd=tmp_path, check=False
        )
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr
    assert "No issues found" in result.stdout
