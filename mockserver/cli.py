"""The command line: `mockserver serve | keys | operations | scenarios | report | validate`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from mockserver.clock import parse_instant
from mockserver.settings import Settings

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Instant(click.ParamType[float]):
    """An RFC 3339 date-time, or a date."""

    name = "INSTANT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Epoch seconds of a text."""
        if isinstance(value, float):
            return value
        try:
            return parse_instant(str(value))
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not an instant like 2026-02-07T12:00:00Z", param, ctx)


class Duration(click.ParamType[float]):
    """A signed number of seconds, minutes, hours or days: `90`, `-1h`, `+30d`."""

    name = "DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds of a text."""
        if isinstance(value, float):
            return value
        text = str(value)
        number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1)
        try:
            seconds = float(number) * unit
        except ValueError:
            seconds = float("nan")
        if not abs(seconds) < 1e11:
            self.fail(f"{value!r} is not a duration like 90, -1h or +30d", param, ctx)
        return seconds


def _contract_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which contracts and data are meant."""
    options = [
        click.option(
            "--edition",
            "editions",
            multiple=True,
            metavar="EDITION",
            help="Serve this edition of a contract instead of its newest, e.g. 2025-01.",
        ),
        click.option(
            "--contract",
            "contracts",
            multiple=True,
            metavar="FILE|NAME@EDITION",
            help="Serve this OpenAPI 3.0/3.1 document (or bundled contract) instead of the bundled ones. Repeatable.",
        ),
        click.option(
            "--fixtures",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="A folder of fixtures to use instead of the bundled one.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="analytics-mock", message="%(version)s")
def main() -> None:
    """A mock server for web-analytics APIs: their documented answers, errors and rate limits, offline.

    \b
    mockserver serve                  serve on http://127.0.0.1:4010
    mockserver keys                   the API keys you may use
    mockserver operations             everything that can be asked
    mockserver scenarios              what can go wrong, ready to start
    mockserver report                 what a client's traffic proves about it
    mockserver validate               check contracts and fixtures
    """


@main.command()
@_contract_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@click.option("--now", type=Instant(), help="Stand still at this instant, e.g. 2026-02-07T12:00:00Z.")
@click.option("--offset", type=Duration(), default="0", help="Move the clock, e.g. -1h or +30d.")
@click.option("--scale", type=click.IntRange(1, 1_000_000), default=1, show_default=True, help="Multiply the traffic.")
@click.option("--seed", type=int, default=0, show_default=True, help="Other data with the same totals.")
@click.option("--no-rate-limit", is_flag=True, help="Count requests, but never answer 429.")
@click.option(
    "--free-plan",
    type=click.Choice(["serve", "reject"]),
    default="serve",
    show_default=True,
    help="Whether keys of the Free plan work, or are answered 403.",
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="FILE|NAME",
    help="Begin with this YAML file of faults, limits, clock and scenarios, or with a ready scenario. Repeatable.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="TEXT",
    help="Begin with this fault, e.g. 'CONNECTION_RESET_BY_PEER; every=3' or '500; operation=…; times=2'. Repeatable.",
)
@click.option(
    "--control-token",
    default="",
    envvar="MOCKSERVER_CONTROL_TOKEN",
    metavar="TOKEN",
    help="The control API below /__mock takes this as Authorization: Bearer. Needed beyond this machine.",
)
@click.option(
    "--journal-max",
    default=1_000,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="How many requests are remembered; 0: none.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Serve in so many processes; more than one needs --state.",
)
@click.option(
    "--state",
    default="",
    envvar="MOCKSERVER_STATE",
    metavar="URL",
    help="Share limits, clock, data, faults and journal with every server that has the same Redis or Valkey, e.g. "
    "redis://127.0.0.1:6379/0. Without it they are this process's own.",
)
@click.option(
    "--state-namespace",
    default="mockserver",
    show_default=True,
    metavar="NAME",
    help="What every key in that Redis begins with: servers of another name have another state.",
)
@click.option(
    "--state-failure",
    type=click.Choice(["closed", "open"]),
    default="closed",
    show_default=True,
    help="While the state cannot be reached: refuse with 503, or answer without limits and effect.",
)
@click.option("--quiet", "-q", is_flag=True, help="No access log.")
def serve(
    *,
    editions: tuple[str, ...],
    contracts: tuple[str, ...],
    fixtures: Path | None,
    host: str,
    port: int,
    now: float | None,
    offset: float,
    scale: int,
    seed: int,
    no_rate_limit: bool,
    free_plan: str,
    scenarios: tuple[str, ...],
    faults: tuple[str, ...],
    control_token: str,
    journal_max: int,
    workers: int,
    state: str,
    state_namespace: str,
    state_failure: str,
    quiet: bool,
) -> None:
    """Serve the contracts until Ctrl-C.

    \b
    mockserver serve --edition 2025-01              the older edition
    mockserver serve --now 2026-02-07T12:00:00Z     answers of that instant, always the same
    mockserver serve --contract petstore.yaml       any other OpenAPI document
    mockserver serve --port 0 --no-rate-limit       a free port, no 429
    mockserver serve --scenario retry-after-2s      something goes wrong; `mockserver scenarios` lists what
    mockserver serve --workers 2 --state redis://127.0.0.1:6379/0    two processes that act as one

    Per request, `Prefer: code=429` (or example=NAME, dynamic=true, seed=N) chooses the answer, `X-Mock-Fault` and
    `X-Mock-Delay` break it, and `X-Test-Id` gives a test a server of its own.
    """
    from mockserver import serving

    settings = Settings(
        contracts=contracts,
        editions=editions,
        fixtures=fixtures,
        now=now,
        offset=offset,
        scale=scale,
        seed=seed,
        rate_limit=not no_rate_limit,
        refused_plans=frozenset({"free"}) if free_plan == "reject" else frozenset(),
        scenarios=scenarios,
        faults=faults,
        control_token=control_token,
        journal_max=journal_max,
        state=state,
        state_namespace=state_namespace,
        state_failure=state_failure,
    )
    try:
        serving.serve(settings, host, port, log=not quiet, workers=workers)
    except serving.ServeError as error:
        _fail(str(error))


@main.command()
@_contract_options
def keys(*, editions: tuple[str, ...], contracts: tuple[str, ...], fixtures: Path | None) -> None:
    """The API keys of the fixtures, and what each is for."""
    from mockserver import listing

    _print(lambda: listing.keys(Settings(contracts=contracts, editions=editions, fixtures=fixtures)))


@main.command()
@_contract_options
def operations(*, editions: tuple[str, ...], contracts: tuple[str, ...], fixtures: Path | None) -> None:
    """Every operation: method, path, parameters, statuses, and where it is documented."""
    from mockserver import listing

    _print(lambda: listing.operations(Settings(contracts=contracts, editions=editions, fixtures=fixtures)))


@main.command()
def scenarios() -> None:
    """The ready scenarios, in one line each: for `serve --scenario` and the control API."""
    from mockserver.scenarios.catalogue import ready_descriptions

    named = ready_descriptions()
    width = max(map(len, named))
    for name, description in named.items():
        click.echo(f"{name:<{width}}  {description}")


@main.command()
@_contract_options
def validate(*, editions: tuple[str, ...], contracts: tuple[str, ...], fixtures: Path | None) -> None:
    """Check contracts and fixtures as `serve` does at its start, and every answer against its schema.

    Exits with 1 and the file, the line and the reason where something is wrong.
    """
    from mockserver.validation import validation

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

    from mockserver import reporting
    from mockserver.testing.mock import MockError

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


def _print(listed: Callable[[], Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from mockserver.contract.document import ContractError
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
