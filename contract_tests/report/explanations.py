"""What each check proves, on which documents it stands, how to reproduce a violation and how to fix it."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from apicontract import Contract, Operation, Provenance
from contract_tests.checks.registry import CHECKS
from contract_tests.model.keys import VARIABLE


@dataclass(frozen=True, slots=True)
class Guidance:
    """What holds for every check of one area."""

    source: str
    reproduce: str
    fix: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One check, explained. `sources` are the pages and sections that its clauses stand on."""

    code: str
    title: str
    proves: str
    area: str
    guidance: Guidance
    sources: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The explanation as plain text."""
        sources = (self.guidance.source, *self.sources)
        parts = [
            f"{self.code}: {self.title}",
            f"What it proves\n{_wrapped(self.proves)}",
            "From which document\n" + "\n".join(_wrapped(line) for line in sources),
            f"How to reproduce\n{_wrapped(self.guidance.reproduce)}",
            f"How to fix\n{_wrapped(self.guidance.fix)}",
        ]
        return "\n\n".join(parts)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 96, initial_indent="  ", subsequent_indent="  ")


_CURL = f"Export {VARIABLE} and paste the curl lines of the finding; they are in every report. "
_GUIDANCE: Mapping[str, Guidance] = {
    "status": Guidance(
        "The responses that the contract lists for the operation, and x-errors for when each is given.",
        _CURL + "Look at the status line and the error code (curl -i).",
        "Answer the status that the contract lists for this request. If the server is right and the contract is not, "
        "add the status to the operation's responses.",
    ),
    "parameter": Guidance(
        "The parameters of the operation: their defaults, enumerations, bounds and types.",
        _CURL + "Two lines mean that the two answers are compared.",
        "Validate the parameter before it is used, at both sides of each bound, and refuse a wrong value with the "
        "error of the contract: never with a 5xx, never by taking another value in its place.",
    ),
    "header": Guidance(
        "The headers that the contract declares for the operation and status.",
        _CURL + "The headers come with curl -i; their names count in any case.",
        "Send the header on every answer that declares it, errors included, in the declared format and unit. "
        "A proxy in between may have removed it.",
    ),
    "rule": Guidance(
        "x-rules of the operation, or x-cross-rules at the contract's root: CEL over whole answers.",
        _CURL + "Put the numbers of the answers into the rule; with several lines, all answers speak of the same site.",
        "Compute both sides of the rule from the same data. Usual causes: another window for the total than for "
        "its days, a limit that is applied before the sum, rounding, a cached answer.",
    ),
    "schema": Guidance(
        "The schema of the response's content, and the envelope around it.",
        _CURL + "The message names the place in the body and what the schema expects there.",
        "Send the member with the declared type and format. Additional members are fine, missing ones are not, and "
        "null only where the schema allows it.",
    ),
    "security": Guidance(
        "The operation's security and its schemes, and the errors for missing and insufficient permission.",
        _CURL + "The line carries no key, a damaged key, or the key of another role, as the finding says.",
        "Check the credential before anything else is done with the request, compare it whole, and check on every "
        "operation whether the key may see the resource that the path names.",
    ),
    "limit": Guidance(
        "x-plans and x-rate-limit, and the headers that report them.",
        _CURL + "Send the line several times within a minute and compare the headers from answer to answer.",
        "Count each request exactly once, before it is answered, in one place that headers, usage and refusal all "
        "read. Statuses that are declared uncounted must not count.",
    ),
    "list": Guidance(
        "The parameters that page and bound the list, and the order that the contract states for it.",
        _CURL + "Compare the lists: which records are twice, missing, or in another place.",
        "Sort by a key that no two records share (add the id as the last), apply the limit after the order, and "
        "derive has_more from the records that are left.",
    ),
    "tracking": Guidance(
        "The public operations that record something, and those that count it.",
        _CURL + "They change data: use a site made for tests. The last line reads what the others should have changed.",
        "Make what was accepted visible at once, end it after the stated time, and let refused input change nothing.",
    ),
}
_OTHER = Guidance("The contract that was checked.", _CURL, "Change the server, or the contract where it is wrong.")


_FIXES: Mapping[str, str] = {
    "CT102": "Find the exception in the server's log under the time of the exchange. Validate input before it is used; "
    "what cannot be understood is the client's error, a 4xx.",
    "CT110": "Let the router's own 404 speak the API's error format, with its content type and code.",
    "CT111": "Answer 405 with an Allow header that lists what the path does have, in the API's error format.",
    "CT113": "See whether the server is up, the target's address and port are right, and nothing between cuts "
    "connections. A crash of the worker looks like this, too.",
    "CT202": "Compare the whole key, byte by byte and in constant time: no prefix, no lower-casing, no trimming.",
    "CT203": "Ignore credentials in the query: they end up in logs. Read them only where the contract puts them.",
    "CT206": "Look the resource up together with the key's owner, in one place that every operation passes.",
    "CT209": "Do not repeat request headers or parameters that carry a key, in bodies, headers or error messages.",
    "CT115": "Let HEAD run what GET runs, its checks of key and resource included, and leave out the body; or answer "
    "405 to every HEAD.",
    "CT311": "Refuse a parameter that stands twice or empty as any other wrong value, or take one value and answer as "
    "if it stood alone. Never add values up, and never read an empty one as `everything`.",
    "CT503": "Give the query a total order and take one snapshot for the whole answer; caches of several workers that "
    "differ look like this, too.",
    "CT507": "Choose the records by the instant they are listed by, from the beginning of the range that was asked "
    "for. Usual causes: one range is taken for another, or the range is read and not used.",
    "CT605": "Send the instant at which the window ends, in the declared unit: seconds and milliseconds are a factor "
    "of 1000 apart, and a duration is no instant.",
    "CT607": "Decide whether a request is refused before it is counted, so that a 401 or a 429 costs nothing.",
    "CT609": "Compute Retry-After from the end of the same window that refuses, rounded up to whole seconds.",
}
"""How to fix a violation, where the advice of the area is not enough."""


def explanation_of(code: str, contracts: Iterable[Contract] = ()) -> Explanation:
    """Return the explanation of a code; for an unknown code, what holds for every check."""
    check = CHECKS.get(code)
    if check is None:
        return Explanation(code, code, "A clause of the contract.", "", _OTHER)
    sources = tuple(line for contract in contracts for line in sources_of(check.area, contract))
    guidance = _GUIDANCE[check.area]
    if code in _FIXES:
        guidance = replace(guidance, fix=_FIXES[code])
    return Explanation(code, check.title, check.proves, check.area, guidance, sources)


def similar(code: str) -> list[str]:
    """Return known codes that are similar to an unknown one."""
    known = {known.upper(): known for known in CHECKS}
    return [known[name] for name in difflib.get_close_matches(code.upper(), known, 3, 0.5)]


def sources_of(area: str, contract: Contract) -> list[str]:
    """Return the pages and sections that the clauses of an area stand on, documented ones first."""
    counts: dict[str, int] = {}
    for provenance in _provenances(area, contract):
        counts[str(provenance)] = counts.get(str(provenance), 0) + 1
    documented = [line for line in sorted(counts) if not line.startswith("inferred")]
    inferred = sum(count for line, count in counts.items() if line.startswith("inferred"))
    lines = [f"{contract.selector}: {line}" for line in documented]
    return [*lines, f"{contract.selector}: inferred, {inferred} of them"] if inferred else lines


def _provenances(area: str, contract: Contract) -> Iterable[Provenance]:
    if area == "limit":
        yield from (plan.provenance for plan in contract.plans.values())
        if contract.rate_limit:
            yield contract.rate_limit.provenance
        return
    if area == "rule":
        yield from (rule.provenance for rule in contract.cross_rules)
    for operation in contract.operations:
        yield from _of_operation(area, operation)


def _of_operation(area: str, operation: Operation) -> Iterable[Provenance]:
    responses = operation.responses.values()
    if area in ("status", "schema"):
        yield from (response.provenance for response in responses)
    elif area == "header":
        yield from (header.provenance for response in responses for header in response.headers)
    elif area in ("parameter", "list"):
        yield from (parameter.provenance for parameter in operation.parameters)
    elif area == "rule":
        yield from (rule.provenance for rule in operation.rules)
    elif area == "security" or (area == "tracking" and not operation.security):
        yield operation.provenance
