"""No report holds a character that a terminal, browser or editor would obey unseen."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from apicontract.safetext.invisible import json_escaped, one_line, visible
from contract_tests.model.exchange import Exchange, Request, Response
from contract_tests.model.finding import Result
from contract_tests.reading.har import har_of
from contract_tests.report import github
from contract_tests.report.context import ReportContext
from contract_tests.report.files import FORMATS
from contract_tests.report.json_report import json_of
from contract_tests.report.sarif import sarif_of
from contract_tests.report.terminal import summarise
from tests.contract_tests.results import finding

INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
ODD = st.text(
    st.sampled_from('a\x1b\x07\x00\x7f\x85\x9b\u061c\u200b\u200e\u2028\u202e\u2066\u2069\ufeff\U000e0041\r\n\t\\"<')
)


def unseen(text: str) -> set[str]:
    return {char for char in text if unicodedata.category(char) in INVISIBLE} - {"\n", "\t"}


@given(st.text() | ODD)
def test_text_is_made_visible_in_every_way(text: str) -> None:
    assert unseen(visible(text)) == set()
    assert unseen(one_line(text)) == set()
    assert "\n" not in one_line(text)
    assert json.loads(json_escaped(json.dumps(text, ensure_ascii=False))) == text
    assert unseen(json_escaped(json.dumps(text, ensure_ascii=False))) == set()


def test_every_invisible_character_of_unicode_is_known() -> None:
    found = "".join(char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) in INVISIBLE)
    assert unseen(visible(found)) == set()
    plain = "äöü…€日本語🙂\u00a0"
    assert visible(plain) == one_line(plain.strip()) + "\u00a0" == plain


def run_with(result: Result, text: str) -> tuple[Result, ReportContext]:
    """A result and its exchanges with a text wherever a server may have put one."""
    found = finding(
        f"CT301:listPages:{text}", text, page=text, expected={text: [text]}, seen=text, curl=(text,), exchanges=(1,)
    )
    headers, body = (("x-odd", text),), text.encode("utf-8", "surrogatepass")
    request = Request("GET", f"https://example.com/?q={text}", headers, body, "listPages")
    exchange = Exchange(1, request, Response(200, headers, body), 0.0, 0.1)
    told = replace(result, findings=(found,), accepted=(found,), stop_reason=text, target=f"https://example.com/{text}")
    return told, ReportContext([exchange])


@pytest.mark.parametrize("name", FORMATS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ODD)
def test_no_report_holds_an_invisible_character(result: Result, name: str, text: str) -> None:
    told, background = run_with(result, text)
    written = FORMATS[name](told, background)
    assert unseen(written) == set()
    if name == "junit":
        Xml.fromstring(written)
    elif name != "html":
        meant: dict[str, Any] = {
            "json": json_of(told),
            "sarif": sarif_of(told, background),
            "har": har_of(background.exchanges),
        }
        assert json.loads(written) == json.loads(json.dumps(meant[name]))  # nothing of it is lost


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ODD, quiet=st.booleans())
def test_neither_terminal_nor_log_nor_job_page_holds_one(result: Result, text: str, quiet: bool) -> None:
    told, background = run_with(result, text)
    stream = io.StringIO()
    summarise(told, Console(file=stream), quiet)
    assert unseen(stream.getvalue()) == set()
    assert unseen("\n".join(github.annotations_of(told, background)) + github.summary_of(told)) == set()
