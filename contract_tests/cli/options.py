"""The options of the command line, and the options of a run that they stand for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from apicontract import Contract, bundled
from apicontract.contract import rebased
from apicontract.provenance import LEVELS
from contract_tests.model.keys import VARIABLE, variable
from contract_tests.model.options import AUTO, PHASES, PROFILES, ROLES, Options
from contract_tests.plan.build import USUAL

_RATE = re.compile(r"auto|off|[1-9][0-9]{0,5}/m")
_Command = TypeVar("_Command", bound=Callable[..., Any])
_DEFAULTS: Mapping[str, Any] = {name: field.default for name, field in Options.__dataclass_fields__.items()}
_USUAL_PHASES = ",".join(phase for phase in PHASES if phase in _DEFAULTS["phases"])


class ContractName(click.ParamType[Contract]):
    """A bundled contract or an OpenAPI file."""

    name = "CONTRACT"

    def convert(self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None) -> Contract:
        """Return the contract, loaded. A name without an edition means the newest."""
        if isinstance(value, Contract):
            return value
        catalogue = bundled()
        editions = catalogue.editions().get(str(value))
        return catalogue.load(f"{value}@{editions[0]}" if editions else str(value))


class Rate(click.ParamType[str]):
    """`auto`, `off` or requests a minute."""

    name = "RATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the rate, checked."""
        if not _RATE.fullmatch(str(value)):
            self.fail(f"{value!r} is no rate: write auto, off, or a number of requests a minute like 20/m", param, ctx)
        return str(value)


class Requests(click.ParamType[int]):
    """`auto`, or a number of requests."""

    name = "REQUESTS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, AUTO for `auto`."""
        return AUTO if str(value) == "auto" else click.IntRange(1).convert(value, param, ctx)


class Phases(click.ParamType[frozenset[str]]):
    """Phases, separated by commas."""

    name = "PHASES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        """Return the phases, checked."""
        if isinstance(value, frozenset):
            return value
        named = frozenset(part.strip() for part in str(value).split(",") if part.strip())
        strange = sorted(named - set(PHASES))
        if strange or not named:
            self.fail(f"{', '.join(strange) or 'nothing'} is no phase; choose from {', '.join(PHASES)}", param, ctx)
        return named


def keys_of(main: str | None, others: Iterable[str], environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the keys by role: from the command line, else from the environment.

    Raises:
        BadParameter: without repeating what may be a key.
    """
    keys = {"main": main} if main else {}
    for number, text in enumerate(others, 1):
        role, equals, key = text.partition("=")
        if not equals or role not in ROLES:
            named = f"the role {role!r} is unknown" if equals and role.isalpha() else f"number {number} names no role"
            raise click.BadParameter(
                f"{named}; write ROLE=KEY with ROLE one of {', '.join(ROLES[1:])}", param_hint="--key"
            )
        if not key:
            raise click.BadParameter(f"the key of {role} is empty", param_hint="--key")
        if role in keys:
            raise click.BadParameter(f"{role} is given twice", param_hint="--key")
        keys[role] = key
    for role in ROLES:
        found = environment.get(variable(role))
        if found:
            keys.setdefault(role, found)
    return keys


def target_options(command: _Command) -> _Command:
    """Add the options that say what is sent, where and how."""
    return _decorated(
        command,
        click.option(
            "--target", required=True, metavar="URL", help="Where the server answers, e.g. https://staging.example.com"
        ),
        *_contract_and_keys(),
        click.option(
            "--base-path",
            metavar="PATH",
            help="Where the contract's paths begin at the target, e.g. /v1, or / for its root.  "
            "[default: as the contract says]",
        ),
        click.option(
            "--max-requests",
            type=Requests(),
            metavar="auto|N",
            help="Send at most N requests, whatever they are for; auto: as many as a complete run needs, "
            f"at least {USUAL}.  [default: auto]",
        ),
        click.option(
            "--rate",
            type=Rate(),
            metavar="auto|N/m|off",
            help="Pace: what the target's own headers allow, N requests a minute, or none.  [default: auto]",
        ),
        click.option(
            "--phases",
            type=Phases(),
            metavar="LIST",
            help=f"Any of {','.join(PHASES)}.  [default: {_USUAL_PHASES}]",
        ),
        click.option(
            "--profile",
            type=click.Choice(PROFILES),
            help="readonly sends GET and HEAD only, write tracks page views, burst spends a limit.  "
            "[default: readonly]",
        ),
        click.option(
            "--allow-host",
            "allow_hosts",
            multiple=True,
            metavar="HOST",
            help="A host other than this machine that may be written to or driven into its limit. Repeatable.",
        ),
        click.option("--seed", type=int, metavar="N", help="Same seed, same requests.  [default: 0]"),
        click.option(
            "--quota-reserve",
            type=click.FloatRange(0, 1, max_open=True),
            metavar="SHARE",
            help="Share of the month's quota that stays unspent.  [default: 0.5]",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0, min_open=True),
            metavar="SECONDS",
            help="Wait this long for an answer.  [default: 30]",
        ),
        click.option("--insecure", is_flag=True, default=None, help="Accept any TLS certificate."),
    )


def keyed(command: _Command) -> _Command:
    """Add the options that give keys."""
    return _decorated(command, *key_options())


def judging_options(command: _Command) -> _Command:
    """Add the options that say what counts, and where it is written."""
    return _decorated(
        command,
        click.option(
            "--min-provenance",
            type=click.Choice(LEVELS),
            help="How well founded a clause must be to fail the run; what is less so warns or informs.  "
            "[default: documented]",
        ),
        click.option(
            "--baseline",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Accepted findings, each until a date.",
        ),
        click.option("--baseline-update", is_flag=True, help="Accept what this run finds: write it to --baseline."),
        click.option(
            "--report",
            "reports",
            multiple=True,
            metavar="FORMAT=FILE",
            help="json, junit, html, sarif or har; the file - is standard output. Repeatable.",
        ),
        click.option("--quiet", "-q", is_flag=True, help="Only failing findings and the verdict."),
    )


def _contract_and_keys() -> list[Callable[[_Command], _Command]]:
    return [contract_option(required=True), *key_options()]


def contract_option(*, required: bool) -> Callable[[_Command], _Command]:
    """Return the option that names the contract."""
    return click.option(
        "--contract",
        type=ContractName(),
        required=required,
        metavar="NAME@EDITION|FILE",
        help=f"One of {', '.join(sorted(bundled().files)) or 'the bundled contracts'}, or an OpenAPI 3.0/3.1 file.",
    )


def key_options() -> list[Callable[[_Command], _Command]]:
    """Return the options that give keys."""
    return [
        click.option(
            "--api-key",
            metavar="KEY",
            help=f"The key to test with. Better in ${VARIABLE}: arguments are seen by others on the machine.",
        ),
        click.option(
            "--key",
            "other_keys",
            multiple=True,
            metavar="ROLE=KEY",
            help=f"A further key, which makes more clauses checkable: {', '.join(ROLES[1:])}. "
            f"Also read from ${VARIABLE}_ROLE. Repeatable.",
        ),
    ]


def _decorated(command: _Command, *options: Callable[[Any], Any]) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command


def options_of(
    contract: Contract, target: str, keys: Mapping[str, str], *, base_path: str | None = None, **given: Any
) -> Options:
    """Return the options of a run; what was not given has its default."""
    contract = contract if base_path is None else rebased(contract, base_path)
    known = {name: value for name, value in given.items() if value is not None and name in _DEFAULTS}
    if "allow_hosts" in known:
        known["allow_hosts"] = frozenset(host.lower() for host in known["allow_hosts"])
    return Options(target=target.rstrip("/"), contract=contract, keys=dict(keys), **known)
