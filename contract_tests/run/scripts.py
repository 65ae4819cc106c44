"""Sequences of a run in which one answer decides the next request."""

from __future__ import annotations

from contract_tests.model.options import Options
from contract_tests.plan.build import RESERVE
from contract_tests.plan.burst import burst
from contract_tests.plan.ends import find_end, without_end
from contract_tests.plan.tracking import tracking
from contract_tests.reading.traffic import Traffic
from contract_tests.run.allowance import WALK
from contract_tests.run.sender import Sender


def start_tracking(options: Options, traffic: Traffic, sender: Sender) -> None:
    """Start the tracking sequence as soon as a tracking code is known: its pauses last while the run goes on."""
    if options.writes and not sender.background.begun:
        code = _tracking_code(traffic)
        if code:
            sender.background.begin(tracking(options.contract, code, options.seed))


def _tracking_code(traffic: Traffic) -> str | None:
    operation = traffic.contract.tracking("event")
    if operation is None or traffic.contract.tracking("live") is None:
        return None
    names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
    return next((code for name in names[:1] for code in traffic.ids(operation, name)), None)


def walk_to_ends(options: Options, traffic: Traffic, sender: Sender) -> None:
    """Walk to the ends of long lists."""
    for operation in without_end(traffic) if "stateful" in options.phases else []:
        if sender.budget.left >= RESERVE + WALK:
            sender.follow(find_end(operation, traffic))


def spend_limit(options: Options, traffic: Traffic, sender: Sender) -> None:
    """Spend the limit of a key, in a window of its own."""
    role = burst_role(options)
    if options.bursts and role in options.keys:
        if role == "main":
            sender.pause(_window(options), "waiting for a fresh window")
        sender.follow(burst(options.contract, role, traffic))


def burst_role(options: Options) -> str:
    """Return the role whose limit is spent."""
    return "limited" if "limited" in options.keys else "main"


def _window(options: Options) -> float:
    limit = options.contract.rate_limit
    return float(limit.window_seconds if limit else 60) + 1
