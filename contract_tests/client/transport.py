"""The only access to the network: every request is sent and counted here."""

from __future__ import annotations

import http.cookiejar
import ssl
import time

import httpx

from contract_tests.client.budget import Budget
from contract_tests.client.credentials import Secrets
from contract_tests.model.exchange import Exchange, Request, Response
from contract_tests.model.options import Options

AGENT = "contract-tests"
LARGEST = 16 * 1024 * 1024
"""Bytes of a body that are read."""
_PATIENCE = 4
"""The time for a whole body, as a multiple of the time for its next byte."""


class Transport:
    """Sends recorded requests and records what comes back. Redirects are not followed, cookies are not kept."""

    def __init__(self, options: Options, budget: Budget) -> None:
        self.budget = budget
        self.secrets = Secrets(options.keys)
        self._clock = options.clock
        self._timeout = options.timeout
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.Client(
            transport=options.transport,
            verify=not options.insecure,
            timeout=options.timeout,
            follow_redirects=False,
            cookies=jar,
            headers={"User-Agent": AGENT, "Accept": "application/json, */*;q=0.5"},
        )

    def send(self, request: Request) -> Exchange:
        """Send one request.

        Raises:
            BudgetSpentError: it may not be sent any more.
        """
        number = self.budget.take()
        started = self._clock.now()
        try:
            sent = self._client.build_request(
                request.method,
                self.secrets.reveal(request.url, quoted=True),
                headers=[
                    (name.encode(), self.secrets.reveal(value).strip().encode()) for name, value in request.headers
                ],
                content=request.body or None,
            )
            answer = self._client.send(sent, stream=True)
            try:
                body, cut = self._body(answer)
            finally:
                answer.close()
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
            text = self.secrets.hide(f"{type(error).__name__}: {error}".encode()).decode(errors="replace")
            return Exchange(number, request, None, started, self._clock.now() - started, text)
        headers = tuple(
            (name.lower(), self.secrets.hide(value.encode("utf-8", "replace")).decode("utf-8", "replace"))
            for name, value in answer.headers.multi_items()
        )
        response = Response(answer.status_code, headers, self.secrets.hide(body), cut)
        return Exchange(number, request, response, started, self._clock.now() - started)

    def _body(self, answer: httpx.Response) -> tuple[bytes, bool]:
        """Return the decoded body, and whether it was truncated: no body may hold the run by its size or slowness."""
        latest = time.monotonic() + _PATIENCE * self._timeout
        parts: list[bytes] = []
        size = 0
        for part in answer.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                return b"".join(parts)[:LARGEST], True
            if time.monotonic() > latest:
                raise httpx.ReadTimeout(f"the body was not complete after {_PATIENCE * self._timeout:.0f} s")
        return b"".join(parts), False

    def close(self) -> None:
        """Close every connection."""
        self._client.close()
