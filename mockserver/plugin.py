"""The pytest plugin: the fixture `mockserver`. Nothing of the server is imported before a test asks for it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.settings import Settings
    from mockserver.testing import LocalServer, Mock

_FIXTURE = "mockserver"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--mockserver-url`, and what the server is started with as ini options."""
    group = parser.getgroup("mockserver", "a mock server of web-analytics APIs")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        help="Use the server that runs there instead of starting one; clients send the headers of mockserver.headers.",
    )
    parser.addini("mockserver_contracts", "Contracts that the fixture mockserver serves: FILE or NAME@EDITION.", "args")
    parser.addini("mockserver_editions", "Editions to serve instead of the newest ones, e.g. 2025-01.", "args")
    parser.addini("mockserver_fixtures", "A folder of fixtures to serve instead of the bundled one.", "paths")


@pytest.fixture(scope="session")
def mockserver_settings(pytestconfig: pytest.Config) -> Settings:
    """What the server of the session is started with. Override it for anything that the ini options do not say."""
    from mockserver.settings import Settings

    folders = pytestconfig.getini("mockserver_fixtures")
    return Settings(
        contracts=tuple(pytestconfig.getini("mockserver_contracts")),
        editions=tuple(pytestconfig.getini("mockserver_editions")),
        fixtures=folders[0] if folders else None,
    )


@pytest.fixture(scope="session")
def mockserver_session(mockserver_settings: Settings) -> Iterator[LocalServer]:
    """The server that the tests of this process share; under pytest-xdist every worker has one."""
    from mockserver.testing import LocalServer

    server = LocalServer(mockserver_settings)
    yield server
    server.stop()


@pytest.fixture
def mockserver(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Iterator[Mock]:
    """A mock server of this test's own: `.url`, `.clock`, `.limits`, `.faults`, `.scenario()`, `.requests()`, …"""
    url = pytestconfig.getoption("mockserver_url")
    if url:
        from uuid import uuid4

        from mockserver.testing import Mock

        mock = Mock(url, f"{request.node.name[:100].encode('ascii', 'replace').decode()}#{uuid4().hex[:8]}")
        yield mock
        mock.reset()
    else:
        server: LocalServer = request.getfixturevalue("mockserver_session")
        with server.isolated(request.node.name) as mock:
            yield mock


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """A test that failed shows what came."""
    outcome = yield
    if call.when == "call" and call.excinfo is not None and _FIXTURE in getattr(item, "funcargs", {}):
        _show(item, outcome.get_result())


def _show(item: pytest.Item, report: pytest.TestReport) -> None:
    from mockserver.testing import Mock, MockError

    mock = getattr(item, "funcargs", {}).get(_FIXTURE)
    if not isinstance(mock, Mock) or not report.failed:
        return
    try:
        heard = mock.heard()
    except MockError as error:
        heard = str(error)
    report.sections.append(("mockserver: what came", heard))
