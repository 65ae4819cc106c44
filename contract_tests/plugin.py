"""Options of pytest: `pytest --pyargs contract_tests --target URL` is one run, shown as items.

pytest imports this module in every project that has the package installed: whatever needs more than pytest itself is
imported by `suites/`, which only such a run collects.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of `contract-tests run` that concern what is sent."""
    group = parser.getgroup("contract_tests", "contract tests")
    group.addoption("--target", metavar="URL", help="where the server answers")
    group.addoption("--contract", metavar="CONTRACT", help="name@edition, or an OpenAPI file")
    group.addoption("--api-key", metavar="KEY", help="default: $CONTRACT_TESTS_API_KEY")
    group.addoption(
        "--key", action="append", default=[], metavar="ROLE=KEY", help="a further key; may be given several times"
    )
    group.addoption("--max-requests", default="auto", metavar="auto|N")
    group.addoption("--rate", default="auto", metavar="auto|N/m|off")
    group.addoption("--profile", default="readonly", choices=("readonly", "write", "burst"))
    group.addoption("--phases", default="probe,stateful", metavar="LIST")
    group.addoption("--min-provenance", default="documented", choices=("documented", "supplement", "inferred"))
    group.addoption("--allow-host", action="append", default=[], metavar="HOST")
    group.addoption("--contract-seed", type=int, default=0, metavar="N")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse wrong options before anything is collected."""
    if config.getoption("--target"):
        from contract_tests.suites.asked import examined

        examined(config)
