"""The command line: `mockserver serve | keys | operations | contract | scenarios | report | validate | health`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import click

from apicontract.safetext.invisible import json_escaped, visible
from mockserver.cli.options import Sectioned, contract_options, read_settings, serve_options
from mockserver.settings import Settings


@click.group(
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "auto_envvar_prefix": "MOCKSERVER",
    }
)
@click.version_option(package_name="analytics-mock", message="%(version)s")
def main() -> None:
    """Mock server for web-analytics APIs: their documented answers, errors and rate limits, offline.

    \b
    mockserver serve                  serve on http://127.0.0.1:4010
    mockserver keys                   list the API keys
    mockserver operations             list the operations
    mockserver contract               export a contract for other tools
    mockserver scenarios              list the ready scenarios of faults and limits
    mockserver report                 judge clients by their traffic
    mockserver validate               check contracts and fixtures
    mockserver health                 check whether a server is up
    """


@main.command(cls=Sectioned)
@contract_options
@serve_options
def serve(**given: Any) -> None:
    """Serve the contracts until Ctrl-C.

    \b
    mockserver serve --edition 2025-01              the older edition
    mockserver serve --now 2026-02-07T12:00:00Z     freeze the clock, for reproducible answers
    mockserver serve --contract petstore.yaml       any other OpenAPI document
    mockserver serve --port 0 --no-rate-limit       a free port, no 429
    mockserver serve --scenario retry-after-2s      start a scenario of `mockserver scenarios`
    mockserver serve --workers 2 --state redis://127.0.0.1:6379/0    two processes with shared state

    Per request, `Prefer: code=429` (or example=NAME, dynamic=true, seed=N) chooses the answer, `X-Mock-Fault` and
    `X-Mock-Delay` inject a fault, and `X-Test-Id` gives a test its own state. Every option can be set by an environment
    variable: --port by MOCKSERVER_SERVE_PORT.
    """
    from mockserver.serving.serve import ServeError, run

    try:
        run(read_settings(given), given["host"], given["port"], log=not given["quiet"], workers=given["workers"])
    except ServeError as error:
        _fail(str(error))


@main.command()
@contract_options
def keys(**given: Any) -> None:
    """List the API keys of the fixtures."""
    from mockserver.cli import listing

    _print(lambda: listing.keys(Settings(**given)))


@main.command()
@contract_options
def operations(**given: Any) -> None:
    """List the operations: method, path, parameters, statuses and provenance."""
    from mockserver.cli import listing

    _print(lambda: listing.operations(Settings(**given)))


@main.command()
@click.argument("selector", metavar="NAME@EDITION|FILE|URL")
@click.option("--format", "written", type=click.Choice(["json", "yaml"]), default="yaml", show_default=True)
@click.option("--flatten", is_flag=True, help="Move the paths of servers into the paths.")
@click.option(
    "--allow-refs", multiple=True, metavar="FOLDER|URL", help="Let references read these as well. Repeatable."
)
def contract(*, selector: str, written: str, flatten: bool, allow_refs: tuple[str, ...]) -> None:
    """Export a contract as one OpenAPI file without YAML aliases, for generators and other tools.

    --flatten is for tools that ignore the servers of a path. A running server has the document at
    /__mock/contracts/NAME@EDITION.json and .yaml, with ?flatten=true.

    \b
    mockserver contract zenovay@2026-02 --flatten > zenovay.yaml
    """
    from apicontract.catalogue import bundled
    from apicontract.document import ContractError
    from apicontract.export import as_json, as_yaml, export_document

    try:
        root = export_document(bundled().load(selector, allow_refs).document, flatten=flatten)
    except ContractError as error:
        _fail(str(error))
    click.echo(json_escaped(as_json(root).decode()) if written == "json" else as_yaml(root), nl=False)


@main.command()
def scenarios() -> None:
    """List the ready scenarios, for `serve --scenario` and the control API."""
    from mockserver.scenarios.catalogue import ready_descriptions

    named = ready_descriptions()
    width = max(map(len, named))
    for name, description in named.items():
        _say(f"{name:<{width}}  {description}")


@main.command()
@contract_options
def validate(**given: Any) -> None:
    """Check contracts and fixtures, and every answer from fixtures against its schema.

    Lists every problem of an OpenAPI document with file, line, column and JSON pointer, and what was expected there.
    Exits with 1 if there is one.

    \b
    mockserver validate --contract petstore.yaml
    """
    from mockserver.cli.validation import validate_all

    _print(lambda: validate_all(Settings(**given, rate_limit=False)))


@main.command()
@click.option("--url", default="http://127.0.0.1:4010", show_default=True, help="Address of the mock server.")
@click.option("--test-id", default="", metavar="ID", help="Judge the traffic of this test (its X-Test-Id).")
@click.option("--all", "every", is_flag=True, help="Judge the traffic of all tests.")
@click.option(
    "--control-token",
    default="",
    envvar="MOCKSERVER_CONTROL_TOKEN",
    metavar="TOKEN",
    help="Token of the control API.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def report(*, url: str, test_id: str, every: bool, control_token: str, as_json: bool) -> None:
    """Judge clients by their traffic: waits, retries, quota, paging, keys in headers.

    Every clause passes, fails or is not seen, with the requests as evidence. The report also lists which documented
    errors each client has received. Exits with 0 if no clause failed, 1 if one did, 2 if no server answers.

    \b
    mockserver report --url http://127.0.0.1:4010 --all
    """
    import json

    from mockserver.cli import reporting
    from mockserver.client.mock import MockError

    try:
        found = reporting.fetch_report(url, test_id, control_token, every=every)
    except MockError as error:
        _say(f"mockserver: {error}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json_escaped(json.dumps(found, indent=2, ensure_ascii=False)))
    else:
        for line in reporting.render_report(found):
            _say(line)
    sys.exit(1 if found["verdict"] == "fail" else 0)


@main.command()
@click.argument("url", default="http://127.0.0.1:4010", envvar="MOCKSERVER_HEALTH_URL")
@click.option("--timeout", default=3.0, show_default=True, type=click.FloatRange(0.1, 60), help="Timeout in seconds.")
def health(*, url: str, timeout: float) -> None:
    """Check whether a server is up: exits with 0, or with 1 and the reason.

    For the health check of a container. URL can be set by MOCKSERVER_HEALTH_URL.
    """
    from mockserver.cli.health import ProbeError, probe

    try:
        _say(probe(url, timeout))
    except ProbeError as error:
        _fail(str(error))


def _print(listed: Callable[[], Iterable[Any]]) -> None:
    from apicontract.document import ContractError
    from mockserver.cli.listing import show
    from mockserver.dataset import FixtureError

    try:
        show(listed())
    except (ContractError, FixtureError) as error:
        _fail(str(error))


def _say(text: str, *, err: bool = False) -> None:
    click.echo(visible(text), err=err)


def _fail(message: str) -> NoReturn:
    _say(f"mockserver: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
