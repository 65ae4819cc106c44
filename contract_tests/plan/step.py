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
Late = Callable[[Traffic, Mapping[str, str]], Mapping[str, JSON] | str]


@dataclass(frozen=True)
class Step:
    """`query` are texts as they are sent; `which` chooses the resource that path parameters name.

    `late` adds parameters that earlier answers decide, or says why it cannot. `kind` groups steps that reveal the same;
    `rank`: lower is sent earlier. Steps that are not `essential` may be left out without making a run inconclusive.
    `shows`: what this one reveals beside what its kind does; `after`: kinds of the same operation that are sent before.
    `together`: sent right behind the step before it.
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
    late: Late | None = None
    late_words: str = ""
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
        """Method and path with what is not known yet in braces."""
        words = {
            "first": "",
            "second": ":another",
            "unknown": ":nobody's",
            "foreign": ":another's",
            "malformed": ":malformed",
        }
        path = self.path.replace("}", f"{words[self.which]}}}")
        sent = [(name, quote(text, safe=_PLAIN)) for name, text in self.query]
        query = "&".join(
            [f"{name}={text if len(text) < 60 else text[:40] + '…'}" for name, text in sent]
            + ([self.late_words] if self.late else [])
        )
        return f"{self.method} {path}{'?' + query if query else ''}"


Script = Generator[Step, Exchange | None, None]
"""Steps of which each may depend on the answer to the one before."""


@dataclass(frozen=True)
class Skipped:
    """A step that cannot be sent, and why."""

    step: Step
    reason: str


@dataclass(frozen=True)
class Plan:
    """`steps` in the order of sending, as far as the budget goes; `skipped` what needs a key or a profile that is
    missing; `minutes` what the requests take at the assumed pace."""

    steps: tuple[Step, ...]
    skipped: tuple[Skipped, ...] = ()
    beyond: tuple[Step, ...] = ()
    minutes: float = 0.0
    cost: int = 0
    notes: tuple[str, ...] = field(default=())
