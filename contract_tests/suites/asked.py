"""The options of the run that the command line of pytest asks for."""

from __future__ import annotations

import click
import pytest

from apicontract import ContractError, bundled
from contract_tests.cli.conclude import redactor_of
from contract_tests.cli.options import Requests, keys_of
from contract_tests.client.safety import examine
from contract_tests.model.options import ConfigurationError, Options


def options_of(config: pytest.Config) -> Options | None:
    """Return the options of the run; None without a target.

    Raises:
        UsageError: what is wrong with them.
    """
    return examined(config) if config.getoption("--target") else None


def examined(config: pytest.Config) -> Options:
    """Return the options of a run that may start.

    Raises:
        UsageError: what is wrong with them.
    """
    name = config.getoption("--contract")
    if not name:
        raise pytest.UsageError("--target needs --contract: name@edition, or an OpenAPI file")
    try:
        options = Options(
            target=config.getoption("--target"),
            contract=bundled().load(name),
            keys=keys_of(config.getoption("--api-key"), config.getoption("--key")),
            max_requests=Requests().convert(config.getoption("--max-requests"), None, None),
            rate=config.getoption("--rate"),
            profile=config.getoption("--profile"),
            phases=frozenset(config.getoption("--phases").split(",")),
            min_provenance=config.getoption("--min-provenance"),
            allow_hosts=frozenset(config.getoption("--allow-host")),
            seed=config.getoption("--contract-seed"),
        )
        examine(options)
        redactor_of(options.keys)
    except (ConfigurationError, ContractError) as error:
        raise pytest.UsageError(str(error)) from None
    except click.UsageError as error:
        raise pytest.UsageError(error.format_message()) from None
    return options
