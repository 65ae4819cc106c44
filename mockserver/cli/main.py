"""The command line: `mockserver serve | keys | operations | contract | scenarios | report | validate | health`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from mockserver.cli.options import Sectioned, contract_options, serve_options, settings_of
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
    """A mock server for web-analytics APIs: their documented answers, errors and rate limits, offline.

    \b
    mockserver serve                  serve on http://127.0.0.1:4010
    mockserver keys                   the API keys you may use
    mockserver operations             everything that can be asked
    mockserver contract               a contract's document for other tools
    mockserver scenarios              what can go wrong, ready to start
    mockserver report                 what a client's traffic proves about it
    mockserver validate               check contracts and fixtures
    mockserver health                 whether a server is up
    """


@main.command(cls=Sectioned)
@contract_options
@serve_options
def serve(**given: Any) -> None:
    """Serve the contracts until Ctrl-C.

    \b
    mockserver serve --edition 2025-01              the older edition
    mockserver serve --now 2026-02-07T12:00:00Z     answers of that instant, always the same
    mockserver serve --contract petstore.yaml       any other OpenAPI document
    mockserver serve --port 0 --no-rate-limit       a free port, no 429
    mockserver serve --scenario retry-after-2s      something goes wrong; `mockserver scenarios` lists what
    mockserver serve --workers 2 --state redis://127.0.0.1:6379/0    two processes that act as one

    Per request, `Prefer: code=429` (or example=NAME, dynamic=true, seed=N) chooses the answer, `X-Mock-Fault` and
    `X-Mock-Delay` break it, and `X-Test-Id` gives a test a server of its own. Every option is read from the environment
    as well: --port from MOCKSERVER_SERVE_PORT.
    """
    from mockserver.serving.serve import ServeError, run

    try:
        run(settings_of(given), given["host"], given["port"], log=not given["quiet"], workers=given["workers"])
    except ServeError as error:
        _fail(str(error))


@main.command()
@contract_options
def keys(*, editions: tuple[str, ...], contracts: tuple[str, ...], fixtures: Path | None) -> None:
    """The API keys of the fixtures, and what each is for."""
    from mockserver.cli import listing

    _print(lambda: listing.keys(Settings(contracts=contracts, editions=editions, fixtures=fixtures)))


@main.command()
@contract_options
def operations(*, editions: tuple[str, ...], contracts: tuple[str, ...], fixtures: Path | None) -> None:
    """Every operation: method, path, parameters, statuses, and where it is documented."""
    from mockserver.cli import listing

    _print(lambda: listing.operations(Settings(contracts=contracts, editions=editions, fixtures=fixtures)))


@main.command()
@click.argument("selector", metavar="NAME@EDITION|FILE")
@click.option("--format", "written", type=click.Choice(["json", "yaml"]), default="yaml", show_default=True)
@click.option("--flatten", is_flag=True, help="Put the paths of servers into the paths.")
def contract(*, selector: str, written: str, flatten: bool) -> None:
    """A contract as one OpenAPI file without YAML aliases, for generators and other tools.

    --flatten is for tools that overlook the servers of a path: every path is whole then. A running server answers the
    same at /__mock/contracts/NAME@EDITION.json and .yaml, with ?flatten=true.

    \b
    mockserver contract zenovay@2026-02 --flatten > zenovay.yaml
    """
    from apicontract.catalogue import bundled
    from apicontract.document import ContractError
    from apicontract.export import as_json, as_yaml, export_document

    try:
        root = export_document(bundled().load(selector).document, flatten=flatten)
    except ContractError as error:
        _fail(str(error))
    click.echo(as_json(root) if written == "json" else as_yaml(root), nl=False)


@main.command()
def scenarios() -> None:
    """The ready scenarios, in one line each: for `serve --scenario` and the control API."""
    from mockserver.scenarios.catalogue import ready_descriptions

    named = ready_descriptions()
    width = max(map(len, named))
    for name, description in named.items():
        click.echo(f"{name:<{width}}  {description}")


@main.command()
@contract_options
def validate(*, editions: tuple[str, ...], contracts: tuple[str, ...], fixtures: Path | None) -> None:
    """Check contracts and fixtures as `serve` does at its start, and every answer against its schema.

    Exits with 1 and the file, the line and the reason where something is wrong.
    """
    from mockserver.cli.validation import validation

    _print(lambda: validation(Settings(contracts=contracts, editions=editions, fixtures=fixtures, rate_limit=False)))


@main.command()
@click.option("--url", default="http://127.0.0.1:4010", show_default=True, help="Where the mock server runs.")
@click.option("--test-id", default="", metavar="ID", help="Judge the traffic of this test (its X-Test-Id).")
@click.option("--all", "every", is_flag=True, help="Judge the traffic of every test as well.")
@click.option(
    "--control-token", default="", envvar="MOCKSERVER_CONTROL_TOKEN", metavar="TOKEN", help="As given to `serve`."
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def report(*, url: str, test_id: str, every: bool, control_token: str, as_json: bool) -> None:
    """What the traffic of each client proves: did it wait, back off, stop, page, keep its key in headers?

    Every clause passes, fails or was not seen, with the requests that show it; and which documented errors each client
    has met. Exits with 0 where no clause failed, with 1 where one did, with 2 where no server answers.

    \b
    mockserver report --url http://127.0.0.1:4010 --all
    """
    import json

    from mockserver.cli import reporting
    from mockserver.client.mock import MockError

    try:
        found = reporting.fetch_report(url, test_id, control_token, every=every)
    except MockError as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for line in reporting.rendered(found):
            click.echo(line)
    sys.exit(1 if found["verdict"] == "fail" else 0)


@main.command()
@click.argument("url", default="http://127.0.0.1:4010", envvar="MOCKSERVER_HEALTH_URL")
@click.option("--timeout", default=3.0, show_default=True, type=click.FloatRange(0.1, 60), help="Seconds to wait.")
def health(*, url: str, timeout: float) -> None:
    """Whether a server is up and can answer: exits with 0, or with 1 and the reason.

    For the health check of a container; URL is read from MOCKSERVER_HEALTH_URL as well.
    """
    from mockserver.cli.health import ProbeError, probe

    try:
        click.echo(probe(url, timeout))
    except ProbeError as error:
        _fail(str(error))


def _print(listed: Callable[[], Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from apicontract.document import ContractError
    from mockserver.dataset import FixtureError

    console = Console()
    if not console.is_terminal:
        console = Console(width=1_000)
    try:
        for item in listed():
            if not console.is_terminal and isinstance(item, Table):
                item.box = None
            console.print(item, soft_wrap=not console.is_terminal)
    except (ContractError, FixtureError) as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    click.echo(f"mockserver: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
