"""The answer that the contract demands, from the request and what earlier answers showed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from apicontract import Contract, Fact, Operation, Parameter
from apicontract.parameters import ParameterError
from apicontract.provenance import below
from contract_tests.checks.provenance import answer_facts
from contract_tests.model.clause import Clause, Ground, Guess
from contract_tests.model.purposes import FUZZ
from contract_tests.reading.identifiers import unknown_id
from contract_tests.reading.traffic import Traffic, View

SUCCESS = Clause("CT101", "success", "a valid request is answered with a success", rests="request")
UNKNOWN_PATH = Clause("CT110", "unknown path", "an unknown path is answered 404")
WRONG_METHOD = Clause("CT111", "{method}", "a method that the path does not have is answered 405")
NO_KEY = Clause("CT201", "no key", "a request without a key is answered 401")
BAD_KEY = Clause("CT202", "{variant}", "a bad key ({variant}) is answered 401")
KEY_IN_QUERY = Clause("CT203", "key in query", "a key in the query string is answered 401")
NO_PERMISSION = Clause("CT206", "no permission", "a key without permission is answered 403")
FOREIGN_RESOURCE = Clause("CT206", "{name} of another", "a limited key cannot see another resource")
REVOKED = Clause("CT208", "revoked", "a revoked key is answered 401")
UNKNOWN_RESOURCE = Clause("CT210", "{name} unknown", "an unknown resource is refused")
BOUND = Clause("CT303", "{name} {wrong}", "{name} {wrong} is answered 400")
TYPE = Clause("CT304", "{name} {wrong}", "{name} {wrong} is answered 400")
ENUM = Clause("CT305", "{name} {wrong}", "{name} {wrong} is answered 400")
PRESENCE = Clause("CT307", "{name} {wrong}", "{name} {wrong} is answered 400")
FORMAT = Clause("CT309", "{name} {wrong}", "{name} {wrong} is answered 400")
EXHAUSTED = Clause("CT610", "exhausted", "a key with a used-up month is answered 429")

_PARAMETER_STATUSES = frozenset({400, 422})
_LARGE = 100_000
_LONG_TEXT, _LARGE_NUMBER = 1000, 10**9
_RESOURCE_STATUSES = frozenset({401, 403, 404, 410})
_KEY_STATUSES = frozenset({401, 403})
_NOT_DECLARED = Guess("the document declares no such refusal")
_ELSEWHERE = Guess("that a key belongs into a header does not say that it is refused elsewhere")
_RESOURCE = Guess("that the parameter names a resource is taken from its name and from lists")


@dataclass(frozen=True, slots=True)
class Expectation:
    """The `statuses` that are right, and the `kinds` of error that they stand for (none: a success).

    `clause` is the one that another status breaks. `open`: nothing is sure but that the status is below 500.
    """

    clause: Clause
    statuses: frozenset[int]
    kinds: tuple[str, ...] = ()
    open: bool = False


def expectation(traffic: Traffic, view: View) -> Expectation:
    """Return what this exchange should have been answered with."""
    contract, operation = traffic.contract, view.operation
    if not view.path_known:
        return _refusal(contract, None, UNKNOWN_PATH, ("unknown-path",))
    if operation is None:
        found = _refusal(contract, None, WRONG_METHOD.about(None, method=view.method), ("method-not-allowed",))
        return found if view.method not in ("OPTIONS", "HEAD", "TRACE") else _open(found)
    refused = _by_key(contract, operation, view) if operation.security else None
    if refused is not None:
        return refused
    if view.invalid is not None:
        return _by_parameter(contract, operation, view.invalid)
    return _by_resource(traffic, operation, view) or _success(operation, view)


def _open(found: Expectation) -> Expectation:
    return replace(found, open=True)


def _success(operation: Operation, view: View) -> Expectation:
    statuses = frozenset(status for status in operation.statuses if status < 400) or frozenset({operation.success})
    is_sure = view.role != "free" and not _is_beyond_measure(operation, view) and _body_is_good(operation, view)
    return Expectation(SUCCESS.about(operation, *answer_facts(operation)), statuses, open=not is_sure)


def _body_is_good(operation: Operation, view: View) -> bool:
    """Return whether the request's body must be accepted, as far as its schema says."""
    if operation.body is None:
        return True
    request = view.exchange.request
    if request.purpose.startswith(FUZZ):
        return False  # it may refer to what does not exist
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


def _is_beyond_measure(operation: Operation, view: View) -> bool:
    """Return whether a value is so large that a server may refuse it, though the contract sets no bound."""
    for parameter in operation.parameters:
        node = parameter.schema.resolved if isinstance(parameter.schema.resolved, dict) else {}
        value = view.params.get(parameter.name)
        if isinstance(value, str) and len(value) > _LONG_TEXT and not {"maxLength", "enum"} & set(node):
            return True
        if isinstance(value, (int, float)) and abs(value) > _LARGE_NUMBER and not {"maximum", "enum"} & set(node):
            return True
    return False


def _refusal(
    contract: Contract,
    operation: Operation | None,
    clause: Clause,
    kinds: Sequence[str],
    *,
    others: frozenset[int] = frozenset(),
    grounds: Sequence[Ground] = (),
) -> Expectation:
    """Return the expectation of a refusal of some kinds, which also stands on `grounds`.

    A foreign document words no errors: its declared statuses say what is possible, and `others` are as good.
    """
    statuses = frozenset(contract.errors.kinds[kind].status for kind in kinds)
    if "x-errors" in contract.document.root:
        responses = [operation.response(status) for status in statuses] if operation is not None else []
        facts = [contract.errors.kinds[kind] for kind in kinds]
        declared = [response for response in responses if response is not None]
        return Expectation(clause.standing_on(*grounds, *facts, *declared), statuses, tuple(kinds))
    possible = statuses | others
    if operation is not None and possible & frozenset(operation.statuses):
        return Expectation(clause.standing_on(operation, *grounds), possible & frozenset(operation.statuses))
    return Expectation(clause.standing_on(*grounds, _NOT_DECLARED), possible)


def _by_key(contract: Contract, operation: Operation, view: View) -> Expectation | None:
    """Return the refusal that the request's key must get; None for a key that is good."""
    clause: Clause
    match view.role.partition(":"):
        case ("exhausted", _, _):
            return _refusal(contract, operation, EXHAUSTED.about(operation), ("quota-exceeded",))
        case ("noperm", _, _):
            return _refusal(contract, operation, NO_PERMISSION.about(operation), ("no-permission",))
        case ("", _, _):
            clause = NO_KEY.about(operation)
        case ("invalid", _, "query"):
            clause = KEY_IN_QUERY.about(operation)
        case ("invalid", _, variant):
            clause = BAD_KEY.about(operation, variant=variant)
        case ("revoked", _, _):
            clause = REVOKED.about(operation)
        case _:
            return None
    grounds = (_ELSEWHERE,) if clause.code == KEY_IN_QUERY.code else ()
    found = _refusal(contract, operation, clause, ("unauthorized",), others=_KEY_STATUSES, grounds=grounds)
    if "x-errors" in contract.document.root:
        return found
    # a declared security scheme is needed, whatever status the refusal has
    return Expectation(clause.standing_on(operation, *grounds), found.statuses | _KEY_STATUSES)


def wrong_value(parameter: Parameter, texts: Sequence[str]) -> tuple[Clause, str]:
    """Return the clause that refuses these texts of a parameter, and what is wrong with them."""
    node = parameter.schema.resolved if isinstance(parameter.schema.resolved, dict) else {}
    if len(texts) > 1 and "array" not in parameter.types:
        return PRESENCE, "given twice"
    if not texts:
        return PRESENCE, "missing"
    text = texts[0]
    if parameter.location == "path":
        return FORMAT, "malformed"
    if text == "":
        return PRESENCE, "empty"
    if "enum" in node or "const" in node:
        return ENUM, "outside its values"
    try:
        value = float(text)
    except ValueError:
        is_typed = bool(parameter.types & {"integer", "number", "boolean"})
        return (TYPE, "of a wrong type") if is_typed else (BOUND, "out of bounds")
    if "integer" in parameter.types and ("." in text or "e" in text.lower()):
        return TYPE, "not whole"
    low = node.get("minimum", node.get("exclusiveMinimum"))
    return BOUND, "below its minimum" if low is not None and value <= float(low) else "above its maximum"


_KEYWORDS = {
    "below its minimum": "minimum",
    "above its maximum": "maximum",
    "outside its values": "enum",
    "malformed": "format",
    "of a wrong type": "type",
    "not whole": "type",
}


def _by_parameter(contract: Contract, operation: Operation, refusal: tuple[Parameter, ParameterError]) -> Expectation:
    parameter, error = refusal
    provided = error.provided
    texts = [] if provided is None else provided if isinstance(provided, list) else [str(provided)]
    clause, wrong = wrong_value(parameter, texts)
    kinds: tuple[str, ...] = ("invalid-parameter",)
    if parameter.location == "path" and parameter.resource is not None:
        kinds = tuple(dict.fromkeys(("invalid-parameter", parameter.resource.unknown)))
    found = _refusal(
        contract,
        operation,
        clause.about(operation, name=parameter.name, wrong=wrong),
        kinds,
        others=_PARAMETER_STATUSES,
        grounds=refusal_grounds(contract, parameter, wrong),
    )
    vague = clause is PRESENCE and wrong != "missing"  # of empty and repeated values only a 5xx is certainly wrong
    if vague or (parameter.location == "path" and "x-errors" not in contract.document.root):
        return _open(found)
    return found


def refusal_grounds(contract: Contract, parameter: Parameter, wrong: str) -> list[Ground]:
    """Return what says that a wrong value is refused: the keyword that rules it out, and that it is not clamped."""
    if wrong in ("given twice", "empty"):
        return [parameter, Guess(f"no document says how a parameter {wrong} is read")]
    keyword = _KEYWORDS.get(wrong, "")
    grounds: list[Ground] = [parameter.keyword(keyword) if keyword else parameter]
    if keyword in ("minimum", "maximum") and "x-errors" in contract.document.root:
        kind = contract.errors.kinds["invalid-parameter"]
        place = below(kind.pointer, "x-provenance-of", "status", "out-of-bounds")
        grounds.append(Fact(place, kind.out_of_bounds))
    return grounds


def _by_resource(traffic: Traffic, operation: Operation, view: View) -> Expectation | None:
    """Return what the first path value asks for that is not among the key's own resources; None where all are."""
    for parameter in operation.parameters:
        if parameter.location == "path":
            found = _by_value(traffic, operation, view, parameter)
            if found is not None:
                return found
    return None


def _by_value(traffic: Traffic, operation: Operation, view: View, parameter: Parameter) -> Expectation | None:
    contract, name, link = traffic.contract, parameter.name, parameter.resource
    value = str(view.params.get(name))
    role = view.role or "main"
    own = traffic.ids(operation, name, role)
    mains = traffic.ids(operation, name, "main")
    if value in own or (role not in ("main", "scoped") and value in mains):
        return None  # only its own list shows which resources another key sees
    if role == "scoped" and value in mains:
        clause, kinds = FOREIGN_RESOURCE.about(operation, name=name), (link.denied if link else "no-access",)
        grounds = () if link else (_RESOURCE,)
        return _refusal(contract, operation, clause, kinds, others=_RESOURCE_STATUSES, grounds=grounds)
    if value == unknown_id(parameter, mains, traffic.seed):
        clause, kinds = UNKNOWN_RESOURCE.about(operation, name=name), (link.unknown if link else "not-found",)
        grounds = (parameter, *(() if link else (_RESOURCE,)))
        found = _refusal(contract, operation, clause, kinds, others=_RESOURCE_STATUSES, grounds=grounds)
        return found if mains or link else _open(found)
    if mains or own:
        unlisted = (link.unknown, link.denied) if link else ("not-found", "no-access")
        clause = UNKNOWN_RESOURCE.about(operation, name=name)
        return _open(_refusal(contract, operation, clause, unlisted, others=_RESOURCE_STATUSES))
    return _open(_success(operation, view))
