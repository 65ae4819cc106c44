"""Every public document is loaded; what is wrong with it stands in `faults.yaml`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from apicontract import ContractError, load_contract
from apicontract.inspection import find_problems
from tests.corpus.documents import HERE, list_documents, list_packages, list_swagger, name_of

FAULTS: dict[str, list[str]] = yaml.safe_load((HERE / "faults.yaml").read_text())
EXAMPLE = "the example is not valid"


def faults_of(path: Path) -> list[str]:
    """Return the problems of a document: place and message, and only a count for the examples."""
    problems = find_problems(load_contract(path))
    found = [f"{problem.pointer}: {problem.message}" for problem in problems if EXAMPLE not in problem.message]
    examples = len(problems) - len(found)
    return found + ([f"{examples} examples are not valid"] if examples else [])


def test_every_package_has_documents() -> None:
    assert [package.name for package in list_packages() if not any(package.folder.rglob("*.*"))] == []
    assert FAULTS.keys() <= {name_of(path) for path in list_documents()}


@pytest.mark.parametrize("path", list_documents(), ids=name_of)
def test_a_document_is_loaded_and_its_faults_are_its_own(path: Path) -> None:
    assert faults_of(path) == FAULTS.get(name_of(path), [])


@pytest.mark.parametrize("path", list_swagger(), ids=name_of)
def test_swagger_2_is_refused_in_one_sentence_with_a_converter(path: Path) -> None:
    with pytest.raises(ContractError, match="convert it to OpenAPI 3") as caught:
        load_contract(path)
    assert "\n" not in str(caught.value)
