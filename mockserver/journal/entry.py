"""One line of the journal, as it may be shown: plain values, no secret in it, and what the server knew about it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

import orjson

from apicontract.contract import Contract
from apicontract.errors import QUOTA_EXCEEDED
from apicontract.parameters import parse_query
from mockserver.faults.fault import ERRORS, Fault
from mockserver.journal.record import Noted
from mockserver.journal.redaction import Redaction, is_credential, media_of
from mockserver.pipeline.lines import unpacked

JSON = Any
Pairs = tuple[tuple[str, str], ...]
_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its answer.

    Instants are epoch seconds: `at` and `answered` by the mock's clock, `started` by the machine's own; `seconds` is
    the time the answer took. `client` is the address behind it, `connection` the peer's address and port,
    `opened` when it was made (0: nobody knows). `key` is a
    key's id, a masked credential that no key has, or empty. `names`: the query parameters that were given. `problem`:
    the kind of error that was answered; `rule`: the limit that refused it, `free_at` the instant it lets more
    through (0: no limit did); `fault`: what went wrong on purpose,
    `broken`: so that no usable answer arrived; `exposed`: where a credential stood that belongs in a header. Requests
    with the same `question` asked the same, answers with the same `data` said the same, whatever the time of day in
    their envelope.
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
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def matched(self) -> bool:
        """Whether an operation answered it."""
        return bool(self.operation)

    @property
    def retry_after(self) -> float | None:
        """Seconds that the answer asked to wait, or None."""
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
        """A header of the answer."""
        return next((value for known, value in self.answer_headers if known == name), None)

    @property
    def answer(self) -> JSON:
        """The answer's body as JSON, None where it is none."""
        try:
            return orjson.loads(self.answer_body)
        except orjson.JSONDecodeError:
            return None

    @property
    def line(self) -> str:
        """`GET /v1/things?limit=5 → 429 rate-limited`."""
        why = self.fault or self.problem
        return f"{self.method} {self.target} → {self.status or 'no answer'}{' ' + why if why else ''}"


def entries_of(numbered: Iterable[tuple[int, Noted]], redaction: Redaction) -> list[Entry]:
    """What was noted, readable; the secrets are shown nowhere."""
    wall = time.time() - time.perf_counter()
    return [_entry(number, noted, redaction, wall) for number, noted in numbered]


def _entry(number: int, noted: Noted, known: Redaction, wall: float) -> Entry:
    resolved = noted.resolved
    method, raw_path, raw_query = resolved.target
    endpoint, api = resolved.endpoint, resolved.api
    contract = api.contract if api is not None else None
    seconds = max(0.0, noted.ended - noted.started)
    body, answer_body = noted.body or b"", b"".join(noted.pieces)
    path, query = raw_path.decode("latin-1"), raw_query.decode("latin-1")
    texts = parse_query(raw_query) if raw_query else {}
    carriers, own_query = _carriers(noted, "header"), _carriers(noted, "query")
    headers, answer_headers = noted.headers, unpacked(noted.lines)
    given = dict(headers)
    redaction = known.beside(known.unknown(headers, query, body, {*carriers, *own_query}))
    told: dict[str, JSON] = {
        "number": number,
        "at": noted.now if noted.frozen else noted.now - seconds,
        "answered": noted.now,
        "started": wall + noted.started,
        "seconds": seconds,
        "client": _visitor(noted, given),
        "connection": "{}:{}".format(*noted.peer) if noted.peer else "",
        "opened": wall + getattr(noted.peer, "opened", -wall),
        "user_agent": _text(given.get(b"user-agent", b"")),
        "method": method,
        "path": path,
        "status": noted.status,
        "contract": contract.selector if contract is not None else "",
        "operation": endpoint.operation.id if endpoint is not None else "",
        "parameters": {name: _within_64_bits(value) for name, value in resolved.parameters.items()},
        "names": tuple(texts),
        "key": _key(noted, headers, redaction),
        "problem": _problem(noted, contract, answer_body),
        "free_at": _free_at(noted),
        "rule": next((_text(value) for name, value in answer_headers if name == b"x-mock-rule"), ""),
        "fault": str(noted.fault) if noted.fault is not None else "",
        "broken": noted.fault is not None and is_broken(noted.fault),
        "preference": noted.preference.applied if noted.preference is not None else "",
        "test_id": _text(given.get(b"x-test-id", b"")),
        "exposed": redaction.exposed(path, texts, body, own_query),
        "question": _question(noted, texts),
        "data": _data(answer_body, contract),
    }
    return Entry(
        **{name: redaction.mask.value(value) for name, value in told.items()},
        query=redaction.query(query),
        headers=tuple(map(redaction.pair, headers)),
        body=redaction.body(body, media_of(headers))[:_BODY],
        answer_headers=tuple(map(redaction.pair, answer_headers)),
        answer_body=redaction.body(answer_body),
    )


def is_broken(fault: Fault) -> bool:
    """Whether a fault leaves the client without an answer, or with one that is no answer of an API."""
    return not fault.usable and fault.word not in ERRORS


def _within_64_bits(value: JSON) -> JSON:
    """Return a value whose larger integers are texts: no JSON of the journal's readers, nor Redis, takes them."""
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 64 else str(value)
    if isinstance(value, dict):
        return {name: _within_64_bits(item) for name, item in value.items()}
    return [_within_64_bits(item) for item in value] if isinstance(value, list) else value


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _visitor(noted: Noted, headers: Mapping[bytes, bytes]) -> str:
    """The address of who is behind it: the first of `X-Forwarded-For`, else the peer's."""
    forwarded = headers.get(b"x-forwarded-for")
    if forwarded:
        return _text(forwarded.partition(b",")[0].strip())
    return noted.peer[0] if noted.peer else ""


def _key(noted: Noted, headers: Iterable[tuple[bytes, bytes]], redaction: Redaction) -> str:
    """Who sent it: a known key's id, else what it offered, masked."""
    if noted.key is not None and noted.key.secret:
        return noted.key.id
    for name, value in headers:
        if is_credential(_text(name)) and b"cookie" not in name:
            offered = _text(value).strip()
            return redaction.keys.get(offered.rpartition(" ")[2]) or redaction.masked_credential(offered)
    return noted.key.id if noted.key is not None else ""


def _carriers(noted: Noted, location: str) -> frozenset[str]:
    """Return the headers (in lower case) or the query parameters in which this operation takes its credential."""
    endpoint = noted.resolved.endpoint
    if endpoint is None:
        return frozenset()
    schemes = [scheme for requirement in endpoint.operation.security for scheme in requirement]
    names = (scheme.parameter for scheme in schemes if scheme.location == location)
    return frozenset(name.lower() if location == "header" else name for name in names)


def _free_at(noted: Noted) -> float:
    """Return the instant at which the limit that refused a request lets more through; 0 if none did."""
    refusal = noted.refusal
    if refusal is None or noted.status != 429:
        return 0.0
    return refusal.month_reset if refusal.refused == QUOTA_EXCEEDED else refusal.minute_reset


def _problem(noted: Noted, contract: Contract | None, body: bytes) -> str:
    """The kind of error that was answered, by its status and its code; whoever made it."""
    if noted.status < 400 or contract is None:
        return ""
    kinds = contract.errors.with_status(noted.status)
    known = {kind.name for kind in kinds}
    problem = noted.problem or noted.resolved.problem
    engine = noted.refusal.refused if noted.refusal is not None else problem.kind if problem is not None else ""
    if engine in known:
        return engine
    said = [kind for kind in kinds if kind.code and b'"%s"' % kind.code.encode() in body]
    return next((kind.name for kind in (*said, *kinds)), "")


def _question(noted: Noted, texts: Mapping[str, Sequence[str]]) -> str:
    method, path, _ = noted.resolved.target
    asked = (method, _text(path), sorted((name, list(values)) for name, values in texts.items()))
    return sha256(orjson.dumps(asked) + (noted.body or b"")).hexdigest()[:16]


def _data(body: bytes, contract: Contract | None) -> str:
    """A fingerprint of what was said, without the envelope and its time."""
    member = _data_member(contract)
    if member and b'"%s"' % member.encode() in body:
        try:
            whole = orjson.loads(body)
        except orjson.JSONDecodeError:
            whole = None
        if isinstance(whole, dict) and member in whole:
            body = orjson.dumps(whole[member])
    return sha256(body).hexdigest()[:16]


def _data_member(contract: Contract | None) -> str:
    shape = contract.envelope.shape if contract is not None and contract.envelope is not None else None
    if not isinstance(shape, dict):
        return ""
    return next((str(name) for name, value in shape.items() if value == "{data}"), "")
