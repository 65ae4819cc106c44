"""Errors of a document without `x-errors`: its own response, in its own schema, with what was wrong in it."""

from __future__ import annotations

import http
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from apicontract.errors import ErrorKind
from apicontract.operations import MediaType, Operation, Response
from apicontract.schemas import Schema
from apicontract.styles import item_schema, member_names, member_schema, read_types
from apicontract.template import fill_text
from apicontract.values import make_value
from mockserver.pipeline.negotiation import default_choice, negotiate
from mockserver.pipeline.problem import Detail, Problem
from mockserver.pipeline.representation import encode, represent

JSON = Any
_INVALID = frozenset({"invalid-parameter", "invalid-body"})
_PRIMARY = ("message", "detail", "errormessage", "errordescription", "description", "msg", "reason", "error", "title")
_SECONDARY = frozenset({"title", "error", "reason", "name"})
_STATUSES = frozenset({"status", "statuscode", "code", "httpstatus", "httpcode"})
_CODES = frozenset({"code", "errorcode", "type", "rule", "keyword", "kind", "error"})
_LISTS = frozenset(
    {
        "errors",
        "violations",
        "details",
        "detail",
        "issues",
        "invalidparams",
        "validationerrors",
        "fields",
        "fielderrors",
    }
)
_PLACES = frozenset(
    {"field", "path", "property", "param", "parameter", "name", "pointer", "location", "loc", "source", "attribute"}
    | {"key", "target", "domain"}
)
_SENT = frozenset({"value", "input", "rejectedvalue", "provided", "received"})
_DEEPEST = 4
_PROBLEM = "application/problem+json"
_LONGEST_RULE = 500
_NO_HEADER = re.compile(r"[^\x20-\x7e\xa0-\xff]+")


class Declared(NamedTuple):
    """A complete error. `content_type` is empty if it has no body; `rule` tells in a header what was wrong."""

    status: int
    content_type: str
    body: bytes
    rule: bytes


def refuse_as_declared(operation: Operation | None, kind: ErrorKind, problem: Problem, accept: str) -> Declared:
    """Return the error that an operation declares for a problem, else problem details (RFC 9457).

    Its media type is one that the client accepts, if there is one, else the first.
    """
    status, response = _find_response(operation, problem, kind.status)
    told = Told(status, problem.kind, _message(kind, problem), problem.details)
    rule = _NO_HEADER.sub(" ", f"{problem.kind}: {told.message}")[:_LONGEST_RULE].encode("latin-1", "replace")
    if response is None:
        return Declared(status, _PROBLEM, encode(told.as_problem()), rule)
    chosen = negotiate(response.content, accept) or default_choice(response.content)
    if chosen is None:
        return Declared(status, "", b"", rule)
    media = chosen.media
    value = _value(response, media.schema, media.examples, told)
    return Declared(status, *represent(value, chosen.content_type, media.schema), rule)


def undetailed_error(status: int, response: Response, media: MediaType) -> JSON:
    """Return the body of an error that was asked for, and so has no mistake to tell."""
    told = Told(status, "", "", ())
    told.message, told.code = told.phrase, told.phrase.lower().replace(" ", "_")
    return _value(response, media.schema, media.examples, told)


def _find_response(operation: Operation | None, problem: Problem, status: int) -> tuple[int, Response | None]:
    """Return the status and the response for a problem; None if the operation declares no response for it."""
    if operation is None:
        return status, None
    if problem.kind in _INVALID:
        status = next((each for each in (422, 400) if str(each) in operation.responses), 400)
    return status, operation.response(status)


def _value(response: Response, schema: Schema | None, examples: Mapping[str, JSON], told: Told) -> JSON:
    """Return the body of a declared error: its example or a made value, with what was wrong where it has room."""
    example = next(iter(examples.values()), None)
    if example is not None and not told.details:
        return example
    if schema is None:
        return example if example is not None else told.as_object()
    made = make_value(schema, f"{response.status}/{response.description}", brief=True) if example is None else example
    return _fill(made, schema.node, schema, told, 0)


def _message(kind: ErrorKind, problem: Problem) -> str:
    """Return the message of a problem: all mistakes of an invalid request, else the text of its kind."""
    if not problem.details:
        return fill_text(kind.message, problem.values)
    return "; ".join(f"{each.place} {each.message}" for each in problem.details)


class Told:
    """What an error has to say: its status, kind and message, and the mistakes of an invalid request."""

    def __init__(self, status: int, kind: str, message: str, details: Sequence[Detail]) -> None:
        self.status, self.code, self.message, self.details = status, kind.replace("-", "_"), message, details
        try:
            self.phrase = http.HTTPStatus(status).phrase
        except ValueError:
            self.phrase = message

    def as_problem(self) -> dict[str, JSON]:
        """Return all of it as problem details (RFC 9457)."""
        whole = {"title": self.message, "status": self.status, "code": self.code}
        return {**whole, "errors": list_details(self.details)} if self.details else whole

    def as_object(self) -> dict[str, JSON]:
        """Return all of it, for a schema that accepts any object."""
        whole = {"title": self.phrase, "status": self.status, "detail": self.message}
        return {**whole, "errors": list_details(self.details)} if self.details else whole


def list_details(details: Sequence[Detail]) -> list[JSON]:
    """Return mistakes as JSON."""
    return [
        {"location": each.location, "path": ".".join(map(str, each.path)), "message": each.message} for each in details
    ]


def _fill(value: JSON, node: JSON, whole: Schema, told: Told, depth: int) -> JSON:
    """Return a value with the members that a schema has room for; each is kept only if it is valid."""
    resolve = whole.document.resolve
    schema = Schema(node, whole.document)
    if isinstance(value, str):
        return told.message if schema.is_valid(told.message) else value
    if isinstance(value, list):
        listed = _list(item_schema(node, resolve), whole, told)
        return listed if listed and schema.is_valid(listed) else value
    if not isinstance(value, dict) or depth > _DEEPEST:
        return value
    names = {name: _plain(name) for name in [*member_names(node, resolve), *value]}
    if not names:
        return told.as_object() if schema.is_valid(told.as_object()) else value
    value = dict(value)
    primary = min(
        (name for name in names if names[name] in _PRIMARY and _takes(node, name, "string", resolve)),
        key=lambda name: _PRIMARY.index(names[name]),
        default=None,
    )
    for name, plain in names.items():
        member = member_schema(node, name, resolve)
        for candidate in _candidates(name == primary, plain, member, value.get(name), whole, told, depth):
            if Schema(member, whole.document).is_valid(candidate):
                value[name] = candidate
                break
    return value


def _candidates(
    is_primary: bool, plain: str, node: JSON, value: JSON, whole: Schema, told: Told, depth: int
) -> list[JSON]:
    kinds = read_types(node, whole.document.resolve)
    found: list[JSON] = []
    if is_primary:
        found.append(told.message)
    if plain in _STATUSES and kinds & {"integer", "number"}:
        found.append(told.status)
    if plain in _STATUSES and not is_primary and plain != "code":
        found.append(str(told.status))
    if plain in _CODES and not is_primary:
        found.append(told.code)
    if plain in _SECONDARY and not is_primary:
        found.append(told.phrase)
    if plain in _LISTS and "array" in kinds and (told.details or value is not None):
        found.append(_list(item_schema(node, whole.document.resolve), whole, told))
    if plain in _LISTS and "object" in kinds and told.details:
        found += [{each.place: [each.message] for each in told.details}, {e.place: e.message for e in told.details}]
    has_members = bool(member_names(node, whole.document.resolve))
    if has_members and "object" in kinds and (isinstance(value, dict) or plain in ("error", *_LISTS)):
        made = value if isinstance(value, dict) else make_value(Schema(node, whole.document), plain, brief=True)
        found.insert(0, _fill(made, node, whole, told, depth + 1))
    return found


def _list(node: JSON, whole: Schema, told: Told) -> list[JSON]:
    return [_item(node, whole, told, each) for each in told.details]


def _item(node: JSON, whole: Schema, told: Told, detail: Detail) -> JSON:
    """Return one mistake as the items of a list of errors describe it."""
    schema, resolve = Schema(node, whole.document), whole.document.resolve
    kinds = read_types(node, resolve)
    if "string" in kinds or (not kinds and not member_names(node, resolve)):
        return f"{detail.place} {detail.message}"
    made = make_value(schema, detail.place, brief=True)
    if not isinstance(made, dict):
        return made
    value = dict(made)
    steps = [detail.location, *detail.path]
    places: list[JSON] = [detail.place, steps, list(map(str, steps)), {"pointer": "/" + "/".join(map(str, steps))}]
    code = "required" if detail.is_missing else "invalid"
    for name in dict.fromkeys([*member_names(node, resolve), *made]):
        plain, member = _plain(name), member_schema(node, name, resolve)
        options: list[JSON] = []
        if plain in _PRIMARY:
            options.append(detail.message)
        if plain in _PLACES:
            options += [detail.location] if plain == "location" else places
        if plain in _CODES:
            options.append(code)
        if plain in _STATUSES:
            options += [told.status, str(told.status)]
        if plain in _SENT:
            options.append(detail.provided)
        valid = [option for option in options if Schema(member, whole.document).is_valid(option)]
        if valid:
            value[name] = valid[0]
    return value if schema.is_valid(value) else made


def _takes(node: JSON, name: str, kind: str, resolve: Any) -> bool:
    kinds = read_types(member_schema(node, name, resolve), resolve)
    return not kinds or kind in kinds


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
