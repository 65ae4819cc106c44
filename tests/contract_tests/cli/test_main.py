"""The command line: what it asks for, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from contract_tests.checks.registry import CHECKS
from contract_tests.cli import main as cli
from contract_tests.model import finding
from contract_tests.model.exchange import Exchange
from contract_tests.model.options import AUTO, Options
from contract_tests.plan.step import Plan, Skipped, Step
from contract_tests.reading.har import har_of

KEY = "zv_live_3fA9/+q7Lw=Zp"
DOCUMENT = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://api.example.test/v1}]
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-API-Key}}}
security: [{key: []}]
paths:
  /pages:
    get:
      operationId: listPages
      responses: {"200": {description: fine}}
"""


@dataclass
class FakeEngine:
    """Answers as an engine does, without a network."""

    result: finding.Result
    exchanges: list[Exchange]
    before: Callable[[], None] = lambda: None
    options: Options | None = None

    def plan(self, options: Options) -> Plan:
        step = Step("a list", "GET", f"/v1/pages?key={KEY}", 1.0, role="main")
        budget = 120 if options.max_requests == AUTO else options.max_requests
        return Plan((step, step), (Skipped(step, "needs --key scoped=KEY"),), (step,), 0.2, 2, budget=budget)

    def run(self, options: Options, listen: Callable[[Any], None]) -> tuple[finding.Result, list[Exchange]]:
        self.options = options
        self.before()
        return self.result, self.exchanges

    def check(self, contract: Any, exchanges: list[Exchange], options: Options) -> finding.Result:
        self.exchanges = list(exchanges)
        return self.result


@pytest.fixture
def engine(
    result: finding.Result, exchanges: list[Exchange], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> FakeEngine:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(DOCUMENT)
    for name in list(os.environ):
        if name.startswith(("CONTRACT_TESTS", "GITHUB_", "CI")):
            monkeypatch.delenv(name)
    fake = FakeEngine(result, exchanges)
    for name in ("plan", "run", "check"):
        monkeypatch.setattr(f"contract_tests.run.engine.{name}", getattr(fake, name))
    return fake


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    assert {number: signal.getsignal(number) for number in before} == before


def called(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


def ran(*arguments: str) -> Result:
    return called("run", "--target", "http://127.0.0.1:1", "--contract", "shop.yaml", "--api-key", KEY, *arguments)


@pytest.mark.parametrize(
    ("verdict", "reason", "code"),
    [
        ("conforms", "completed", 0),
        ("violates", "completed", 1),
        ("inconclusive", "budget spent", 3),
        ("violates", "interrupted", 130),
        ("inconclusive", "interrupted", 130),
    ],
)
def test_the_exit_code_is_the_verdict(engine: FakeEngine, verdict: Any, reason: str, code: int) -> None:
    engine.result = replace(engine.result, verdict=verdict, stop_reason=reason)
    assert ran().exit_code == code


def test_every_report_is_written_and_none_holds_the_key(engine: FakeEngine, tmp_path: Path) -> None:
    kinds = ("json", "junit", "html", "sarif", "har")
    ended = ran(*[argument for kind in kinds for argument in ("--report", f"{kind}=out/{kind}.txt")])
    assert ended.exit_code == 1
    assert KEY not in ended.output
    for kind in kinds:
        text = (tmp_path / "out" / f"{kind}.txt").read_text()
        assert KEY not in text
        assert text.strip()
    assert "$CONTRACT_TESTS_API_KEY" in (tmp_path / "out" / "har.txt").read_text()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(f"{kind}.txt" for kind in kinds)


def test_an_interrupted_run_still_writes_its_reports(engine: FakeEngine, tmp_path: Path) -> None:
    engine.result = replace(engine.result, stop_reason="interrupted")
    assert ran("--report", "json=r.json").exit_code == 130
    assert json.loads((tmp_path / "r.json").read_text())["stop_reason"] == "interrupted"


def test_an_interruption_outside_of_the_run_ends_with_130(engine: FakeEngine) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    engine.before = interrupt
    assert ran().exit_code == 130


def test_a_termination_counts_as_an_interruption(engine: FakeEngine) -> None:
    engine.before = lambda: os.kill(os.getpid(), signal.SIGTERM)
    assert ran().exit_code == 130


def test_an_interruption_while_reports_are_written_waits(
    engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.fsync

    def press(descriptor: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        write(descriptor)

    monkeypatch.setattr("os.fsync", press)
    assert ran("--report", "json=r.json").exit_code == 1
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "violates"


def test_an_error_of_this_tool_is_no_violation_and_shows_no_key(engine: FakeEngine) -> None:
    def fail() -> None:
        raise RuntimeError(f"with {KEY}\nin it")

    engine.before = fail
    ended = ran()
    assert ended.exit_code == 2
    assert "contract-tests itself failed: RuntimeError: with $CONTRACT_TESTS_API_KEY" in ended.output
    assert KEY not in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(("verdict", "code"), [("conforms", 2), ("violates", 1)])
def test_a_report_that_cannot_be_written_is_named_and_the_others_are_written(
    engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: Any, code: int
) -> None:
    engine.result = replace(engine.result, verdict=verdict)
    engine.before = lambda: (tmp_path / "r.xml").mkdir()
    ended = ran("--report", "junit=r.xml", "--report", "json=r.json")
    assert ended.exit_code == code
    assert "Error: r.xml: cannot be written" in ended.stderr
    assert "junit report: r.xml" not in ended.stdout
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == verdict


def test_a_report_on_standard_output_stands_there_alone(engine: FakeEngine) -> None:
    ended = ran("--report", "json=-")
    assert json.loads(ended.stdout)["verdict"] == "violates"
    assert "violates" in ended.stderr


def test_it_says_beforehand_what_it_will_send(engine: FakeEngine) -> None:
    ended = ran("--max-requests", "50")
    assert "about 2 requests to 127.0.0.1:1, at most 50: GET and HEAD only" in ended.stderr
    assert "under a minute; keys: main" in ended.stderr


def test_quiet_prints_failing_findings_and_the_verdict(engine: FakeEngine) -> None:
    ended = ran("--quiet")
    assert ended.stderr == ""
    first, last = ended.stdout.splitlines()
    assert first.startswith("error CT301 listPages: limit=2 answered 3 records")
    assert last == "✗ violates: the server breaks the contract"


def test_the_summary_shows_evidence_reasons_and_figures(engine: FakeEngine) -> None:
    text = ran().stdout
    assert 'expected {"records": 2}' in text
    assert "curl -s 'https://api.example.test/v1/pages?limit=2' -H 'X-API-Key: $CONTRACT_TESTS_API_KEY'" in text
    assert "1 clause not checked:" in text
    assert "needs --key scoped=KEY" in text
    assert "3 requests in 61.5 s" in text
    assert "\u202e" not in text


def test_keys_come_from_the_environment_too(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRACT_TESTS_API_KEY", "key-from-outside")
    monkeypatch.setenv("CONTRACT_TESTS_API_KEY_SCOPED", "scoped-from-outside")
    called("run", "--target", "http://127.0.0.1:1", "--contract", "shop.yaml", "--key", "revoked=gone-for-good")
    assert engine.options is not None
    assert engine.options.keys == {
        "main": "key-from-outside",
        "scoped": "scoped-from-outside",
        "revoked": "gone-for-good",
    }


def test_options_reach_the_engine(engine: FakeEngine) -> None:
    ran(
        *("--max-requests", "7", "--rate", "20/m", "--phases", "probe,burst", "--profile", "write", "--seed", "3"),
        *("--allow-host", "Staging.Test", "--quota-reserve", "0.9", "--min-provenance", "inferred", "--insecure"),
    )
    options = engine.options
    assert options is not None
    assert (options.max_requests, options.rate, options.phases) == (7, "20/m", frozenset({"probe", "burst"}))
    assert (options.profile, options.seed, options.quota_reserve) == ("write", 3, 0.9)
    assert (options.allow_hosts, options.min_provenance, options.insecure) == (
        frozenset({"staging.test"}),
        "inferred",
        True,
    )


def test_without_options_the_engine_s_own_defaults_hold(engine: FakeEngine) -> None:
    ran()
    assert engine.options is not None
    usual = Options(engine.options.target, engine.options.contract, engine.options.keys, clock=engine.options.clock)
    assert engine.options == usual


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--key", "scoped"), "number 1 names no role; write ROLE=KEY"),
        (("--key", "boss=abcdefgh"), "the role 'boss' is unknown"),
        (("--key", "scoped="), "the key of scoped is empty"),
        (("--key", "main=other-key"), "main is given twice"),
        (("--key", "scoped=abc"), "fewer than 4 characters"),
        (("--rate", "fast"), "is no rate: write auto, off"),
        (("--phases", "probe,dance"), "dance is no phase; choose from probe"),
        (("--max-requests", "0"), "x>=1"),
        (("--max-requests", "many"), "not a valid integer"),
        (("--report", "pdf=x"), "FORMAT one of json, junit, html, sarif, har"),
        (("--report", "json"), "is no report"),
        (("--report", "json=x", "--report", "har=./x"), "two reports go to './x'"),
        (("--report", "json=."), ". is a folder"),
        (("--report", "json=shop.yaml/x"), "cannot be written to"),
        (("--baseline-update",), "needs --baseline FILE"),
        (("--baseline", "none.yaml"), "no such baseline"),
        (("--min-provenance", "rumour"), "'rumour'"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    engine: FakeEngine, arguments: tuple[str, ...], message: str
) -> None:
    ended = ran(*arguments)
    assert ended.exit_code == 2
    assert message in ended.stderr
    assert "Traceback" not in ended.output
    assert engine.options is None


def test_an_unknown_contract_lists_those_that_exist(engine: FakeEngine) -> None:
    ended = called("run", "--target", "http://127.0.0.1:1", "--contract", "nothing")
    assert ended.exit_code == 2
    assert "no contract 'nothing'" in ended.stderr


def test_a_key_in_a_wrong_place_is_not_repeated(engine: FakeEngine) -> None:
    assert KEY not in ran("--key", KEY.replace("=", "")).output


def test_a_baseline_turns_a_known_violation_into_a_pass_and_says_what_it_accepts(
    engine: FakeEngine, tmp_path: Path
) -> None:
    path = tmp_path / "baseline.yaml"
    first = ran("--baseline", str(path), "--baseline-update")
    assert first.exit_code == 0
    assert "accepts 2 findings now" in first.stderr
    assert len(yaml.safe_load(path.read_text())["accepted"]) == 2
    again = ran("--baseline", str(path))
    assert again.exit_code == 0
    assert "2 findings accepted by the baseline" in again.stdout


def test_an_expired_entry_counts_again_and_is_named(engine: FakeEngine, tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    ran("--baseline", str(path), "--baseline-update")
    document = yaml.safe_load(path.read_text())
    for entry in document["accepted"]:
        entry["expires"] = "2020-01-01"
    path.write_text(yaml.safe_dump(document))
    ended = ran("--baseline", str(path))
    assert ended.exit_code == 1
    assert "was accepted until 2020-01-01" in ended.stderr


def test_an_interrupted_run_does_not_touch_the_baseline(engine: FakeEngine, tmp_path: Path) -> None:
    engine.result = replace(engine.result, stop_reason="interrupted")
    ran("--baseline", "baseline.yaml", "--baseline-update")
    assert not (tmp_path / "baseline.yaml").exists()


def test_a_baseline_that_cannot_be_written_is_said_and_costs_no_report(engine: FakeEngine, tmp_path: Path) -> None:
    ended = ran("--baseline", "shop.yaml/baseline.yaml", "--baseline-update", "--report", "json=r.json")
    assert ended.exit_code == 1
    assert "Error: shop.yaml/baseline.yaml: cannot be written" in ended.stderr
    assert (tmp_path / "r.json").exists()


def test_annotations_and_a_summary_appear_on_github(
    engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page.md"))
    lines = ran().stdout.splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert [line.split(" ")[0] for line in commands] == ["::error", "::warning", "::notice"]
    assert commands[0].startswith("::error file=shop.yaml,line=9,title=CT301 listPages::")
    assert (tmp_path / "page.md").read_text().startswith("## Contract tests")


def test_no_annotations_appear_elsewhere(engine: FakeEngine) -> None:
    assert "::" not in ran().stdout


def test_plan_shows_every_request_and_sends_nothing(engine: FakeEngine) -> None:
    ended = called("plan", "--target", "http://127.0.0.1:1", "--contract", "shop.yaml", "--api-key", KEY)
    assert ended.exit_code == 0
    assert "GET /v1/pages?key=$CONTRACT_TESTS_API_KEY" in ended.stdout
    assert "2 requests, under a minute; nothing was sent" in ended.stdout
    assert "left out: 1 request: needs --key scoped=KEY" in ended.stdout
    assert "left out: 1 request: beyond --max-requests 120" in ended.stdout
    assert engine.options is None


def test_plan_as_json_is_for_programs(engine: FakeEngine) -> None:
    ended = called("plan", "--target", "http://127.0.0.1:1", "--contract", "shop.yaml", "--json")
    assert json.loads(ended.stdout)["requests"] == 2


def test_check_judges_recorded_traffic_without_showing_its_keys(engine: FakeEngine, tmp_path: Path) -> None:
    recorded = har_of(engine.exchanges)
    for entry in recorded["log"]["entries"]:
        del entry["_contract_tests"]
    (tmp_path / "traffic.har").write_text(json.dumps(recorded))
    ended = called(
        "check", "traffic.har", "--contract", "shop.yaml", "--report", "har=again.har", "--report", "json=r.json"
    )
    assert ended.exit_code == 1, ended.output
    assert [exchange.request.operation for exchange in engine.exchanges] == ["listPages"]
    assert KEY not in ended.output + (tmp_path / "again.har").read_text() + (tmp_path / "r.json").read_text()


def test_check_says_when_nothing_in_a_recording_is_about_the_contract(engine: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / "traffic.har").write_text('{"log": {"entries": []}}')
    ended = called("check", "traffic.har", "--contract", "shop.yaml")
    assert ended.exit_code == 2
    assert "no request in it goes to an operation of shop@1" in ended.stderr


@dataclass(frozen=True)
class Edition:
    contract: str
    confidence: float
    clauses: tuple[tuple[str, bool], ...]


@pytest.mark.parametrize(
    ("fits", "code", "last"),
    [
        ((0.97, 0.4), 0, "the server speaks shop@2"),
        ((0.97, 0.95), 3, "no edition stands out"),
        ((0.5, 0.1), 3, "no edition stands out"),
    ],
)
def test_identify_names_the_edition_that_stands_out_and_what_tells_it_apart(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, fits: tuple[float, float], code: int, last: str
) -> None:
    found = [
        Edition("shop@2", fits[0], (("CT106:listPages:200", True), ("CT101:a:success", True))),
        Edition("shop@1", fits[1], (("CT106:listPages:200", False), ("CT101:a:success", True))),
    ]
    monkeypatch.setattr("contract_tests.run.engine.identify", lambda *_: found)
    ended = called("identify", "--target", "http://127.0.0.1:1", "--contract", "shop.yaml", "--api-key", KEY)
    assert ended.exit_code == code
    assert ended.stdout.splitlines()[-1] == last
    assert "holds for shop@2 and not for shop@1:\n  CT106:listPages:200\n" in ended.stdout
    document = json.loads(called("identify", "--target", "x", "--contract", "shop.yaml", "--json").stdout)
    assert document["contract"] == ("shop@2" if code == 0 else None)
    assert document["telling"] == ["CT106:listPages:200"]


def test_identify_says_when_nothing_answered(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contract_tests.run.engine.identify", lambda *_: [Edition("shop@2", 0.0, ())])
    ended = called("identify", "--target", "http://127.0.0.1:1", "--contract", "shop.yaml")
    assert ended.exit_code == 3
    assert "no answer could be judged" in ended.stdout


@pytest.mark.parametrize("command", ["run", "plan", "check", "identify", "explain"])
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    ended = called(command, "--help")
    assert ended.exit_code == 0
    assert f"contract-tests {command}" in ended.stdout.partition("Example")[2]


def test_explain_lists_every_check() -> None:
    ended = called("explain")
    assert ended.exit_code == 0
    for code in CHECKS:
        assert code in ended.stdout


def test_explain_says_what_a_check_proves_from_which_document_and_how_to_fix_it() -> None:
    code = next(iter(CHECKS))
    ended = called("explain", code.lower())
    assert ended.exit_code == 0
    for part in (code, "What it proves", "From which document", "How to reproduce", "How to fix"):
        assert part in ended.stdout
    assert "documented" in ended.stdout


def test_explain_of_an_unknown_code_names_near_ones() -> None:
    code = next(iter(CHECKS))
    ended = called("explain", f"{code}9")
    assert ended.exit_code == 2
    assert code in ended.stderr
