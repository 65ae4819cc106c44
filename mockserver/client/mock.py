"""A client of the control API: controls the mock server of one test over HTTP, local or remote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mockserver.client.recorded import Recorded, format_entries, read_entry

JSON = Any
Instant = str | datetime
_TIMEOUT = 60.0


class MockError(Exception):
    """The server refused a control call, or could not be reached."""


class Mock:
    """The mock server of one test.

    `url`: the base URL of the APIs. `headers`: the headers to send if several tests share the URL. `clock`, `limits`
    and
    `faults` control the server.
    """

    def __init__(self, url: str, test_id: str = "", token: str = "") -> None:
        self.url = url.rstrip("/")
        self.test_id = test_id
        self._token = token
        self.clock = ClockControl(self)
        self.limits = LimitControl(self)
        self.faults = FaultControl(self)

    @property
    def headers(self) -> dict[str, str]:
        """The headers that select the space of this test, at any address of the server."""
        return {"X-Test-Id": self.test_id} if self.test_id else {}

    def scenario(self, name: str, **settings: JSON) -> JSON:
        """Start a scenario; `mockserver scenarios` lists the ready ones."""
        return self.call("POST", f"/scenarios/{quote(name, safe='')}/start", settings or None)

    def requests(self, **criteria: str | int) -> list[Recorded]:
        """Return the recorded requests, oldest first.

        Args:
            criteria: Filters such as `operation`, `status`, `key`, `method`, `path`, `problem`, `fault`.
        """
        query = f"?{urlencode(criteria)}" if criteria else ""
        return [read_entry(entry) for entry in self.call("GET", f"/requests{query}")["requests"]]

    def unmatched(self) -> list[Recorded]:
        """Return the recorded requests that matched no operation, with the operations they nearly match."""
        return [read_entry(entry) for entry in self.call("GET", "/requests/unmatched")["requests"]]

    def report(self) -> JSON:
        """Return the client report: a verdict on each clause, and the documented errors that were received."""
        return self.call("GET", "/client-report")

    def write_har(self, path: Path | str) -> None:
        """Write the recorded requests to a HAR file."""
        Path(path).write_bytes(self._send("GET", "/requests.har", None))

    def reset(self) -> None:
        """Reset clock, counters, data, faults, scenarios and journal."""
        self.call("POST", "/reset")

    def assert_requested(self, *, times: int | None = None, **criteria: str | int) -> list[Recorded]:
        """Assert that at least one request (or exactly `times`) meets the criteria, and return those that do.

        Raises:
            AssertionError: The number differs; the message lists the recorded requests.
        """
        found = self.requests(**criteria)
        if len(found) == times or (times is None and found):
            return found
        wanted = ", ".join(f"{name}={value}" for name, value in criteria.items()) or "any"
        expected = "at least 1 request" if times is None else f"{times} request{'' if times == 1 else 's'}"
        raise AssertionError(
            f"expected {expected} with {wanted}, found {len(found)}. Recorded requests:\n{self.format_requests()}"
        )

    def assert_client(self, *, key: str = "", user_agent: str = "", **clauses: bool) -> None:
        """Assert that the client kept (True) or broke (False) the given clauses; without any, that it broke none.

        A clause that is not seen fails the assertion. `key` (its id) and `user_agent` select clients.

        Raises:
            AssertionError: A clause has another verdict; the message has the evidence and the recorded requests.
            MockError: There is no such clause.
        """
        clients = [
            client
            for client in self.report()["clients"]
            if key in ("", client["key"]) and user_agent in ("", client["user_agent"])
        ]
        if not clients:
            raise AssertionError(f"expected a client, found none. Recorded requests:\n{self.format_requests()}")
        wanted = {name.replace("_", "-"): kept for name, kept in clauses.items()}
        known = [ruling["clause"] for ruling in clients[0]["clauses"]]
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise MockError(f"there is no clause {unknown[0]}; valid: {', '.join(known)}".replace("-", "_"))
        wrong: list[str] = []
        proved: set[str] = set()
        for client in clients:
            for ruling in client["clauses"]:
                name, verdict = ruling["clause"], ruling["verdict"]
                expected = wanted.get(name)
                if verdict == "fail" and (expected or not wanted):
                    wrong.append(f"{name}: broken by {client['name']}\n{_shown(ruling)}")
                elif verdict == ("fail" if expected is False else "pass"):
                    proved.add(name)
        missing = [name for name in wanted if name not in proved and not any(one.startswith(name) for one in wrong)]
        for name in missing:
            rulings = [ruling for client in clients for ruling in client["clauses"] if ruling["clause"] == name]
            wrong.append(_unproved(rulings, broken=not wanted[name]))
        if wrong:
            raise AssertionError("\n".join([*wrong, "Recorded requests:", self.format_requests()]))

    def format_requests(self) -> str:
        """Return the recorded requests as lines of a message."""
        unmatched = {entry.number: entry for entry in self.unmatched()}
        return format_entries(unmatched.get(entry.number, entry) for entry in self.requests())

    def call(self, method: str, path: str, body: JSON = None) -> JSON:
        """Call the control API at `path` (below `/__mock`), and return its answer.

        Raises:
            MockError: The call was refused; the message lists the valid values.
        """
        answer = self._send(method, path, body)
        return loads(answer) if answer else None

    def _send(self, method: str, path: str, body: JSON) -> bytes:
        parts = urlsplit(self.url)
        headers = {**self.headers, **({"content-type": "application/json"} if body is not None else {})}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        try:
            connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        except ValueError as error:
            raise MockError(f"{self.url} is not the address of a mock server: {error}") from None
        try:
            payload = None if body is None else dumps(body)
            connection.request(method, f"{parts.path}/__mock{path}", payload, headers)
            response = connection.getresponse()
            status, answer = response.status, response.read()
        except (OSError, HTTPException) as error:
            raise MockError(f"no mock server answers at {self.url}: {error}") from error
        finally:
            connection.close()
        if status >= 400:
            raise MockError(f"{method} /__mock{path}: {status} {_refusal(answer)}")
        return answer


class ClockControl:
    """Controls the clock of a test."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self._mock.call("POST", "/clock", {"action": "advance", "seconds": seconds})

    def freeze(self, at: Instant | None = None) -> None:
        """Freeze the clock, now or at an instant (RFC 3339)."""
        self._mock.call("POST", "/clock", {"action": "freeze", **({} if at is None else {"at": _instant(at)})})

    def unfreeze(self) -> None:
        """Let a frozen clock continue from its instant."""
        self._mock.call("POST", "/clock", {"action": "unfreeze"})

    def set(self, at: Instant) -> None:
        """Set the clock to an instant (RFC 3339)."""
        self._mock.call("POST", "/clock", {"action": "set", "at": _instant(at)})

    def reset(self) -> None:
        """Reset the clock to its start."""
        self._mock.call("POST", "/clock", {"action": "reset"})

    @property
    def state(self) -> JSON:
        """The current time, and whether the clock is frozen."""
        return self._mock.call("GET", "/clock")


class LimitControl:
    """Controls the rate limits of a test."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def set(
        self, key: str, *, remaining: int | None = None, monthly_remaining: int | None = None, plan: str | None = None
    ) -> JSON:
        """Set the remaining requests of a key (its secret or id) in this minute and month, and its plan."""
        given = {"remaining": remaining, "monthly_remaining": monthly_remaining, "plan": plan}
        wanted = {name: value for name, value in given.items() if value is not None}
        return self._mock.call("PUT", f"/limits/{quote(key, safe='')}", wanted)

    def get(self, key: str | None = None) -> JSON:
        """Return the counters of a key, or of every key."""
        return self._mock.call("GET", "/limits" if key is None else f"/limits/{quote(key, safe='')}")


class FaultControl:
    """Controls the faults of a test."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def add(self, fault: str = "", **members: JSON) -> JSON:
        """Set a fault: `add("CONNECTION_RESET_BY_PEER", operation="listThings", times=1)`."""
        return self._mock.call("POST", "/faults", {**({"fault": fault} if fault else {}), **members})

    def list(self) -> JSON:
        """Return the faults that are set."""
        return self._mock.call("GET", "/faults")

    def clear(self) -> None:
        """Remove all faults."""
        self._mock.call("DELETE", "/faults")


def _instant(at: Instant) -> str:
    return at if isinstance(at, str) else at.isoformat()


def _refusal(answer: bytes) -> str:
    try:
        problem = loads(answer)
    except ValueError:
        return answer.decode("utf-8", "replace")[:200]
    if not isinstance(problem, Mapping):
        return str(problem)
    valid = problem.get("valid")
    told = f"; valid: {', '.join(map(str, valid))}" if isinstance(valid, list) and valid else ""
    return f"{problem.get('title', '')} {problem.get('detail', '')}".strip() + told


def _shown(ruling: Mapping[str, JSON]) -> str:
    lines = [f"  {evidence['says']}" for evidence in ruling["evidence"]]
    advice = ruling.get("advice")
    return "\n".join([*lines, f"  {advice}"] if advice else lines)


def _unproved(rulings: list[Mapping[str, JSON]], *, broken: bool) -> str:
    ruling = rulings[0]
    name = ruling["clause"]
    kept = [one for one in rulings if one["verdict"] == "pass"]
    if broken and kept:
        return f"{name}: expected to be broken, but it was kept\n{_shown(kept[0])}"
    return f"{name}: not seen: {ruling.get('note', '')}"
