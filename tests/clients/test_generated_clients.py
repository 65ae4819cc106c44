"""Clients that other people's generators make of the contracts: each compiles, and calls every operation once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from apicontract import bundled
from tests.clients.toolbox import CALLS, fresh_folder, run, write_documents
from tests.servers import Server, serving

OPERATIONS = {(selector, one.id) for selector in bundled().files for one in bundled().load(selector).operations}


@pytest.fixture
def mocks() -> Iterator[tuple[Server, Server]]:
    """The newest editions, and the older one of the API that has two."""
    with serving("--quiet", "--no-rate-limit") as newest, serving("--quiet", "--edition", "2025-01") as older:
        yield newest, older


def answered(mocks: tuple[Server, Server]) -> set[tuple[str, str]]:
    """Return the operations that answered a success."""
    entries = [entry for mock in mocks for entry in mock.get("/__mock/requests").json()["requests"]]
    return {(entry["contract"], entry["operation"]) for entry in entries if entry["response"]["status"] == 200}


def call_from_typescript(name: str, folder: Path, mocks: tuple[Server, Server]) -> None:
    """Compile the calls of a generated client with everything strict, and run them."""
    made = folder / "compiled"
    options = ["--strict", "--module", "nodenext", "--target", "es2022", "--types", "node", "--rootDir", "."]
    run("tsc", *options, "--outDir", made, CALLS / f"{name}.ts")
    run("node", made / "calls" / f"{name}.js", *(mock.url for mock in mocks))


def call_from_python(name: str, packages: tuple[Path, ...], mocks: tuple[Server, Server]) -> None:
    """Check the types of the calls of a generated client, and run them."""
    cache = packages[0].with_name("checked")
    run("mypy", "--strict", "--config-file=", "--cache-dir", cache, CALLS / f"{name}.py", python_path=packages)
    run("python", CALLS / f"{name}.py", *(mock.url for mock in mocks), python_path=packages)


def generate(generator: str, folder: Path, **more: str) -> dict[str, Path]:
    """Let openapi-generator make a client of every contract; return the contract's module name and the folder."""
    made = {}
    configurations = []
    for name, document in write_documents(folder).items():
        made[name] = folder / name
        settings = {"generatorName": generator, "inputSpec": str(document), "outputDir": str(made[name])}
        path = folder / f"{name}-settings.json"
        path.write_text(json.dumps({**settings, **{option: value.format(name) for option, value in more.items()}}))
        configurations.append(path)
    run("openapi-generator-cli", "batch", "--fail-fast", *configurations)
    return made


def test_openapi_typescript_and_openapi_fetch(mocks: tuple[Server, Server]) -> None:
    folder = fresh_folder("openapi-fetch")
    for name, document in write_documents(folder).items():
        run("openapi-typescript", document, "--output", folder / f"{name}.ts")
    call_from_typescript("openapi-fetch", folder, mocks)
    assert answered(mocks) == OPERATIONS


def test_orval(mocks: tuple[Server, Server]) -> None:
    folder = fresh_folder("orval")
    for name, document in write_documents(folder).items():
        run("orval", "--input", document, "--output", folder / f"{name}.ts", "--client", "fetch")
    call_from_typescript("orval", folder, mocks)
    assert answered(mocks) == OPERATIONS


def test_openapi_generator_for_axios(mocks: tuple[Server, Server]) -> None:
    folder = fresh_folder("typescript-axios")
    generate("typescript-axios", folder)
    call_from_typescript("typescript-axios", folder, mocks)
    assert answered(mocks) == OPERATIONS


def test_openapi_python_client_without_a_warning(mocks: tuple[Server, Server]) -> None:
    folder = fresh_folder("openapi-python-client")
    for name, document in write_documents(folder).items():
        printed = run(
            "openapi-python-client",
            "generate",
            "--path",
            document,
            "--meta",
            "none",
            "--output-path",
            folder / "packages" / name,
            "--fail-on-warning",
        )
        assert "warning" not in printed.lower()
    call_from_python("openapi_python_client", (folder / "packages",), mocks)
    assert answered(mocks) == OPERATIONS


def test_openapi_generator_for_python(mocks: tuple[Server, Server]) -> None:
    made = generate("python", fresh_folder("openapi-generator"), packageName="{}")
    call_from_python("openapi_generator", tuple(made.values()), mocks)
    assert answered(mocks) == OPERATIONS
