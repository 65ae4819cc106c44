"""The clauses of good conduct, in the order a report shows them."""

from __future__ import annotations

from mockserver.client_report import asking, waiting
from mockserver.client_report.ruling import Clause

CLAUSES: tuple[Clause, ...] = (
    Clause(
        "honours-retry-after",
        "waits as long as Retry-After says",
        "After a 429 or 503 wait the seconds of Retry-After before anything else is sent with that key.",
        "no answer with Retry-After was followed by another request",
        waiting.honours_retry_after,
    ),
    Clause(
        "backs-off",
        "waits longer before each retry of a request that failed",
        "Double the wait before each retry (1, 2, 4 s), up to a cap; random parts may take half of it.",
        "no request that failed with 5xx or without an answer was retried twice",
        waiting.backs_off,
    ),
    Clause(
        "caps-retries",
        "gives up a request that keeps failing",
        "Stop after a few retries and tell the caller.",
        "no request that failed was retried",
        waiting.caps_retries,
    ),
    Clause(
        "never-retries-client-errors",
        "does not repeat what was refused as wrong",
        "A 4xx other than 408, 425 and 429 stays what it is: change the request, or give up.",
        "no request was refused with such a 4xx",
        waiting.retries_no_client_error,
    ),
    Clause(
        "stops-at-quota",
        "stops when the month's quota is used up",
        "When the month's quota is refused, send nothing with that key before the next month.",
        "the month's quota was never refused",
        waiting.stops_at_quota,
    ),
    Clause(
        "keys-only-in-headers",
        "sends keys in headers only",
        "Put the key into the header that the API names: paths, queries and bodies end up in logs.",
        "no request carried a key",
        asking.keys_only_in_headers,
    ),
    Clause(
        "polls-no-faster-than-data",
        "does not ask again before the data can have changed",
        "Keep an answer for a minute (live figures: for five seconds) instead of asking again.",
        "no question was asked twice",
        asking.polls_no_faster_than_data,
    ),
    Clause(
        "honours-pagination",
        "reads lists page by page, to the end and no further",
        "Take the next offset or page from the answer, and stop where it says that there is no more.",
        "no second page of a list was asked for",
        asking.honours_pagination,
    ),
    Clause(
        "ignores-unknown-fields",
        "goes on when an answer has fields it does not know",
        "Read the fields you need and ignore the rest: APIs add fields without notice.",
        "no answer had an unknown field (the fault UNKNOWN_FIELDS adds one)",
        asking.ignores_unknown_fields,
    ),
    Clause(
        "uses-only-known-parameters",
        "uses only parameters that the contract knows",
        "Use the names of the edition you call: an unknown parameter is ignored without a word.",
        "no request had a query parameter",
        asking.uses_only_known_parameters,
    ),
)


def clause(name: str) -> Clause:
    """A clause by its id, written with hyphens or underscores.

    Raises:
        KeyError: with the ids that exist.
    """
    for found in CLAUSES:
        if found.id == name.replace("_", "-"):
            return found
    raise KeyError(f"no clause {name!r}; there are {', '.join(found.id for found in CLAUSES)}")
