"""An example request for the banner and for the console's empty journal."""

from __future__ import annotations

from mockserver.dataset.accounts import Key
from mockserver.engine.mock import Mock
from mockserver.settings import Settings


def example_request(mock: Mock, url: str, trust: str = "") -> str:
    """Return a curl command for the first GET without path parameters, with the first usable key; "" if none."""
    for api in mock.apis:
        key = next((key for key in api.keys.values() if _is_usable(key, mock.settings)), None)
        for operation in api.contract.operations:
            if operation.method != "GET" or "{" in operation.path:
                continue
            if not operation.security:
                return f"curl {trust}{url}{operation.path}"
            scheme = operation.security[0][0]
            if key is not None and scheme.location == "header":
                return f"curl {trust}-H '{scheme.parameter}: {scheme.text(key.secret)}' {url}{operation.path}"
    return ""


def _is_usable(key: Key, settings: Settings) -> bool:
    return key.permitted and not key.revoked and key.plan not in settings.refused_plans
