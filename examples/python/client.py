"""A small client with good manners: what the tests beside it prove."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

ATTEMPTS = 4


class QuotaUsedUpError(Exception):
    """Nothing will be answered before the next month."""


class Analytics:
    """Waits as long as `Retry-After` says, and longer from failure to failure; `sleep` is how."""

    def __init__(self, url: str, key: str, sleep: Callable[[float], object] = time.sleep) -> None:
        self._http = httpx.Client(base_url=f"{url}/api/external/v1", headers={"X-API-Key": key})
        self._sleep = sleep

    def websites(self) -> Any:
        """Every website of the account."""
        return self._get("/websites")["data"]["websites"]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _get(self, path: str) -> Any:
        for attempt in range(ATTEMPTS):
            wait = 2.0**attempt
            try:
                response = self._http.get(path)
            except httpx.TransportError:
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                if "MONTHLY_LIMIT_EXCEEDED" in response.text:
                    raise QuotaUsedUpError
                if response.status_code != 429 and response.status_code < 500:
                    return response.raise_for_status().json()
                wait = float(response.headers.get("Retry-After", wait))
            self._sleep(wait)
        return response.raise_for_status()
