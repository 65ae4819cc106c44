"""The pytest plugin: the fixture `mockserver`. The server is imported when a test requests the fixture."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.settings import Settings
    from mockserver.testing import LocalServer, Mock

_FIXTURE = "mockserver"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--mockserver-url`, and the ini options with the settings of the server."""
    group = parser.getgroup("mockserver", "mock server for web-analytics APIs")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        help="Use the server at this URL instead of starting one; clients must send mockserver.headers.",
    )
    parser.addini("mockserver_contracts", "Contracts of the fixture mockserver: FILE or NAME@EDITION.", "args")
    parser.addini("mockserver_editions", "Editions to serve instead of the newest, e.g. 2025-01.", "args")
    parser.addini("mockserver_fixtures", "A folder of fixtures to serve instead of the bundled one.", "paths")


@pytest.fixture(scope="session")
def mockserver_settings(pytestconfig: pytest.Config) -> Settings:
    """Return the settings of the session's server. Override this fixture for settings without an ini option."""
    from mockserver.settings import Settings

    folders = pytestconfig.getini("mockserver_fixtures")
    return Settings(
        contracts=tuple(pytestconfig.getini("mockserver_contracts")),
        editions=tuple(pytestconfig.getini("mockserver_editions")),
        fixtures=folders[0] if folders else None,
    )


@pytest.fixture(scope="session")
def mockserver_session(mockserver_settings: Settings) -> Iterator[LocalServer]:
    """Yield the server of this process; under pytest-xdist each worker has its own."""
    from mockserver.testing import LocalServer

    server = LocalServer(mockserver_settings)
    yield server
    server.stop()


@pytest.fixture
def mockserver(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Iterator[Mock]:
    """Yield the mock server of this test: `.url`, `.clock`, `.limits`, `.faults`, `.scenario()`, `.requests()`."""
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
    """Add the recorded requests to the report of a failed test."""
    outcome = yield
    if call.when == "call" and call.excinfo is not None and _FIXTURE in getattr(item, "funcargs", {}):
        _show(item, outcome.get_result())


def _show(item: pytest.Item, report: pytest.TestReport) -> None:
    from mockserver.testing import Mock, MockError

    mock = getattr(item, "funcargs", {}).get(_FIXTURE)
    if not isinstance(mock, Mock) or not report.failed:
        return
    try:
        shown = mock.format_requests()
    except MockError as error:
        shown = str(error)
    report.sections.append(("mockserver: recorded requests", shown))
