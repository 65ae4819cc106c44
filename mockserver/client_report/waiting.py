"""Clauses about retries and waits after an error."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from apicontract.errors import QUOTA_EXCEEDED
from mockserver.client_report.knowledge import Knowledge
from mockserver.client_report.ruling import Evidence
from mockserver.clock import next_month, rfc3339
from mockserver.journal.entry import Entry

Proof = tuple[list[Evidence], list[Evidence]]
_ON_THE_WAY = 0.005  # seconds within which another connection may send a request before the answer arrives
_SLACK = 0.01  # seconds that a timer may be early
_AT_ONCE = 0.02  # seconds between an answer and a request without any wait
_RETRY = 60.0  # seconds within which a repeated request is a retry
_MOST_RETRIES = 10
_NO_RETRY = frozenset({408, 425, 429})
_GROWTH, _SHRINK = 1.2, 0.45  # "equal jitter" shortens a wait by half at most


def waited(first: Entry, then: Entry) -> float:
    """Return the seconds between an answer and a request: by the mock's clock or the real one, whichever is more.

    A test may advance the mock's clock instead of sleeping, or sleep while the mock's clock is frozen.
    """
    return max(then.at - first.answered, then.started - first.started - first.seconds)


def saw_answer(first: Entry, then: Entry) -> bool:
    """Whether the client had an answer when it sent a request.

    It had if the request came on the same connection, or repeats the first one on a connection opened afterwards, or
    came later than requests in transit could.
    """
    ended = first.started + first.seconds
    if then.number < first.number or then.started < ended:
        return False
    if then.connection and then.connection == first.connection:
        return True
    if then.question == first.question and then.opened >= ended:
        return True
    return waited(first, then) >= _ON_THE_WAY


def honours_retry_after(entries: Sequence[Entry], _knowledge: Knowledge) -> Proof:
    """Check that nothing is sent with a key until the time of `Retry-After` has passed."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    for index, refused in enumerate(entries):
        asked = refused.retry_after
        if asked is None or refused.status not in (429, 503):
            continue
        later = [then for then in entries[index + 1 :] if _same_limit(refused, then) and saw_answer(refused, then)]
        early = [then for then in later if waited(refused, then) < asked - _SLACK and not _is_free(refused, then)]
        if early:
            wait = _seconds(waited(refused, early[0]))
            more = f", and {len(early) - 1} more too early" if len(early) > 1 else ""
            says = f"{refused.line} said Retry-After: {_seconds(asked)}; {early[0].line} came after {wait}{more}"
            broken.append(Evidence((refused.number, *(then.number for then in early)), says))
        elif later:
            says = f"{refused.line} said Retry-After: {_seconds(asked)}; the next came after "
            kept.append(Evidence((refused.number, later[0].number), says + _seconds(waited(refused, later[0]))))
    return kept, broken


def stops_at_quota(entries: Sequence[Entry], _knowledge: Knowledge) -> Proof:
    """Check that nothing is sent with a key after its monthly quota is exceeded, until the next month."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    refused: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        limit = (entry.contract, entry.key)
        first = refused.get(limit)
        if first is not None and entry.answered >= next_month(first.answered):
            kept.append(Evidence((first.number, entry.number), f"after {first.line} it waited for the next month"))
            del refused[limit]
        elif first is not None and saw_answer(first, entry):
            until = rfc3339(next_month(first.answered))
            broken.append(Evidence((first.number, entry.number), f"{entry.line} before {until}, after {first.line}"))
        elif first is None and entry.problem == QUOTA_EXCEEDED:
            refused[limit] = entry
    kept += [Evidence((first.number,), f"nothing was sent after {first.line}") for first in refused.values()]
    return kept, broken


def backs_off(entries: Sequence[Entry], _knowledge: Knowledge) -> Proof:
    """Check that the waits between the retries of a failed request grow, up to a cap."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    for chain in chains(entries):
        pairs = pairwise(chain)
        waits = [waited(one, other) for one, other in pairs if one.retry_after is None]
        if len(waits) < 2:
            continue
        text = ", ".join(_seconds(wait) for wait in waits)
        evidence = Evidence(tuple(entry.number for entry in chain), f"{chain[0].line}: retried after {text}")
        shrinks = any(later < earlier * _SHRINK for earlier, later in pairwise(waits))
        half = len(waits) // 2
        grows = sum(waits[-half:]) / half > _GROWTH * sum(waits[:half]) / half
        waits_at_all = max(waits) >= _AT_ONCE
        (kept if waits_at_all and grows and not shrinks else broken).append(evidence)
    return kept, broken


def caps_retries(entries: Sequence[Entry], _knowledge: Knowledge) -> Proof:
    """Check that a request that keeps failing is not retried forever."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    for chain in chains(entries):
        retries = len(chain) - 1
        if retries < 1:
            continue
        evidence = Evidence(tuple(entry.number for entry in chain), f"{chain[0].line}: retried {_times(retries)}")
        (broken if retries > _MOST_RETRIES else kept).append(evidence)
    return kept, broken


def retries_no_client_error(entries: Sequence[Entry], _knowledge: Knowledge) -> Proof:
    """Check that a request is not repeated unchanged after a client error."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    for index, refused in enumerate(entries):
        if not 400 <= refused.status < 500 or refused.status in _NO_RETRY:
            continue
        again = next((then for then in entries[index + 1 :] if _is_retry(refused, then)), None)
        if again is None:
            kept.append(Evidence((refused.number,), f"{refused.line} was not sent again"))
        else:
            wait = _seconds(waited(refused, again))
            broken.append(Evidence((refused.number, again.number), f"{refused.line} was sent again after {wait}"))
    return kept, broken


def chains(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return each failed request with its retries, including one that succeeded."""
    found: list[list[Entry]] = []
    open_chains: dict[str, list[Entry]] = {}
    for entry in entries:
        chain = open_chains.get(entry.question)
        if chain is not None and saw_answer(chain[-1], entry):
            chain.append(entry)
        elif failed(entry):
            chain = open_chains[entry.question] = [entry]
            found.append(chain)
        if chain is not None and not failed(entry):
            open_chains.pop(entry.question, None)
    return found


def failed(entry: Entry) -> bool:
    """Whether a retry is appropriate: the answer is a 5xx, incomplete or missing."""
    return entry.status >= 500 or entry.status == 0 or entry.broken


def _is_free(refused: Entry, then: Entry) -> bool:
    """Whether the window has ended: `Retry-After` is in whole seconds, rounded up."""
    return bool(refused.free_at) and then.at >= refused.free_at


def _same_limit(one: Entry, other: Entry) -> bool:
    return one.contract == other.contract and one.key == other.key


def _is_retry(refused: Entry, then: Entry) -> bool:
    same = then.question == refused.question and then.key == refused.key
    return same and saw_answer(refused, then) and waited(refused, then) < _RETRY


def _seconds(value: float) -> str:
    return f"{value:.3f} s".replace(".000", "") if value < 10 else f"{value:.0f} s"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
