"""A check that fails by itself: its error is a judgement of its own, and the other checks go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec

from contract_tests.model.clause import Clause, Judgement
from contract_tests.model.internal import internal_error
from contract_tests.reading.traffic import View

BROKEN = Clause("CT100", "{place}", "the checks can judge the answers")
_Arguments = ParamSpec("_Arguments")


def guarded(judge: Callable[_Arguments, Iterator[Judgement]]) -> Callable[_Arguments, Iterator[Judgement]]:
    """Return a check that yields its judgements until there are no more, or one cannot be made."""

    @wraps(judge)
    def judged(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> Iterator[Judgement]:
        try:
            yield from judge(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - a defect of one check must not hide what the others see
            text = internal_error(error)
            views = [argument for argument in arguments if isinstance(argument, View)]
            yield BROKEN.about(None, place=text.partition(":")[0]).unknown(text, *views)

    return judged
