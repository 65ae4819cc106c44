"""The clauses of the client report, in the order of the report."""

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
        "waits longer before each retry of a failed request",
        "Double the wait before each retry (1, 2, 4 s), up to a cap; random parts may take half of it.",
        "no failed request (5xx or no answer) was retried twice",
        waiting.backs_off,
    ),
    Clause(
        "caps-retries",
        "stops retrying a request that keeps failing",
        "Stop after a few retries and tell the caller.",
        "no failed request was retried",
        waiting.caps_retries,
    ),
    Clause(
        "never-retries-client-errors",
        "does not repeat a request after a client error",
        "Do not retry after a 4xx other than 408, 425 and 429: change the request, or give up.",
        "no request was refused with such a 4xx",
        waiting.retries_no_client_error,
    ),
    Clause(
        "stops-at-quota",
        "stops when the monthly quota is used up",
        "When the monthly quota is exceeded, send nothing with that key before the next month.",
        "no request exceeded the monthly quota",
        waiting.stops_at_quota,
    ),
    Clause(
        "keys-only-in-headers",
        "sends keys in headers only",
        "Put the key into the header that the API names: paths, queries and bodies are logged.",
        "no request carried a key",
        asking.keys_only_in_headers,
        judges_chosen=True,
    ),
    Clause(
        "polls-no-faster-than-data",
        "does not repeat a request before the data can have changed",
        "Cache an answer for a minute (live data: for five seconds) instead of repeating the request.",
        "no GET request was repeated",
        asking.polls_no_faster_than_data,
    ),
    Clause(
        "honours-pagination",
        "reads lists page by page, to the end and no further",
        "Take the next offset or page from the answer, and stop at the last page.",
        "no second page of a list was requested",
        asking.honours_pagination,
    ),
    Clause(
        "ignores-unknown-fields",
        "goes on when an answer has unknown fields",
        "Read the fields you need and ignore the rest: APIs add fields without notice.",
        "no answer had an unknown field (the fault UNKNOWN_FIELDS adds one)",
        asking.ignores_unknown_fields,
    ),
    Clause(
        "uses-only-known-parameters",
        "uses only parameters of the contract",
        "Use the names of the edition you call: an unknown parameter is ignored without an error.",
        "no request had a query parameter",
        asking.uses_only_known_parameters,
        judges_chosen=True,
    ),
)
