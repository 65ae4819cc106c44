"""Faults of a document without `x-errors` and fixtures."""

from __future__ import annotations

from pathlib import Path

from tests.servers import serving

DOCUMENT = """
openapi: 3.1.0
info: {title: Things, version: "1"}
servers: [{url: /v1}]
paths:
  /things:
    get:
      operationId: listThings
      responses:
        "200": {description: All, content: {application/json: {schema: {type: array, items: {type: string}}}}}
        "404":
          description: None
          content: {application/json: {schema: {type: object}, example: {reason: none}}}
"""


def test_its_own_examples_are_the_errors(tmp_path: Path) -> None:
    file = tmp_path / "things.yaml"
    file.write_text(DOCUMENT)
    with serving("--quiet", "--contract", str(file)) as running:
        found = running.get("/v1/things", headers={"X-Mock-Fault": "404"})
        refused = running.get("/v1/things", headers={"X-Mock-Fault": "429"})
        broken = running.get("/v1/things", headers={"X-Mock-Fault": "BROKEN_JSON"})
        scenario = running.request("POST", "/__mock/scenarios/retry-after-2s/start")
        limits = running.get("/__mock/limits").json()
    assert (found.status_code, found.json()) == (404, {"reason": "none"})
    assert (refused.status_code, "404" in refused.json()["valid"]) == (400, True)
    assert broken.status_code == 200
    assert scenario.status_code == 422
    assert limits == {"limits": []}
