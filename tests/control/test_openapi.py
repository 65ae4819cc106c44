"""The control API keeps its own OpenAPI document, whatever is thrown at it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from openapi_spec_validator import validate
from starlette.routing import Route

from mockserver.control.space import own_document
from mockserver.faults.fault import WORDS
from mockserver.faults.reading import RULE_MEMBERS
from tests.servers import Server, serving


def test_it_is_an_openapi_document() -> None:
    validate(own_document())


def test_it_lists_every_route_and_no_other() -> None:
    from mockserver.app import create_app

    app = create_app()
    routes = {
        (route.path.removeprefix("/__mock").replace(":path}", "}"), method.lower())
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}  # the console's have no methods: they are pages
    }
    documented = {
        (path, method)
        for path, item in own_document()["paths"].items()
        for method in item
        if method in ("get", "put", "post", "delete")
    }
    assert documented == routes


def test_it_knows_every_member_and_every_fault() -> None:
    rule = own_document()["components"]["schemas"]["FaultRule"]["properties"]
    assert set(rule) == set(RULE_MEMBERS)
    assert set(WORDS) <= set(rule["fault"]["examples"])


def test_it_is_served(server: Server) -> None:
    assert server.get("/__mock/openapi.json").json() == json.loads(json.dumps(own_document()))


def test_fuzzing_finds_nothing(tmp_path: Path) -> None:
    """Every check but one: which operations, keys and plans there are is the server's to say, not the schema's."""
    document = json.loads(json.dumps(own_document()))
    for path, item in document["paths"].items():
        for parameter in item.get("parameters", []):
            if parameter.get("name") == "key":
                parameter["schema"] = {"enum": ["zv_demo_pro", "zv_demo_free", "ap_demo"]}
                assert path == "/limits/{key}"
    file = tmp_path / "control.json"
    file.write_text(json.dumps(document))
    with serving("--quiet") as running:
        command = [str(Path(sys.executable).with_name("st")), "run", str(file), "--url", f"{running.url}/__mock"]
        command += ["--checks", "all", "--exclude-checks", "positive_data_acceptance", "--max-examples", "10"]
        result = subprocess.run(
            [*command, "--seed", "1", "--continue-on-failure", "--no-color"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr
    assert "Tested: 31" in result.stdout
