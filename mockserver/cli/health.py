"""The command `mockserver health`: a health check for containers."""

from __future__ import annotations

import http.client
import json
import ssl
from urllib.parse import urlsplit


class ProbeError(Exception):
    """The server is not healthy, or does not answer. The message is one line."""


def probe(url: str, seconds: float) -> str:
    """Return the status that `/__mock/health` reports: `ok` or `degraded`.

    TLS certificates are not verified: neither the request nor the answer holds a secret.

    Args:
        url: The address of the server, with its base path.
        seconds: The timeout.

    Raises:
        ProbeError: The server reports another status, or does not answer.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ProbeError(f"{url} is not an address like http://127.0.0.1:4010")
    if parts.scheme == "https":
        trusting = ssl._create_unverified_context()  # noqa: S323 - neither the request nor the answer holds a secret
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.hostname, port, timeout=seconds, context=trusting
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=seconds)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/__mock/health")
        response = connection.getresponse()
        status, body = response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise ProbeError(f"no mock server answers at {url}: {error}") from None
    finally:
        connection.close()
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    said = told.get("status") if isinstance(told, dict) else None
    if not isinstance(said, str):
        title = told.get("title", "") if isinstance(told, dict) else ""
        raise ProbeError(f"{url} is not the address of a mock server: {status} {title}".rstrip())
    if status != 200:
        raise ProbeError(f"expected the status ok or degraded from {url}, found {said}")
    return said
