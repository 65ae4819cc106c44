"""Resets: in the future, no farther than their window, in their unit."""

from __future__ import annotations

from collections.abc import Iterator

from apicontract import Contract, Header
from contract_tests.checks.judgement import Judgement
from contract_tests.reading.figures import reset_instant, server_now
from contract_tests.reading.traffic import View

_SLACK = 5.0


def resets(contract: Contract, sources: dict[str, Header], view: View) -> Iterator[Judgement]:
    window = contract.rate_limit.window_seconds if contract.rate_limit else 60
    now = server_now(view)
    name = view.operation.id if view.operation else ""
    for source, longest in (("minute.reset", float(window)), ("month.reset", 31 * 86_400.0)):
        header = sources.get(source)
        text = view.header(header.name) if header else None
        if header is None or text is None:
            continue
        instant, right_unit = reset_instant(header, text)
        if instant is None or not right_unit:
            message = f"{header.name}: {text} is not in {header.unit or 'its unit'}"
            ok = False
        else:
            ok = now - _SLACK <= instant <= now + longest + _SLACK
            side = "before" if instant < now else "after"
            message = f"{header.name}: {text} lies {abs(instant - now):.0f} s {side} the answer"
        yield Judgement(
            "CT605",
            name if not ok else "",
            source,
            f"{header.name} lies in the future, no farther than its window",
            header.provenance,
            ok,
            (view.number,),
            message,
            f"up to {longest:.0f} s ahead, in {header.unit or 'its unit'}",
            text,
        )
