"""One engine: a plan, exchanges, checks, a result. Fronts call `plan`, `run`, `check` and `identify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from apicontract import Contract
from apicontract.inspection import without_broken
from contract_tests.checks.verdict import Judged, failures, judgements_of, result_of
from contract_tests.client.safety import examine
from contract_tests.model.events import Event, Listen
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import Candidate, Result
from contract_tests.model.options import ConfigurationError, Options
from contract_tests.plan.build import build
from contract_tests.plan.resources import base_of
from contract_tests.plan.step import Plan
from contract_tests.reading.traffic import Traffic
from contract_tests.run.identification import identify
from contract_tests.run.session import Session

__all__ = ["Candidate", "ConfigurationError", "Event", "Options", "Plan", "check", "identify", "plan", "run"]


def plan(options: Options) -> Plan:
    """Return the requests of a run, in their order, with their cost; nothing is sent.

    Raises:
        ConfigurationError: the run could not start.
    """
    examine(options)
    return build(_without_broken(options))


def run(options: Options, listen: Listen = lambda _event: None) -> tuple[Result, list[Exchange]]:
    """Send the plan and return what became of every clause. Ctrl-C ends the run early, with the result so far.

    Raises:
        ConfigurationError: the run could not start.
    """
    examine(options)
    session = Session(_without_broken(options), listen)
    try:
        session.play()
    finally:
        session.close()
    return session.result(), session.sender.exchanges


def _without_broken(options: Options) -> Options:
    """Return the options with operations aside whose part of the document is wrong; a contract of ours has none."""
    contract = options.contract
    return options if contract.fixtures else replace(options, contract=without_broken(contract))


def check(contract: Contract, exchanges: Iterable[Exchange], options: Options | None = None) -> Result:
    """Judge recorded traffic with the checks of a run."""
    recorded = list(exchanges)
    target = options.target if options and options.target else ""
    if not target and recorded:
        parts = urlsplit(recorded[0].request.url)
        target = f"{parts.scheme}://{parts.netloc}"
    base = base_of(replace(options, target=target)) if options else _base_in(contract, recorded)
    traffic = Traffic(contract, base, options.seed if options else 0)
    for exchange in recorded:
        traffic.add(exchange)
    judgements = judgements_of(traffic)
    ends = max((exchange.started + exchange.seconds for exchange in recorded), default=0.0)
    return result_of(
        traffic,
        Judged(judgements, failures(judgements), reasons={"": "the recording does not show it"}),
        target=target,
        least=options.min_provenance if options else "documented",
        requests=len(recorded),
        seconds=ends - min((exchange.started for exchange in recorded), default=0.0),
        stop_reason="recorded traffic",
        complete=bool(recorded),
    )


def _base_in(contract: Contract, exchanges: Sequence[Exchange]) -> str:
    """Return the path before the contract's base path in recorded URLs."""
    found: Counter[str] = Counter()
    for exchange in exchanges:
        path = urlsplit(exchange.request.url).path
        index = path.find(contract.base_path) if contract.base_path else 0
        if index >= 0:
            found[path[:index]] += 1
    return found.most_common(1)[0][0] if found else ""
