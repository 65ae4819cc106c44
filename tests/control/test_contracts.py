"""`/__mock/contracts`: the contracts for other people's tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from apicontract import bundled
from apicontract.export import export_document
from tests.documents import document, write
from tests.servers import Server, serving

CONTRACTS = "/__mock/contracts"
PAGE = {"Origin": "https://editor.example"}


@pytest.mark.parametrize("flatten", [False, True])
@pytest.mark.parametrize("selector", bundled().files)
def test_every_contract_of_the_package_is_there_as_json_and_yaml(server: Server, selector: str, flatten: bool) -> None:
    written = export_document(bundled().load(selector).document, flatten=flatten)
    query = "?flatten=true" if flatten else ""
    as_json = server.get(f"{CONTRACTS}/{selector}.json{query}")
    as_yaml = server.get(f"{CONTRACTS}/{selector}.yaml{query}")
    assert as_json.headers["content-type"] == "application/json"
    assert as_yaml.headers["content-type"] == "application/yaml"
    assert as_json.json() == yaml.safe_load(as_yaml.content) == written


def test_any_page_may_read_them_and_nothing_else(server: Server) -> None:
    answer = server.get(f"{CONTRACTS}/zenovay@2026-02.json", headers={**PAGE, "Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}
    preflight = server.request("OPTIONS", f"{CONTRACTS}/zenovay@2026-02.yaml", headers={**PAGE, **asked})
    assert (preflight.status_code, preflight.headers["access-control-allow-private-network"]) == (200, "true")
    assert server.request("OPTIONS", f"{CONTRACTS}/zenovay@2026-02.yaml").headers["allow"] == "GET, HEAD, OPTIONS"
    assert server.request("HEAD", f"{CONTRACTS}/zenovay@2026-02.yaml").status_code == 200
    assert server.get("/__mock/clock", headers=PAGE).status_code == 403
    assert server.get("/__mock/contracts", headers=PAGE).status_code == 403


def test_an_unknown_name_is_refused_with_those_that_exist(server: Server) -> None:
    for path in ("zenovay.json", "zenovay@2024-01.yaml", "zenovay@2026-02.txt", ".json"):
        answer = server.get(f"{CONTRACTS}/{path}", headers=PAGE)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, "*")
        assert {"zenovay@2026-02.json", "zenovay@2025-01.yaml", "analytics-platform@v2.json"} <= {
            *answer.json()["valid"]
        }


@pytest.mark.parametrize("query", ["flatten=yes", "flat=true", "flatten"])
def test_a_wrong_parameter_is_refused_with_what_may_be_said(server: Server, query: str) -> None:
    answer = server.get(f"{CONTRACTS}/zenovay@2026-02.json?{query}")
    assert (answer.status_code, answer.json()["valid"]) == (400, ["flatten=true", "flatten=false"])


def test_a_document_of_ones_own_is_there_too(tmp_path: Path) -> None:
    paths = {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}
    own = document(paths, info={"title": "Own", "version": "1.0/beta"}, servers=[{"url": "https://example.com/v1"}])
    with serving("--quiet", "--contract", str(write(tmp_path / "my api.yaml", own))) as running:
        answer = running.get(f"{CONTRACTS}/my%20api@1.0%2Fbeta.json?flatten=true")
        assert list(answer.json()["paths"]) == ["/v1/a"]
        assert running.get(f"{CONTRACTS}/my%20api@1.0%2Fbeta.yaml").text == yaml.safe_dump(own, sort_keys=False)
        assert "my api@1.0/beta.yaml" in running.get(f"{CONTRACTS}/none.json").json()["valid"]


def test_the_command_prints_what_the_server_answers(server: Server) -> None:
    for selector, suffix, flatten in (("zenovay@2025-01", "json", False), ("analytics-platform@v2", "yaml", True)):
        printed = command(selector, "--format", suffix, *["--flatten"] * flatten)
        query = "?flatten=true" if flatten else ""
        assert printed.stdout == server.get(f"{CONTRACTS}/{selector}.{suffix}{query}").text
    assert command("zenovay@2025-01").stdout.startswith("openapi: 3.1.0\n")
    refused = command("zenovay@2024-01")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "zenovay@2025-01" in refused.stderr


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockserver", "contract", *arguments], capture_output=True, text=True, check=False
    )
