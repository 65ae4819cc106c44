"""A declared header: that it is sent and matches its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apicontract import Fact, Header, Operation, Response
from apicontract.provenance import LEVELS, below
from contract_tests.checks.provenance import fact_at
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.traffic import View

JSON = Any
SENT = Clause("CT108", "{status} {name}", "{name} is sent")
WELL_FORMED = Clause("CT109", "{status} {name}", "{name} matches its schema")


def header_sent(view: View, operation: Operation, response: Response, header: Header) -> Iterator[Judgement]:
    """Judge one declared header. Several lines of one name are one list (RFC 9110, section 5.3)."""
    lines = view.header_lines(header.name)
    sent = SENT.about(operation, presence_of(header), status=response.status, name=header.name)
    wanted = header.required or bool(header.source)
    if not lines:
        if wanted and not _excused(header, view):
            yield sent.holds(False, view, message=f"the {view.status} has no {header.name}", expected="present")
        return
    if wanted:
        yield sent.holds(True, view)
    text = ", ".join(lines)
    value = header_value(header, text)
    broken = [
        fact_at(header.schema, (), header.provenance, violation.keyword, value)
        for violation in header.schema.violations(value)
    ]
    surest = min(broken, key=lambda fact: LEVELS.index(fact.provenance.level), default=header)
    yield WELL_FORMED.about(operation, surest, status=response.status, name=header.name).holds(
        not broken,
        view,
        message=f"{header.name}: {text!r} is not {header.schema.expected}",
        expected=header.schema.expected,
        seen=text,
    )


def presence_of(header: Header) -> Fact:
    """Return the fact that a header is always sent."""
    return Fact(below(header.pointer, "required"), header.presence)


def _excused(header: Header, view: View) -> bool:
    """Return whether a header may be missing: the month's figures, for a key that may have no monthly quota."""
    return header.source.startswith("month.") and view.role not in ("main", "limited", "exhausted")


def header_value(header: Header, text: str) -> JSON:
    """Return a header's text as a value of its schema's type; the text itself where it is none."""
    try:
        return header.read(text)
    except ValueError:
        return text
