"""The only access to the network: every request is sent and counted here."""

from __future__ import annotations

import http.cookiejar

import httpx

from contract_tests.client.budget import Budget
from contract_tests.client.credentials import Secrets
from contract_tests.client.decoding import ACCEPTED, decoded
from contract_tests.client.wire import Deadline, Wire
from contract_tests.model.exchange import Exchange, Request, Response
from contract_tests.model.options import Options

AGENT = "contract-tests"
LARGEST = 4 * 1024 * 1024
"""Bytes of a body that are read."""
HEAVIEST = 32 * 1024 * 1024
"""Bytes of memory that the values of one body may take, about."""
ALL = 2 * HEAVIEST
"""Bytes of memory that the values of all bodies of a run may take, about."""
KEPT = 64 * 1024
"""Bytes that are kept of a body that is too large: enough to show what it is."""
_PATIENCE = 4
"""The time for a whole body, as a multiple of the time for its head."""


class Transport:
    """Sends recorded requests and records what comes back. Redirects are not followed, cookies are not kept."""

    def __init__(self, options: Options, budget: Budget) -> None:
        self.budget = budget
        self.secrets = Secrets(options.keys)
        self._clock = options.clock
        self._timeout = options.timeout
        self._deadline = Deadline()
        self._room = ALL
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.Client(
            transport=options.transport or Wire(options.target, self._deadline, insecure=options.insecure),
            follow_redirects=False,
            cookies=jar,
            headers={
                "User-Agent": AGENT,
                "Accept": "application/json, */*;q=0.5",
                "Accept-Encoding": ACCEPTED,
            },
        )

    def send(self, request: Request) -> Exchange:
        """Send one request. What goes wrong with it is recorded as its failure, whatever it is.

        Raises:
            BudgetSpentError: it may not be sent any more.
        """
        number = self.budget.take()
        started = self._clock.now()
        try:
            response = self._answer(request)
        except Exception as error:  # noqa: BLE001 - no answer of a target ends a run
            text = self.secrets.hide(f"{type(error).__name__}: {error}".encode(errors="replace")).decode()
            return Exchange(number, request, None, started, self._clock.now() - started, text)
        return Exchange(number, request, response, started, self._clock.now() - started)

    def _answer(self, request: Request) -> Response:
        sent = self._client.build_request(
            request.method,
            self.secrets.reveal(request.url, quoted=True),
            headers=[(name.encode(), self.secrets.reveal(value).strip().encode()) for name, value in request.headers],
            content=request.body or None,
        )
        self._deadline.begin(self._timeout, "no answer")
        answer = self._client.send(sent, stream=True)
        try:
            self._deadline.begin(_PATIENCE * self._timeout, "the body was not complete")
            body, cut = self._body(answer)
        finally:
            answer.close()
        headers = tuple(
            (name.lower(), self.secrets.hide(value.encode("utf-8", "replace")).decode("utf-8", "replace"))
            for name, value in answer.headers.multi_items()
        )
        return Response(answer.status_code, headers, self.secrets.hide(body), cut)

    def _body(self, answer: httpx.Response) -> tuple[bytes, bool]:
        """Return the decoded body, and whether it was truncated: no body may hold the run by its size or slowness."""
        parts: list[bytes] = []
        size = 0
        codings = answer.headers.get_list("content-encoding")
        for part in decoded(answer.stream, codings, self._deadline.left):  # type: ignore[arg-type]
            self._deadline.left()
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                break
        body = b"".join(parts)
        weight = _weight_of(body)
        if size > LARGEST or weight > min(HEAVIEST, self._room):
            return body[:KEPT], True
        self._room -= weight
        return body, False

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


def _weight_of(body: bytes) -> int:
    """Return about how many bytes of memory a body takes once it is read as JSON: rather too many than too few."""
    return (
        (2 if body.isascii() else 5) * len(body)
        + 250 * body.count(b"{")
        + 90 * body.count(b"[")
        + 60 * body.count(b",")
    )
