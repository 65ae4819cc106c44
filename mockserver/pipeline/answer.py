"""The result of a request: first its judgement, before the rate limit is applied, then the answer."""

from __future__ import annotations

from typing import Any

from apicontract.template import Template
from mockserver.dataset.accounts import Key
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.pipeline.chosen import Preference
from mockserver.pipeline.problem import Problem, Reply
from mockserver.pipeline.request import HeaderList


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

    `status` is 0 if no response was sent. `quota` is the rate-limit state that the headers show. `parts` are the
    envelope, data and time from which the body was built. `head` are the headers in wire format, set by the sender.
    """

    __slots__ = ("body", "head", "headers", "judged", "parts", "quota", "status")

    def __init__(
        self,
        judged: Judged,
        status: int,
        headers: HeaderList,
        body: bytes = b"",
        quota: Quota | None = None,
        parts: tuple[Template, bytes, bytes] | None = None,
    ) -> None:
        self.judged, self.status, self.headers, self.body = judged, status, headers, body
        self.quota, self.parts = quota, parts
        self.head = b""
