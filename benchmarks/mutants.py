"""The contract tests against every broken server: the kill matrix, the kill curve, and the unbroken server."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apicontract import Contract, bundled
from apicontract.provenance import LEVELS, Level
from benchmarks import unseen
from contract_tests.model.finding import Result
from contract_tests.run.engine import Options
from contract_tests.run.session import Session
from mockserver.app import create_app
from mockserver.settings import Settings
from tests.mutants.defects import AP, MUTANTS, Z25, Z26
from tests.mutants.inprocess import InProcess, VirtualClock
from tests.mutants.server import BrokenServer, Mutant
from tests.mutants.strangers import STRANGERS, Stranger

NOW = 1_770_465_605.0
MARKS = (10, 20, 30, 40, 60, 80, 120, 160)
ZENOVAY = {
    "main": "zv_demo_pro",
    "scoped": "zv_demo_site",
    "limited": "zv_demo_free",
    "exhausted": "zv_demo_exhausted",
    "free": "zv_demo_free",
    "revoked": "zv_demo_revoked",
    "noperm": "zv_demo_noperm",
}
KEYS = {Z26: ZENOVAY, Z25: ZENOVAY, AP: {"main": "ap_demo", "scoped": "ap_demo_site", "revoked": "ap_demo_revoked"}}
_contracts: dict[str, Contract] = {}


def contract_of(selector: str) -> Contract:
    """A bundled contract, loaded once."""
    if selector not in _contracts:
        _contracts[selector] = bundled().load(selector)
    return _contracts[selector]


@dataclass(frozen=True)
class Run:
    """One run against one server. `killed_at`: how many requests it took until the first finding could be seen; None:
    it was not found. `level`: the best founded finding's. `hints`: the checks that saw what no document states."""

    name: str
    result: Result
    killed_at: int | None
    level: Level | None
    codes: tuple[str, ...]
    hints: tuple[str, ...]


def _session(selector: str, settings: Settings, mutant: Mutant | None, **more: Any) -> Session:
    """A run that has been played to its end, against the mock in this process and on its clock."""
    contract = contract_of(selector)
    app = create_app(settings)
    options = Options(
        target="http://127.0.0.1:4010",
        contract=contract,
        keys=KEYS[selector],
        transport=InProcess(BrokenServer(app, contract, mutant, app.mock.space.clock.now)),
        clock=VirtualClock(app.mock.space.clock),
        quota_reserve=0.05,
        **more,
    )
    session = Session(options, lambda _event: None)
    session.play()
    session.close()
    return session


def attack(
    selector: str,
    mutant: Mutant | None,
    *,
    budget: int = 250,
    seed: int = 0,
    profile: str | None = None,
    least: Level = "inferred",
) -> Run:
    """Run the contract tests against the mock with one defect, or without."""
    random.seed(seed)
    session = _session(
        selector,
        Settings(contracts=(selector,), now=NOW),
        mutant,
        max_requests=budget,
        seed=seed,
        min_provenance=least,
        profile=profile or (mutant.profile if mutant else "readonly"),
    )
    result = session.result()
    kept = {finding.clause.id for finding in result.findings}
    ends = [max(j.exchanges, default=1) for j in session.judging.judgements if j.ok is False and j.id in kept]
    levels = sorted((finding.clause.provenance.level for finding in result.findings), key=LEVELS.index)
    return Run(
        mutant.name if mutant else "unbroken",
        result,
        min(ends, default=None),
        levels[0] if levels else None,
        tuple(dict.fromkeys(finding.code for finding in result.findings)),
        tuple(dict.fromkeys(hint.code for hint in result.hints)),
    )


def befriend(
    selector: str, stranger: Stranger, *, budget: int = 250, least: Level = "inferred", profile: str = "readonly"
) -> Result:
    """Run the contract tests against a server that differs from the mock and keeps the contract."""
    return _session(
        selector,
        Settings(contracts=(selector,), now=NOW, scale=stranger.scale, seed=stranger.seed),
        Mutant(stranger.name, "stranger", selector, "", stranger.before, stranger.after),
        max_requests=budget,
        min_provenance=least,
        profile=profile,
    ).result()


def said(result: Result) -> tuple[Any, ...]:
    """Everything that a run says, apart from when: two runs say the same when these are equal."""
    clauses = tuple((clause.id, clause.outcome, clause.reason) for clause in result.clauses)
    findings = tuple((finding.clause.id, finding.message, finding.curl) for finding in result.findings)
    return result.verdict, result.requests, result.stop_reason, clauses, findings


def _attack_by_name(name: str) -> Run:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == name)
    return attack(mutant.contract, mutant)


def matrix(mutants: Iterable[Mutant], *, verbose: bool = True, jobs: int = 1) -> list[tuple[Mutant, Run]]:
    """Every mutant once."""
    rows = []
    wanted = list(mutants)
    with multiprocessing.Pool(jobs) as pool:
        runs = (
            pool.imap(_attack_by_name, [mutant.name for mutant in wanted])
            if jobs > 1
            else map(_attack_by_name, [m.name for m in wanted])
        )
        for mutant, run in zip(wanted, runs, strict=True):
            rows.append((mutant, run))
            if verbose:
                _print(mutant, run)
    return rows


def _print(mutant: Mutant, run: Run) -> None:
    otherwise = "only a hint          " if run.hints else "SURVIVED             "
    mark = f"killed at {run.killed_at:>3} {run.level:<10}" if run.killed_at else otherwise
    print(f"{mutant.kind:<15}{mutant.name:<42}{mark} {' '.join((run.codes or run.hints)[:5])}", flush=True)


def report(rows: list[tuple[Mutant, Run]]) -> None:
    """Totals by class and contract, and the curve."""
    killed = [(mutant, run) for mutant, run in rows if run.killed_at]
    hinted = sum(1 for _, run in rows if run.hints and not run.killed_at)
    print(f"\n{len(killed)} of {len(rows)} killed, {hinted} more only hinted at")
    for title, key in (("class", lambda m: m.kind), ("contract", lambda m: m.contract)):
        totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for mutant, run in rows:
            totals[key(mutant)][0] += bool(run.killed_at)
            totals[key(mutant)][1] += 1
        print(f"by {title}: " + ", ".join(f"{name} {good}/{all_}" for name, (good, all_) in totals.items()))
    print(
        "by provenance of the gravest finding: "
        + ", ".join(f"{level} {count}" for level, count in Counter(run.level for _, run in killed).items())
    )
    steady = [(mutant, run) for mutant, run in rows if mutant.profile == "readonly"]
    curve = [(mark, sum(1 for _, run in steady if run.killed_at and run.killed_at <= mark)) for mark in MARKS]
    if steady:
        shares = (f"{mark}: {count} ({count / len(steady):.0%})" for mark, count in curve)
        print("curve (burst and write aside): " + ", ".join(shares))
    late = sorted(((run.killed_at or 999, mutant.name) for mutant, run in steady), reverse=True)[:25]
    print("latest: " + ", ".join(f"{name} {at}" for at, name in late))


def main() -> None:
    """Print the matrix, the curve, and what the unbroken server gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose name or class contains this")
    parser.add_argument("--seeds", type=int, default=3, help="runs of the unbroken servers")
    parser.add_argument("--runs", type=int, default=3, help="repeated runs of the unbroken servers, to be identical")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="processes")
    parser.add_argument("--steady", action="store_true", help="leave out burst and write, and the strangers")
    parser.add_argument("--unseen", action="store_true", help="only the defects and servers that nobody tunes to")
    parser.add_argument("--every", type=int, default=1, help="with --unseen: every Nth defect")
    arguments = parser.parse_args()
    started = time.perf_counter()
    if arguments.unseen:
        unseen.main(arguments.jobs, arguments.every, arguments.only)
        print(f"{time.perf_counter() - started:.0f} s")
        return
    wanted = [
        m
        for m in MUTANTS
        if (arguments.only in m.name or arguments.only in m.kind) and (m.profile == "readonly" or not arguments.steady)
    ]
    if not wanted:
        parser.error(f"--only {arguments.only}: no mutant's name or class contains it")
    rows = matrix(wanted, jobs=arguments.jobs)
    report(rows)
    for selector in () if arguments.steady else (Z26, Z25, AP):
        repeated = {said(attack(selector, None, budget=120).result) for _ in range(arguments.runs)}
        print(f"unbroken {selector}: {arguments.runs} runs, {len(repeated)} different result(s)", flush=True)
        for profile in ("readonly", "burst", "write"):
            if profile == "write" and selector == AP:
                continue
            runs = [attack(selector, None, seed=seed, profile=profile, budget=300) for seed in range(arguments.seeds)]
            found = sum(len(run.result.findings) for run in runs)
            verdicts = Counter(run.result.verdict for run in runs)
            print(
                f"unbroken {selector} {profile}: {runs[0].result.requests} requests, "
                f"{runs[0].result.seconds:.0f} s of the server's time, "
                f"{found} findings over {len(runs)} seeds, {dict(verdicts)}"
            )
            for run in runs:
                for finding in run.result.findings[:5]:
                    print("   false alarm:", finding.clause.id, finding.message[:160])
        for stranger in STRANGERS:
            result = befriend(selector, stranger)
            print(
                f"stranger {stranger.name} {selector}: {result.verdict}, {len(result.findings)} findings, "
                f"{result.stop_reason}",
                flush=True,
            )
            for finding in result.findings[:5]:
                print("   false alarm:", finding.clause.id, finding.message[:160])
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
