"""The command line: `contract-tests run | plan | check | identify | explain`."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console

from apicontract import Contract, bundled
from apicontract.safetext.invisible import json_escaped, one_line, visible
from contract_tests.checks.registry import CHECKS
from contract_tests.cli.conclude import Reporter, redactor_of
from contract_tests.cli.options import (
    ContractName,
    contract_option,
    judging_options,
    keyed,
    keys_of,
    options_of,
    target_options,
)
from contract_tests.cli.process import CONFORMS, INCONCLUSIVE, Program
from contract_tests.model.options import Options
from contract_tests.plan.step import Plan
from contract_tests.reading.har import HarError, read_har
from contract_tests.reading.recording import credentials, of_contract
from contract_tests.report.console import console, tolerating_closed_output
from contract_tests.report.explanations import explanation_of, similar
from contract_tests.report.identity import identity_lines, identity_of, stands_out
from contract_tests.report.progress import RunProgress
from contract_tests.report.terminal import table
from contract_tests.report.wording import plural
from contract_tests.run import engine


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="analytics-mock", prog_name="contract-tests")
def main() -> None:
    """Check any server against an OpenAPI contract, within its quota.

    \b
    Exit codes:
      0    conforms: everything that the contract needs was checked, and nothing breaks it
      1    violates: at least one finding fails the run
      2    wrong usage or configuration: nothing was sent, or a report could not be written
      3    inconclusive: the target cannot be reached or is something else, the key is not accepted or its quota is used
           up (one sentence says which), the requests did not suffice, or a check failed by itself
      130  interrupted: the reports say what was seen until then

    \b
    Examples:
      export CONTRACT_TESTS_API_KEY=...
      contract-tests run --target https://staging.example.com --contract zenovay@2026-02
      contract-tests run --target http://127.0.0.1:8000 --contract openapi.yaml --report html=report.html
      contract-tests plan --target https://staging.example.com --contract zenovay@2026-02
      contract-tests check traffic.har --contract analytics-platform@v2
      contract-tests identify --target https://staging.example.com
      contract-tests explain CT404
    """


@main.command()
@target_options
@judging_options
def run(
    target: str,
    contract: Contract,
    api_key: str | None,
    other_keys: tuple[str, ...],
    baseline: Path | None,
    baseline_update: bool,
    reports: tuple[str, ...],
    quiet: bool,
    **given: Any,
) -> int:
    """Test a server and report the verdict.

    What the plan says is sent, what comes back is judged. Only GET and HEAD are sent unless --profile says
    otherwise, never more than --max-requests, and never so fast that the target refuses. Everything written is free
    of keys.

    \b
    Examples:
      In a pipeline, with a verdict in the exit code and a page to read:
        contract-tests run --target $URL --contract zenovay@2026-02 \\
            --report junit=results.xml --report html=contract.html
      More keys make more clauses checkable:
        contract-tests run ... --key scoped=zv_... --key revoked=zv_...
      Start today with what is known, tighten later:
        contract-tests run ... --baseline contract-baseline.yaml --baseline-update
      Page views and the rate limit, on a server made for tests:
        contract-tests run ... --profile write --phases probe,stateful,burst --allow-host staging.example.com
    """
    keys = keys_of(api_key, other_keys)
    reporter = Reporter.prepare(contract, keys, baseline, baseline_update, reports, quiet)
    options = options_of(contract, target, keys, **given)
    notes = console(stderr=True)
    if not quiet:
        _announce(engine.plan(options), options, notes)
    live = notes.is_terminal and not os.environ.get("CI")
    with RunProgress(notes, live=live, quiet=quiet) as progress:
        result, exchanges = engine.run(options, lambda event: progress.listen(reporter.redactor.event(event)))
    return reporter.conclude(result, exchanges)


@main.command()
@target_options
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def plan(
    target: str, contract: Contract, api_key: str | None, other_keys: tuple[str, ...], as_json: bool, **given: Any
) -> int:
    """Show what a run would send: order, cost, minutes.

    Nothing is sent. The same options as for run give the same plan. Later requests may depend on earlier answers:
    they stand with placeholders.

    \b
    Example:
      contract-tests plan --target https://staging.example.com --contract zenovay@2026-02 --max-requests 40
    """
    keys = keys_of(api_key, other_keys)
    redactor = redactor_of(keys)
    options = options_of(contract, target, keys, **given)
    planned = engine.plan(options)
    rows = [
        {
            "number": number,
            "phase": step.phase,
            "role": step.role,
            "cost": step.cost,
            "request": redactor.text(one_line(step.request_line)),
            "purpose": redactor.text(one_line(step.purpose)),
        }
        for number, step in enumerate(planned.steps, 1)
    ]
    left_out = [*Counter(step.reason for step in planned.skipped).most_common()]
    if planned.beyond:
        left_out.append((f"beyond --max-requests {planned.budget}", len(planned.beyond)))
    if as_json:
        skipped = [{"reason": reason, "requests": count} for reason, count in left_out]
        document = {"requests": planned.cost, "minutes": round(planned.minutes, 2), "steps": rows, "skipped": skipped}
        return _printed([json_escaped(json.dumps(document, indent=2, ensure_ascii=False))])
    heads = ("number", "phase", "role", "cost", "request", "purpose")
    lines = [
        *table([[str(row[head]) for head in heads] for row in rows], heads),
        f"\n{plural(planned.cost, 'request')}, {_minutes(planned.minutes)}; nothing was sent",
        *(f"left out: {plural(count, 'request')}: {reason}" for reason, count in left_out),
        *planned.notes,
    ]
    return _printed(lines)


@main.command()
@click.argument("recording", metavar="FILE.har", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@contract_option(required=True)
@judging_options
def check(
    recording: Path,
    contract: Contract,
    baseline: Path | None,
    baseline_update: bool,
    reports: tuple[str, ...],
    quiet: bool,
    **given: Any,
) -> int:
    """Judge recorded traffic with the same checks.

    Nothing is sent. FILE.har comes from a browser, a proxy, or run --report har=FILE. Traffic of other hosts and
    paths is passed over, and credentials in it are kept out of the reports.

    \b
    Example:
      contract-tests check traffic.har --contract zenovay@2026-02 --report html=traffic.html
    """
    exchanges, target = of_contract(read_har(recording), contract)
    if not exchanges:
        raise HarError(f"{recording}: no request in it goes to an operation of {contract.selector}")
    reporter = Reporter.prepare(contract, credentials(exchanges, contract), baseline, baseline_update, reports, quiet)
    options = options_of(contract, target, {}, **given)
    result = engine.check(contract, exchanges, options)
    return reporter.conclude(result, exchanges)


@main.command()
@click.option("--target", required=True, metavar="URL", help="Where the server answers.")
@click.option(
    "--contract",
    "contracts",
    type=ContractName(),
    multiple=True,
    metavar="NAME@EDITION|FILE",
    help="An edition that it may be. Repeatable.  [default: all bundled]",
)
@keyed
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def identify(
    target: str, contracts: tuple[Contract, ...], api_key: str | None, other_keys: tuple[str, ...], as_json: bool
) -> int:
    """Find out which edition a server speaks.

    The clauses that tell editions apart decide. A few GET requests are sent. The exit code is 3 when no edition
    stands out.

    \b
    Example:
      contract-tests identify --target https://staging.example.com
    """
    keys = keys_of(api_key, other_keys)
    redactor = redactor_of(keys)
    catalogue = bundled()
    possible = contracts or tuple(catalogue.load(name) for name in sorted(catalogue.files))
    candidates = engine.identify(target.rstrip("/"), possible, keys.get("main"))
    if as_json:
        lines = [json_escaped(json.dumps(identity_of(target, candidates), indent=2, ensure_ascii=False))]
    else:
        lines = list(identity_lines(candidates))
    _printed([redactor.text(line) for line in lines])
    return CONFORMS if stands_out(candidates) else INCONCLUSIVE


def _printed(lines: Iterable[str]) -> int:
    """Print to standard output, as far as it is read."""
    with tolerating_closed_output():
        for line in lines:
            click.echo(visible(line))
    return CONFORMS


def _announce(planned: Plan, options: Options, notes: Console) -> None:
    """Say beforehand what will be sent."""
    host = urlsplit(options.target).netloc
    what = "GET, HEAD and POST" if options.writes else "GET and HEAD only"
    what += ", with a burst that spends the rate limit" if options.bursts else ""
    keys = ", ".join(sorted(options.keys)) or "none"
    lines = [
        f"{options.contract.selector} at {options.target}",
        f"about {plural(planned.cost, 'request')} to {host}, at most {planned.budget}: {what}",
        f"{_minutes(planned.minutes)}; keys: {keys}; {options.quota_reserve:.0%} of the month stays unspent",
    ]
    for line in lines:
        notes.print(one_line(line), soft_wrap=True, markup=False, highlight=False)


def _minutes(minutes: float) -> str:
    return "under a minute" if minutes < 1 else f"about {plural(math.ceil(minutes), 'minute')}"


@main.command()
@click.argument("code", required=False)
@contract_option(required=False)
def explain(code: str | None, contract: Contract | None) -> int:
    """Say what a check proves, why, and how to fix it.

    \b
    Examples:
      contract-tests explain            every check
      contract-tests explain CT404
      contract-tests explain CT109 --contract openapi.yaml
    """
    if code is None:
        rows = [(each.code, each.area, each.title, each.proves) for each in CHECKS.values()]
        return _printed(table(rows, ("code", "area", "finding", "what the check proves")))
    known = {each.upper(): each for each in CHECKS}
    if code.upper() not in known:
        near = ", ".join(similar(code))
        way_out = f"near it: {near}" if near else "contract-tests explain lists them"
        raise click.BadParameter(f"no check has the code {code!r}; {way_out}", param_hint="CODE")
    catalogue = bundled()
    contracts = [contract] if contract else [catalogue.load(name) for name in sorted(catalogue.files)]
    return _printed([explanation_of(known[code.upper()], contracts).text])
