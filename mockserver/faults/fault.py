"""What a fault is: a word, and the figures that go with it.

A fault changes no data. An answer that the client can use, only late, slowly or without some headers, is counted and
carried out like any other. Where the client gets no usable answer, the request was never processed: nothing is counted,
nothing is tracked, and a body that is broken is that of the answer it would have got (of a request that writes: the
documented example).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

ERROR = "ERROR"
GATEWAY_ERROR = "GATEWAY_ERROR"
RESET = "CONNECTION_RESET_BY_PEER"
EMPTY = "EMPTY_RESPONSE"
MALFORMED = "MALFORMED_RESPONSE_CHUNK"
GARBAGE = "RANDOM_DATA_THEN_CLOSE"
TRUNCATED = "TRUNCATED_RESPONSE"
NEVER = "NEVER_ANSWER"
WRONG_TYPE = "WRONG_CONTENT_TYPE"
BROKEN_JSON = "BROKEN_JSON"
UNKNOWN_FIELDS = "UNKNOWN_FIELDS"
NO_LIMIT_HEADERS = "RATE_LIMIT_HEADERS_MISSING"
NO_RETRY_AFTER = "RETRY_AFTER_MISSING"
SKEWED_RETRY_AFTER = "RETRY_AFTER_SKEWED"

MAX_DELAY_MS = 3_600_000


class Word(NamedTuple):
    """`usable`: the client gets an answer it can use. `wire`: it takes a real connection to deliver."""

    description: str
    usable: bool = False
    wire: bool = False


WORDS: dict[str, Word] = {
    RESET: Word("the connection is reset (TCP RST), without an answer", wire=True),
    EMPTY: Word("the connection is closed without an answer", wire=True),
    MALFORMED: Word("a status line and headers, then a chunk that is none, then the connection is closed", wire=True),
    GARBAGE: Word("random bytes instead of an answer, then the connection is closed", wire=True),
    TRUNCATED: Word("the answer ends after a fraction of its body, and the connection is closed"),
    NEVER: Word("no answer ever comes; the connection stays open"),
    WRONG_TYPE: Word("the answer says text/html"),
    BROKEN_JSON: Word("the body is cut in the middle of its JSON, the length fits"),
    UNKNOWN_FIELDS: Word("the real answer with fields that no contract names", usable=True),
    NO_LIMIT_HEADERS: Word("the real answer without its rate-limit headers", usable=True),
    NO_RETRY_AFTER: Word("429 without Retry-After"),
    SKEWED_RETRY_AFTER: Word("429 whose Retry-After is a date by a clock that is `skew` seconds ahead"),
    ERROR: Word("a documented error, by `status` or `error`"),
    GATEWAY_ERROR: Word("502, 503 or 504 as a page of HTML, as a proxy before the API answers"),
}
ERRORS = frozenset({ERROR, GATEWAY_ERROR, NO_RETRY_AFTER, SKEWED_RETRY_AFTER})
"""The words that answer an error of their own, without asking the API for its answer."""
ANSWERLESS = frozenset({RESET, EMPTY, GARBAGE, NEVER})


@dataclass(frozen=True, slots=True)
class Delay:
    """Milliseconds to wait: `fixed` (low), `uniform` (low to high), `lognormal` (median low, sigma high)."""

    kind: str
    low: float
    high: float = 0.0

    def sample(self, seed: int, number: int) -> float:
        """Seconds to wait the `number`th time; the same seed gives the same sequence."""
        draw = Random(f"delay/{seed}/{number}")
        if self.kind == "uniform":
            wait = draw.uniform(self.low, self.high)
        elif self.kind == "lognormal":
            wait = self.low * math.exp(draw.gauss(0.0, self.high)) if self.low else 0.0
        else:
            wait = self.low
        return min(wait, MAX_DELAY_MS) / 1000

    def __str__(self) -> str:
        return f"{self.kind}({self.low:g})" if self.kind == "fixed" else f"{self.kind}({self.low:g},{self.high:g})"


@dataclass(frozen=True, slots=True)
class Dribble:
    """`chunkedDribbleDelay`: the body in `chunks` pieces over `milliseconds`."""

    chunks: int
    milliseconds: float

    def __str__(self) -> str:
        return f"chunkedDribbleDelay({self.chunks},{self.milliseconds:g})"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. An empty `word` only slows the answer down.

    `status` and `error` say which answer (ERROR, GATEWAY_ERROR), `retry_after` its seconds; `skew` seconds of
    RETRY_AFTER_SKEWED, `fraction` of TRUNCATED_RESPONSE.
    """

    word: str = ""
    status: int = 0
    error: str = ""
    retry_after: int | None = None
    skew: int = 3_600
    fraction: float = 0.5
    delay: Delay | None = None
    dribble: Dribble | None = None
    seed: int = 0

    @property
    def usable(self) -> bool:
        """Whether the client gets an answer that it can use."""
        return not self.word or WORDS[self.word].usable

    def __str__(self) -> str:
        parts = [self.word] if self.word not in ("", ERROR) else []
        if self.word in (ERROR, GATEWAY_ERROR):
            parts.append(self.error or str(self.status))
        if self.delay is not None:
            parts.append(f"delay {self.delay}")
        if self.dribble is not None:
            parts.append(str(self.dribble))
        return " ".join(parts)

    def over(self, other: Fault) -> Fault:
        """This fault, and where it leaves the answer, the delay or the pace alone, the other's."""
        main = self if self.word or not other.word else other
        return Fault(
            word=main.word,
            status=main.status,
            error=main.error,
            retry_after=main.retry_after,
            skew=main.skew,
            fraction=main.fraction,
            delay=self.delay or other.delay,
            dribble=self.dribble or other.dribble,
            seed=main.seed,
        )
