"""One test's mock server, told over HTTP what to do: the same for a server in this process and for any other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mockserver.client.recorded import Recorded, listed, recorded_of

JSON = Any
Instant = str | datetime
_TIMEOUT = 60.0


class MockError(Exception):
    """The server refused what it was told, or could not be reached."""


class Mock:
    """`url`: where a client finds the APIs. `headers`: what it sends where several tests share one address."""

    def __init__(self, url: str, test_id: str = "", token: str = "") -> None:
        self.url = url.rstrip("/")
        self.test_id = test_id
        self._token = token
        self.clock = ClockControl(self)
        self.limits = LimitControl(self)
        self.faults = FaultControl(self)

    @property
    def headers(self) -> dict[str, str]:
        """The header that leads a request into this test's space, whatever address it was sent to."""
        return {"X-Test-Id": self.test_id} if self.test_id else {}

    def scenario(self, name: str, **settings: JSON) -> JSON:
        """Start a scenario of the catalogue; `mockserver scenarios` lists them."""
        return self.call("POST", f"/scenarios/{quote(name, safe='')}/start", settings or None)

    def requests(self, **criteria: str | int) -> list[Recorded]:
        """What came, oldest first: all of it, or by operation, status, key, method, path, problem, fault, …"""
        query = f"?{urlencode(criteria)}" if criteria else ""
        return [recorded_of(entry) for entry in self.call("GET", f"/requests{query}")["requests"]]

    def unmatched(self) -> list[Recorded]:
        """What came and matched no operation, with what it was probably meant for."""
        return [recorded_of(entry) for entry in self.call("GET", "/requests/unmatched")["requests"]]

    def report(self) -> JSON:
        """What the traffic proves about the client: every clause, and which documented errors it has met."""
        return self.call("GET", "/client-report")

    def write_har(self, path: Path | str) -> None:
        """Write what came as a HAR file."""
        Path(path).write_bytes(self._send("GET", "/requests.har", None))

    def reset(self) -> None:
        """Be as at the start: clock, counters, data, faults, scenarios, journal."""
        self.call("POST", "/reset")

    def assert_requested(self, *, times: int | None = None, **criteria: str | int) -> list[Recorded]:
        """At least one request (or exactly `times`) meets the criteria; they are returned.

        Raises:
            AssertionError: with what came instead.
        """
        found = self.requests(**criteria)
        if len(found) == times or (times is None and found):
            return found
        wanted = ", ".join(f"{name}={value}" for name, value in criteria.items()) or "any"
        expected = "at least 1 request" if times is None else f"{times} request{'' if times == 1 else 's'}"
        raise AssertionError(f"{expected} with {wanted} expected, {len(found)} came. What came:\n{self.heard()}")

    def assert_client(self, *, key: str = "", user_agent: str = "", **clauses: bool) -> None:
        """The client kept (True) or broke (False) these clauses; without any: it broke none.

        A clause for which the traffic holds no proof is neither. `key` (its id) and `user_agent` choose among clients.

        Raises:
            AssertionError: with the exchanges that show otherwise, or what came instead.
        """
        clients = [
            client
            for client in self.report()["clients"]
            if key in ("", client["key"]) and user_agent in ("", client["user_agent"])
        ]
        if not clients:
            raise AssertionError(f"no client to judge. What came:\n{self.heard()}")
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
            raise AssertionError("\n".join([*wrong, "What came:", self.heard()]))

    def heard(self) -> str:
        """Everything that came, as lines of a message."""
        unmatched = {entry.number: entry for entry in self.unmatched()}
        return listed(unmatched.get(entry.number, entry) for entry in self.requests())

    def call(self, method: str, path: str, body: JSON = None) -> JSON:
        """A call of the control API, `path` below `/__mock`; what it answers.

        Raises:
            MockError: it was refused; the message names the valid choices.
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
            raise MockError(f"{self.url} is no address of a mock server: {error}") from None
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
    """This test's clock."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def advance(self, seconds: float) -> None:
        """Let time pass, at once."""
        self._mock.call("POST", "/clock", {"action": "advance", "seconds": seconds})

    def freeze(self, at: Instant | None = None) -> None:
        """Stand still: now, or at an instant (RFC 3339)."""
        self._mock.call("POST", "/clock", {"action": "freeze", **({} if at is None else {"at": _instant(at)})})

    def unfreeze(self) -> None:
        """Go on from where it stands."""
        self._mock.call("POST", "/clock", {"action": "unfreeze"})

    def set(self, at: Instant) -> None:
        """Be at an instant."""
        self._mock.call("POST", "/clock", {"action": "set", "at": _instant(at)})

    def reset(self) -> None:
        """Be as at the start."""
        self._mock.call("POST", "/clock", {"action": "reset"})

    @property
    def state(self) -> JSON:
        """What time it is, and whether it stands still."""
        return self._mock.call("GET", "/clock")


class LimitControl:
    """What keys have left in this test."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def set(
        self, key: str, *, remaining: int | None = None, monthly_remaining: int | None = None, plan: str | None = None
    ) -> JSON:
        """Say what a key (its secret or id) has left this minute and this month, and its plan."""
        given = {"remaining": remaining, "monthly_remaining": monthly_remaining, "plan": plan}
        wanted = {name: value for name, value in given.items() if value is not None}
        return self._mock.call("PUT", f"/limits/{quote(key, safe='')}", wanted)

    def get(self, key: str | None = None) -> JSON:
        """The counters of a key, or of every key."""
        return self._mock.call("GET", "/limits" if key is None else f"/limits/{quote(key, safe='')}")


class FaultControl:
    """What goes wrong in this test."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def add(self, fault: str = "", **members: JSON) -> JSON:
        """Set a fault: `add("CONNECTION_RESET_BY_PEER", operation="listThings", times=1)`."""
        return self._mock.call("POST", "/faults", {**({"fault": fault} if fault else {}), **members})

    def list(self) -> JSON:
        """The faults that are set."""
        return self._mock.call("GET", "/faults")

    def clear(self) -> None:
        """Let everything go right again."""
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
