"""A refused request with several suspect values: each of them is tried alone."""

from __future__ import annotations

from contract_tests.checks.parameters import refused_together, suspects_of
from contract_tests.plan.step import Step
from contract_tests.reading.traffic import Traffic, View

_MOST = 6


def isolating_steps(traffic: Traffic) -> list[Step]:
    """Return steps that try each suspect of a refused combination alone, a few at most."""
    steps = [step for view in refused_together(traffic) for step in _alone(view, traffic)]
    return list(dict.fromkeys(steps))[:_MOST]


def _alone(view: View, traffic: Traffic) -> list[Step]:
    operation = view.operation
    if operation is None:
        return []
    needed = [
        (parameter.name, view.given[parameter.name][0])
        for parameter in operation.parameters
        if parameter.location == "query" and parameter.required and parameter.name in view.given
    ]
    return [
        Step(
            f"{parameter.name}={text} alone",
            "GET",
            operation.path,
            0,
            operation.id,
            (*(pair for pair in needed if pair[0] != parameter.name), (parameter.name, text)),
            role=view.role,
            phase="stateful",
            essential=False,
        )
        for parameter, _, text in suspects_of(traffic, view)
    ]
