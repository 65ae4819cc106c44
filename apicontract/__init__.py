"""OpenAPI contracts compiled into immutable Python objects, shared by the mock server and the contract tests."""

from apicontract.catalogue import Catalogue, bundled
from apicontract.contract import Contract, load_contract
from apicontract.document import ContractError
from apicontract.operations import Header, MediaType, Operation, RequestBody, Response
from apicontract.parameters import Parameter
from apicontract.plans import Plan, RateLimit
from apicontract.provenance import Fact, Level, Provenance
from apicontract.schemas import Schema, Violation

__all__ = [
    "Catalogue",
    "Contract",
    "ContractError",
    "Fact",
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
