"""pytest options and fixtures: `pytest --pyargs contract_tests --target URL` is one run, in items."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contract_tests.finding import Result
    from contract_tests.options import Options

_WAIT = 0.2


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `contract-tests run`, as far as they concern what is sent."""
    group = parser.getgroup("contract_tests", "contract tests")
    group.addoption("--target", metavar="URL", help="where the server answers")
    group.addoption("--contract", metavar="CONTRACT", help="name@edition, or an OpenAPI file")
    group.addoption("--api-key", metavar="KEY", help="default: $CONTRACT_TESTS_API_KEY")
    group.addoption(
        "--key", action="append", default=[], metavar="ROLE=KEY", help="a further key; may be given several times"
    )
    group.addoption("--max-requests", type=int, default=120, metavar="N")
    group.addoption("--rate", default="auto", metavar="auto|N/m|off")
    group.addoption("--profile", default="readonly", choices=("readonly", "write", "burst"))
    group.addoption("--phases", default="probe,stateful", metavar="LIST")
    group.addoption("--min-provenance", default="documented", choices=("documented", "supplement", "inferred"))
    group.addoption("--allow-host", action="append", default=[], metavar="HOST")
    group.addoption("--contract-seed", type=int, default=0, metavar="N")


def pytest_configure(config: pytest.Config) -> None:
    """Say what is wrong with the options before anything is collected."""
    from contract_tests.client.safety import examine
    from contract_tests.options import ConfigurationError

    options = options_of(config)
    if options is not None:
        try:
            examine(options)
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None


def options_of(config: pytest.Config) -> Options | None:
    """The run that the command line asks for; None without a target."""
    import click

    from apicontract import ContractError, bundled
    from contract_tests.arguments import keys_of
    from contract_tests.options import Options

    if not config.getoption("--target"):
        return None
    name = config.getoption("--contract")
    if not name:
        raise pytest.UsageError("--target needs --contract: name@edition, or an OpenAPI file")
    try:
        contract = bundled().load(name)
        keys = keys_of(config.getoption("--api-key"), config.getoption("--key"))
    except ContractError as error:
        raise pytest.UsageError(str(error)) from None
    except click.UsageError as error:
        raise pytest.UsageError(error.format_message()) from None
    return Options(
        target=config.getoption("--target"),
        contract=contract,
        keys=keys,
        max_requests=config.getoption("--max-requests"),
        rate=config.getoption("--rate"),
        profile=config.getoption("--profile"),
        phases=frozenset(config.getoption("--phases").split(",")),
        min_provenance=config.getoption("--min-provenance"),
        allow_hosts=frozenset(config.getoption("--allow-host")),
        seed=config.getoption("--contract-seed"),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each operation and check that the contract has a clause for."""
    if "contract_item" not in metafunc.fixturenames:
        return
    from contract_tests.checks.registry import CHECKS
    from contract_tests.checks.verdict import universe_of

    options = options_of(metafunc.config)
    pairs = (
        dict.fromkeys((clause.operation, clause.code) for clause in universe_of(options.contract)) if options else {}
    )
    items = [*pairs, *((None, code) for code in CHECKS)] if options else []
    metafunc.parametrize(
        "contract_item",
        items,
        ids=[f"{operation or ('every' if operation == '' else 'others')}-{code}" for operation, code in items],
    )


@pytest.fixture(scope="session")
def contract_result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The run's result. It is sent once, also when pytest-xdist spreads the items over processes."""
    from contract_tests.engine import ConfigurationError, run

    options = options_of(request.config)
    if options is None:
        pytest.skip("needs --target URL --contract NAME")
    try:
        if not hasattr(request.config, "workerinput"):  # what pytest-xdist gives its processes
            return _finished(run(options)[0])
        return _shared(tmp_path_factory.getbasetemp().parent / "contract-tests-result", options)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None


def _finished(result: Result) -> Result:
    """The result of a run that nobody ended: after Ctrl-C the items end as well."""
    if result.stop_reason == "interrupted":
        raise KeyboardInterrupt
    return result


def _shared(path: Path, options: Any) -> Result:
    """The first process runs, the others wait for what it found."""
    from contract_tests.engine import run

    try:
        lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        while not path.exists():
            time.sleep(_WAIT)
        found: Result = pickle.loads(path.read_bytes())  # noqa: S301 - written by a sibling process, in pytest's own folder
        return found
    os.close(lock)
    result, _ = run(options)
    part = path.with_suffix(".part")
    part.write_bytes(pickle.dumps(result))
    part.replace(path)
    return result
