"""The options of the command line, by heading, and the settings they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from mockserver.cli.quantities import BasePath, Duration, Instant, Size
from mockserver.clock import Clock
from mockserver.form import EARLIEST, LATEST
from mockserver.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])
_DEFAULT = Settings()
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class SectionedOption(click.Option):
    """An option with the heading it is listed under."""

    def __init__(self, *arguments: Any, section: str = "Options", **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.section = section


class Sectioned(click.Command):
    """A command whose help lists options under their headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, one section for each heading."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "Options"), []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


def _options(section: str, *options: tuple[tuple[str, ...], Mapping[str, Any]]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for names, more in reversed(options):
            command = click.option(*names, cls=SectionedOption, section=section, **more)(command)
        return command

    return decorate


def _option(*names: str, **more: Any) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    return names, more


contract_options = _options(
    "Contracts and data",
    _option(
        "--edition",
        "editions",
        multiple=True,
        metavar="EDITION",
        help="Serve this edition of a contract instead of the newest, e.g. 2025-01.",
    ),
    _option(
        "--contract",
        "contracts",
        multiple=True,
        metavar="FILE|URL|NAME@EDITION",
        help="Serve this OpenAPI 3.0 to 3.2 document (or bundled contract) instead of the bundled ones. Repeatable.",
    ),
    _option(
        "--allow-refs",
        "allow_refs",
        multiple=True,
        metavar="FOLDER|URL",
        help="Let references of --contract read files of this folder, or URLs that begin like this. Repeatable.",
    ),
    _option(
        "--fixtures",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Use this folder of fixtures instead of the bundled one.",
    ),
)
"""The options that choose contracts and fixtures."""

_data = _options(
    "Time and traffic",
    _option("--now", type=Instant(), help="Freeze the clock at this instant, e.g. 2026-02-07T12:00:00Z."),
    _option("--offset", type=Duration(), default="0", help="Move the clock, e.g. -1h or +30d."),
    _option("--scale", type=click.IntRange(1, 1_000_000), default=1, show_default=True, help="Multiply the traffic."),
    _option("--seed", type=int, default=0, show_default=True, help="Generate other data with the same totals."),
)

_behaviour = _options(
    "Limits and faults",
    _option(
        "--keys",
        "keys_file",
        type=_FILE,
        help="Accept only the keys of this YAML file, with their plans and limits, for documents without fixtures.",
    ),
    _option("--no-rate-limit", is_flag=True, help="Count requests, but never answer 429."),
    _option(
        "--free-plan",
        type=click.Choice(["serve", "reject"]),
        default="serve",
        show_default=True,
        help="Accept keys of the Free plan, or answer 403.",
    ),
    _option(
        "--scenario",
        "scenarios",
        multiple=True,
        metavar="FILE|NAME",
        help="Start with this YAML file of faults, limits, clock and scenarios, or with a ready scenario. Repeatable.",
    ),
    _option(
        "--fault",
        "faults",
        multiple=True,
        metavar="TEXT",
        help="Start with this fault, e.g. 'CONNECTION_RESET_BY_PEER; every=3' or '500; operation=…; times=2'. "
        "Repeatable.",
    ),
)

_callbacks = _options(
    "Callbacks",
    _option("--callbacks", is_flag=True, help="Send the callbacks that a document declares, to this machine only."),
    _option(
        "--callback-host",
        "callback_hosts",
        multiple=True,
        metavar="HOST",
        help="Send callbacks to this host as well. Repeatable.",
    ),
)

_address = _options(
    "Address",
    _option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    _option(
        "--port",
        default=4010,
        show_default=True,
        type=click.IntRange(0, 65535),
        help="Port to listen on; 0 chooses a free one.",
    ),
    _option(
        "--control-token",
        default="",
        envvar="MOCKSERVER_CONTROL_TOKEN",
        metavar="TOKEN",
        help="Token of the control API below /__mock (Authorization: Bearer). Required beyond this machine.",
    ),
)

_tls = _options(
    "Proxy and TLS",
    _option("--base-path", type=BasePath(), default="", help="Serve everything below this path, e.g. /analytics."),
    _option("--tls-cert", type=_FILE, help="Serve HTTPS with this certificate (PEM, with its chain)."),
    _option("--tls-key", type=_FILE, help="Private key of --tls-cert (PEM), if that file does not include it."),
    _option("--tls-self-signed", is_flag=True, help="Serve HTTPS with a certificate generated for this run."),
)

_processes = _options(
    "Processes and shared state",
    _option(
        "--workers",
        default=1,
        show_default=True,
        type=click.IntRange(1, 64),
        help="Number of processes; more than one needs --state.",
    ),
    _option(
        "--state",
        default="",
        envvar="MOCKSERVER_STATE",
        metavar="URL",
        help="Share limits, clock, data, faults and journal with every server that uses this Redis or Valkey, e.g. "
        "redis://127.0.0.1:6379/0. By default each process has its own.",
    ),
    _option(
        "--state-namespace",
        default="mockserver",
        show_default=True,
        metavar="NAME",
        help="Prefix of all keys in Redis; servers with different prefixes have separate state.",
    ),
    _option(
        "--state-failure",
        type=click.Choice(["closed", "open"]),
        default="closed",
        show_default=True,
        help="If the shared state is unavailable: answer 503 (closed), or answer without limits and effects (open).",
    ),
)

_bounds = _options(
    "Bounds of requests and connections",
    _option("--max-body", type=Size(), default="1m", show_default=True, help="Maximum size of a request body."),
    _option(
        "--max-connections",
        type=click.IntRange(1, 100_000),
        default=_DEFAULT.max_connections,
        show_default=True,
        help="Maximum open connections; beyond it idle ones are closed, then new ones are answered 503.",
    ),
    _option(
        "--request-timeout",
        type=Duration(),
        default=f"{_DEFAULT.request_timeout:g}s",
        show_default=True,
        help="A request that is not complete in this time is answered 408.",
    ),
    _option(
        "--keep-alive",
        type=Duration(),
        default=f"{_DEFAULT.keep_alive:g}s",
        show_default=True,
        help="Time after which an idle connection is closed.",
    ),
)

_logging = _options(
    "Journal and log",
    _option(
        "--journal-max",
        default=1_000,
        show_default=True,
        type=click.IntRange(0, 100_000),
        help="Maximum number of recorded requests; 0 disables the journal.",
    ),
    _option(
        "--log-format",
        type=click.Choice(["auto", "text", "json"]),
        default="auto",
        show_default=True,
        help="auto: text on a terminal, else JSON. json: JSON for errors too, with request ids and without the banner.",
    ),
    _option("--quiet", "-q", is_flag=True, help="Disable the access log."),
)


def serve_options(command: F) -> F:
    """Add the options of `serve` to a command."""
    for options in (_logging, _bounds, _processes, _tls, _address, _callbacks, _behaviour, _data):
        command = options(command)
    return command


def read_settings(given: Mapping[str, Any]) -> Settings:
    """Return the settings for the options of `serve`.

    Raises:
        click.BadParameter: An option is out of range.
        click.UsageError: Options exclude or require each other.
    """
    for name in ("request_timeout", "keep_alive"):
        if not 0.1 <= given[name] <= 86_400:
            flag = f"--{name.replace('_', '-')}"
            raise click.BadParameter(f"expected 0.1s to 1d, found {given[name]:g}s", param_hint=flag)
    if not EARLIEST <= Clock(given["now"], given["offset"]).now() < LATEST:
        flag = "--offset" if given["now"] is None else "--now"
        raise click.BadParameter("expected an instant from 2000 to 2099", param_hint=flag)
    if given["callback_hosts"] and not given["callbacks"]:
        raise click.UsageError("--callback-host needs --callbacks")
    if given["tls_self_signed"] and (given["tls_cert"] or given["tls_key"]):
        raise click.UsageError("--tls-self-signed generates a certificate: omit --tls-cert and --tls-key")
    if given["tls_key"] and not given["tls_cert"]:
        raise click.UsageError("--tls-key needs --tls-cert")
    if given["state_namespace"] != _DEFAULT.state_namespace and not given["state"]:
        raise click.UsageError("--state-namespace needs --state")
    return Settings(
        contracts=given["contracts"],
        allow_refs=given["allow_refs"],
        editions=given["editions"],
        fixtures=given["fixtures"],
        keys=given["keys_file"],
        now=given["now"],
        offset=given["offset"],
        scale=given["scale"],
        seed=given["seed"],
        rate_limit=not given["no_rate_limit"],
        refused_plans=frozenset({"free"}) if given["free_plan"] == "reject" else frozenset(),
        callbacks=given["callbacks"],
        callback_hosts=given["callback_hosts"],
        scenarios=given["scenarios"],
        faults=given["faults"],
        control_token=given["control_token"],
        journal_max=given["journal_max"],
        state=given["state"],
        state_namespace=given["state_namespace"],
        state_failure=given["state_failure"],
        max_body=given["max_body"],
        max_connections=given["max_connections"],
        request_timeout=given["request_timeout"],
        keep_alive=given["keep_alive"],
        log_format=given["log_format"],
        base_path=given["base_path"],
        tls_cert=given["tls_cert"],
        tls_key=given["tls_key"],
        tls_self_signed=given["tls_self_signed"],
    )
