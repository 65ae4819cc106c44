"""The page: complete, self-contained, and escaped whatever a server says."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from apicontract import Fact, Provenance
from contract_tests.model.clause import Clause
from contract_tests.model.exchange import Exchange, Request, Response
from contract_tests.model.finding import CheckedClause, Finding, Result
from contract_tests.report import html_report
from contract_tests.report.context import ReportContext
from contract_tests.report.redaction import Redactor
from tests.contract_tests.results import finding

EVIL = "\"'></pre></style><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}"
_VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Tags, attributes and ids of a page; notes every tag that is closed by another."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


@pytest.fixture
def page(result: Result, context: ReportContext) -> Page:
    return Page(html_report.render(result, context))


def test_it_is_well_formed_and_every_link_leads_somewhere_on_it(page: Page) -> None:
    assert page.crossed == []
    assert page.open == []
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.all("href")} <= set(ids)


def test_it_needs_nothing_from_elsewhere_and_runs_nothing(result: Result, context: ReportContext) -> None:
    text = html_report.render(result, context)
    page = Page(text)
    assert not set(page.tags) & {"script", "link", "iframe", "object", "img", "form"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    assert "default-src 'none'" in text
    assert not re.search(r"url\(|@import", text)


def test_it_says_the_verdict_the_findings_and_what_was_not_checked(page: Page) -> None:
    assert "The server breaks the contract" in page.text
    assert "5 of 6 clauses checked with 3 requests; 1 error, 1 warning, 1 note." in page.text
    assert "X-Usage-Total is missing" in page.text
    assert "needs --key scoped=KEY" in page.text
    assert "the connection was closed before an answer" in page.text


def test_the_grid_tells_outcomes_apart_without_colour(page: Page) -> None:
    labels = page.all("aria-label")
    assert "Lists: 1 broken" in labels
    assert "Security: 1 inconclusive" in labels
    assert "Statuses: 1 hold" in labels
    assert "Headers: 1 broken without failing the run" in labels
    for text in ("✗\u00a01", "?\u00a01", "✓\u00a01"):
        assert text in page.text


def test_only_what_fails_the_run_is_red(result: Result, context: ReportContext) -> None:
    def shades(of: Result) -> Counter[str]:
        return Counter(re.findall(r'class="cell (\w+)"', html_report.render(of, context)))

    assert shades(result) == {"fail": 1, "warned": 2, "inconclusive": 1, "pass": 2}
    accepted = replace(result, findings=(), accepted=result.findings)
    assert shades(accepted) == {"warned": 3, "inconclusive": 1, "pass": 2}


def test_the_grid_always_has_statuses_parameters_headers_and_rules(result: Result, context: ReportContext) -> None:
    text = html_report.render(replace(result, clauses=(), coverage={"a": {}}), context)
    assert re.findall(r'<th scope="col">([^<]+)', text) == ["Operation", "Statuses", "Parameters", "Headers", "Rules"]


def test_nothing_that_anybody_says_becomes_markup(result: Result) -> None:
    request = Request("GET", f"https://h/{EVIL}", ((EVIL, EVIL),), EVIL.encode(), EVIL, {}, EVIL, EVIL)
    exchange = Exchange(1, request, Response(200, ((EVIL, EVIL),), EVIL.encode()), 0.0, 0.0, EVIL)
    strange = Clause(EVIL, EVIL, EVIL, EVIL, (Fact(EVIL, Provenance("documented", page=EVIL)),))
    found = Finding(strange, "error", EVIL, EVIL, {EVIL: EVIL}, (EVIL,), (1,))
    clause = CheckedClause.of(strange, "rule", "inconclusive", EVIL)
    evil = Result("violates", EVIL, EVIL, 1, 1.0, (found,), (clause,), EVIL, {EVIL: {"rule": {"fail": 1}}}, (found,))
    plain = replace(result, findings=(), clauses=(), coverage={})
    page = Page(html_report.render(evil, ReportContext([exchange])))
    assert page.crossed == []
    assert not {"script", "img"} & set(page.tags)
    assert "{{ 7*7 }}" in page.text
    assert Page(html_report.render(plain, ReportContext())).tags["style"] == page.tags["style"] == 1


def test_what_a_reader_would_not_see_is_written_out(page: Page) -> None:
    assert "\u202e" not in page.text
    assert "\\u202e" in page.text


def test_a_result_without_anything_is_a_page_too(result: Result) -> None:
    empty = replace(
        result, verdict="inconclusive", findings=(), clauses=(), coverage={}, stop_reason="target unreachable"
    )
    page = Page(html_report.render(empty, ReportContext()))
    assert "The run could not tell" in page.text
    assert "target unreachable" in page.text
    assert "Nothing was found" in page.text


def test_findings_of_one_check_on_one_operation_share_a_card(result: Result, context: ReportContext) -> None:
    many = tuple(finding(f"CT301:listPages:{number}", f"message {number}") for number in range(9))
    page = Page(html_report.render(replace(result, findings=many), context))
    assert page.tags["article"] == 1
    assert "8 more of CT301 on listPages" in page.text
    for number in range(9):
        assert f"message {number}" in page.text


def test_long_bodies_are_cut(result: Result, exchanges: list[Exchange]) -> None:
    long = replace(exchanges[0], response=Response(200, (), b"x" * 1_000_000))
    text = html_report.render(result, ReportContext([long]))
    assert len(text) < 200_000
    assert "994000 more characters" in text


def test_a_redacted_result_makes_a_page_without_keys(
    result: Result, exchanges: list[Exchange], redactor: Redactor
) -> None:
    assert redactor.leaks(html_report.render(result, ReportContext(exchanges)))
    clean = html_report.render(redactor.result(result), ReportContext([redactor.result(each) for each in exchanges]))
    assert not redactor.leaks(clean)
