"""What the container, compose and CI files say is what the commands understand. None of them is run here."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from contract_tests.cli.main import main as contract_tests
from mockserver.cli.health import ProbeError, probe
from mockserver.cli.main import main as mockserver
from tests.servers import serving

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
PIPELINES = [(ROOT / "examples" / "ci" / name).read_text("utf-8") for name in ("github-actions.yml", "gitlab-ci.yml")]
COMMANDS = {"mockserver": mockserver, "contract-tests": contract_tests}


def strings(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from strings(part)
    elif isinstance(value, str):
        yield value


def instructions(name: str) -> list[list[str]]:
    """The JSON form of an instruction of the Dockerfile, wherever it stands."""
    return [json.loads(found) for found in re.findall(rf"^(?:.* )?{name} (\[.*\])$", DOCKERFILE, re.MULTILINE)]


def lines() -> list[list[str]]:
    """Every call of one of the two commands."""
    entry, command = instructions("ENTRYPOINT"), [found for found in instructions("CMD") if "health" not in found]
    found = [[*entry[-1], *command[-1]], *[words for words in instructions("CMD") if "health" in words]]
    for text in (COMPOSE, *PIPELINES):
        for line in strings(yaml.safe_load(text)):
            words = shlex.split(line, comments=True) if line.startswith(tuple(COMMANDS)) else []
            if words and words[0] in COMMANDS:
                found.append(words)
    return found


def test_all_calls_are_found() -> None:
    assert sorted(" ".join(words[:2]) for words in lines()) == [
        "contract-tests run",
        "contract-tests run",
        "mockserver health",
        "mockserver report",
        "mockserver report",
        "mockserver serve",
    ]


@pytest.mark.parametrize("words", lines(), ids=" ".join)
def test_every_call_is_understood(words: list[str]) -> None:
    group = COMMANDS[words[0]]
    command = group.commands[words[1]]
    filled = [re.sub(r"\$\{?\w+\}?", "http://127.0.0.1:1", word) for word in words[2:]]
    command.make_context(words[1], filled, resilient_parsing=False)


def test_every_variable_is_one_that_an_option_reads() -> None:
    text = "".join((DOCKERFILE, COMPOSE, *PIPELINES))
    read = {"MOCKSERVER_HEALTH_URL"}
    for name, command in mockserver.commands.items():
        for parameter in command.params:
            own = parameter.envvar
            read |= {own} if isinstance(own, str) else set()
            read.add(f"MOCKSERVER_{name}_{parameter.name}".upper())
    used = set(re.findall(r"\bMOCKSERVER_\w+", text))
    assert {"MOCKSERVER_SERVE_HOST", "MOCKSERVER_STATE", "MOCKSERVER_CONTROL_TOKEN"} <= used
    assert used <= read
    assert isinstance(mockserver, click.Group)


def test_the_image_stops_by_the_signal_that_the_server_ends_on_and_is_nobody() -> None:
    assert "\nSTOPSIGNAL SIGTERM\n" in DOCKERFILE
    assert DOCKERFILE.count("\nUSER 10001:10001\n") == 2


def test_what_the_image_is_made_of_passes_the_dockerignore() -> None:
    passed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert passed == {
        "apicontract",
        "contract_tests",
        "fixtures",
        "LICENSE",
        "locked",
        "mockserver",
        "openapi",
        "pyproject.toml",
        "README.md",
    }
    assert all((ROOT / name).exists() for name in passed)


def test_health_tells_a_server_that_is_well_from_what_is_none() -> None:
    with serving("--quiet", "--base-path", "/mock", "--control-token", "secret") as running:
        assert probe(running.url, 5) == "ok"
        with pytest.raises(ProbeError, match="not the address of a mock server: 404 Nothing is served"):
            probe(running.url.removesuffix("/mock"), 5)
        url = running.url
    with pytest.raises(ProbeError, match="no mock server answers"):
        probe(url, 5)
    with serving("--quiet", "--tls-self-signed") as running:
        assert probe(running.url, 5) == "ok"
    for wrong in ("localhost:4010", "ftp://localhost", "http://", "http://localhost:port"):
        with pytest.raises(ProbeError, match="is not an address"):
            probe(wrong, 5)


def locked(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """The packages of a locked file, each with its exact version and its hashes."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            named = re.match(r"([A-Za-z0-9_.-]+)==(\S+)", line)
            assert named, f"{name}: {line[:60]} is not pinned"
            hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line))
            assert hashes, f"{name}: {named[1]} has no hash"
            found[canonicalize_name(named[1])] = (named[2], hashes)
    return found


LOCKED = {
    "constraints.txt": ("contract-tests", "dev", "redis", "tls"),
    "locked/mockserver.txt": ("redis", "tls"),
    "locked/contract-tests.txt": ("contract-tests",),
}


@pytest.mark.parametrize("name", LOCKED)
def test_every_package_is_locked_with_its_version_and_hashes(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [Requirement(one) for one in project["dependencies"]]
    wanted += [Requirement(one) for extra in LOCKED[name] for one in project["optional-dependencies"][extra]]
    found, known = locked(name), locked("constraints.txt")
    for requirement in wanted:
        if requirement.name != project["name"] and (requirement.marker is None or requirement.marker.evaluate()):
            version, _ = found[canonicalize_name(requirement.name)]
            assert version in requirement.specifier, f"{name}: {requirement.name} {version} is not {requirement}"
    assert {one: known[one] for one in found if one in known} == found, f"{name} and constraints.txt differ"


def test_make_locks_writes_every_locked_file() -> None:
    written = set(re.findall(r"\$\(call lock,([^,]+),", (ROOT / "locked" / "locks.mk").read_text("utf-8")))
    assert written == {"constraints.txt", *(f"locked/{file.name}" for file in (ROOT / "locked").glob("*.txt"))}


def test_what_builds_the_package_is_locked_too() -> None:
    assert locked("locked/build.txt").items() <= locked("constraints.txt").items()


def test_actions_are_pinned_by_commit_and_images_by_version() -> None:
    used = re.findall(r"uses: (\S+)(.*)", PIPELINES[0])
    assert len(used) > 4
    for action, comment in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    images += re.findall(r"(?:image|name): (\S+:\S+)", "".join((COMPOSE, *PIPELINES)))
    assert len(images) > 8
    for image in images:
        assert image in ("build",) or re.search(r":\d+\.\d+\.\d+", image), image


def test_the_generators_of_clients_are_locked_too() -> None:
    assert {"mypy", "openapi-generator-cli", "openapi-python-client"} <= locked("locked/clients.txt").keys()
