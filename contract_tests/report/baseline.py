"""Accepted findings: known and tolerated until a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from apicontract.document import PlainLoader
from contract_tests.model.finding import Finding, Result, Verdict
from contract_tests.report.redaction import Redactor, write_text

GRACE = timedelta(days=90)
_HEAD = """\
# Findings that are accepted for a while. A finding of this list does not fail a run through the day `expires` names;
# from the day after, it does again. Say in `reason` why it is accepted. Updated with --baseline-update, which keeps
# the dates and reasons that are in this file and takes out what was repaired.
"""


class BaselineError(Exception):
    """A baseline that cannot be used. The message names the file, the entry and the way out."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted finding: the same code on the same operation about the same clause."""

    code: str
    operation: str
    clause: str
    expires: date
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What a finding is recognised by."""
        return self.code, self.operation, self.clause


@dataclass(frozen=True, slots=True)
class Baseline:
    """A list of accepted findings."""

    entries: tuple[Accepted, ...] = ()

    def covers(self, finding: Finding, today: date) -> bool:
        """Return whether a finding is accepted on a day."""
        key = key_of(finding)
        return any(entry.key == key and today <= entry.expires for entry in self.entries)

    def expired(self, today: date) -> list[Accepted]:
        """Return the entries that are no longer valid."""
        return [entry for entry in self.entries if entry.expires < today]


def key_of(finding: Finding) -> tuple[str, str, str]:
    """Return what a finding is recognised by in another run."""
    return finding.code, finding.operation, finding.clause.id


def load_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        BaselineError: with the entry that is wrong.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=PlainLoader)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise BaselineError(f"{path}: no such baseline; write one with --baseline {path} --baseline-update") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BaselineError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None
    if document is None:
        return Baseline()
    entries = document.get("accepted") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise BaselineError(f"{path}: a baseline has a list `accepted`; write one with --baseline-update")
    return Baseline(tuple(_entry_of(entry, f"{path}: accepted[{index}]") for index, entry in enumerate(entries)))


def _entry_of(entry: Any, where: str) -> Accepted:
    if not isinstance(entry, dict):
        raise BaselineError(f"{where}: an entry has code, operation, clause, expires and reason")
    texts: dict[str, str] = {}
    for name in ("code", "operation", "clause", "expires"):
        value = entry.get(name)
        if not isinstance(value, str) or (not value and name != "operation"):
            raise BaselineError(f"{where}: `{name}` is missing or no text")
        texts[name] = value
    try:
        expires = date.fromisoformat(texts.pop("expires"))
    except ValueError:
        raise BaselineError(f"{where}: `expires` is {entry['expires']!r}; expected a date (YYYY-MM-DD)") from None
    return Accepted(**texts, expires=expires, reason=str(entry.get("reason") or ""))


def save_baseline(path: Path, baseline: Baseline, redactor: Redactor) -> None:
    """Write a baseline, sorted, so that a change to it can be reviewed line by line.

    Raises:
        OSError: the file cannot be written.
    """
    rows = [
        {**dict(zip(("code", "operation", "clause"), entry.key, strict=True)), **_rest(entry)}
        for entry in sorted(baseline.entries, key=lambda entry: entry.key)
    ]
    body = yaml.safe_dump({"accepted": redactor.value(rows)}, sort_keys=False, allow_unicode=True, width=1000)
    write_text(path, _HEAD + body, redactor)


def _rest(entry: Accepted) -> dict[str, str]:
    return {"expires": entry.expires.isoformat(), "reason": entry.reason}


def updated(baseline: Baseline, result: Result, today: date) -> Baseline:
    """Return the baseline after a run: it accepts every finding, keeps dates and reasons, and drops what passed.

    What the run could not check stays as it is. An entry that has expired gets a new date only because somebody asked
    for the update.
    """
    known = {entry.key: entry for entry in baseline.entries}
    seen = {key_of(finding) for finding in (*result.findings, *result.accepted) if finding.severity != "info"}
    passed = {(clause.code, clause.operation, clause.id) for clause in result.clauses if clause.outcome == "pass"}
    kept = [entry for key, entry in known.items() if key not in seen and key not in passed]
    for key in seen:
        entry = known.get(key)
        if entry is None:
            kept.append(Accepted(*key, expires=today + GRACE))
        else:
            kept.append(entry if today <= entry.expires else replace(entry, expires=today + GRACE))
    return Baseline(tuple(kept))


def apply(baseline: Baseline, result: Result, today: date) -> Result:
    """Return the result with accepted findings set apart, and the verdict that the others leave."""
    accepted = [finding for finding in result.findings if baseline.covers(finding, today)]
    if not accepted:
        return result
    open_findings = [finding for finding in result.findings if not baseline.covers(finding, today)]
    return replace(
        result,
        verdict=_verdict(result, open_findings),
        findings=tuple(open_findings),
        accepted=(*result.accepted, *accepted),
    )


def _verdict(result: Result, left: Sequence[Finding]) -> Verdict:
    if result.verdict != "violates" or any(fails(finding) for finding in left):
        return result.verdict
    return "conforms" if result.complete else "inconclusive"


def fails(finding: Finding) -> bool:
    """Return whether a finding fails a run."""
    return finding.severity == "error"


def repaired(baseline: Baseline, result: Result) -> list[Accepted]:
    """Return the entries whose clause was checked and holds: they can be taken out."""
    passed = {(clause.code, clause.operation, clause.id) for clause in result.clauses if clause.outcome == "pass"}
    return [entry for entry in baseline.entries if entry.key in passed]
