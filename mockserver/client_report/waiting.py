"""Clauses about time: what a client does after it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from apicontract.errors import QUOTA_EXCEEDED
from mockserver.client_report.knowledge import Knowledge
from mockserver.client_report.ruling import Evidence
from mockserver.clock import next_month, rfc3339
from mockserver.state.entry import Entry

Proof = tuple[list[Evidence], list[Evidence]]
_ON_THE_WAY = 0.005  # within these seconds a request on another connection may have been sent before the answer came
_SLACK = 0.01  # timers are not exact
_AT_ONCE = 0.02  # what a client and a busy machine need between an answer and the next request: no wait at all
_RETRY = 60.0  # the same question again within this time is a retry
_MOST_RETRIES = 10
_NO_RETRY = frozenset({408, 425, 429})
_GROWTH, _SHRINK = 1.2, 0.45  # "equal jitter" halves a wait at most


def waited(first: Entry, then: Entry) -> float:
    """Seconds between an answer and a request: by the mock's clock or the machine's own, whichever saw more.

    A test turns the mock's clock where a client would sleep; a frozen clock does not see a client that really sleeps.
    """
    return max(then.at - first.answered, then.started - first.started - first.seconds)


def knew(first: Entry, then: Entry) -> bool:
    """Whether a request was sent in the knowledge of an answer.

    What comes on the same connection was, and so was the same question on a connection that was made afterwards; of
    anything else that comes at once nobody can tell.
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
    """After an answer with `Retry-After`, nothing is asked of that API with that key until it has passed."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    for index, refused in enumerate(entries):
        asked = refused.retry_after
        if asked is None or refused.status not in (429, 503):
            continue
        later = [then for then in entries[index + 1 :] if _same_limit(refused, then) and knew(refused, then)]
        early = [then for then in later if waited(refused, then) < asked - _SLACK and not _is_free(refused, then)]
        if early:
            wait = _seconds(waited(refused, early[0]))
            more = f", and {len(early) - 1} more before it had passed" if len(early) > 1 else ""
            says = f"{refused.line} said Retry-After: {_seconds(asked)}; {early[0].line} came after {wait}{more}"
            broken.append(Evidence((refused.number, *(then.number for then in early)), says))
        elif later:
            says = f"{refused.line} said Retry-After: {_seconds(asked)}; the next came after "
            kept.append(Evidence((refused.number, later[0].number), says + _seconds(waited(refused, later[0]))))
    return kept, broken


def stops_at_quota(entries: Sequence[Entry], _knowledge: Knowledge) -> Proof:
    """After the month's quota is refused, nothing is asked with that key before the next month."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    refused: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        limit = (entry.contract, entry.key)
        first = refused.get(limit)
        if first is not None and entry.answered >= next_month(first.answered):
            kept.append(Evidence((first.number, entry.number), f"after {first.line} it waited for the next month"))
            del refused[limit]
        elif first is not None and knew(first, entry):
            until = rfc3339(next_month(first.answered))
            broken.append(Evidence((first.number, entry.number), f"{entry.line} before {until}, after {first.line}"))
        elif first is None and entry.problem == QUOTA_EXCEEDED:
            refused[limit] = entry
    kept += [Evidence((first.number,), f"nothing was asked after {first.line}") for first in refused.values()]
    return kept, broken


def backs_off(entries: Sequence[Entry], _knowledge: Knowledge) -> Proof:
    """Waits between the retries of a request that failed grow, until they level off."""
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
    """A request that keeps failing is given up."""
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
    """What was refused as wrong is not asked again as it was."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    for index, refused in enumerate(entries):
        if not 400 <= refused.status < 500 or refused.status in _NO_RETRY:
            continue
        again = next((then for then in entries[index + 1 :] if _is_retry(refused, then)), None)
        if again is None:
            kept.append(Evidence((refused.number,), f"{refused.line} was not asked again"))
        else:
            wait = _seconds(waited(refused, again))
            broken.append(Evidence((refused.number, again.number), f"{refused.line} was asked again after {wait}"))
    return kept, broken


def chains(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Requests that failed (5xx, or no whole answer) with their retries, the one that went well included."""
    found: list[list[Entry]] = []
    open_chains: dict[str, list[Entry]] = {}
    for entry in entries:
        chain = open_chains.get(entry.question)
        if chain is not None and knew(chain[-1], entry):
            chain.append(entry)
        elif failed(entry):
            chain = open_chains[entry.question] = [entry]
            found.append(chain)
        if chain is not None and not failed(entry):
            open_chains.pop(entry.question, None)
    return found


def failed(entry: Entry) -> bool:
    """Whether trying again is the right thing to do: the server failed, or its answer did not arrive whole."""
    return entry.status >= 500 or entry.status == 0 or entry.broken


def _is_free(refused: Entry, then: Entry) -> bool:
    """Whether the limit lets more through: `Retry-After` is in whole seconds, rounded up."""
    return bool(refused.free_at) and then.at >= refused.free_at


def _same_limit(one: Entry, other: Entry) -> bool:
    return one.contract == other.contract and one.key == other.key


def _is_retry(refused: Entry, then: Entry) -> bool:
    same = then.question == refused.question and then.key == refused.key
    return same and knew(refused, then) and waited(refused, then) < _RETRY


def _seconds(value: float) -> str:
    return f"{value:.3f} s".replace(".000", "") if value < 10 else f"{value:.0f} s"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
