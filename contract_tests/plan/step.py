"""One request of a plan, before it is known which resources the target has."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from contract_tests.model.exchange import Exchange
from contract_tests.reading.traffic import Traffic

JSON = Any
_PLAIN = ":/,"
Which = Literal["first", "second", "unknown", "foreign", "malformed"]
Deferred = Callable[[Traffic, Mapping[str, str]], Mapping[str, JSON] | str]


@dataclass(frozen=True)
class Step:
    """One request.

    Attributes:
        query: texts as they are sent.
        which: the resource that path parameters name.
        deferred: adds parameters that earlier answers decide, or says why it cannot; `deferred_words` shows them.
        kind: steps of one kind reveal the same; `shows` is what this one reveals beside that.
        rank: steps with a lower one are sent earlier; `after` names kinds of the operation that are sent before.
        essential: without the step, a run is inconclusive.
        together: sent right behind the step before it.
        wait: seconds from the step before it.
    """

    purpose: str
    method: str
    path: str
    rank: float
    operation: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    role: str = ""
    scheme: int = 0
    which: Which = "first"
    deferred: Deferred | None = None
    deferred_words: str = ""
    phase: str = "probe"
    essential: bool = True
    together: bool = False
    cost: int = 1
    wait: float = 0.0
    kind: str = ""
    shows: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def request_line(self) -> str:
        """The method, path and query, with what is not known yet in braces."""
        path = self.path if self.which == "first" else self.path.replace("}", f":{self.which}}}")
        sent = [(name, quote(text, safe=_PLAIN)) for name, text in self.query]
        query = "&".join(
            [f"{name}={text if len(text) < 60 else text[:40] + '…'}" for name, text in sent]
            + ([self.deferred_words] if self.deferred else [])
        )
        return f"{self.method} {path}{'?' + query if query else ''}"


Script = Generator[Step, Exchange | None, None]
"""Steps that may each depend on the answer to the one before."""


@dataclass(frozen=True)
class Skipped:
    """A step that cannot be sent, and why."""

    step: Step
    reason: str


@dataclass(frozen=True)
class Plan:
    """Everything that a run would send.

    Attributes:
        steps: in the order of sending, as far as the budget goes.
        skipped: what needs a key that is missing.
        beyond: what the budget leaves out.
        minutes: what the requests take at the assumed pace.
        notes: what else is sent, for a person.
        budget: the requests that may be sent, whatever they are for.
    """

    steps: tuple[Step, ...]
    skipped: tuple[Skipped, ...] = ()
    beyond: tuple[Step, ...] = ()
    minutes: float = 0.0
    cost: int = 0
    notes: tuple[str, ...] = field(default=())
    budget: int = 0
