"""The contract tests against servers that nobody here has tuned to: broken ones and conforming ones.

What is printed tells how many defects are found, never which are missed, so that nobody can mend the checks for them.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import httpx

from apicontract import Contract, bundled
from contract_tests.model.finding import Result
from contract_tests.run.engine import Options, run
from tests.mutants.unseen import DEFECTS
from tests.mutants.unseen.defect import Defect, broken
from tests.strangers.catalogue import KEYS, SERVERS, STRANGERS, Stranger
from tests.strangers.finish import Sent
from tests.strangers.habits import Habits
from tests.strangers.message import Request

NOW = 1_770_465_605.0
BUDGETS = (120, 400)


class Time:
    """The time of a server and of the run against it: it passes when the run waits, and a little with each request."""

    def __init__(self, delay: float = 0.0) -> None:
        self.at = NOW
        self.delay = delay + 0.02

    def now(self) -> float:
        """Return the instant, as Unix time."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds


class Direct(httpx.BaseTransport):
    """Answers requests by calling a server in this process."""

    def __init__(self, handle: Callable[[Request], Sent], time: Time) -> None:
        self.handle = handle
        self.time = time

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.time.sleep(self.time.delay)
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
        sent = self.handle(Request(request.method, path, query, headers, request.read()))
        return httpx.Response(sent.status, headers=list(sent.headers), stream=httpx.ByteStream(sent.body))


@lru_cache
def contract_of(selector: str) -> Contract:
    """Return a bundled contract."""
    return bundled().load(selector)


def judged(selector: str, handle: Callable[[Request], Sent], time: Time, budget: int, profile: str) -> Result:
    """Return what a run says about a server. With the larger budget it also sends generated requests."""
    phases = {"probe", "stateful"} | ({"fuzz"} if budget > BUDGETS[0] else set())
    options = Options(
        target="http://127.0.0.1:4010",
        contract=contract_of(selector),
        keys=KEYS[selector],
        transport=Direct(handle, time),
        clock=time,
        max_requests=budget,
        quota_reserve=0.05,
        phases=frozenset(phases),
        profile=profile,
    )
    return run(options)[0]


@dataclass(frozen=True)
class Found:
    """The findings about a broken server that a run does not make about the same server unbroken."""

    defect: Defect
    budget: int
    finding: bool
    hint: bool
    crash: str = ""

    @property
    def enough(self) -> bool:
        """Whether the defect is found; of what no document states there can only be a hint."""
        return self.finding or (self.hint and self.defect.known == "inferred")


@lru_cache
def usual(selector: str, habits: Habits, budget: int, profile: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the clauses that the unbroken server is said to break, and those hinted at."""
    time = Time()
    result = judged(selector, SERVERS[selector](time.now, habits).handle, time, budget, profile)
    return frozenset(f.clause.id for f in result.findings), frozenset(h.clause.id for h in result.hints)


def attack(task: tuple[int, int]) -> Found:
    """Run the contract tests against one broken server with one budget."""
    defect, budget = DEFECTS[task[0]], task[1]
    time = Time()
    findings, hints = usual(defect.contract, defect.habits if defect.changes else Habits(), budget, defect.profile)
    try:
        result = judged(defect.contract, broken(defect, time.now), time, budget, defect.profile)
    except Exception as error:  # noqa: BLE001 (a run that crashes is a result)
        return Found(defect, budget, finding=False, hint=False, crash=repr(error))
    new = any(finding.clause.id not in findings for finding in result.findings)
    return Found(defect, budget, new, any(hint.clause.id not in hints for hint in result.hints))


def befriend(task: tuple[int, int]) -> tuple[Stranger, int, str, list[str]]:
    """Run the contract tests against one conforming server with one budget; return what could fail a run."""
    stranger, budget = STRANGERS[task[0]], task[1]
    time = Time(stranger.habits.delay)
    result = judged(
        stranger.contract, SERVERS[stranger.contract](time.now, stranger.habits).handle, time, budget, "readonly"
    )
    said = [
        f"{finding.clause.id}: {finding.message[:160]}" for finding in result.findings if finding.severity != "info"
    ]
    return stranger, budget, result.verdict, said


def share(found: Iterable[Found]) -> str:
    """Return how many of some defects are found."""
    every = list(found)
    good = sum(one.enough for one in every)
    return f"{good}/{len(every)} {good / len(every):.0%}" if every else "-"


def report(found: list[Found]) -> None:
    """Print both curves by category, how well founded the facts are, and contract."""
    groups: dict[str, dict[str, list[Found]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        for title, name in (
            ("all", "all"),
            ("category", one.defect.kind),
            ("fact", one.defect.known),
            ("contract", one.defect.contract),
        ):
            groups[title][name].append(one)
    print(f"\n{'unseen defects':<24}" + "".join(f"{budget:>16}" for budget in BUDGETS))
    for rows in groups.values():
        for name, ones in rows.items():
            shares = (share(one for one in ones if one.budget == budget) for budget in BUDGETS)
            print(f"{name:<24}" + "".join(f"{text:>16}" for text in shares))
    hinted = Counter(one.budget for one in found if one.hint and not one.enough)
    print("only hinted at, though a document states the fact: " + ", ".join(f"{n} of {b}" for b, n in hinted.items()))
    for crash, number in Counter(one.crash for one in found if one.crash).items():
        print(f"crashed {number} times: {crash}")


def main(jobs: int, every: int, only: str) -> None:
    """Run every conforming server and every `every`th defect with both budgets."""
    with multiprocessing.Pool(jobs) as pool:
        wanted = [(n, budget) for budget in BUDGETS for n, s in enumerate(STRANGERS) if only in str(s)]
        alarms = 0
        for stranger, budget, verdict, said in pool.imap(befriend, wanted):
            alarms += len(said)
            if said or verdict != "conforms":
                print(f"conforming {stranger}, {budget} requests: {verdict}", *said, sep="\n   ", flush=True)
        print(f"{len(wanted)} runs against conforming servers, {alarms} false alarms", flush=True)
        tasks = [
            (n, budget) for n, d in enumerate(DEFECTS) if only in d.contract for budget in BUDGETS if n % every == 0
        ]
        report(list(pool.imap_unordered(attack, tasks, chunksize=4)))
