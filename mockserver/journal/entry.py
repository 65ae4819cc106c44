"""An entry of the journal: plain values without secrets."""

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
from mockserver.journal.record import JournalRecord
from mockserver.journal.redaction import Redaction, find_media_type, is_credential
from mockserver.pipeline.lines import unpacked

JSON = Any
Pairs = tuple[tuple[str, str], ...]
_BODY = 1_000_000


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
    def line(self) -> str:
        """A one-line summary such as `GET /v1/things?limit=5 → 429 rate-limited`."""
        why = self.fault or self.problem
        return f"{self.method} {self.target} → {self.status or 'no answer'}{' ' + why if why else ''}"


def build_entries(numbered: Iterable[tuple[int, JournalRecord]], redaction: Redaction) -> list[Entry]:
    """Convert numbered records to entries without secrets."""
    wall = time.time() - time.perf_counter()
    return [_entry(number, record, redaction, wall) for number, record in numbered]


def _entry(number: int, record: JournalRecord, known: Redaction, wall: float) -> Entry:
    resolved = record.resolved
    method, raw_path, raw_query = resolved.target
    endpoint, api = resolved.endpoint, resolved.api
    contract = api.contract if api is not None else None
    seconds = max(0.0, record.ended - record.started)
    body, answer_body = record.body or b"", b"".join(record.pieces)
    path, query = raw_path.decode("latin-1"), raw_query.decode("latin-1")
    texts = parse_query(raw_query) if raw_query else {}
    carriers, own_query = _carriers(record, "header"), _carriers(record, "query")
    headers, answer_headers = record.headers, unpacked(record.lines)
    given = dict(headers)
    redaction = known.beside(known.unknown(headers, query, body, {*carriers, *own_query}))
    told: dict[str, JSON] = {
        "number": number,
        "at": record.now if record.frozen else record.now - seconds,
        "answered": record.now,
        "started": wall + record.started,
        "seconds": seconds,
        "client": _visitor(record, given),
        "connection": "{}:{}".format(*record.peer) if record.peer else "",
        "opened": wall + getattr(record.peer, "opened", -wall),
        "user_agent": _text(given.get(b"user-agent", b"")),
        "method": method,
        "path": path,
        "status": record.status,
        "contract": contract.selector if contract is not None else "",
        "operation": endpoint.operation.id if endpoint is not None else "",
        "parameters": {name: _within_64_bits(value) for name, value in resolved.parameters.items()},
        "names": tuple(texts),
        "key": _key(record, headers, redaction),
        "problem": _problem(record, contract, answer_body),
        "free_at": _free_at(record),
        "rule": next((_text(value) for name, value in answer_headers if name == b"x-mock-rule"), ""),
        "fault": str(record.fault) if record.fault is not None else "",
        "broken": record.fault is not None and is_broken(record.fault),
        "preference": record.preference.applied if record.preference is not None else "",
        "test_id": _text(given.get(b"x-test-id", b"")),
        "exposed": redaction.exposed(path, texts, body, own_query),
        "question": _question(record, texts),
        "data": _data(answer_body, contract),
    }
    return Entry(
        **{name: redaction.mask.value(value) for name, value in told.items()},
        query=redaction.query(query),
        headers=tuple(map(redaction.pair, headers)),
        body=redaction.body(body, find_media_type(headers))[:_BODY],
        answer_headers=tuple(map(redaction.pair, answer_headers)),
        answer_body=redaction.body(answer_body),
    )


def is_broken(fault: Fault) -> bool:
    """Return whether a fault leaves the client without an answer of the API."""
    return not fault.usable and fault.word not in ERRORS


def _within_64_bits(value: JSON) -> JSON:
    """Return a value with integers beyond 64 bits as strings, which JSON readers and Redis would not accept."""
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 64 else str(value)
    if isinstance(value, dict):
        return {name: _within_64_bits(item) for name, item in value.items()}
    return [_within_64_bits(item) for item in value] if isinstance(value, list) else value


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _visitor(record: JournalRecord, headers: Mapping[bytes, bytes]) -> str:
    """Return the client's address: the first of `X-Forwarded-For`, else that of the connection."""
    forwarded = headers.get(b"x-forwarded-for")
    if forwarded:
        return _text(forwarded.partition(b",")[0].strip())
    return record.peer[0] if record.peer else ""


def _key(record: JournalRecord, headers: Iterable[tuple[bytes, bytes]], redaction: Redaction) -> str:
    """Return the id of a known key, else the masked credential."""
    if record.key is not None and record.key.secret:
        return record.key.id
    for name, value in headers:
        if is_credential(_text(name)) and b"cookie" not in name:
            offered = _text(value).strip()
            return redaction.keys.get(offered.rpartition(" ")[2]) or redaction.masked_credential(offered)
    return record.key.id if record.key is not None else ""


def _carriers(record: JournalRecord, location: str) -> frozenset[str]:
    """Return the headers (in lower case) or the query parameters in which this operation takes its credential."""
    endpoint = record.resolved.endpoint
    if endpoint is None:
        return frozenset()
    schemes = [scheme for requirement in endpoint.operation.security for scheme in requirement]
    names = (scheme.parameter for scheme in schemes if scheme.location == location)
    return frozenset(name.lower() if location == "header" else name for name in names)


def _free_at(record: JournalRecord) -> float:
    """Return when the limit that refused a request resets, or 0 if it was not refused."""
    refusal = record.refusal
    if refusal is None or record.status != 429:
        return 0.0
    return refusal.month_reset if refusal.refused == QUOTA_EXCEEDED else refusal.minute_reset


def _problem(record: JournalRecord, contract: Contract | None, body: bytes) -> str:
    """Return the kind of the answered error, by status and code."""
    if record.status < 400 or contract is None:
        return ""
    kinds = contract.errors.with_status(record.status)
    known = {kind.name for kind in kinds}
    problem = record.problem or record.resolved.problem
    engine = record.refusal.refused if record.refusal is not None else problem.kind if problem is not None else ""
    if engine in known:
        return engine
    said = [kind for kind in kinds if kind.code and b'"%s"' % kind.code.encode() in body]
    return next((kind.name for kind in (*said, *kinds)), "")


def _question(record: JournalRecord, texts: Mapping[str, Sequence[str]]) -> str:
    method, path, _ = record.resolved.target
    asked = (method, _text(path), sorted((name, list(values)) for name, values in texts.items()))
    return sha256(orjson.dumps(asked) + (record.body or b"")).hexdigest()[:16]


def _data(body: bytes, contract: Contract | None) -> str:
    """Return a hash of the answer without the envelope, which holds the time."""
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
