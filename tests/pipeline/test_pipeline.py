"""One request through the pipeline: parsed, judged, answered."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
import pytest

from apicontract import Operation
from mockserver.app import MockServer, create_app
from mockserver.pipeline import pipeline as server
from mockserver.pipeline.request import Request
from mockserver.settings import Settings
from tests.documents import document, write
from tests.servers import PLATFORM_SITE, SITE

APP = create_app(Settings(now=1_770_465_600.0, rate_limit=False))
OPERATIONS = [operation for api in APP.mock.apis for operation in api.contract.operations]
WAYS: dict[str, dict[str, str]] = {
    "plain": {},
    "without a key": {"X-API-Key": "", "Authorization": ""},
    "a preference": {"Prefer": "code=404"},
    "a preference for a success": {"Prefer": "code=200"},
    "a preference that cannot be met": {"Prefer": "code=299"},
    "an error": {"X-Mock-Fault": "404"},
    "a broken body": {"X-Mock-Fault": "BROKEN_JSON"},
    "missing headers": {"X-Mock-Fault": "RATE_LIMIT_HEADERS_MISSING"},
    "a truncated body": {"X-Mock-Fault": "TRUNCATED_RESPONSE"},
    "a delay": {"X-Mock-Delay": "1"},
    "no fault at all": {"X-Mock-Fault": "NOTHING"},
    "another origin": {"Origin": "https://app.example"},
}


class Sealed(Request):
    """A request that can only be written to while it is parsed."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "body" and hasattr(self, "body"):
            raise AttributeError(f"{name} is written")
        super().__setattr__(name, value)


def ask(app: MockServer, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(send())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_a_request_is_not_written_to_after_it_was_parsed(
    operation: Operation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "Request", Sealed)
    path = operation.path.format(websiteId=SITE, siteId=PLATFORM_SITE, trackingCode="ZV_abc123xyz")
    keys = {"X-API-Key": "zv_demo_pro"} if "api/v2" not in path else {"Authorization": "Bearer ap_demo"}
    with caplog.at_level(logging.ERROR):
        statuses = [ask(APP, operation.method, path, keys | headers).status_code for headers in WAYS.values()]
    assert caplog.records == []
    assert len(set(statuses)) > 1


def test_a_code_that_is_another_success_than_the_usual_one_decides_the_answer(tmp_path: Any) -> None:
    responses = {
        "200": {"description": "ok", "content": {"application/json": {"example": {"done": True}}}},
        "202": {"description": "later", "content": {"application/json": {"example": {"done": False}}}},
    }
    file = write(tmp_path / "small.yaml", document({"/things": {"get": {"responses": responses}}}))
    app = create_app(Settings(contracts=(str(file),)))
    answers = [ask(app, "GET", "/things", {"Prefer": f"code={code}"}) for code in (200, 202)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, {"done": True}),
        (202, {"done": False}),
    ]
