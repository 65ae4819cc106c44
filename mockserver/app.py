"""The server as a Starlette application: contracts first, everything else by Starlette's own routes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from mockserver.contract.catalogue import bundled, bundled_folder
from mockserver.contract.contract import Contract
from mockserver.contract.document import ContractError
from mockserver.dataset import Dataset
from mockserver.pipeline.accesslog import AccessLog
from mockserver.pipeline.api import Api, compile_api
from mockserver.pipeline.server import Pipeline
from mockserver.settings import Settings
from mockserver.state.space import MemorySpace, Space

CONTROL = "/__mock"


class MockServer(Starlette):
    """A Starlette application whose contract paths bypass routing and middleware: they have their own pipeline."""

    def __init__(self, apis: Sequence[Api], space: Space, settings: Settings, log: AccessLog | None = None) -> None:
        super().__init__(routes=[Route(f"{CONTROL}/health", health)])
        self.state.space = space
        self.space = space
        self.apis = apis
        self.pipeline = Pipeline(apis, space, settings, log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the contracts, or by Starlette's routes below `/__mock` and for the lifespan."""
        if scope["type"] == "http" and not scope["path"].startswith(CONTROL):
            await self.pipeline(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def health(_request: Request) -> JSONResponse:
    """Whether the server is up."""
    return JSONResponse({"status": "ok"})


def load_apis(settings: Settings) -> list[Api]:
    """Read the contracts and their fixtures.

    Raises:
        ContractError: a contract cannot be used, or two of them answer the same path.
        FixtureError: a fixture cannot be used.
    """
    catalogue = bundled()
    contracts = [catalogue.load(selector) for selector in settings.contracts or _chosen(settings.editions)]
    _refuse_overlap(contracts)
    folder = settings.fixtures or bundled_folder("fixtures")
    return [compile_api(contract, _dataset(contract, folder, settings)) for contract in contracts]


def create_app(settings: Settings | None = None, log: AccessLog | None = None) -> MockServer:
    """The application, ready to serve.

    Raises:
        ContractError, FixtureError: see `load_apis`.
    """
    settings = settings or Settings()
    apis = load_apis(settings)
    space = MemorySpace(settings.clock(), enforce=settings.rate_limit)
    return MockServer(apis, space, settings, log)


def _chosen(editions: Sequence[str]) -> list[str]:
    """The newest edition of every bundled contract, or the one that was asked for by name."""
    known = bundled().editions()
    for edition in editions:
        if not any(edition in found for found in known.values()):
            names = ", ".join(sorted(edition for found in known.values() for edition in found))
            raise ContractError(f"no contract has an edition {edition!r}; there are {names}")
    return [
        f"{name}@{next((edition for edition in editions if edition in found), found[0])}"
        for name, found in known.items()
    ]


def _dataset(contract: Contract, folder: Path, settings: Settings) -> Dataset | None:
    if not contract.fixtures:
        return None
    return Dataset.load(folder / contract.fixtures, edition=contract.edition, scale=settings.scale, seed=settings.seed)


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
