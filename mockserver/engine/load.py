"""Load the served contracts with their fixtures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import mockserver
from apicontract.catalogue import bundled, bundled_folder
from apicontract.contract import Contract
from apicontract.document import ContractError
from apicontract.plans import RateLimit
from apicontract.provenance import INFERRED
from mockserver.dataset import Dataset, FixtureError, resource_names
from mockserver.dataset.keyfile import load_key_file
from mockserver.pipeline.api import Api, compile_api
from mockserver.pipeline.editions import OtherEdition
from mockserver.settings import Settings

_WINDOW = 60
"""Seconds of the window of plans in `--keys FILE`."""


def load_apis(settings: Settings) -> list[Api]:
    """Load the contracts and their fixtures.

    Raises:
        ContractError: A contract is invalid, or two contracts have the same path.
        FixtureError: A fixture is invalid.
    """
    catalogue = bundled()
    selectors = settings.contracts or _chosen(settings.editions)
    contracts = [_servable(catalogue.load(selector, settings.allow_refs)) for selector in selectors]
    _refuse_overlap(contracts)
    if settings.keys is not None and all(contract.fixtures for contract in contracts):
        raise ContractError(f"--keys {settings.keys}: every contract that is served has keys in its fixtures")
    folder = settings.fixtures or bundled_folder(Path(mockserver.__file__).parent, "fixtures")
    return [_api(contract, folder, settings) for contract in contracts]


def _servable(contract: Contract) -> Contract:
    """Return a contract whose broken operations are known; one with fixtures has none, which its tests see to."""
    if contract.fixtures:
        return contract
    from apicontract.inspection import without_broken

    return without_broken(contract)


def _api(contract: Contract, folder: Path, settings: Settings) -> Api:
    dataset, catalogue, others = _dataset(contract, folder, settings), bundled(), []
    for edition in catalogue.editions().get(contract.name, []) if dataset is not None else ():
        if dataset is not None and edition != contract.edition:
            other = catalogue.load(f"{contract.name}@{edition}")
            sites = folder / other.fixtures
            known = resource_names(sites, edition) if (sites / "sites.yaml").exists() else {}
            own = {kind: names - set(dataset.resources.get(kind, ())) for kind, names in known.items()}
            others.append(OtherEdition(other, own))
    if dataset is not None or settings.keys is None:
        return compile_api(contract, dataset, tuple(others))
    found = load_key_file(settings.keys, contract.plans)
    limit = contract.rate_limit or RateLimit(_WINDOW, {401: INFERRED}, INFERRED)
    contract = replace(contract, plans=dict(found.plans), rate_limit=limit if found.plans else None)
    return compile_api(contract, None, own_keys=found.keys)


def _chosen(editions: Sequence[str]) -> list[str]:
    """Return the selectors of all bundled contracts: of the requested edition, else of the newest."""
    known = bundled().editions()
    for edition in editions:
        if not any(edition in found for found in known.values()):
            names = ", ".join(sorted(edition for found in known.values() for edition in found))
            raise ContractError(f"no contract has an edition {edition!r}; expected one of {names}")
    return [
        f"{name}@{next((edition for edition in editions if edition in found), found[0])}"
        for name, found in known.items()
    ]


def _dataset(contract: Contract, folder: Path, settings: Settings) -> Dataset | None:
    if not contract.fixtures:
        return None
    folder = folder / contract.fixtures
    dataset = Dataset.load(folder, edition=contract.edition, scale=settings.scale, seed=settings.seed)
    dataset.check_against(contract.document.root)
    for key in dataset.keys:
        if key.plan not in contract.plans:
            plans = ", ".join(contract.plans)
            raise FixtureError(folder / "keys.yaml", key.line, f"'plan' must be one of {plans}, not '{key.plan}'")
    return dataset


def _refuse_overlap(contracts: Sequence[Contract]) -> None:
    seen: dict[str, Contract] = {}
    for contract in contracts:
        for route in contract.router.routes:
            if route.path in seen:
                other = seen[route.path]
                raise ContractError(
                    f"{contract.selector} and {other.selector} both answer {route.path}: serve one of them"
                )
            seen[route.path] = contract
