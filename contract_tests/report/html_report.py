"""The result as one HTML page that needs no network and no script."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import jinja2

from apicontract.safetext.invisible import one_line, visible
from contract_tests.model.exchange import NOT_JSON, Exchange
from contract_tests.model.finding import CheckedClause, Finding, Result, Severity
from contract_tests.report.context import ReportContext
from contract_tests.report.facts import facts_of
from contract_tests.report.wording import (
    SEVERITIES,
    SYMBOLS,
    VERDICTS,
    by_operation,
    duration,
    grouped,
    message_of,
    operation_name,
    plural,
    shown,
    tally,
)

JSON = Any
_LONGEST = 6_000
_FEW = 6
"""Findings up to which all exchanges are unfolded."""
_AREAS = {
    "status": "Statuses",
    "parameter": "Parameters",
    "header": "Headers",
    "rule": "Rules",
    "schema": "Schemas",
    "security": "Security",
    "limit": "Limits",
    "list": "Lists",
    "tracking": "Tracking",
}
_ALWAYS = ("status", "parameter", "header", "rule")
_GROUPS: dict[Severity, str] = {"error": "These fail the run", "warning": "Warnings", "info": "For information"}
Shade = Literal["fail", "warned", "inconclusive", "pass"]
_GRAVITY: tuple[Shade, ...] = ("fail", "warned", "inconclusive", "pass")
_SYMBOLS = {**SYMBOLS, "warned": "!"}
_WORDS: dict[Shade, str] = {
    "pass": "hold",
    "warned": "broken without failing the run",
    "fail": "broken",
    "inconclusive": "inconclusive",
}
"""How a clause is shown: red fails the run, amber is worth a look."""


@dataclass(frozen=True, slots=True)
class Message:
    """One side of an exchange: its first line, headers and body as they are shown."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exchange as evidence."""

    title: str
    purpose: str
    sent: Message
    received: Message | None
    failure: str


@dataclass(frozen=True, slots=True)
class Card:
    """A finding with its evidence, and the others of the same check on the same operation."""

    anchor: str
    finding: Finding
    message: str
    operation: str
    expected: str
    seen: str
    evidence: tuple[Evidence, ...]
    others: tuple[tuple[str, str, str], ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the coverage grid. Without an outcome: the contract has no such clause."""

    area: str
    shade: Shade | None
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """One operation: its fields in the grid, and its clauses."""

    anchor: str
    name: str
    cells: tuple[Cell, ...]
    clauses: tuple[tuple[Shade, CheckedClause], ...]
    counts: Mapping[Shade, int]


def render(result: Result, context: ReportContext) -> str:
    """Return the HTML report."""
    counts = tally(result)
    columns = _columns(result)
    rows = _rows(result, columns)
    cards = _cards(result.findings, context)
    groups = [
        (severity, _GROUPS[severity], [card for card in cards if card.finding.severity == severity])
        for severity in SEVERITIES
    ]
    reasons = Counter(
        clause.reason or "not checked" for clause in result.clauses if clause.outcome == "inconclusive"
    ).most_common()
    page = _PAGE.render(
        result=result,
        headline=VERDICTS[result.verdict],
        mark={"conforms": "✓", "violates": "✗", "inconclusive": "?"}[result.verdict],
        sentence=_sentence(result),
        shares=_shares(result),
        groups=[group for group in groups if group[2]],
        found=counts.findings,
        unfold=len(cards) <= _FEW,
        accepted=_cards(result.accepted, context),
        hints=_cards(result.hints, context),
        columns=[_AREAS[column] for column in columns],
        rows=rows,
        reasons=reasons,
        symbols=_SYMBOLS,
        words=_WORDS,
        shades=_GRAVITY,
        areas=_AREAS,
        started=context.started.strftime("%Y-%m-%d %H:%M UTC"),
        duration=duration(result.seconds),
        plural=plural,
    )
    return visible(page)


def _sentence(result: Result) -> str:
    counts = tally(result)
    total = sum(counts.clauses.values())
    checked = counts.clauses["pass"] + counts.clauses["fail"]
    parts = [f"{checked} of {plural(total, 'clause')} checked with {plural(result.requests, 'request')}"]
    names = {"error": "error", "warning": "warning", "info": "note"}
    found = [plural(counts.findings[severity], names[severity]) for severity in SEVERITIES if counts.findings[severity]]
    parts.append(", ".join(found) if found else "no findings")
    if result.accepted:
        parts.append(f"{plural(len(result.accepted), 'finding')} accepted by the baseline")
    return "; ".join(parts) + "."


def _shade(clause: CheckedClause, grave: frozenset[str]) -> Shade:
    return "warned" if clause.outcome == "fail" and clause.id not in grave else clause.outcome


def _grave(result: Result) -> frozenset[str]:
    """Return the clauses whose violation fails the run."""
    return frozenset(finding.clause.id for finding in result.findings if finding.severity == "error")


def _shares(result: Result) -> list[tuple[Shade, int, float]]:
    """Return the shades of the bar, with the number of clauses and their share in per cent."""
    grave = _grave(result)
    counts = Counter(_shade(clause, grave) for clause in result.clauses)
    total = sum(counts.values())
    order: tuple[Shade, ...] = ("pass", "warned", "fail", "inconclusive")
    return [
        (shade, counts[shade], round(100 * counts[shade] / total, 3))
        for shade in order
        if total and (counts[shade] or shade != "warned")
    ]


def _columns(result: Result) -> list[str]:
    used = {clause.area for clause in result.clauses}
    used |= {area for areas in result.coverage.values() for area in areas}  # type: ignore[misc]
    return [area for area in _AREAS if area in _ALWAYS or area in used]


def _rows(result: Result, columns: Sequence[str]) -> list[Row]:
    grave = _grave(result)
    clauses = by_operation(result.clauses)
    rows = []
    for index, operation in enumerate(dict.fromkeys([*result.coverage, *clauses]), 1):
        own = [(_shade(clause, grave), clause) for clause in clauses.get(operation, [])]
        areas: dict[str, Counter[Shade]] = {}
        for shade, clause in own:
            areas.setdefault(clause.area, Counter())[shade] += 1
        rows.append(
            Row(
                anchor=f"operation-{index}",
                name=operation_name(operation),
                cells=tuple(_cell(column, areas.get(column) or {}) for column in columns),
                clauses=tuple(sorted(own, key=lambda pair: _GRAVITY.index(pair[0]))),
                counts=Counter(shade for shade, _ in own),
            )
        )
    return rows


def _cell(area: str, counts: Mapping[Shade, int]) -> Cell:
    shade = next((shade for shade in _GRAVITY if counts.get(shade)), None)
    if shade is None:
        return Cell(area, None, "", f"{_AREAS[area]}: no clause")
    text = "\u2002".join(f"{_SYMBOLS[each]}\u00a0{counts[each]}" for each in _GRAVITY if counts.get(each))
    said = ", ".join(f"{counts[each]} {_WORDS[each]}" for each in _GRAVITY if counts.get(each))
    return Cell(area, shade, text, f"{_AREAS[area]}: {said}")


def _cards(findings: Sequence[Finding], context: ReportContext) -> list[Card]:
    return [_card(group, index, context) for index, group in enumerate(grouped(findings), 1)]


def _card(group: Sequence[Finding], index: int, context: ReportContext) -> Card:
    finding = group[0]
    evidence = [_evidence_of(context.by_number[n]) for n in finding.exchanges[:4] if n in context.by_number]
    return Card(
        anchor=f"finding-{index}",
        finding=finding,
        message=message_of(finding),
        operation=operation_name(finding.operation),
        expected=_short(shown(finding.expected)),
        seen=_short(shown(finding.seen)),
        evidence=tuple(evidence),
        others=tuple(
            (message_of(other), _short(shown(other.expected), 400), _short(shown(other.seen), 400))
            for other in group[1:]
        ),
        facts=(*(str(fact) for fact in facts_of(finding, context)), *finding.clause.guesses),
    )


def _evidence_of(exchange: Exchange) -> Evidence:
    request, response = exchange.request, exchange.response
    parts = urlsplit(request.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    outcome = str(response.status) if response else "no answer"
    milliseconds = exchange.seconds * 1000
    received = None
    if response is not None:
        parsed = response.json
        body = json.dumps(parsed, ensure_ascii=False, indent=2) if parsed is not NOT_JSON else _text(response.body)
        received = Message(f"HTTP {response.status}", response.headers, _short(body))
    return Evidence(
        title=f"{exchange.number} · {request.method} {one_line(path, 160)} → {outcome} · {milliseconds:.0f} ms",
        purpose=request.purpose,
        sent=Message(f"{request.method} {path}", request.headers, _short(_text(request.body))),
        received=received,
        failure=exchange.failure,
    )


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _short(text: str, limit: int = _LONGEST) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… {len(text) - limit} more characters; other reports have them"


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGE = _ENVIRONMENT.get_template("report.html")
