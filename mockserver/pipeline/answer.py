"""The result of a request: first its judgement, before the rate limit is applied, then the answer."""

from __future__ import annotations

from typing import Any

from mockserver.dataset.accounts import Key
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.pipeline.chosen import Preference
from mockserver.pipeline.lines import HeaderList, packed, unpacked
from mockserver.pipeline.problem import Problem, Reply


class Judged:
    """The judgement of a request before the rate limiter is called.

    `spending` is the limiter's argument, None if the limiter is not called. `json` is the parsed body, `problem` the
    first error found, `refusal` the reply to a preference that cannot be met. `dry` marks a dry run: nothing is counted
    or changed.
    """

    __slots__ = ("dry", "json", "key", "preference", "problem", "refusal", "spending")

    def __init__(
        self,
        key: Key | None = None,
        spending: Spending | None = None,
        json: Any = None,
        problem: Problem | None = None,
        preference: Preference | None = None,
        refusal: Reply | None = None,
        dry: bool = False,
    ) -> None:
        self.key, self.spending, self.json, self.problem = key, spending, json, problem
        self.preference, self.refusal, self.dry = preference, refusal, dry


NOBODY = Judged()
"""The judgement of a request that matches no operation, or of an internal error."""


class Answer:
    """The response to a request. The pipeline builds it; fault injection may change it.

    `status` is 0 if no response was sent. `quota` is the rate-limit state that the headers show. `lines` are the
    headers in wire format; those of most answers are never parsed. `pieces` are the body, parts of which many answers
    share; `size` is its length.
    """

    __slots__ = ("judged", "lines", "pieces", "quota", "size", "status")

    def __init__(
        self, judged: Judged, status: int, lines: bytes, pieces: tuple[bytes, ...] = (), quota: Quota | None = None
    ) -> None:
        self.judged, self.status, self.lines, self.pieces, self.quota = judged, status, lines, pieces, quota
        self.size = sum(map(len, pieces))

    @property
    def headers(self) -> HeaderList:
        """The headers as pairs. Assign a list to change them."""
        return unpacked(self.lines)

    @headers.setter
    def headers(self, headers: HeaderList) -> None:
        self.lines = packed(headers)

    @property
    def body(self) -> bytes:
        """The body as one bytes object."""
        return b"".join(self.pieces)

    @body.setter
    def body(self, body: bytes) -> None:
        self.pieces, self.size = (body,), len(body)

    def add_header(self, name: bytes, value: bytes) -> None:
        """Add one header."""
        self.lines += b"%b: %b\r\n" % (name, value)
