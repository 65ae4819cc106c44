"""The one door to the network: every byte passes here, and every request is counted here."""

from __future__ import annotations

import http.cookiejar
import ssl

import httpx

from contract_tests.client.budget import Budget
from contract_tests.client.credentials import Secrets
from contract_tests.exchange import Exchange, Request, Response
from contract_tests.options import Options

AGENT = "contract-tests"


class Transport:
    """Sends recorded requests and records what comes back. Redirects are not followed, cookies are not kept."""

    def __init__(self, options: Options, budget: Budget) -> None:
        self.budget = budget
        self.secrets = Secrets(options.keys)
        self._clock = options.clock
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
            answer = self._client.request(
                request.method,
                self.secrets.reveal(request.url, quoted=True),
                headers=[
                    (name.encode(), self.secrets.reveal(value).strip().encode()) for name, value in request.headers
                ],
                content=request.body or None,
            )
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
            text = self.secrets.hide(f"{type(error).__name__}: {error}".encode()).decode(errors="replace")
            return Exchange(number, request, None, started, self._clock.now() - started, text)
        headers = tuple(
            (name.lower(), self.secrets.hide(value.encode("utf-8", "replace")).decode("utf-8", "replace"))
            for name, value in answer.headers.multi_items()
        )
        response = Response(answer.status_code, headers, self.secrets.hide(answer.content))
        return Exchange(number, request, response, started, self._clock.now() - started)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()
