"""An answered request without its secrets: what the journal shows, and what it shares with other processes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from apicontract.contract import Contract
from apicontract.errors import QUOTA_EXCEEDED
from apicontract.parameters import parse_query
from mockserver.faults.fault import ERRORS, Fault
from mockserver.journal.record import JournalRecord
from mockserver.journal.redaction import Redaction, find_media_type, is_credential
from mockserver.pipeline.request import first_forwarded
from mockserver.pipeline.resolve import Resolved

JSON = Any
Pairs = tuple[tuple[str, str], ...]
_BODY = 1_000_000
_REPEATED, _REPEATED_SIZE = 500, 4_000
_BODIES, _LARGE_BODY = 250, 200_000


class Asked(NamedTuple):
    """What a client asked. Clients repeat themselves, and then this is worked out once.

    `forwarded` is the first address of `X-Forwarded-For`, or empty. The other members are those of `Entry`.
    """

    method: str
    path: str
    query: str
    headers: Pairs
    body: bytes
    user_agent: str
    forwarded: str
    test_id: str
    contract: str
    operation: str
    parameters: Mapping[str, JSON]
    names: tuple[str, ...]
    key: str
    exposed: tuple[str, ...]
    question: str


class Answered(NamedTuple):
    """How a request was answered. `host` is the peer's address, `lines` are the headers of the answer.

    `Entry` documents the other members.
    """

    at: float
    answered: float
    started: float
    seconds: float
    opened: float
    host: str
    connection: str
    status: int
    lines: str
    problem: str
    free_at: float
    fault: str
    broken: bool
    preference: str
    data: str


class Masked(NamedTuple):
    """One answered request; `pieces` are the body of the answer."""

    asked: Asked
    pieces: tuple[bytes, ...]
    answered: Answered


class Masker:
    """Masks answered requests. What many of them share (the request itself, parts of the answer) is masked once."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._asked: dict[tuple[Any, ...], tuple[Asked, Redaction]] = {}
        self._bodies: dict[bytes, tuple[bytes, str]] = {}

    def mask(self, record: JournalRecord) -> Masked:
        """Return an answered request without its secrets."""
        resolved, fault, preference = record.resolved, record.fault, record.preference
        asked, redaction = self._find_asked(record)
        contract = resolved.api.contract if resolved.api is not None else None
        wall = time.time() - time.perf_counter()
        seconds = max(0.0, record.ended - record.started)
        peer = record.peer
        pieces, data = self._body(record.pieces, redaction, contract)
        answered = Answered(
            record.now if record.frozen else record.now - seconds,
            record.now,
            wall + record.started,
            seconds,
            wall + getattr(peer, "opened", -wall),
            peer[0] if peer else "",
            f"{peer[0]}:{peer[1]}" if peer else "",
            record.status,
            redaction.lines(record.lines),
            _problem(record, contract) if record.status >= 400 else "",
            _free_at(record),
            redaction.text(str(fault)) if fault is not None else "",
            fault is not None and is_broken(fault),
            redaction.text(preference.applied) if preference is not None else "",
            data,
        )
        return Masked(asked, pieces, answered)

    def _find_asked(self, record: JournalRecord) -> tuple[Asked, Redaction]:
        body = record.body or b""
        key = record.key.id if record.key is not None else ""
        name = (record.resolved.target, tuple(record.headers), body, key)
        found = self._asked.get(name)
        if found is None:
            found = self._mask_asked(record, body)
            size = sum(len(value) for _, value in record.headers) + sum(map(len, record.resolved.target)) + len(body)
            if size < _REPEATED_SIZE:
                if len(self._asked) >= _REPEATED:
                    self._asked.clear()
                self._asked[name] = found
        return found

    def _mask_asked(self, record: JournalRecord, body: bytes) -> tuple[Asked, Redaction]:
        resolved, headers, known = record.resolved, record.headers, self._redaction
        method, raw_path, raw_query = resolved.target
        path, query = raw_path.decode("latin-1"), raw_query.decode("latin-1")
        texts = parse_query(raw_query) if raw_query else {}
        carriers, own_query = _carriers(resolved, "header"), _carriers(resolved, "query")
        redaction = known.beside(known.unknown(headers, query, body, {*carriers, *own_query}))
        given = dict(headers)
        value = redaction.mask.value
        asked = Asked(
            method,
            redaction.text(path),
            redaction.query(query),
            tuple(map(redaction.pair, headers)),
            redaction.body(body, find_media_type(headers))[:_BODY],
            redaction.text(_text(given.get(b"user-agent", b""))),
            redaction.text(first_forwarded(given)),
            redaction.text(_text(given.get(b"x-test-id", b""))),
            resolved.api.contract.selector if resolved.api is not None else "",
            resolved.endpoint.operation.id if resolved.endpoint is not None else "",
            {value(name): value(_within_64_bits(given)) for name, given in resolved.parameters.items()},
            value(tuple(texts)),
            _key(record, redaction),
            value(redaction.exposed(path, texts, body, own_query)),
            _question(resolved, body, texts),
        )
        return asked, redaction

    def _body(
        self, pieces: tuple[bytes, ...], redaction: Redaction, contract: Contract | None
    ) -> tuple[tuple[bytes, ...], str]:
        """Return the pieces of a body, masked, and the fingerprint of what it says."""
        envelope = contract.envelope if contract is not None else None
        data = envelope.find(pieces, "data") if envelope is not None else None
        if data is None or redaction is not self._redaction:
            body = b"".join(pieces)
            return (redaction.body(body),), _fingerprint(body, contract)
        found = self._bodies.get(data)
        if found is None:
            found = redaction.body(data), _hexdigest(data)
            if len(data) < _LARGE_BODY:
                if len(self._bodies) >= _BODIES:
                    self._bodies.clear()
                self._bodies[data] = found
        clean, digest = found
        return tuple([clean if piece is data else piece for piece in pieces]), digest


def is_broken(fault: Fault) -> bool:
    """Return whether a fault leaves the client without an answer, or with one that is no answer of an API."""
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


def _key(record: JournalRecord, redaction: Redaction) -> str:
    """Return the ID of a known key, else the credential that was offered, masked."""
    if record.key is not None and record.key.secret:
        return record.key.id
    for name, value in record.headers:
        if is_credential(_text(name)) and b"cookie" not in name:
            offered = _text(value).strip()
            return redaction.keys.get(offered.rpartition(" ")[2]) or redaction.masked_credential(offered)
    return record.key.id if record.key is not None else ""


def _carriers(resolved: Resolved, location: str) -> frozenset[str]:
    """Return the headers (in lower case) or the query parameters in which this operation takes its credential."""
    endpoint = resolved.endpoint
    if endpoint is None:
        return frozenset()
    schemes = [scheme for requirement in endpoint.operation.security for scheme in requirement]
    names = (scheme.parameter for scheme in schemes if scheme.location == location)
    return frozenset(name.lower() if location == "header" else name for name in names)


def _free_at(record: JournalRecord) -> float:
    """Return the instant at which the limit that refused a request lets more through; 0 if none did."""
    refusal = record.refusal
    if refusal is None or record.status != 429:
        return 0.0
    return refusal.month_reset if refusal.refused == QUOTA_EXCEEDED else refusal.minute_reset


def _problem(record: JournalRecord, contract: Contract | None) -> str:
    """Return the kind of error that was answered, by its status and its code; whoever made it."""
    if contract is None:
        return ""
    kinds = contract.errors.with_status(record.status)
    known = {kind.name for kind in kinds}
    problem = record.problem or record.resolved.problem
    engine = record.refusal.refused if record.refusal is not None else problem.kind if problem is not None else ""
    if engine in known:
        return engine
    body = b"".join(record.pieces)
    said = [kind for kind in kinds if kind.code and b'"%s"' % kind.code.encode() in body]
    return next((kind.name for kind in (*said, *kinds)), "")


def _question(resolved: Resolved, body: bytes, texts: Mapping[str, Sequence[str]]) -> str:
    method, path, _ = resolved.target
    asked = (method, _text(path), sorted((name, list(values)) for name, values in texts.items()))
    return _hexdigest(orjson.dumps(asked) + body)


def _fingerprint(body: bytes, contract: Contract | None) -> str:
    """Return a fingerprint of what a body says, without the envelope and its time."""
    member = _data_member(contract)
    if member and b'"%s"' % member.encode() in body:
        try:
            whole = orjson.loads(body)
        except orjson.JSONDecodeError:
            whole = None
        if isinstance(whole, dict) and member in whole:
            body = orjson.dumps(whole[member])
    return _hexdigest(body)


def _hexdigest(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


def _data_member(contract: Contract | None) -> str:
    shape = contract.envelope.shape if contract is not None and contract.envelope is not None else None
    if not isinstance(shape, dict):
        return ""
    return next((str(name) for name, value in shape.items() if value == "{data}"), "")
