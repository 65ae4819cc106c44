"""Serving a document of somebody else that is partly wrong: what works is served, the rest says why not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.documents import document, write
from tests.servers import serving

OK: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}
BROKEN = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "strin"}}}}}


def contract(folder: Path) -> Path:
    paths = {"/fine": {"get": OK}, "/wrong": {"get": {"responses": BROKEN}}, "/gone": {"$ref": "none.yaml"}}
    return write(folder / "a.yaml", document(paths, servers=[{"url": "/v1"}, {"url": "/v2"}]))


def test_what_cannot_be_served_is_answered_501_with_the_reason(tmp_path: Path) -> None:
    file = contract(tmp_path)
    with serving("--quiet", "--contract", str(file)) as running:
        statuses = {path: running.get(path).status_code for path in ("/v1/fine", "/v2/fine", "/v2/wrong", "/fine")}
        wrong = running.get("/v1/wrong")
        gone = running.request("POST", "/v1/gone")
        forced = running.get("/v1/wrong", headers={"X-Mock-Fault": "500", "X-Test-Id": "one"})
    assert statuses == {"/v1/fine": 200, "/v2/fine": 200, "/v2/wrong": 501, "/fine": 404}
    assert (wrong.status_code, wrong.headers["content-type"]) == (501, "application/problem+json")
    told = wrong.json()
    assert told.pop("reason").startswith("expected a type: array, boolean, integer")
    assert told == {
        "title": "GET /v1/wrong is not served",
        "status": 501,
        "document": str(file),
        "pointer": "#/paths/~1wrong/get/responses/200/content/application~1json/schema/type",
        "from": "mockserver",
    }
    assert (gone.status_code, "cannot be read" in gone.json()["reason"]) == (501, True)
    assert forced.status_code in (400, 501)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "mockserver", *arguments], capture_output=True, text=True, check=False)


def test_validate_lists_every_problem_with_its_place_and_fails(tmp_path: Path) -> None:
    done = run("validate", "--contract", str(contract(tmp_path)))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(":19:" in line and "/schema/type" in line and "(GET /v1/wrong is not served)" in line for line in lines)
    assert len(lines) == 2
    assert sum("none.yaml" in line for line in lines) == 1
    assert done.stderr == f"mockserver: {tmp_path / 'a.yaml'}: 2 problems, 2 of 3 operations not served\n"


def test_references_beyond_the_folder_need_permission(tmp_path: Path) -> None:
    write(tmp_path / "shared.yaml", {"get": OK})
    (tmp_path / "api").mkdir()
    file = write(tmp_path / "api" / "a.yaml", document({"/a": {"$ref": "../shared.yaml"}}))
    refused = run("operations", "--contract", str(file))
    assert "GET" not in refused.stdout
    assert "out of the document's folder" in run("validate", "--contract", str(file)).stdout
    allowed = run("validate", "--contract", str(file), "--allow-refs", str(tmp_path))
    assert (allowed.returncode, "1 operations, all schemas valid" in allowed.stdout) == (0, True)
    exported = run("contract", str(file), "--allow-refs", str(tmp_path), "--format", "json")
    assert json.loads(exported.stdout)["paths"]["/a"] == {"get": OK}
    assert "out of the document's folder" in run("contract", str(file)).stderr


def test_a_program_and_a_person_are_told_what_is_not_served(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--contract", str(contract(tmp_path))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        listening = json.loads(process.stdout.readline())
        process.terminate()
        _, told = process.communicate()
    assert "GET /v1/wrong" in listening["not_served"]
    assert "not served: * /v1/gone: the reference" in told
    assert "every problem with its line: mockserver validate --contract" in told
