"""Declared links are sent as `Link` headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.documents import document, write
from tests.strangers import Stranger

USER = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "minimum": 7, "maximum": 7}}}
GET = {"operationId": "getUser", "responses": {"200": {"description": "ok"}}}
PATH = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def answering(folder: Path, links: dict[str, Any], **headers: Any) -> Stranger:
    content = {"application/json": {"schema": USER}}
    created = {"201": {"description": "made", "content": content, "links": links, "headers": headers}}
    paths = {
        "/users": {"post": {"responses": created}},
        "/users/{id}": {"parameters": [PATH], "get": GET},
    }
    return Stranger(write(folder / "links.yaml", document(paths)))


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ({"operationId": "getUser", "parameters": {"id": "$response.body#/id"}}, "/users/7"),
        ({"operationRef": "#/paths/~1users~1{id}/get", "parameters": {"path.id": "a b"}}, "/users/a%20b"),
        ({"operationId": "getUser", "parameters": {"id": 1, "at": "$request.query.at"}}, "/users/1?at=3"),
    ],
)
def test_a_link_leads_to_its_operation(tmp_path: Path, link: dict[str, Any], target: str) -> None:
    answer = answering(tmp_path, {"self": link}).ask("POST", "/users?at=3")
    assert answer.headers["link"] == f'<{target}>; rel="self"'


@pytest.mark.parametrize(
    "link",
    [
        {"operationId": "getUser"},
        {"operationId": "getUser", "parameters": {"id": "$response.body#/none"}},
        {"operationId": "other", "parameters": {"id": 1}},
        {"description": "nothing"},
    ],
)
def test_a_link_without_an_address_is_left_out(tmp_path: Path, link: dict[str, Any]) -> None:
    answer = answering(tmp_path, {"self": link}).ask("POST", "/users")
    assert (answer.status, answer.headers.get("link")) == (201, None)


def test_a_declared_link_header_is_sent_instead(tmp_path: Path) -> None:
    link = {"operationId": "getUser", "parameters": {"id": 1}}
    stated = {"schema": {"type": "string"}, "example": "</a>; rel=next"}
    assert answering(tmp_path, {"self": link}, Link=stated).ask("POST", "/users").headers["link"] == "</a>; rel=next"
