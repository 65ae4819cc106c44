"""An entry of the journal: plain values without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from mockserver.journal.masked import Masked, Pairs

JSON = Any


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its answer.

    Instants are epoch seconds: `at` and `answered` on the mock's clock, `started` on the machine's. `seconds` is the
    response time. `client` is the client's address, `connection` the peer's address and port, `opened` when the
    connection was accepted (0: unknown). `key` is the id of a key, a masked unknown credential, or empty. `names` are
    the given query parameters. `problem` is the kind of error; `rule` the limit that refused the request, `free_at`
    when the limit resets (0: not refused). `fault` is the injected fault, `broken` whether it left no usable answer.
    `exposed` lists places with a credential that belongs in a header. `question` is a hash of the request, `data` of
    the answer without the envelope, so that equal hashes mean equal content.
    """

    number: int
    at: float
    answered: float
    started: float
    seconds: float
    client: str
    connection: str
    opened: float
    user_agent: str
    method: str
    path: str
    query: str
    headers: Pairs
    body: bytes
    status: int
    answer_headers: Pairs
    answer_body: bytes
    contract: str
    operation: str
    parameters: Mapping[str, JSON]
    names: tuple[str, ...]
    key: str
    problem: str
    rule: str
    free_at: float
    fault: str
    broken: bool
    preference: str
    test_id: str
    exposed: tuple[str, ...]
    question: str
    data: str

    @property
    def target(self) -> str:
        """The path with the query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def matched(self) -> bool:
        """Whether an operation matched."""
        return bool(self.operation)

    @property
    def retry_after(self) -> float | None:
        """The seconds of Retry-After, or None."""
        text = self.header("retry-after")
        if text is None:
            return None
        if text.strip().isdigit():
            return float(text)
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - self.answered)
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """Return a header of the answer, or None."""
        return next((value for known, value in self.answer_headers if known == name), None)

    @property
    def answer(self) -> JSON:
        """The answer's body as JSON, or None if it is not JSON."""
        try:
            return orjson.loads(self.answer_body)
        except orjson.JSONDecodeError:
            return None

    @property
    def is_from_mock(self) -> bool:
        """Whether the mock itself, not the API, refused the request, such as a `Prefer` that cannot be met."""
        if self.status < 400 or b"mockserver" not in self.answer_body:
            return False
        answer = self.answer
        return isinstance(answer, dict) and answer.get("from") == "mockserver"

    @property
    def line(self) -> str:
        """A one-line summary such as `GET /v1/things?limit=5 → 429 rate-limited`."""
        why = self.fault or self.problem
        return f"{self.method} {self.target} → {self.status or 'no answer'}{' ' + why if why else ''}"


def build_entry(number: int, masked: Masked) -> Entry:
    """Return the journal entry of a masked request."""
    asked, answered = masked.asked, masked.answered
    parts = (line.partition(": ") for line in answered.lines.split("\r\n") if line)
    headers = tuple((name, value) for name, _, value in parts)
    return Entry(
        number=number,
        at=answered.at,
        answered=answered.answered,
        started=answered.started,
        seconds=answered.seconds,
        client=asked.forwarded or answered.host,
        connection=answered.connection,
        opened=answered.opened,
        user_agent=asked.user_agent,
        method=asked.method,
        path=asked.path,
        query=asked.query,
        headers=asked.headers,
        body=asked.body,
        status=answered.status,
        answer_headers=headers,
        answer_body=b"".join(masked.pieces),
        contract=asked.contract,
        operation=asked.operation,
        parameters=asked.parameters,
        names=asked.names,
        key=asked.key,
        problem=answered.problem,
        rule=next((value for name, value in headers if name == "x-mock-rule"), ""),
        free_at=answered.free_at,
        fault=answered.fault,
        broken=answered.broken,
        preference=answered.preference,
        test_id=asked.test_id,
        exposed=asked.exposed,
        question=asked.question,
        data=answered.data,
    )
