"""A fault: its type, and the parameters of the type.

If the client can use the answer (late, slow, or without some headers), the request is processed and counted as usual.
Otherwise the request is not processed: it is not counted and changes no data; a broken body is that of the answer the
request would have got (for a request that writes: the documented example).
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


class FaultType(NamedTuple):
    """A type of fault. `usable`: the client can use the answer. `wire`: it needs a real connection."""

    description: str
    usable: bool = False
    wire: bool = False


WORDS: dict[str, FaultType] = {
    RESET: FaultType("the connection is reset (TCP RST), without an answer", wire=True),
    EMPTY: FaultType("the connection is closed without an answer", wire=True),
    MALFORMED: FaultType("a status line and headers, then an invalid chunk, then the connection is closed", wire=True),
    GARBAGE: FaultType("random bytes instead of an answer, then the connection is closed", wire=True),
    TRUNCATED: FaultType("the connection is closed after a fraction of the body"),
    NEVER: FaultType("no answer is sent; the connection stays open"),
    WRONG_TYPE: FaultType("the answer has the content type text/html"),
    BROKEN_JSON: FaultType("the JSON body is truncated; Content-Length matches it"),
    UNKNOWN_FIELDS: FaultType("the usual answer with fields that the contract does not have", usable=True),
    NO_LIMIT_HEADERS: FaultType("the usual answer without its rate limit headers", usable=True),
    NO_RETRY_AFTER: FaultType("429 without Retry-After"),
    SKEWED_RETRY_AFTER: FaultType("429 with Retry-After as a date of a clock that is `skew` seconds ahead"),
    ERROR: FaultType("a documented error, by `status` or `error`"),
    GATEWAY_ERROR: FaultType("502, 503 or 504 with an HTML page, as from a reverse proxy"),
}
ERRORS = frozenset({ERROR, GATEWAY_ERROR, NO_RETRY_AFTER, SKEWED_RETRY_AFTER})
"""The types that answer an error instead of the API's answer."""
ANSWERLESS = frozenset({RESET, EMPTY, GARBAGE, NEVER})


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay in milliseconds: `fixed` (low), `uniform` (low to high), `lognormal` (median low, sigma high)."""

    kind: str
    low: float
    high: float = 0.0

    def sample(self, seed: int, number: int) -> float:
        """Return the seconds of the `number`th delay; equal seeds give equal sequences."""
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
    """`chunkedDribbleDelay`: the body is sent in `chunks` pieces over `milliseconds`."""

    chunks: int
    milliseconds: float

    def __str__(self) -> str:
        return f"chunkedDribbleDelay({self.chunks},{self.milliseconds:g})"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault. `word`: its type, one of WORDS; empty if it only delays the answer.

    `status` and `error` choose the answer of ERROR and GATEWAY_ERROR; `retry_after` and `skew` (of RETRY_AFTER_SKEWED)
    are seconds; `fraction` is the part of the body that TRUNCATED_RESPONSE sends.
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
        """Whether the client gets an answer it can use."""
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
        """Return this fault, with what it leaves unset (answer, delay, dribble) taken from another."""
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
