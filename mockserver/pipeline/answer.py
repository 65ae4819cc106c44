"""What is made of a request: first what is known before the limiter is asked, then the answer."""

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
    """What is known of a request before the limiter is asked, and what to ask it (`spending`; None: nothing).

    `json`: its body. `problem`: what is wrong with it; `refusal`: its preference cannot be met. `dry`: nothing may be
    counted or changed.
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
"""Nothing is known: the request leads to no operation, or the server failed."""


class Answer:
    """What is answered, as it takes shape: the pipeline makes it, and a fault may change it.

    Status 0: it never arrived. `quota`: what the limiter said, or what the headers show. `parts`: the envelope, data
    and time that its body was put together from. `head`: its headers as they were sent, noted by who has sent them.
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
