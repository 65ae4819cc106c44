"""The result as one page that a person wants to read. It needs no network and runs no script."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2

from contract_tests.exchange import NOT_JSON, Exchange
from contract_tests.finding import Clause, Finding, Outcome, Result, Severity
from contract_tests.report.background import Background
from contract_tests.report.wording import (
    OUTCOMES,
    SEVERITIES,
    SYMBOLS,
    VERDICTS,
    by_operation,
    duration,
    grouped,
    message_of,
    one_line,
    operation_name,
    several,
    shown,
    tally,
    visible,
)

JSON = Any
_LONGEST = 6_000
_FEW = 6
"""Findings whose exchanges stand open; more would hide each other."""
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
_GRAVITY: tuple[Outcome, ...] = ("fail", "inconclusive", "pass")


@dataclass(frozen=True, slots=True)
class Message:
    """One side of an exchange: its first line, headers and body as they are shown."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Sight:
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
    sights: tuple[Sight, ...]
    others: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the coverage grid. Without an outcome: the contract has no such clause."""

    area: str
    outcome: Outcome | None
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """One operation: its fields in the grid, and its clauses."""

    anchor: str
    name: str
    cells: tuple[Cell, ...]
    clauses: tuple[Clause, ...]
    counts: Mapping[Outcome, int]


def render(result: Result, background: Background) -> str:
    """The HTML report."""
    counts = tally(result)
    columns = _columns(result)
    cards = _cards(result.findings, background)
    groups = [
        (severity, _GROUPS[severity], [card for card in cards if card.finding.severity == severity])
        for severity in SEVERITIES
    ]
    reasons = Counter(
        clause.reason or "not checked" for clause in result.clauses if clause.outcome == "inconclusive"
    ).most_common()
    return _PAGE.render(
        result=result,
        headline=VERDICTS[result.verdict],
        mark={"conforms": "✓", "violates": "✗", "inconclusive": "?"}[result.verdict],
        sentence=_sentence(result),
        counts=counts.clauses,
        shares=_shares(counts.clauses),
        groups=[group for group in groups if group[2]],
        found=counts.findings,
        unfold=len(cards) <= _FEW,
        accepted=_cards(result.accepted, background),
        columns=[_AREAS[column] for column in columns],
        rows=_rows(result, columns),
        reasons=reasons,
        symbols=SYMBOLS,
        outcomes=OUTCOMES,
        areas=_AREAS,
        started=background.started.strftime("%Y-%m-%d %H:%M UTC"),
        duration=duration(result.seconds),
        several=several,
    )


def _sentence(result: Result) -> str:
    counts = tally(result)
    total = sum(counts.clauses.values())
    checked = counts.clauses["pass"] + counts.clauses["fail"]
    parts = [f"{checked} of {several(total, 'clause')} checked with {several(result.requests, 'request')}"]
    names = {"error": "error", "warning": "warning", "info": "note"}
    found = [
        several(counts.findings[severity], names[severity]) for severity in SEVERITIES if counts.findings[severity]
    ]
    parts.append(", ".join(found) if found else "no findings")
    if result.accepted:
        parts.append(f"{several(len(result.accepted), 'finding')} accepted by the baseline")
    return "; ".join(parts) + "."


def _shares(counts: Mapping[Outcome, int]) -> list[tuple[Outcome, int, float]]:
    """Outcome, count, and share in per cent, for the bar."""
    total = sum(counts.values())
    return [(outcome, counts[outcome], round(100 * counts[outcome] / total, 3)) for outcome in OUTCOMES if total]


def _columns(result: Result) -> list[str]:
    used = {clause.area for clause in result.clauses}
    used |= {area for areas in result.coverage.values() for area in areas}  # type: ignore[misc]
    return [area for area in _AREAS if area in _ALWAYS or area in used]


def _rows(result: Result, columns: Sequence[str]) -> list[Row]:
    clauses = by_operation(result.clauses)
    rows = []
    for index, operation in enumerate(dict.fromkeys([*result.coverage, *clauses]), 1):
        own = clauses.get(operation, [])
        areas = result.coverage.get(operation) or _counted(own)
        rows.append(
            Row(
                anchor=f"operation-{index}",
                name=operation_name(operation),
                cells=tuple(_cell(column, areas.get(column) or {}) for column in columns),
                clauses=tuple(sorted(own, key=lambda clause: _GRAVITY.index(clause.outcome))),
                counts=Counter(clause.outcome for clause in own),
            )
        )
    return rows


def _counted(clauses: Sequence[Clause]) -> Mapping[str, Mapping[Outcome, int]]:
    found: dict[str, Counter[Outcome]] = {}
    for clause in clauses:
        found.setdefault(clause.area, Counter())[clause.outcome] += 1
    return found


def _cell(area: str, counts: Mapping[Outcome, int]) -> Cell:
    outcome = next((outcome for outcome in _GRAVITY if counts.get(outcome)), None)
    if outcome is None:
        return Cell(area, None, "", f"{_AREAS[area]}: no clause")
    text = "\u2002".join(f"{SYMBOLS[each]}\u00a0{counts[each]}" for each in _GRAVITY if counts.get(each))
    words = {"pass": "hold", "fail": "broken", "inconclusive": "inconclusive"}
    said = ", ".join(f"{counts[each]} {words[each]}" for each in _GRAVITY if counts.get(each))
    return Cell(area, outcome, text, f"{_AREAS[area]}: {said}")


def _cards(findings: Sequence[Finding], background: Background) -> list[Card]:
    return [_card(group, index, background) for index, group in enumerate(grouped(findings), 1)]


def _card(group: Sequence[Finding], index: int, background: Background) -> Card:
    finding = group[0]
    sights = [_sight(background.by_number[n]) for n in finding.exchanges[:4] if n in background.by_number]
    return Card(
        anchor=f"finding-{index}",
        finding=finding,
        message=visible(message_of(finding)),
        operation=operation_name(finding.operation),
        expected=_short(shown(finding.expected)),
        seen=_short(shown(finding.seen)),
        sights=tuple(sights),
        others=tuple(
            (visible(message_of(other)), _short(shown(other.expected), 400), _short(shown(other.seen), 400))
            for other in group[1:]
        ),
    )


def _sight(exchange: Exchange) -> Sight:
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
    return Sight(
        title=f"{exchange.number} · {request.method} {one_line(path, 160)} → {outcome} · {milliseconds:.0f} ms",
        purpose=request.purpose,
        sent=Message(f"{request.method} {path}", request.headers, _short(_text(request.body))),
        received=received,
        failure=exchange.failure,
    )


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _short(text: str, limit: int = _LONGEST) -> str:
    text = visible(text)
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
