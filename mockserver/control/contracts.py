"""`/__mock/contracts/{name@edition}.json` and `.yaml`: the contracts for other tools, readable from any origin."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apicontract.catalogue import bundled
from apicontract.contract import Contract
from apicontract.export import as_json, as_yaml, export_document
from mockserver.control.calls import as_response, get_mock
from mockserver.control.client_report import load_bundled
from mockserver.engine.mock import Mock
from mockserver.pipeline.problem import mock_problem

CONTRACTS = "/__mock/contracts/"
_FORMATS = {"json": (as_json, "application/json"), "yaml": (as_yaml, "application/yaml")}
_FLATTEN = {"true": True, "false": False}
_ANY_PAGE = Middleware(CORSMiddleware, allow_origins=["*"], allow_headers=["*"], allow_private_network=True)


def contract_route() -> Route:
    """Return the route of the contract documents."""
    path = f"{CONTRACTS}{{name:path}}.{{format}}"
    return Route(path, show_contract, methods=["GET", "OPTIONS"], middleware=[_ANY_PAGE])


def show_contract(request: Request) -> Response:
    """Answer a contract document. Not a coroutine: serializing a large document runs in a thread."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": "GET, HEAD, OPTIONS"})
    wanted = request.query_params.get("flatten", "false")
    if set(request.query_params) - {"flatten"} or wanted not in _FLATTEN:
        valid = [f"flatten={one}" for one in _FLATTEN]
        return as_response(mock_problem(400, "The only parameter is flatten", parameter="flatten", valid=valid))
    name, suffix, mock = request.path_params["name"], request.path_params["format"], get_mock(request)
    contract = find_contract(mock, name)
    if contract is None or suffix not in _FORMATS:
        names = list(dict.fromkeys([*(api.contract.selector for api in mock.apis), *bundled().files]))
        valid = [f"{one}.{format_}" for one in names for format_ in _FORMATS]
        return as_response(mock_problem(404, f"There is no contract {name[:60]!r} as {suffix[:20]!r}", valid=valid))
    write, media_type = _FORMATS[suffix]
    return Response(write(export_document(contract.document, flatten=_FLATTEN[wanted])), media_type=media_type)


def find_contract(mock: Mock, selector: str) -> Contract | None:
    """Return a served or bundled contract by its selector, or None."""
    served = next((api.contract for api in mock.apis if api.contract.selector == selector), None)
    return served or (load_bundled(selector) if selector in bundled().files else None)


def is_contract(raw_path: bytes) -> bool:
    """Return whether a path is that of a contract document, which is public."""
    return raw_path.startswith(CONTRACTS.encode())
