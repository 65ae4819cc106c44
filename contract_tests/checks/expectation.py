"""What the contract wants a request to be answered with, from the request alone and what was learned before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from apicontract import Contract, Operation, Parameter, Provenance
from apicontract.parameters import ParameterError
from apicontract.provenance import DOCUMENTED, INFERRED, is_inferred, weakest
from contract_tests.reading.identifiers import unknown_id
from contract_tests.reading.traffic import Traffic, View

_PARAMETER_STATUSES = frozenset({400, 422})
_LARGE = 100_000
_LONG_TEXT, _LARGE_NUMBER = 1000, 10**9
_RESOURCE_STATUSES = frozenset({401, 403, 404, 410})


@dataclass(frozen=True, slots=True)
class Expectation:
    """`statuses` are right; `kinds` are the kinds of error they stand for (none: a success). `code`: the check that
    a wrong status breaks. `open`: nothing is sure but that it is no 5xx."""

    code: str
    detail: str
    statement: str
    statuses: frozenset[int]
    provenance: Provenance
    kinds: tuple[str, ...] = ()
    open: bool = False


def expectation(traffic: Traffic, view: View) -> Expectation:
    """What this exchange should have been answered with."""
    contract = traffic.contract
    if not view.path_known:
        return _refusal(contract, None, ("unknown-path",), "CT110", "unknown path", "an unknown path is answered 404")
    operation = view.operation
    if operation is None:
        found = _refusal(
            contract, None, ("method-not-allowed",), "CT111", view.method, "a method it lacks is answered 405"
        )
        return found if view.method not in ("OPTIONS", "HEAD", "TRACE") else _open(found)
    if operation.security:
        refused = _by_key(contract, operation, view)
        if refused is not None:
            return refused
    if view.refusal is not None:
        return _by_parameter(contract, operation, view.refusal)
    refused = _by_resource(traffic, operation, view)
    if refused is not None:
        return refused
    good = _success(operation, view)
    return good if _body_is_good(operation, view) else _open(good)


def _body_is_good(operation: Operation, view: View) -> bool:
    """Whether the request's body is one that must be accepted, as far as its schema says."""
    if operation.body is None:
        return True
    request = view.exchange.request
    if request.purpose.startswith("fuzz: "):
        return False  # it may name what does not exist, or mean what the schema cannot say
    kind = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    media = operation.body.media(kind)
    if media is None or len(request.body) > _LARGE:
        return False
    if not media.is_json or media.schema is None:
        return True
    try:
        return media.schema.is_valid(json.loads(request.body))
    except ValueError:
        return False


def _success(operation: Operation, view: View) -> Expectation:
    statuses = frozenset(status for status in operation.statuses if status < 400) or frozenset({operation.success})
    provenance = operation.provenance
    response = operation.response(operation.success)
    if response is not None:
        provenance = weakest(provenance, response.provenance)
    found = Expectation("CT101", "success", "a valid request is answered with a success", statuses, provenance)
    if view.role == "free" or _is_beyond_measure(operation, view):
        return _open(found)
    return found


def _is_beyond_measure(operation: Operation, view: View) -> bool:
    """Whether a value is so large that a server may refuse it, though the contract sets no bound."""
    for parameter in operation.parameters:
        node = parameter.schema.resolved if isinstance(parameter.schema.resolved, dict) else {}
        value = view.params.get(parameter.name)
        if isinstance(value, str) and len(value) > _LONG_TEXT and not {"maxLength", "enum"} & set(node):
            return True
        if isinstance(value, (int, float)) and abs(value) > _LARGE_NUMBER and not {"maximum", "enum"} & set(node):
            return True
    return False


def _open(found: Expectation) -> Expectation:
    return Expectation(
        found.code, found.detail, found.statement, found.statuses, found.provenance, found.kinds, open=True
    )


def _refusal(
    contract: Contract,
    operation: Operation | None,
    kinds: Sequence[str],
    code: str,
    detail: str,
    statement: str,
    others: frozenset[int] = frozenset(),
    floor: Provenance = DOCUMENTED,
) -> Expectation:
    """A refusal of some kinds. A foreign document words no errors: its declared statuses say what is possible."""
    worded = "x-errors" in contract.document.root
    statuses = frozenset(contract.errors.kinds[kind].status for kind in kinds)
    if worded:
        provenance = weakest(floor, *(contract.errors.kinds[kind].provenance for kind in kinds))
        for status in statuses:
            response = operation.response(status) if operation is not None else None
            if response is not None:
                provenance = weakest(provenance, response.provenance)
        return Expectation(code, detail, statement, statuses, provenance, tuple(kinds))
    declared = frozenset(operation.statuses) & (statuses | others) if operation is not None else frozenset()
    if declared:
        return Expectation(code, detail, statement, declared, floor)
    return Expectation(code, detail, statement, statuses | others, INFERRED)


def _by_key(contract: Contract, operation: Operation, view: View) -> Expectation | None:
    others = frozenset({401, 403})
    role = view.role
    if role == "":
        what = ("CT201", "no key", "a request without a key is answered 401")
    elif role == "invalid:query":
        what = ("CT203", "key in query", "a key in the query string is answered 401")
    elif role.startswith("invalid"):
        variant = role.partition(":")[2]
        what = ("CT202", variant, f"a bad key ({variant}) is answered 401")
    elif role == "revoked":
        what = ("CT208", "revoked", "a revoked key is answered 401")
    elif role == "exhausted":
        return _refusal(
            contract, operation, ("quota-exceeded",), "CT610", "exhausted", "a used-up month is answered 429"
        )
    elif role == "noperm":
        return _refusal(
            contract,
            operation,
            ("no-permission",),
            "CT206",
            "no permission",
            "a key without permission is answered 403",
        )
    else:
        return None
    code, detail, statement = what
    found = _refusal(contract, operation, ("unauthorized",), code, detail, statement, others)
    if "x-errors" not in contract.document.root:
        # that a security scheme is declared says that it is needed, whatever status the refusal has
        found = Expectation(found.code, found.detail, found.statement, found.statuses | others, operation.provenance)
    return found


def describe_refusal(parameter: Parameter, texts: Sequence[str]) -> tuple[str, str]:
    """The check and the clause that a refused value belongs to."""
    name = parameter.name
    if len(texts) > 1 and "array" not in parameter.types:
        return "CT307", f"{name} given twice"
    if not texts:
        return "CT307", f"{name} missing"
    text = texts[0]
    if parameter.location == "path":
        return "CT309", f"{name} malformed"
    if text == "":
        return "CT307", f"{name} empty"
    node = parameter.schema.resolved if isinstance(parameter.schema.resolved, dict) else {}
    if "enum" in node or "const" in node:
        return "CT305", f"{name} outside its values"
    try:
        value = float(text)
    except ValueError:
        return (
            ("CT304", f"{name} of a wrong type")
            if parameter.types & {"integer", "number", "boolean"}
            else ("CT303", f"{name} out of bounds")
        )
    if "integer" in parameter.types and ("." in text or "e" in text.lower()):
        return "CT304", f"{name} not whole"
    low = node.get("minimum", node.get("exclusiveMinimum"))
    return "CT303", f"{name} below its minimum" if low is not None and value <= float(
        low
    ) else f"{name} above its maximum"


def _by_parameter(contract: Contract, operation: Operation, refusal: tuple[Parameter, ParameterError]) -> Expectation:
    parameter, error = refusal
    provided = error.provided
    texts = [] if provided is None else provided if isinstance(provided, list) else [str(provided)]
    code, detail = describe_refusal(parameter, texts)
    kinds: tuple[str, ...] = ("invalid-parameter",)
    if parameter.location == "path" and parameter.resource is not None:
        kinds = tuple(dict.fromkeys(("invalid-parameter", parameter.resource.unknown)))
    floor = parameter.provenance
    if is_guessed(parameter, *(keyword for words, keyword in _KEYWORDS if detail.endswith(words))):
        floor = INFERRED
    found = _refusal(contract, operation, kinds, code, detail, f"{detail}: answered 400", _PARAMETER_STATUSES, floor)
    vague = code == "CT307" and not detail.endswith("missing")  # empty and repeated values: only a 5xx is surely wrong
    if vague or (parameter.location == "path" and "x-errors" not in contract.document.root):
        return _open(found)
    return found


_KEYWORDS = (
    ("below its minimum", "minimum"),
    ("above its maximum", "maximum"),
    ("outside its values", "enum"),
    ("malformed", "format"),
)


def is_guessed(parameter: Parameter, *keywords: str) -> bool:
    """Whether a keyword of a parameter's schema is the contract's own guess (`x-inferred`), though the rest is none."""
    return any(is_inferred(parameter.schema.resolved, keyword) for keyword in keywords)


def _by_resource(traffic: Traffic, operation: Operation, view: View) -> Expectation | None:
    contract = traffic.contract
    for parameter in operation.parameters:
        if parameter.location != "path":
            continue
        value = str(view.params.get(parameter.name))
        link = parameter.resource
        role = view.role or "main"
        own = traffic.ids(operation, parameter.name, role)
        if value in own:
            continue
        mains = traffic.ids(operation, parameter.name, "main")
        if role != "main" and value in mains:
            if role != "scoped":
                continue  # which resources another key sees is only known from its own list
            return _refusal(
                contract,
                operation,
                (link.denied,) if link else ("no-access",),
                "CT206",
                f"{parameter.name} of another",
                "a limited key cannot see another resource",
                _RESOURCE_STATUSES,
            )
        if value == unknown_id(parameter, mains, traffic.seed):
            found = _refusal(
                contract,
                operation,
                (link.unknown,) if link else ("not-found",),
                "CT210",
                f"{parameter.name} unknown",
                "an unknown resource is refused",
                _RESOURCE_STATUSES,
                parameter.provenance,
            )
            return found if mains or link else _open(found)
        if mains or own:
            kinds = (link.unknown, link.denied) if link else ("not-found", "no-access")
            return _open(
                _refusal(contract, operation, kinds, "CT210", f"{parameter.name} unlisted", "", _RESOURCE_STATUSES)
            )
        return _open(_success(operation, view))
    return None
