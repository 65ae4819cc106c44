"""A body by itself: its content type, that it can be read, its schema."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message

from apicontract import Operation, Response, Schema
from apicontract.directions import list_violations
from apicontract.parameters import essence_of, is_in_range
from contract_tests.checks.provenance import fact_at
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.records import excerpt
from contract_tests.reading.traffic import View

CONTENT_TYPE = Clause("CT104", "{status} content type", "the content type is declared")
JSON_BODY = Clause("CT105", "{status} body", "the body is JSON")
SCHEMA = Clause("CT106", "{status} {place}", "the body of a {status} matches its schema")
_CHARSETS = ("", "utf-8", "utf8", "us-ascii")


def body(view: View, operation: Operation, response: Response) -> Iterator[Judgement]:
    """Judge the body of an answer by what the contract declares for its status."""
    if not response.content:
        return
    seen = (view.header("content-type") or "").strip()
    essence = essence_of(seen)
    declared = [entry.name for entry in response.content]
    media = next((entry for entry in response.content if is_in_range(essence, entry.name)), None)
    yield CONTENT_TYPE.about(operation, response, status=response.status).holds(
        media is not None,
        view,
        message=f"the {view.status} has the content type {seen or '(none)'!r}, declared: {', '.join(declared)}",
        expected=declared,
        seen=seen,
    )
    media = media or response.media
    if media is None or not media.is_json:
        return
    clause = JSON_BODY.about(operation, response, status=response.status)
    answer = view.exchange.response
    if answer is not None and answer.truncated:
        yield clause.unknown("the body is too large to be read whole")
        return
    charset = _charset_of(seen)
    yield clause.holds(
        view.has_json and charset in _CHARSETS,
        view,
        message=f"the body of the {view.status} is not JSON",
        expected="JSON",
        seen=excerpt(answer.body[:120] if answer else b""),
    )
    if view.has_json and media.schema is not None:
        yield from _schema(view, operation, response, media.schema)


def _charset_of(content_type: str) -> str:
    """Return the `charset` of a content type, in lower case; empty where it has none."""
    header = Message()
    header["content-type"] = content_type
    return str(header.get_content_charset(""))


def _schema(view: View, operation: Operation, response: Response, schema: Schema) -> Iterator[Judgement]:
    seen: set[str] = set()
    left = {violation.path for violation in list_violations(schema, view.json, "response")}
    for violation in schema.violations(view.json) if left else ():
        if violation.is_missing and violation.path not in left:  # `writeOnly`, which no answer has
            continue
        place = ".".join("*" if isinstance(step, int) else step for step in violation.path)
        if place in seen:
            continue
        seen.add(place)
        fact = fact_at(schema, violation.path, response.provenance, violation.keyword, violation.provided)
        yield SCHEMA.about(operation, fact, status=response.status, place=place or "body").holds(
            False,
            view,
            message=f"the {view.status}, {place or 'its body'}: {violation.message}"[:300],
            expected=violation.expected,
            seen=excerpt(violation.provided),
        )
    whole = SCHEMA.about(operation, response, status=response.status, place="schema")
    yield whole.holds(
        None if seen else True, view, reason="a part of the body violates the schema; that part is a clause of its own"
    )
