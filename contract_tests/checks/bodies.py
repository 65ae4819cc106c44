"""A body by itself: its content type, that it can be read, its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apicontract import Operation, Response, Schema
from contract_tests.checks.judgement import Judgement, shown
from contract_tests.checks.provenance import provenance_at
from contract_tests.reading.traffic import View

JSON = Any


def body(view: View, operation: Operation, response: Response) -> Iterator[Judgement]:
    if not response.content:
        return
    seen = (view.header("content-type") or "").strip()
    essence = seen.partition(";")[0].strip().lower()
    media = next((entry for entry in response.content if _falls_under(essence, entry.name)), None)
    detail = f"{response.status} content type"
    yield Judgement(
        "CT104",
        operation.id,
        detail,
        "the content type is a declared one",
        response.provenance,
        media is not None,
        (view.number,),
        f"the {view.status} has the content type {seen or '(none)'!r}",
        [entry.name for entry in response.content],
        seen,
    )
    charset = seen.lower().partition("charset=")[2].strip('" ')
    media = media or response.media
    if media is None or not media.is_json:
        return
    if view.exchange.response is not None and view.exchange.response.cut:
        detail, why = f"{response.status} body", "the body is too large to be read whole"
        yield Judgement("CT105", operation.id, detail, "the body is JSON", response.provenance, None, reason=why)
        return
    readable = view.has_json and charset in ("", "utf-8", "utf8", "us-ascii")
    yield Judgement(
        "CT105",
        operation.id,
        f"{response.status} body",
        "the body is JSON",
        response.provenance,
        readable,
        (view.number,),
        f"the body of the {view.status} is no JSON",
        "JSON",
        shown(view.exchange.response.body[:120] if view.exchange.response else b""),
    )
    if view.has_json and media.schema is not None:
        yield from _schema(view, operation, response, media.schema)


def _falls_under(essence: str, declared: str) -> bool:
    pattern = declared.partition(";")[0].strip().lower()
    return pattern in (essence, "*/*") or (pattern.endswith("/*") and essence.startswith(pattern[:-1]))


def _schema(view: View, operation: Operation, response: Response, schema: Schema) -> Iterator[Judgement]:
    statement = f"the body of the {response.status} keeps its schema"
    seen: set[str] = set()
    for violation, error in zip(schema.violations(view.json), schema.validator.iter_errors(view.json), strict=True):
        place = ".".join("*" if isinstance(step, int) else step for step in violation.path)
        if place in seen:
            continue
        seen.add(place)
        keyword = str(list(error.schema_path)[-1])
        provenance = provenance_at(schema, violation.path, response.provenance, keyword, violation.provided)
        yield Judgement(
            "CT106",
            operation.id,
            f"{response.status} {place or 'body'}",
            statement,
            provenance,
            False,
            (view.number,),
            f"the {view.status}, {place or 'its body'}: {violation.message}"[:300],
            violation.expected,
            shown(violation.provided),
        )
    yield Judgement(
        "CT106",
        operation.id,
        f"{response.status} schema",
        statement,
        response.provenance,
        None if seen else True,
        (view.number,),
        reason="broken in a part, see its own clause",
    )
