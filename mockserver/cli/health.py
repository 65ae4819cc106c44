"""`mockserver health`: one question to a running server, for the health check of a container."""

from __future__ import annotations

import http.client
import json
import ssl
from urllib.parse import urlsplit


class ProbeError(Exception):
    """The server is not well, or does not answer; one line says which."""


def probe(url: str, seconds: float) -> str:
    """What `/__mock/health` says: `ok`, or `degraded`.

    Whose certificate a server shows is not looked at: the question holds no secret, and neither does the answer.

    Raises:
        ProbeError: it says something else, or nothing.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ProbeError(f"{url} is no address like http://127.0.0.1:4010")
    if parts.scheme == "https":
        trusting = ssl._create_unverified_context()  # noqa: S323 - see above
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
        raise ProbeError(f"{url} is not where a mock server is: {status} {title}".rstrip())
    if status != 200:
        raise ProbeError(f"{url} says {said}")
    return said
