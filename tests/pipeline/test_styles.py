"""Parameters in every style of OpenAPI, read from requests for a document of somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents import document, write
from tests.strangers import Stranger

VALID = [
    "/simple/1,2",
    "/label/.1,2",
    "/labels/.1.2",
    "/labeled/.x=1.y=2",
    "/matrix/;v=1,2",
    "/matrices/;v=1;v=2",
    "/matrixed/;x=1;y=2",
    "/form",
    "/form?v=1&v=2",
    "/comma?v=1,2",
    "/space?v=1%202",
    "/space?v=1+2",
    "/pipe?v=1|2",
    "/pipe?v=1%7C2",
    "/spread?x=1&y=2",
    "/flat?v=x,1,y,2",
    "/deep?v[name]=a",
    "/deep?v[size][min]=1&v[size][max]=2",
    "/deep?v%5Bsize%5D%5Bmin%5D=1",
    "/deep?v[tags]=1&v[tags]=2",
    "/deep?v[tags][]=1&v[tags][]=2",
    "/deep?v[tags][0]=1&v[tags][1]=2",
    "/content?v=%7B%22x%22%3A1%7D",
]
INVALID = [
    "/simple/1,x",
    "/simple/1,2,3,4",
    "/label/1,2",
    "/label/.1,x",
    "/labels/.1.x",
    "/labeled/.y=2",
    "/labeled/.x",
    "/matrix/1,2",
    "/matrix/;w=1,2",
    "/matrix/;v=1,x",
    "/matrices/;v=1;v=x",
    "/matrixed/;y=2",
    "/form?v=1&v=x",
    "/comma?v=1,x",
    "/comma?v=1,2,3,4",
    "/space?v=1%20x",
    "/pipe?v=1|x",
    "/spread?y=2",
    "/spread?x=a",
    "/spread",
    "/flat?v=y,2",
    "/flat?v=x,a",
    "/flat?v=x",
    "/deep",
    "/deep?v[other]=1",
    "/deep?v[size][min]=x",
    "/deep?v[size]=1&v[size][min]=1",
    "/deep?v" + "[a]" * 40 + "=1",
    "/content?v=%7B%22y%22%3A1%7D",
    "/content?v=%7B",
    "/content?v=" + "[" * 2_000,
]
HEADERS = [
    ("/header", {"X_Point": "x=1,y=2"}, True),
    ("/header", {"X_Point": "x=1, y=2"}, True),
    ("/header", {"X_Point": "y=2"}, False),
    ("/header", {}, False),
    ("/headers", {"X_List": "1, 2"}, True),
    ("/headers", {"X_List": "1, x"}, False),
    ("/cookie", {"Cookie": "m=x; n=1"}, True),
    ("/cookie", {"Cookie": "n=x"}, False),
    ("/cookie", {}, False),
    ("/cookies", {"Cookie": "v=1,2"}, True),
    ("/cookies", {"Cookie": "v=1,x"}, False),
]


@pytest.fixture(scope="module")
def styles() -> Stranger:
    return Stranger("styles.yaml")


@pytest.mark.parametrize("path", VALID)
def test_a_parameter_in_its_style_is_read(styles: Stranger, path: str) -> None:
    assert styles.get(path).status == 204


@pytest.mark.parametrize("path", INVALID)
def test_a_parameter_that_breaks_its_style_or_schema_is_refused(styles: Stranger, path: str) -> None:
    assert styles.get(path).status == 400


@pytest.mark.parametrize(("path", "headers", "is_valid"), HEADERS)
def test_headers_and_cookies_have_styles(styles: Stranger, path: str, headers: dict[str, str], is_valid: bool) -> None:
    assert styles.get(path, **headers).status == (204 if is_valid else 400)


def test_a_body_may_be_left_out_where_it_is_optional(styles: Stranger) -> None:
    assert styles.ask("POST", "/optional").status == 204
    assert styles.ask("POST", "/optional", b"{}", content_type="application/json").status == 400


def test_any_json_media_type_is_read_as_json(styles: Stranger) -> None:
    merge = "application/merge-patch+json"
    assert styles.ask("PATCH", "/patch", b'{"x": 1}', content_type=merge).status == 204
    assert styles.ask("PATCH", "/patch", b'{"x": "a"}', content_type=merge).status == 400
    assert styles.ask("PATCH", "/patch", b'{"x": 1}', content_type="text/plain").status == 415


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/form?x=1&y=2", 204),
        ("/form?y=2", 400),
        ("/form?x=a", 400),
        ("/form", 400),
        ("/json?%7B%22x%22%3A1%7D", 204),
        ("/json?%7B%22y%22%3A1%7D", 400),
        ("/json?x", 400),
        ("/json", 400),
    ],
)
def test_a_parameter_may_be_the_whole_query(tmp_path: Path, path: str, status: int) -> None:
    point = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}

    def get(media: str) -> dict[str, object]:
        parameter = {"name": "q", "in": "querystring", "required": True, "content": {media: {"schema": point}}}
        return {"get": {"parameters": [parameter], "responses": {"204": {"description": "ok"}}}}

    paths = {"/form": get("application/x-www-form-urlencoded"), "/json": get("application/json")}
    file = write(tmp_path / "query.yaml", {**document(paths), "openapi": "3.2.0"})
    assert Stranger(file).get(path).status == status
