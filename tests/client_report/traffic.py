"""Journal entries for tests: `Traffic().get("/things", status=429, wait=2)`."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import orjson

from apicontract.contract import Contract
from mockserver.client_report.clauses import CLAUSES
from mockserver.client_report.knowledge import Knowledge
from mockserver.client_report.ruling import Ruling
from mockserver.journal.entry import Entry
from tests.documents import contract_of

START = 1_770_465_600.0  # 2026-02-07T12:00:00Z


def _operation(name: str, *parameters: str, **more: Any) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {"things": {"type": "array", "items": {"type": "object", "properties": {"id": {}}}}, "more": {}},
    }
    answers = {status: {"description": status} for status in ("401", "404", "429", "500")}
    return {
        "operationId": name,
        "security": [{"key": []}],
        "parameters": [{"name": one, "in": "query", "schema": {"type": ["integer", "string"]}} for one in parameters],
        "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}, **answers},
        **more,
    }


@cache
def contract(edition: str = "2") -> Contract:
    """Return a small API: a list with offset, one with pages, one thing. Edition 1 calls `range` `timeRange`."""
    return contract_of(
        {
            "/things": {"get": _operation("listThings", "limit", "offset", "range" if edition == "2" else "timeRange")},
            "/pages": {"get": _operation("listPages", "page", "per_page")},
            "/thing": {"get": _operation("getThing")},
        },
        **{
            "x-contract": {"name": "small", "edition": edition},
            "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}},
        },
    )


def knowledge() -> Knowledge:
    """Return the knowledge of edition 2, served, and edition 1."""
    return Knowledge({contract().selector: contract()}, (contract("1"),))


class Traffic:
    """A sequence of entries; each comes `wait` seconds after the one before."""

    def __init__(self, **defaults: Any) -> None:
        self.entries: list[Entry] = []
        self.defaults = defaults
        self.now = START

    def get(self, target: str = "/thing", *, wait: float = 0.001, took: float = 0.001, **members: Any) -> Traffic:
        """Append an entry."""
        members = {**self.defaults, **members}
        path, _, query = target.partition("?")
        texts = dict(parse_qsl(query))
        match = contract().router.find(path)
        operation = match.route.operations["GET"].id if match else ""
        self.now += wait
        number = len(self.entries) + 1
        values: dict[str, Any] = {
            "number": number,
            "at": self.now,
            "answered": self.now + took,
            "started": self.now,
            "seconds": took,
            "client": "127.0.0.1",
            "connection": "127.0.0.1:5000",
            "opened": 0.0,
            "user_agent": "client/1",
            "method": "GET",
            "path": path,
            "query": query,
            "headers": (),
            "body": b"",
            "status": 200,
            "answer_headers": (),
            "answer_body": orjson.dumps(members.pop("answer", {"things": [number]})),
            "contract": contract().selector,
            "operation": operation,
            "parameters": {name: int(text) if text.isdigit() else text for name, text in texts.items()},
            "names": tuple(texts),
            "key": "ak_1",
            "problem": "",
            "rule": "",
            "free_at": 0.0,
            "fault": "",
            "broken": False,
            "preference": "",
            "test_id": "",
            "exposed": (),
            "question": target,
            "data": str(number),
        }
        if "retry_after" in members:
            values["answer_headers"] = (("retry-after", str(members.pop("retry_after"))),)
        self.entries.append(Entry(**{**values, **members}))
        self.now += took
        return self

    def rule(self, name: str) -> Ruling:
        """Return the ruling on a clause."""
        clause = next(clause for clause in CLAUSES if clause.id == name)
        return clause.rule(self.entries, knowledge())
