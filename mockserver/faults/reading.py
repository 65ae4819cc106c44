"""Parse faults: from JSON or YAML objects, and from one line of text in a header or on the command line.

{"operation": "…", "fault": "CONNECTION_RESET_BY_PEER", "times": 1, "every": 3, "probability": 0.2, "seed": 1}
CONNECTION_RESET_BY_PEER; times=1; every=3
429; retry_after=2
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apicontract.suggestion import suggest
from mockserver.faults import fault as words
from mockserver.faults.documented import is_applicable
from mockserver.faults.fault import MAX_DELAY_MS, WORDS, Delay, Dribble, Fault
from mockserver.faults.rule import FaultRule
from mockserver.faults.target import Target
from mockserver.faults.when import When
from mockserver.form import BadInputError, Form
from mockserver.pipeline.api import Api
from mockserver.pipeline.chosen import possible_errors

__all__ = ["EXEMPT", "BadInputError", "FaultRule", "read_request_fault", "read_rule", "text_members"]

JSON = Any
TARGET_MEMBERS = ("operation", "method", "path", "key")
WHEN_MEMBERS = ("times", "every", "after", "probability", "seed", "from", "until", "seconds")
FAULT_MEMBERS = (
    "fault",
    "status",
    "error",
    "retry_after",
    "skew",
    "fraction",
    "seed",
    "fixedDelayMilliseconds",
    "delayDistribution",
    "chunkedDribbleDelay",
)
RULE_MEMBERS = tuple(dict.fromkeys(("operation", "fault", *TARGET_MEMBERS, *WHEN_MEMBERS, *FAULT_MEMBERS)))
BIG = 1_000_000_000
EXEMPT = Fault(word="", seed=-1)
"""`X-Mock-Fault: none`: no fault rule applies to the request."""
_STATUS = re.compile(r"[45][0-9][0-9]")
_CALL = re.compile(r"(fixed|uniform|lognormal|chunkedDribbleDelay)\(([^()]*)\)")


def read_rule(value: JSON, apis: Sequence[Api], now: float) -> FaultRule:
    """Read a fault rule. `now`: the start of `seconds`, in epoch seconds.

    Raises:
        BadInputError: A member is not valid; the error has its name and valid values.
    """
    form = Form(value, RULE_MEMBERS)
    fault = read_fault(form)
    if fault == Fault(seed=fault.seed):
        needed = [*WORDS, "or status, error, fixedDelayMilliseconds, delayDistribution, chunkedDribbleDelay"]
        raise BadInputError("fault", "no fault is given", needed)
    target = read_target(form, apis)
    refuse_undocumented(fault, target, apis)
    return FaultRule(target, read_when(form, now), fault)


def read_fault(form: Form) -> Fault:
    """Read a fault; an object without one gives a fault without effect."""
    word = form.text("fault")
    status = form.integer("status", 400, 599) or 0
    error = form.text("error")
    if word and word.upper() in WORDS:
        word = word.upper()
    elif _STATUS.fullmatch(word):
        word, status = words.ERROR, status or int(word)
    elif word:
        word, error = words.ERROR, error or word
    elif status or error:
        word = words.ERROR
    if word == words.GATEWAY_ERROR:
        status = status or 502
        if status not in (502, 503, 504):
            raise BadInputError("status", f"GATEWAY_ERROR does not answer {status}", ["502", "503", "504"])
    elif (status or error) and word != words.ERROR:
        raise BadInputError("fault", f"{word} takes no status and no error", [words.ERROR])
    elif word == words.ERROR and not status and not error:
        raise BadInputError("status", "ERROR needs a status or an error", ["400 to 599", "an error's kind or code"])
    fraction = form.number("fraction", 0.0, 1.0)
    return Fault(
        word=word,
        status=status,
        error=error,
        retry_after=form.integer("retry_after", 1, 31_536_000),
        skew=_or(form.integer("skew", -31_536_000, 31_536_000), 3_600),
        fraction=0.5 if fraction is None else fraction,
        delay=_delay(form),
        dribble=_dribble(form),
        seed=form.integer("seed", 0, BIG) or 0,
    )


def read_when(form: Form, now: float) -> When:
    """Read the conditions of a rule; `seconds` counts from `from`, or from now."""
    since, until = form.instant("from"), form.instant("until")
    seconds = form.number("seconds", 0.001, BIG)
    if seconds is not None:
        if until is not None:
            raise BadInputError("seconds", "seconds and until exclude each other", ["seconds", "until"])
        until = (now if since is None else since) + seconds
    if since is not None and until is not None and until <= since:
        raise BadInputError("until", "until is not after from", ["an instant after from"])
    return When(
        times=form.integer("times", 1, BIG),
        every=form.integer("every", 1, BIG) or 1,
        after=form.integer("after", 0, BIG) or 0,
        probability=form.number("probability", 0.0, 1.0),
        seed=form.integer("seed", 0, BIG) or 0,
        since=since,
        until=until,
    )


def read_target(form: Form, apis: Sequence[Api]) -> Target:
    """Read the target of a rule. `path` is a path template of a contract, or a raw request path."""
    operation = form.text("operation")
    known = [operation.id for api in apis for operation in api.contract.operations]
    if operation and operation not in known:
        near = suggest(operation, known)
        raise BadInputError("operation", f"there is no operation {operation!r}{near}", dict.fromkeys(known))
    methods = sorted({operation.method for api in apis for operation in api.contract.operations} | {"HEAD"})
    method = form.text("method", methods) if apis else form.text("method")
    path = form.text("path", longest=2_000)
    operations = {operation} if operation else set()
    if path:
        templates = {route.path: route for api in apis for route in api.contract.router.routes}
        if path in templates:
            of_path = {operation.id for operation in templates[path].operations.values()}
            operations, path = (operations & of_path if operations else of_path), ""
            if not operations:
                raise BadInputError("path", f"{operation} is no operation of this path", sorted(of_path))
        elif not any(api.contract.router.find(path) for api in apis):
            raise BadInputError("path", f"no operation has the path {path!r}", templates)
    key = form.text("key")
    return Target(frozenset(operations), method, path, find_key_id(key, apis) if key else "")


def find_key_id(key: str, apis: Sequence[Api]) -> str:
    """Return the id of a key, given by its id or its secret.

    Raises:
        BadInputError: There is no such key; the error has the ids of all keys.
    """
    for api in apis:
        for known in api.keys.values():
            if key in (known.id, known.secret):
                return known.id
    raise BadInputError("key", "there is no such key", (known.id for api in apis for known in api.keys.values()))


def refuse_undocumented(fault: Fault, target: Target, apis: Sequence[Api]) -> None:
    """Check that at least one operation of the target documents the error of a fault.

    Raises:
        BadInputError: None does; the error has those that are documented.
    """
    meant = [
        endpoint
        for api in apis
        for endpoint in api.endpoints.values()
        if not target.operations or endpoint.operation.id in target.operations
    ]
    if any(is_applicable(fault, endpoint) for endpoint in meant):
        return
    valid = dict.fromkeys(name for endpoint in meant for name in possible_errors(endpoint))
    wanted = fault.error or str(fault.status or 429)
    if fault.error:
        near, known = suggest(wanted, [*WORDS, *valid]), [*WORDS, *valid]
        raise BadInputError("fault", f"there is no fault {wanted!r} and no such documented error{near}", known)
    raise BadInputError("status", f"the operations document no error {wanted}", valid)


def read_request_fault(headers: Mapping[bytes, bytes]) -> Fault:
    """Read `X-Mock-Fault` and `X-Mock-Delay` of a request. `headers`: lower-case names.

    Raises:
        BadInputError: A header is not valid; the error has its name and valid values.
    """
    text = headers.get(b"x-mock-fault", b"").decode("latin-1").strip()
    wait = headers.get(b"x-mock-delay", b"").decode("latin-1").strip()
    if text.lower() == "none" and not wait:
        return EXEMPT
    try:
        members = text_members(text) if text and text.lower() != "none" else {}
        fault = read_fault(Form(members, FAULT_MEMBERS))
    except BadInputError as error:
        raise error.inside("X-Mock-Fault") from None
    if not wait:
        return fault
    try:
        delay = _delay(Form({"delayDistribution": _value(wait)}, ("delayDistribution",)))
    except BadInputError:
        valid = [f"milliseconds from 0 to {MAX_DELAY_MS}", "uniform(100,300)", "lognormal(80,0.4)"]
        raise BadInputError("X-Mock-Delay", f"{wait!r} is not a delay", valid) from None
    return Fault(delay=delay).over(fault)


def text_members(text: str) -> dict[str, JSON]:
    """Parse `TYPE; name=value; name=value` into the members of a fault rule."""
    members: dict[str, JSON] = {}
    for part in text.split(";"):
        name, equals, value = part.strip().partition("=")
        call = _CALL.fullmatch(name)
        if equals:
            members[name.strip()] = _value(value.strip())
        elif call is not None:
            members["chunkedDribbleDelay" if call[1] == "chunkedDribbleDelay" else "delayDistribution"] = _value(name)
        elif name and "fault" not in members:
            members["fault"] = name
        elif name:
            raise BadInputError("", f"{name!r} is not name=value", [f"{known}=…" for known in RULE_MEMBERS])
    return members


def _value(text: str) -> JSON:
    call = _CALL.fullmatch(text)
    if call is not None:
        return _called(call[1], [part.strip() for part in call[2].split(",")])
    try:
        return (
            int(text) if re.fullmatch(r"[+-]?\d{1,15}", text) else float(text) if re.match(r"[\d.+-]", text) else text
        )
    except ValueError:
        return text


def _called(name: str, texts: Sequence[str]) -> JSON:
    members = {
        "fixed": ("milliseconds",),
        "uniform": ("lower", "upper"),
        "lognormal": ("median", "sigma"),
        "chunkedDribbleDelay": ("numberOfChunks", "totalDuration"),
    }[name]
    if len(texts) != len(members):
        raise BadInputError(
            name, f"{name} takes {len(members)} numbers, found {len(texts)}", [f"{name}({','.join(members)})"]
        )
    made = {member: _value(text) for member, text in zip(members, texts, strict=True)}
    return made if name == "chunkedDribbleDelay" else {"type": name, **made}


def _delay(form: Form) -> Delay | None:
    """Read WireMock's `fixedDelayMilliseconds` or `delayDistribution`."""
    fixed = form.number("fixedDelayMilliseconds", 0, MAX_DELAY_MS) if "fixedDelayMilliseconds" in form else None
    raw = form.raw("delayDistribution")
    if raw is None:
        return None if fixed is None else Delay("fixed", fixed)
    if fixed is not None:
        raise BadInputError(
            "delayDistribution",
            "fixedDelayMilliseconds and delayDistribution exclude each other",
            ["fixedDelayMilliseconds", "delayDistribution"],
        )
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raw = {"type": "fixed", "milliseconds": raw}
    try:
        given = Form(raw, ("type", "milliseconds", "lower", "upper", "median", "sigma"))
        kind = given.text("type", ("fixed", "uniform", "lognormal"))
        if kind == "fixed":
            return Delay(kind, _needed(given, "milliseconds", MAX_DELAY_MS))
        if kind == "lognormal":
            return Delay(kind, _needed(given, "median", MAX_DELAY_MS), _needed(given, "sigma", 10))
        if kind == "uniform":
            low, high = _needed(given, "lower", MAX_DELAY_MS), _needed(given, "upper", MAX_DELAY_MS)
            if high < low:
                raise BadInputError("upper", "upper is less than lower", [f"at least {low:g}"])
            return Delay(kind, low, high)
        raise BadInputError("type", "type is missing", ["fixed", "uniform", "lognormal"])
    except BadInputError as error:
        raise error.inside("delayDistribution") from None


def _dribble(form: Form) -> Dribble | None:
    raw = form.raw("chunkedDribbleDelay")
    if raw is None:
        return None
    try:
        given = Form(raw, ("numberOfChunks", "totalDuration"))
        chunks = given.integer("numberOfChunks", 1, 10_000)
        if chunks is None:
            raise BadInputError("numberOfChunks", "numberOfChunks is missing", ["a whole number from 1 to 10000"])
        return Dribble(chunks, _needed(given, "totalDuration", MAX_DELAY_MS))
    except BadInputError as error:
        raise error.inside("chunkedDribbleDelay") from None


def _needed(form: Form, name: str, high: float) -> float:
    value = form.number(name, 0, high)
    if value is None:
        raise BadInputError(name, f"{name} is missing", [f"a number from 0 to {high:g}"])
    return value


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
