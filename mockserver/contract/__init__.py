"""OpenAPI documents as Python. The one package of the server that the contract tests may import."""

from mockserver.contract.catalogue import Catalogue, bundled
from mockserver.contract.contract import Contract, load_contract
from mockserver.contract.document import ContractError
from mockserver.contract.operations import Header, MediaType, Operation, RequestBody, Response
from mockserver.contract.parameters import Parameter
from mockserver.contract.plans import Plan, RateLimit
from mockserver.contract.provenance import Level, Provenance
from mockserver.contract.schemas import Schema, Violation

__all__ = [
    "Catalogue",
    "Contract",
    "ContractError",
    "Header",
    "Level",
    "MediaType",
    "Operation",
    "Parameter",
    "Plan",
    "Provenance",
    "RateLimit",
    "RequestBody",
    "Response",
    "Schema",
    "Violation",
    "bundled",
    "load_contract",
]
