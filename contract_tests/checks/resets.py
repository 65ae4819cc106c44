"""Resets: in the future, at most one window ahead, in their unit."""

from __future__ import annotations

from collections.abc import Iterator

from apicontract import Contract, Header
from contract_tests.checks.guard import guarded
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.quota import reset_instant, server_now
from contract_tests.reading.traffic import View

IN_ITS_WINDOW = Clause("CT605", "{source}", "{name} is in the future, at most one window ahead")
_SLACK = 5.0
_MONTH = 31 * 86_400.0


@guarded
def resets(contract: Contract, sources: dict[str, Header], view: View) -> Iterator[Judgement]:
    """Judge the instants at which an answer says that its windows end."""
    window = contract.rate_limit.window_seconds if contract.rate_limit else 60
    for source, longest in (("minute.reset", float(window)), ("month.reset", _MONTH)):
        header = sources.get(source)
        text = view.header(header.name) if header else None
        if header is None or text is None:
            continue
        unit = header.unit or "its unit"
        instant, right_unit = reset_instant(header, text)
        if instant is None or not right_unit:
            right, message = False, f"{header.name}: {text} is not in {unit}"
        else:
            ahead = instant - server_now(view)
            right = -_SLACK <= ahead <= longest + _SLACK
            side = "before" if ahead < 0 else "after"
            message = f"{header.name}: {text} is {abs(ahead):.0f} s {side} the answer"
        clause = IN_ITS_WINDOW.about(None if right else view.operation, header, source=source, name=header.name)
        expected = f"up to {longest:.0f} s ahead, in {unit}"
        yield clause.holds(right, view, message=message, expected=expected, seen=text)
