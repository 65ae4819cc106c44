"""The pytest plugin, in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CLIENT = """
import http.client
from urllib.parse import urlsplit

def get(mockserver, path="/api/external/v1/websites"):
    parts = urlsplit(mockserver.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.request("GET", path, headers={"X-API-Key": "zv_demo_pro"})
    status = connection.getresponse().status
    connection.close()
    return status
"""


def test_a_test_has_a_server_of_its_own(plugged: pytest.Pytester) -> None:
    plugged.makepyfile(
        CLIENT
        + """
def test_one(mockserver):
    mockserver.limits.set("zv_demo_pro", remaining=1)
    assert [get(mockserver), get(mockserver)] == [200, 429]
    assert len(mockserver.requests(operation="listWebsites")) == 2

def test_other(mockserver):
    assert get(mockserver) == 200
    assert len(mockserver.requests()) == 1
"""
    )
    plugged.runpytest_subprocess().assert_outcomes(passed=2)


def test_a_failure_shows_the_recorded_requests(plugged: pytest.Pytester) -> None:
    plugged.makepyfile(
        CLIENT
        + """
def test_one(mockserver):
    assert get(mockserver, "/api/external/v1/website") == 200
"""
    )
    result = plugged.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*mockserver: recorded requests*",
            "*1  GET /api/external/v1/website → 404 unknown-path*",
            "*probably meant: GET /api/external/v1/websites: expected 'websites', found 'website'*",
        ]
    )


def test_workers_of_xdist_do_not_meet(plugged: pytest.Pytester) -> None:
    plugged.makepyfile(
        CLIENT
        + """
import pytest

@pytest.mark.parametrize("number", range(12))
def test_one(mockserver, number):
    mockserver.limits.set("zv_demo_pro", remaining=number)
    assert [get(mockserver) for _ in range(number + 1)] == [200] * number + [429]
    assert len(mockserver.requests()) == number + 1
"""
    )
    plugged.runpytest_subprocess("-p", "xdist", "-n", "2").assert_outcomes(passed=12)


def test_the_ini_file_says_what_is_served(plugged: pytest.Pytester) -> None:
    plugged.makeini("[pytest]\naddopts = -p mockserver.plugin\nfilterwarnings = error\nmockserver_editions = 2025-01\n")
    plugged.makepyfile(
        CLIENT
        + """
def test_one(mockserver):
    get(mockserver)
    assert mockserver.requests()[0].answer.get("websites") is not None
"""
    )
    plugged.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_session_that_does_not_use_it_imports_nothing(plugged: pytest.Pytester) -> None:
    plugged.makepyfile(
        """
import sys
import tomllib
from pathlib import Path

def test_one():
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"starlette", "uvicorn", "jsonschema_rs", "yaml", "orjson"}
    assert {name for name in sys.modules if name.startswith("mockserver")} == {"mockserver", "mockserver.plugin"}
"""
    )
    plugged.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_server_that_runs_elsewhere_can_be_used(plugged: pytest.Pytester) -> None:
    plugged.makepyfile(
        """
import http.client
from urllib.parse import urlsplit

def test_one(mockserver):
    parts = urlsplit(mockserver.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.request("GET", "/api/external/v1/websites", headers={"X-API-Key": "zv_demo_pro", **mockserver.headers})
    assert connection.getresponse().status == 200
    connection.close()
    assert len(mockserver.requests()) == 1
"""
    )
    from mockserver.testing import LocalServer

    server = LocalServer()
    try:
        plugged.runpytest_subprocess("--mockserver-url", server.url).assert_outcomes(passed=1)
    finally:
        server.stop()


def test_the_package_brings_the_plugin() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"]["mockserver"] == "mockserver.plugin"


def test_unittest_leaves_nothing_behind() -> None:
    """Sockets, threads and loops are closed when the process ends: no ResourceWarning."""
    program = """
import unittest, mockserver.testing

class One(unittest.TestCase):
    def test_one(self):
        mock = self.enterContext(mockserver.testing.isolated(self.id()))
        self.assertEqual(mock.requests(), [])

unittest.main()
"""
    done = subprocess.run([sys.executable, "-X", "dev", "-W", "error", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
