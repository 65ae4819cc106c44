"""Every check by its stable code. A code is never renumbered and never reused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contract_tests.model.finding import Area


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """What a check is called, what it proves, and the column of the coverage grid it belongs to."""

    code: str
    title: str
    proves: str
    area: Area


_ALL: tuple[tuple[str, Area, str, str], ...] = (
    ("CT100", "status", "a check failed by itself", "Every check of this tool can judge whatever a server answers."),
    ("CT101", "status", "valid request refused", "A valid request with a good key is answered with a success."),
    ("CT102", "status", "server error", "No request, however odd, is answered with a 5xx."),
    ("CT103", "status", "undeclared status", "Every status that is answered is declared for the operation."),
    ("CT104", "schema", "wrong content type", "The body has a content type that is declared for its status."),
    ("CT105", "schema", "unreadable body", "A body that is declared as JSON is JSON."),
    (
        "CT106",
        "schema",
        "body breaks its schema",
        "Every body keeps the schema of its status: members, types, formats, bounds.",
    ),
    ("CT107", "schema", "wrong error code", "An error says the code that the contract gives its cause."),
    ("CT108", "header", "missing header", "Every header that is declared for an answer is sent with it."),
    ("CT109", "header", "malformed header", "Every declared header keeps its schema."),
    ("CT110", "status", "unknown path answered", "A path that the contract does not know is answered 404."),
    ("CT111", "status", "wrong method answered", "A method that a path does not have is answered 405."),
    ("CT112", "header", "request ids repeat", "No two answers carry the same request id."),
    ("CT113", "status", "no answer", "Every request is answered."),
    (
        "CT114",
        "schema",
        "error names the wrong parameter",
        "The details of a 400 name the parameter that was wrong and what was given.",
    ),
    ("CT115", "status", "HEAD differs from GET", "HEAD answers what GET answers, without its body."),
    ("CT201", "security", "answered without a key", "Without a key a protected operation answers 401."),
    (
        "CT202",
        "security",
        "accepted a bad key",
        "A key that is not exactly a good one, in the right place, is answered 401.",
    ),
    (
        "CT203",
        "security",
        "accepted a key in the query",
        "A key in the query string is no credential where the contract does not say so.",
    ),
    ("CT204", "security", "a scheme does not work", "Every security scheme of the contract works alone."),
    ("CT205", "security", "refusal carries data", "A refused request gets no data."),
    (
        "CT206",
        "security",
        "key reaches a foreign resource",
        "A key that is limited to one resource cannot see another one on any operation.",
    ),
    ("CT207", "security", "public operation wants a key", "A public operation needs no key."),
    ("CT208", "security", "accepted a revoked key", "A revoked key is answered 401."),
    ("CT209", "security", "secret in an answer", "No answer repeats the key it was asked with."),
    (
        "CT210",
        "security",
        "unknown resource answered",
        "A resource that does not exist is refused as the contract says.",
    ),
    ("CT211", "security", "limited key lists too much", "A limited key lists its own resource only."),
    ("CT301", "parameter", "wrong default", "A parameter that is left out has its documented default."),
    ("CT302", "parameter", "valid value refused", "Every value of an enum and both ends of every range are accepted."),
    ("CT303", "parameter", "out of bounds accepted", "A value just outside a bound is answered 400."),
    ("CT304", "parameter", "wrong type accepted", "A value of a wrong type is answered 400."),
    ("CT305", "parameter", "unknown enum value accepted", "A value outside an enum is answered 400."),
    (
        "CT306",
        "parameter",
        "unknown parameter matters",
        "A query parameter that the contract does not know changes nothing.",
    ),
    (
        "CT307",
        "parameter",
        "required parameter not required",
        "A request without a required parameter is answered 400.",
    ),
    ("CT308", "parameter", "filter does not filter", "A filtered answer holds only what matches the filter."),
    ("CT309", "parameter", "malformed id accepted", "A path parameter that breaks its format is refused."),
    ("CT310", "parameter", "parameter has no effect", "Different ranges give different data where the data differs."),
    (
        "CT311",
        "parameter",
        "ambiguous value answered outside the contract",
        "A value given twice or left empty is refused as documented, or answered as if one of them or none was given.",
    ),
    ("CT401", "list", "more than the limit", "A list is never longer than its limit."),
    ("CT402", "list", "less than the limit", "A list is as long as its limit allows while records remain."),
    ("CT403", "list", "short list is no prefix", "A shorter list is the beginning of a longer one."),
    ("CT404", "list", "pages overlap", "No record stands on two pages."),
    ("CT405", "list", "pages lose records", "The pages of a list together are the list."),
    ("CT406", "list", "wrong end of list", "`has_more` and totals say exactly whether records remain."),
    ("CT407", "list", "record past the end", "A page behind the last one is empty."),
    ("CT408", "list", "record listed twice", "No list holds a record twice."),
    (
        "CT409",
        "list",
        "pagination echoes wrongly",
        "The pagination of an answer repeats the limit, offset or page that was asked for.",
    ),
    ("CT501", "rule", "rule broken", "A rule of the contract holds for every success."),
    ("CT502", "rule", "rule across operations broken", "A rule of the contract holds between answers."),
    ("CT503", "rule", "same request, other data", "The same request twice gives the same data."),
    ("CT504", "rule", "longer range holds less", "A longer time range holds at least what a shorter one does."),
    ("CT505", "rule", "operations disagree", "A record is the same wherever it is shown."),
    ("CT506", "rule", "two resources, one answer", "Different resources have different data."),
    (
        "CT507",
        "rule",
        "record outside the range",
        "A list in the order of time runs no farther back than the range that was asked for.",
    ),
    (
        "CT601",
        "limit",
        "limit contradicts the plan",
        "The limit that is announced is that of the plan, and the same on every answer.",
    ),
    (
        "CT602",
        "limit",
        "remaining does not count down",
        "Remaining goes down by exactly one with every counted request.",
    ),
    ("CT603", "limit", "remaining out of range", "Remaining lies between zero and the limit."),
    ("CT604", "limit", "month does not count up", "Monthly usage goes up by exactly one with every counted request."),
    (
        "CT605",
        "limit",
        "reset is wrong",
        "A reset lies in the future, in the documented unit, no farther than its window.",
    ),
    (
        "CT606",
        "limit",
        "refused although requests remain",
        "A request is not refused for its rate while requests remain.",
    ),
    ("CT607", "limit", "uncounted answer was counted", "Answers that are never counted leave the limits as they were."),
    ("CT608", "limit", "429 too early or too late", "Exactly as many requests succeed in a window as its limit says."),
    (
        "CT609",
        "limit",
        "Retry-After is not true",
        "After Retry-After, and not much later than needed, requests succeed again.",
    ),
    ("CT610", "limit", "exhausted month answered", "A key whose month is used up is answered 429."),
    ("CT612", "limit", "429 without Retry-After", "Every 429 says in Retry-After how long to wait."),
    ("CT701", "tracking", "page view does not count", "A page view raises the live count at once."),
    ("CT702", "tracking", "refused input counted", "Refused input changes nothing."),
    ("CT703", "tracking", "bad input accepted", "Broken, oversized or unknown input is refused with a 4xx."),
    (
        "CT704",
        "tracking",
        "visitor counted twice",
        "A second page view of a session does not raise the live count again.",
    ),
    ("CT705", "tracking", "heartbeat does not keep", "A heartbeat keeps a session alive."),
    ("CT706", "tracking", "session does not end", "Five minutes without a sign end a session."),
    ("CT707", "tracking", "event missing from figures", "A tracked page view is in today's figures."),
)

CHECKS: Mapping[str, CheckInfo] = {code: CheckInfo(code, title, proves, area) for code, area, title, proves in _ALL}
