"""Runs pytest with the plugin as installed."""

from __future__ import annotations

import pytest

OPTIONS = "-p mockserver.plugin -p no:cacheprovider"


@pytest.fixture
def plugged(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return a folder whose pytest runs with the plugin, and with warnings as errors."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(f"[pytest]\naddopts = {OPTIONS}\nfilterwarnings = error\n")
    return pytester
