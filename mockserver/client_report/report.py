"""The client report: one verdict for each client and clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.client_report.clauses import CLAUSES
from mockserver.client_report.coverage import DocumentedError, coverage
from mockserver.client_report.knowledge import Knowledge
from mockserver.client_report.ruling import SHOWN, Evidence, Ruling, Verdict
from mockserver.journal.entry import Entry

JSON = Any


@dataclass(frozen=True, slots=True)
class ClientReport:
    """The report on one client. `lines`: its journal entries as text, by number.

    `key`: an id, `key_label`: the name of that key.
    """

    test_id: str
    key: str
    key_label: str
    user_agent: str
    requests: int
    rulings: tuple[Ruling, ...]
    errors: tuple[DocumentedError, ...]
    lines: dict[int, str]

    @property
    def verdict(self) -> Verdict:
        """Fail if a clause failed, else pass if one passed, else not seen."""
        verdicts = {ruling.verdict for ruling in self.rulings}
        return next((one for one in (Verdict.FAIL, Verdict.PASS) if one in verdicts), Verdict.NOT_SEEN)

    @property
    def name(self) -> str:
        """The name of the client in messages."""
        parts = [self.key and f"key {self.key_label}", self.user_agent, self.test_id and f"test {self.test_id}"]
        return ", ".join(part for part in parts if part) or "a client without key or user agent"


def client_reports(entries: Sequence[Entry], knowledge: Knowledge) -> list[ClientReport]:
    """Report on each client, in the order of their first requests. Clients differ in test, key or user agent.

    A request without a key belongs to the client with the same user agent, if that has only one key. Requests of
    contracts that are not served (a shared journal may hold those of servers that ran before) are left out.
    """
    entries = [entry for entry in entries if not entry.contract or entry.contract in knowledge.served]
    keys: dict[tuple[str, str], set[str]] = {}
    for entry in entries:
        if entry.key:
            keys.setdefault((entry.test_id, entry.user_agent), set()).add(entry.key)
    clients: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.started):
        known = keys.get((entry.test_id, entry.user_agent), set())
        key = entry.key or (next(iter(known)) if len(known) == 1 else "")
        clients.setdefault((entry.test_id, key, entry.user_agent), []).append(entry)
    return [
        ClientReport(
            test_id,
            key,
            knowledge.keys.get(key, key),
            user_agent,
            len(mine),
            tuple(clause.rule(mine, knowledge) for clause in CLAUSES),
            tuple(coverage(mine, knowledge)),
            {entry.number: entry.line for entry in mine},
        )
        for (test_id, key, user_agent), mine in clients.items()
    ]


def as_json(reports: Iterable[ClientReport], *, dropped: int = 0) -> dict[str, JSON]:
    """Return the reports as JSON. `dropped`: entries that the journal no longer has, and no report includes."""
    clients = list(reports)
    failed = sum(report.verdict is Verdict.FAIL for report in clients)
    verdict = Verdict.FAIL if failed else Verdict.PASS if clients else Verdict.NOT_SEEN
    return {
        "verdict": verdict,
        "requests": sum(report.requests for report in clients),
        "forgotten": dropped,
        "clients": [_client(report) for report in clients],
    }


def _client(report: ClientReport) -> dict[str, JSON]:
    errors = report.errors
    return {
        "name": report.name,
        "test_id": report.test_id,
        "key": report.key,
        "key_label": report.key_label,
        "user_agent": report.user_agent,
        "verdict": report.verdict,
        "requests": report.requests,
        "clauses": [_ruling(ruling, report.lines) for ruling in report.rulings],
        "error_coverage": {
            "met": sum(bool(error.met) for error in errors),
            "documented": len(errors),
            "errors": [
                {
                    "contract": error.contract,
                    "error": error.name,
                    "status": error.status,
                    "code": error.code,
                    "provenance": error.provenance,
                    "met": len(error.met),
                    "exchanges": list(error.met[:SHOWN]),
                }
                for error in errors
            ],
        },
    }


def _ruling(ruling: Ruling, lines: dict[int, str]) -> dict[str, JSON]:
    return {
        "clause": ruling.clause,
        "title": ruling.title,
        "verdict": ruling.verdict,
        "advice" if ruling.verdict is Verdict.FAIL else "note": ruling.advice,
        "occurrences": len(ruling.evidence),
        "evidence": [_evidence(evidence, lines) for evidence in ruling.evidence[:SHOWN]],
    }


def _evidence(evidence: Evidence, lines: dict[int, str]) -> dict[str, JSON]:
    shown = [{"number": number, "line": lines[number]} for number in evidence.entries[:SHOWN]]
    return {"says": evidence.says, "exchanges": shown}
