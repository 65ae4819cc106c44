"""The bundled contract against a server that shares nothing with the mock: single defects, and none."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from apicontract import bundled
from contract_tests.model.finding import Result
from contract_tests.run.engine import Options, run
from tests.contract_tests.run.answers import KEYS, Call, Change, unchanged
from tests.contract_tests.run.outside import Outside

CONTRACT = bundled().load("zenovay@2026-02")


def judged(before: Change = unchanged, after: Change = unchanged, **more: Any) -> Result:
    server = Outside(before, after)
    options = Options(
        target="http://127.0.0.1:4010",
        contract=CONTRACT,
        keys=KEYS,
        transport=httpx.MockTransport(server),
        clock=server,
        quota_reserve=0.05,
        **{"max_requests": 260, "min_provenance": "inferred", **more},
    )
    return run(options)[0]


def on(operation: str, change: Callable[[Call], Any]) -> Change:
    """The change, on the successes of one operation."""
    return lambda call: change(call) if call.operation == operation and call.good else None


def given(name: str, change: Callable[[list[str]], list[str]], operation: str = "") -> Change:
    """The change to a parameter before it is looked at."""

    def changed(call: Call) -> None:
        if name in call.query and operation in ("", call.operation):
            call.query[name] = change(call.query[name])

    return changed


def error(status: int, change: Callable[[Call], Any]) -> Change:
    """The change, on errors of one status."""
    return lambda call: change(call) if call.status == status else None


def sent(header: str, change: Callable[[str], str]) -> Change:
    """The change to a response header."""

    def changed(call: Call) -> None:
        if header in call.headers:
            call.headers[header] = change(call.headers[header])

    return changed


def whole(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isdigit()]


def left_empty_is_no_limit(call: Call) -> None:
    if call.query.get("limit") == [""]:
        call.marks.add("limit")
        call.query.update(limit=["99999"])


def shuffled_ties(call: Call) -> None:
    rows = call.data["countries"]
    random.Random(call.server.at.timestamp()).shuffle(rows)
    rows.sort(key=lambda row: -(row["visitors"] // 50))


@pytest.mark.parametrize("profile", ["readonly", "write", "burst"])
def test_a_server_of_other_hands_conforms(profile: str) -> None:
    result = judged(profile=profile)
    assert [(finding.clause.id, finding.message) for finding in result.findings] == []
    assert result.verdict == "conforms"


def another_client(call: Call) -> None:
    """Somebody else asks with the same key, now and then."""
    if call.key == KEYS["main"] and call.server.random.random() < 0.3:
        call.server.used[call.key] += 1
        call.server.minutes[call.key, int(call.server.at.timestamp()) // 60] += 1


def with_offset(call: Call) -> None:
    """Every instant of the body in the time of another place."""
    text = json.dumps(call.body)
    call.body = re.sub(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z", r"\1+00:00", text)


def plan_of_its_own(call: Call) -> None:
    """Forty-five a minute, of which fifteen are never given."""
    sent("X-RateLimit-Limit", lambda _: "45")(call)
    if call.operation == "usage" and call.good:
        call.data["rate_limits"]["requests_per_minute"] = 45
        call.data["subscription"]["tier"] = "agency"


def compressed(call: Call) -> None:
    call.body = gzip.compress(json.dumps(call.body).encode())
    call.headers["content-encoding"] = "gzip"


@pytest.mark.parametrize(
    "change",
    [
        lambda call: call.server.sleep(call.server.random.uniform(0.005, 0.5)),
        another_client,
        with_offset,
        compressed,
        plan_of_its_own,
        on("list", lambda call: call.data.update(websites=[], total=0)),
    ],
    ids=["5 to 500 ms", "another client", "an offset", "gzip", "a plan of its own", "no websites"],
)
def test_a_server_that_only_differs_conforms(change: Callable[[Call], Any]) -> None:
    result = judged(after=change, max_requests=130)
    assert [(finding.clause.id, finding.message) for finding in result.findings] == []
    assert result.verdict == "conforms"


def one_more_visit(call: Call) -> None:
    """A site that is visited all the time, and began today."""
    server = call.server
    for visits in server.visits.values():
        if visits[-1]["at"] < server.at - timedelta(hours=9):
            for visit in visits:
                visit["at"] = server.at - timedelta(seconds=10 + (server.at - visit["at"]).total_seconds() / 1200)
        number = len(visits)
        visits.insert(0, {**visits[number // 2], "id": f"v-{number:05d}-new", "at": server.at, "person": number})


@pytest.mark.parametrize(("seed", "budget"), [(0, 260), (1, 260), (2, 120), (3, 120), (4, 60)])
def test_a_young_site_whose_figures_grow_with_every_request_has_no_findings(seed: int, budget: int) -> None:
    result = judged(one_more_visit, seed=seed, max_requests=budget)
    assert [(finding.clause.id, finding.message) for finding in result.findings] == []
    assert result.verdict == ("conforms" if budget >= 120 else "inconclusive")


def test_tracked_sessions_are_waited_for_once_while_the_other_requests_are_sent() -> None:
    result = judged(profile="write")
    assert result.seconds < 400
    tracking = {clause.code: clause.outcome for clause in result.clauses if clause.area == "tracking"}
    assert set(tracking.values()) == {"pass"}


DOCUMENTED: dict[str, tuple[str, Change, Change]] = {
    "a code in other letters": ("CT107", unchanged, error(401, lambda c: c.body["error"].update(code="unauthorized"))),
    "a list of other member names": (
        "CT106",
        unchanged,
        on("heatmaps", lambda c: [row.update(interactions=row.pop("total_interactions")) for row in c.data["pages"]]),
    ),
    "an instant with a space": (
        "CT106",
        unchanged,
        on(
            "list", lambda c: [row.update(created_at=row["created_at"].replace("T", " ")) for row in c.data["websites"]]
        ),
    ),
    "another order": ("CT501", unchanged, on("heatmaps", lambda c: c.data["pages"].reverse())),
    "bytes that are no UTF-8": ("CT105", unchanged, on("list", lambda c: setattr(c, "body", b'{"a": "\xe9"}'))),
    "a foreign website for a limited key": (
        "CT206",
        lambda c: c.marks.add("open") if c.operation == "website" else None,
        unchanged,
    ),
    "a crash on what is given twice": (
        "CT102",
        unchanged,
        lambda c: setattr(c, "status", 500) if any(len(texts) > 1 for texts in c.query.values()) else None,
    ),
    "a refusal that lists websites": (
        "CT205",
        unchanged,
        error(403, lambda c: c.body.update(data={"websites": [{"id": "1", "domain": "x", "name": "y"}]})),
    ),
    "HTML for an unknown website": (
        "CT104",
        unchanged,
        error(404, lambda c: c.headers.update({"content-type": "text/html"}) if c.operation == "website" else None),
    ),
}
SUPPLEMENT: dict[str, tuple[str, Change, Change]] = {
    "a day's visitors are a week's": (
        "CT507",
        given("range", lambda texts: ["7d"] if texts == ["24h"] else texts, "visitors"),
        unchanged,
    ),
    "without a filter only some": ("CT308", lambda c: c.query.setdefault("status", ["unresolved"]), unchanged),
    "another order every time": ("CT501", unchanged, on("countries", shuffled_ties)),
    "a reset in milliseconds": ("CT605", unchanged, sent("X-RateLimit-Reset", lambda text: f"{text}000")),
    "another limit than the plan's": ("CT601", unchanged, sent("X-RateLimit-Limit", lambda _: "60")),
    "a request id of a few letters": ("CT109", unchanged, sent("x-request-id", lambda text: text[:8])),
    "records are skipped": (
        "CT405",
        given("offset", lambda texts: [str(int(texts[0]) + 1)] if texts[0].isdigit() and texts != ["0"] else texts),
        unchanged,
    ),
}


UNSTATED: dict[str, tuple[str, Change, Change]] = {
    "limits that are added up": (
        "CT311",
        given("limit", lambda texts: [str(sum(whole(texts)))] if len(whole(texts)) > 1 else texts),
        unchanged,
    ),
    "a limit left empty means no limit": (
        "CT311",
        left_empty_is_no_limit,
        unchanged,
    ),
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_defect_in_what_is_documented_fails_the_run(name: str) -> None:
    code, before, after = DOCUMENTED[name]
    result = judged(before, after, min_provenance="documented", max_requests=130)
    assert result.verdict == "violates"
    assert code in {finding.code for finding in result.findings if finding.severity == "error"}


@pytest.mark.parametrize("name", SUPPLEMENT)
def test_a_defect_in_what_only_the_supplement_says_warns(name: str) -> None:
    code, before, after = SUPPLEMENT[name]
    result = judged(before, after, min_provenance="documented")
    assert code in {finding.code for finding in result.findings if finding.severity != "info"}
    assert result.verdict == "conforms"


@pytest.mark.parametrize("name", UNSTATED)
def test_what_no_document_speaks_of_is_a_hint(name: str) -> None:
    code, before, after = UNSTATED[name]
    result = judged(before, after)
    assert (result.verdict, result.findings) == ("conforms", ())
    assert code in {hint.code for hint in result.hints}


@pytest.mark.parametrize(
    ("code", "severity", "operation", "change"),
    [
        ("CT706", "warning", "live", lambda c: c.data.update(visitors=len(c.server.live[c.site]))),
        (
            "CT706",
            "warning",
            "live",
            lambda c: c.data.update(
                visitors=sum((c.server.at - at).total_seconds() < 120 for at in c.server.live[c.site].values())
            ),
        ),
        ("CT701", "warning", "track", lambda c: [seen.clear() for seen in c.server.live.values()]),
    ],
    ids=["sessions never end", "sessions end early", "page views do not count"],
)
def test_a_defect_of_tracking_is_found(code: str, severity: str, operation: str, change: Callable[[Call], Any]) -> None:
    found = judged(after=on(operation, change), profile="write", min_provenance="documented")
    assert (code, severity) in {(finding.code, finding.severity) for finding in found.findings}


def test_a_heartbeat_that_does_nothing_is_found() -> None:
    found = judged(lambda c: setattr(c.server, "_keep", lambda _code, _session: None), profile="write")
    assert [finding.code for finding in found.findings] == ["CT705"]


def test_a_refusal_of_the_minute_that_counts_or_speaks_of_the_month_is_found() -> None:
    def counting(call: Call) -> None:
        if call.status == 429 and call.key == KEYS["main"]:
            call.server.used[call.key] += 1
            call.body["error"]["code"] = "MONTHLY_LIMIT_EXCEEDED"

    found = judged(after=counting, profile="burst")
    assert {"CT107", "CT607"} <= {finding.code for finding in found.findings if not finding.flaky}


@pytest.mark.parametrize(
    ("clause", "change"),
    [
        ("CT115:listWebsites:HEAD status", lambda c: setattr(c, "status", 403)),
        ("CT115:listWebsites:HEAD content type", lambda c: c.headers.update({"content-type": "text/plain"})),
        ("CT115:listWebsites:HEAD X-RateLimit-Limit", lambda c: c.headers.pop("X-RateLimit-Limit")),
        ("", lambda c: setattr(c, "status", 405)),
        ("", lambda c: c.headers.pop("content-type")),
    ],
    ids=["another status", "another type", "a header less", "not served", "no content type"],
)
def test_head_is_compared_with_get_as_far_as_http_says(clause: str, change: Callable[[Call], Any]) -> None:
    found = judged(after=lambda c: change(c) if c.request.method == "HEAD" else None, max_requests=130)
    assert {finding.clause.id for finding in found.findings} == ({clause} if clause else set())


def test_generated_bodies_are_sent_to_a_server_that_may_be_written_to_and_to_no_other() -> None:
    def crash(call: Call) -> None:
        if call.operation == "track" and b"null" in call.request.content:
            call.status = 500

    phases = frozenset({"fuzz", "probe"})
    found = judged(after=crash, profile="write", phases=phases, max_requests=330)
    shown = min((finding.curl[0] for finding in found.findings if finding.code == "CT102"), key=len)
    assert "-X POST" in shown
    assert len(shown) < 400
    assert judged(after=crash, phases=phases, max_requests=330).findings == ()
