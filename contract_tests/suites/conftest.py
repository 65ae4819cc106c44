"""The items of a run, and its result: one run, also when pytest-xdist spreads the items over processes."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path

import pytest

from contract_tests.checks.registry import CHECKS
from contract_tests.checks.verdict import universe_of
from contract_tests.cli.conclude import redactor_of
from contract_tests.model.finding import Result
from contract_tests.model.options import ConfigurationError, Options
from contract_tests.run.engine import run
from contract_tests.run.session import INTERRUPTED
from contract_tests.suites.asked import options_of

_WAIT = 0.2


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one item for each operation and check that the contract has a clause for."""
    if "contract_item" not in metafunc.fixturenames:
        return
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
    """Run once and return the result, also when pytest-xdist spreads the items over processes."""
    options = options_of(request.config)
    if options is None:
        pytest.skip("needs --target URL --contract NAME")
    try:
        if not hasattr(request.config, "workerinput"):  # set in the processes of pytest-xdist
            return _finished(_run(options))
        return _shared(tmp_path_factory.getbasetemp().parent / "contract-tests-result", options)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None


def _run(options: Options) -> Result:
    """Run, and return what reports may show."""
    return redactor_of(options.keys).result(run(options)[0])


def _finished(result: Result) -> Result:
    """Return the result of a run that was not interrupted; after Ctrl-C the items end as well."""
    if result.stop_reason == INTERRUPTED:
        raise KeyboardInterrupt
    return result


def _shared(path: Path, options: Options) -> Result:
    """Run in the first process, and return its result in the others."""
    try:
        lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        while not path.exists():
            time.sleep(_WAIT)
        found: Result = pickle.loads(path.read_bytes())  # noqa: S301 - written by a sibling process, in pytest's own folder
        return found
    os.close(lock)
    result = _run(options)
    part = path.with_suffix(".part")
    part.write_bytes(pickle.dumps(result))
    part.replace(path)
    return result
