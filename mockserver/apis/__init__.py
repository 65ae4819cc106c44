"""Handlers, one module per contract: the only code that knows the operations of an API."""

from collections.abc import Mapping
from importlib import import_module

from mockserver.apis.call import Handler

_MODULES = {
    ("zenovay", "2026-02"): "zenovay_2026_02",
    ("zenovay", "2025-01"): "zenovay_2025_01",
    ("analytics-platform", "v2"): "analytics_platform_v2",
}


def handlers(contract_name: str, edition: str) -> Mapping[str, Handler]:
    """Return the handlers of a contract by operationId; empty if it has none."""
    name = _MODULES.get((contract_name, edition))
    if name is None:
        return {}
    found: Mapping[str, Handler] = import_module(f"mockserver.apis.{name}").HANDLERS
    return found
