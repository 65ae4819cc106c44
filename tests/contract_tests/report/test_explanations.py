"""Every check can be explained."""

from __future__ import annotations

import pytest

from apicontract import Contract, bundled
from contract_tests.checks.registry import CHECKS
from contract_tests.report import explanations
from contract_tests.report.explanations import explanation_of, similar, sources_of


@pytest.fixture(scope="module")
def contract() -> Contract:
    catalogue = bundled()
    return catalogue.load(sorted(catalogue.files)[0])


@pytest.mark.parametrize("code", CHECKS)
def test_every_check_says_what_it_proves_and_what_to_do(code: str, contract: Contract) -> None:
    explained = explanation_of(code, [contract])
    assert explained.proves == CHECKS[code].proves
    assert explained.guidance.fix
    assert explained.guidance.reproduce.startswith("Export CONTRACT_TESTS_API_KEY")
    assert explained.text.startswith(f"{code}: ")


def test_special_advice_is_for_checks_that_exist() -> None:
    assert set(explanations._FIXES) <= set(CHECKS)
    assert {check.area for check in CHECKS.values()} <= set(explanations._GUIDANCE)


def test_advice_of_its_own_takes_the_place_of_the_area_s() -> None:
    assert "milliseconds" in explanation_of("CT605").guidance.fix
    assert explanation_of("CT605").guidance.fix != explanation_of("CT601").guidance.fix


def test_a_code_nobody_knows_is_explained_as_a_clause() -> None:
    assert explanation_of("CT999").proves == "A clause of the contract."


def test_similar_codes_are_found_in_any_case() -> None:
    code = next(iter(CHECKS))
    assert code in similar(code.lower() + "0")


def test_sources_come_from_the_contract_with_the_documented_ones_first(contract: Contract) -> None:
    for area in ("status", "parameter", "header", "security", "limit"):
        lines = sources_of(area, contract)
        assert lines
        assert all(line.startswith(f"{contract.selector}: ") for line in lines)
        levels = [line.split(": ")[1].split(" ")[0].rstrip(",") for line in lines]
        assert levels == sorted(levels, key=["documented", "supplement", "inferred"].index)
