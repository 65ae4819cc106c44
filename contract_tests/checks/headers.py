"""A declared header: that it is sent, once, and keeps its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apicontract import Header, Operation, Response
from apicontract.parameters import parse_scalar, read_types
from apicontract.provenance import LEVELS
from contract_tests.checks.judgement import Judgement
from contract_tests.checks.provenance import provenance_at
from contract_tests.reading.traffic import View

JSON = Any


def header_sent(view: View, operation: Operation, response: Response, header: Header) -> Iterator[Judgement]:
    """Whether it is there where it must be, and well-formed. Several lines of one name are one list (RFC 9110, 5.3)."""
    lines = view.header_lines(header.name)
    text = ", ".join(lines) if lines else None
    detail = f"{response.status} {header.name}"
    wanted = header.required or bool(header.source)
    if text is None:
        if wanted and not _excused(header, view):
            yield Judgement(
                "CT108",
                operation.id,
                detail,
                f"{header.name} is sent",
                header.presence,
                False,
                (view.number,),
                f"the {view.status} has no {header.name}",
                "present",
                None,
            )
        return
    if wanted:
        yield Judgement("CT108", operation.id, detail, f"{header.name} is sent", header.presence, True, (view.number,))
    value = header_value(header, text)
    broken = [
        provenance_at(header.schema, (), header.provenance, str(list(error.schema_path)[-1]), value)
        for error in header.schema.validator.iter_errors(value)
    ]
    yield Judgement(
        "CT109",
        operation.id,
        detail,
        f"{header.name} keeps its schema",
        min(broken, key=lambda level: LEVELS.index(level.level), default=header.provenance),
        not broken,
        (view.number,),
        f"{header.name}: {text!r} is not {header.schema.expected}",
        header.schema.expected,
        text,
    )


def _excused(header: Header, view: View) -> bool:
    """Month's figures where a key has no monthly quota."""
    return header.source.startswith("month.") and view.role not in ("main", "limited", "exhausted")


def header_value(header: Header, text: str) -> JSON:
    """A header's text as its schema's type."""
    try:
        return parse_scalar(text.strip(), read_types(header.schema.resolved))
    except ValueError:
        return text
