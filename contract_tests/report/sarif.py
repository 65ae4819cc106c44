"""The result as SARIF 2.1.0, for code scanning: findings at the operation's line of the contract."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from apicontract.safetext.invisible import json_escaped
from contract_tests.model.finding import Finding, Result, Severity
from contract_tests.report.context import ReportContext
from contract_tests.report.explanations import explanation_of
from contract_tests.report.facts import CitedFact, facts_of
from contract_tests.report.wording import in_order, message_of, operation_name, shown

JSON = Any
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_EXIT_CODES = {"conforms": 0, "violates": 1, "inconclusive": 3}


def sarif_of(result: Result, context: ReportContext) -> dict[str, JSON]:
    """Return the SARIF document as plain data: accepted findings suppressed, unchecked clauses as notifications."""
    everything = [*in_order(result.findings), *in_order(result.accepted)]
    codes = sorted({finding.code for finding in everything})
    results = [
        _result_of(finding, codes.index(finding.code), context, accepted=index >= len(result.findings))
        for index, finding in enumerate(everything)
    ]
    run: dict[str, JSON] = {
        "tool": {"driver": {"name": "contract-tests", "rules": [_rule_of(code) for code in codes]}},
        "invocations": [_invocation_of(result, context)],
        "automationDetails": {"id": f"contract-tests/{result.contract}/"},
        "properties": {
            "contract": result.contract,
            "target": result.target,
            "verdict": result.verdict,
            "requests": result.requests,
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def render(result: Result, context: ReportContext) -> str:
    """Return the SARIF document as text."""
    document = json.dumps(sarif_of(result, context), ensure_ascii=False, indent=2, default=str)
    return json_escaped(document) + "\n"


def _rule_of(code: str) -> dict[str, JSON]:
    explained = explanation_of(code)
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in explained.title.split() if word.isalnum()) or code,
        "shortDescription": {"text": explained.title},
        "fullDescription": {"text": explained.proves},
        "help": {"text": explained.text},
        "properties": {"tags": ["contract", explained.area]},
    }


def _invocation_of(result: Result, context: ReportContext) -> dict[str, JSON]:
    notes = [
        {"level": "note", "message": {"text": f"{hint.clause.id}: hint: {message_of(hint)}"}} for hint in result.hints
    ]
    notes += [
        {"level": "note", "message": {"text": f"{clause.id}: inconclusive: {clause.reason or 'not checked'}"}}
        for clause in result.clauses
        if clause.outcome == "inconclusive"
    ]
    return {
        "executionSuccessful": result.verdict != "inconclusive" and result.stop_reason != "interrupted",
        "exitCode": 130 if result.stop_reason == "interrupted" else _EXIT_CODES[result.verdict],
        "exitCodeDescription": result.verdict,
        "startTimeUtc": context.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "toolExecutionNotifications": notes,
    }


def _result_of(finding: Finding, rule: int, context: ReportContext, accepted: bool) -> dict[str, JSON]:
    evidence = f"expected: {shown(finding.expected)}\nseen: {shown(finding.seen)}"
    entry: dict[str, JSON] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{operation_name(finding.operation)}: {message_of(finding)}\n{evidence}"},
        "locations": [_location_of(finding, context)],
        "relatedLocations": [_related(fact, index) for index, fact in enumerate(facts_of(finding, context))],
        "partialFingerprints": {"clause/v1": _fingerprint(finding.code, finding.operation, finding.clause.id)},
        "properties": {
            "provenance": finding.clause.provenance.level,
            "clause": finding.clause.id,
            "source": str(finding.clause.provenance),
            "curl": list(finding.curl),
            "flaky": finding.flaky,
        },
    }
    exchange = next((context.by_number[n] for n in finding.exchanges if n in context.by_number), None)
    if exchange is not None:
        entry["webRequest"] = {
            "protocol": "HTTP",
            "version": "1.1",
            "method": exchange.request.method,
            "target": urlsplit(exchange.request.url).geturl(),
            "headers": _headers(exchange.request.headers),
        }
        if exchange.response is not None:
            entry["webResponse"] = {
                "protocol": "HTTP",
                "version": "1.1",
                "statusCode": exchange.response.status,
                "headers": _headers(exchange.response.headers),
                "body": {"text": exchange.response.body.decode("utf-8", "replace")[:10_000]},
            }
    if accepted:
        entry["suppressions"] = [{"kind": "external", "justification": "accepted by the baseline"}]
    return entry


def _headers(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return headers as an object, as SARIF has them; the values of a repeated header in one."""
    found: dict[str, str] = {}
    for name, value in headers:
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _location_of(finding: Finding, context: ReportContext) -> dict[str, JSON]:
    location: dict[str, JSON] = {
        "logicalLocations": [{"fullyQualifiedName": operation_name(finding.operation), "kind": "member"}]
    }
    if context.document is not None:  # code scanning shows only what has a place in a file
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(context.file or context.document.name)},
            "region": {"startLine": context.lines.get(finding.operation, 1)},
        }
    return location


def _related(fact: CitedFact, index: int) -> dict[str, JSON]:
    """Return a fact as a location, with its source as the message."""
    location: dict[str, JSON] = {"id": index, "message": {"text": str(fact.provenance)}}
    if fact.line:
        artifact = {"uri": quote(fact.file)}
        location["physicalLocation"] = {"artifactLocation": artifact, "region": {"startLine": fact.line}}
    return location


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
