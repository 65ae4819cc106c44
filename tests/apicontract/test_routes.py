"""The router against the plain reading of path templates."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicontract.contract import Contract
from apicontract.routes import Router
from tests.documents import contract_of


def api(*paths: str) -> Contract:
    return contract_of({path: {"get": {"responses": {"200": {"description": "ok"}}}} for path in paths})


def route_of(router: Router, path: str) -> str | None:
    match = router.find(path)
    return match.route.path if match else None


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/a", "/a"),
        ("/a/", None),
        ("/a/b", "/a/{x}"),
        ("/a/fixed", "/a/fixed"),
        ("/a/fixed/c", "/a/{x}/c"),
        ("/a/1.json", "/a/{name}.json"),
        ("/a//c", None),
        ("/A", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_fixed_segment_wins_then_a_pattern_then_a_parameter(path: str, route: str | None) -> None:
    router = api("/a", "/a/{x}", "/a/fixed", "/a/{x}/c", "/a/{name}.json").router
    assert route_of(router, path) == route


def test_a_search_that_leads_into_a_dead_end_goes_back() -> None:
    router = api("/a/fixed/one", "/a/{x}/two").router
    match = router.find("/a/fixed/two")
    assert match is not None
    assert (match.route.path, match.values) == ("/a/{x}/two", {"x": "fixed"})


@given(st.text(min_size=1, max_size=30).filter(lambda text: text not in (".", "..")))
def test_a_parameter_takes_any_encoded_text_back_unchanged(text: str) -> None:
    match = api("/a/{x}/c").router.find(f"/a/{quote(text, safe='')}/c")
    assert match is not None
    assert match.values == {"x": text}


@given(st.lists(st.sampled_from(["a", "b", "{x}", "{y}"]), min_size=1, max_size=4), st.data())
def test_every_route_is_found_by_a_path_of_its_own(segments: list[str], data: st.DataObject) -> None:
    names = iter("pqrs")
    template = "/" + "/".join(f"{{{next(names)}}}" if segment.startswith("{") else segment for segment in segments)
    router = api(template, "/zzz").router
    path = "/".join(
        data.draw(st.sampled_from(["1", "a"])) if part.startswith("{") else part for part in template.split("/")
    )
    assert route_of(router, path) == template


def test_allow_names_head_and_options_beside_get() -> None:
    match = api("/a").router.find("/a")
    assert match is not None
    assert match.route.allowed == "GET, HEAD, OPTIONS"


def answered(contract: Contract, path: str, method: str = "GET") -> tuple[str, dict[str, str]] | None:
    match = contract.router.find(path)
    if match is None or method not in match.route.operations:
        return None
    return match.route.operations[method].id, match.values_of(method)


OK = {"responses": {"200": {"description": "ok"}}}


def test_templates_that_differ_in_names_only_are_one_route_with_names_for_each_method() -> None:
    paths = {
        "/a/{x}/{y}": {"get": {**OK, "operationId": "read"}},
        "/a/{y}/{x}": {"put": {**OK, "operationId": "write"}, "get": {**OK, "operationId": "hidden"}},
    }
    contract = contract_of(paths)
    assert answered(contract, "/a/1/2") == ("read", {"x": "1", "y": "2"})
    assert answered(contract, "/a/1/2", "PUT") == ("write", {"y": "1", "x": "2"})


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/{id}.json", "/7.json", {"id": "7"}),
        ("/{a}-{b}", "/x-y-z", {"a": "x", "b": "y-z"}),
        ("/{a}:cancel", "/7:cancel", {"a": "7"}),
        ("/a b/{x}", "/a%20b/1", {"x": "1"}),
        ("/a%20b/{x}", "/a%20b/1", {"x": "1"}),
        ("/a#b", "/a%23b", {}),
        ("/a/", "/a/", {}),
        ("/", "/", {}),
    ],
)
def test_a_template_is_matched_as_written(template: str, path: str, values: dict[str, str]) -> None:
    contract = contract_of({template: {"get": {**OK, "operationId": "it"}}})
    assert answered(contract, path) == ("it", values)
    assert answered(contract, f"{path}/") is None


@pytest.mark.parametrize(
    ("servers", "served"),
    [
        ([{"url": "https://a.example/v1"}, {"url": "https://b.example/v2/"}, {"url": "/"}], ["/v1/x", "/v2/x", "/x"]),
        ([{"url": "https://{host}/{v}", "variables": {"host": {"default": "h"}, "v": {"default": "1"}}}], ["/1/x"]),
        ([{"url": "/{v}", "variables": {"v": {"default": "b", "enum": ["a", "b"]}}}], ["/b/x", "/a/x"]),
        ([{"url": "{all}/z", "variables": {"all": {"default": "https://h.example/y"}}}], ["/y/z/x"]),
        ([{"url": "v1"}, {"url": "//h.example/v2?a=b"}, {"url": "http://[bad/v3"}], ["/v1/x", "/v2/x", "/x"]),
        ([], ["/x"]),
        ("none", ["/x"]),
        ([7, {}], ["/x"]),
    ],
)
def test_an_operation_is_served_below_every_server(servers: Any, served: list[str]) -> None:
    contract = contract_of({"/x": {"get": {**OK, "operationId": "it"}}}, servers=servers)
    (operation,) = contract.operations
    assert [operation.path, *operation.aliases] == served
    assert [answered(contract, path) for path in served] == [("it", {})] * len(served)


def test_the_servers_of_an_operation_replace_those_of_its_path_and_those_the_root_s() -> None:
    paths = {
        "/x": {
            "servers": [{"url": "/item"}],
            "get": {**OK, "operationId": "of-item"},
            "put": {**OK, "operationId": "own", "servers": [{"url": "/own"}]},
        },
        "/y": {"get": {**OK, "operationId": "of-root"}},
    }
    contract = contract_of(paths, servers=[{"url": "/whole"}])
    assert {one.id: one.path for one in contract.operations} == {
        "of-item": "/item/x",
        "own": "/own/x",
        "of-root": "/whole/y",
    }


def test_a_path_of_its_own_wins_over_one_below_another_server() -> None:
    paths = {"/x": {"get": {**OK, "operationId": "short"}}, "/v1/x": {"get": {**OK, "operationId": "long"}}}
    contract = contract_of(paths, servers=[{"url": "/"}, {"url": "/v1"}])
    assert answered(contract, "/v1/x") == ("long", {})
    assert answered(contract, "/v1/v1/x") == ("long", {})


def test_many_values_of_variables_are_bounded() -> None:
    many = {f"v{number}": {"default": "0", "enum": [str(value) for value in range(10)]} for number in range(9)}
    url = "/" + "/".join(f"{{{name}}}" for name in many)
    (operation,) = contract_of({"/x": {"get": OK}}, servers=[{"url": url, "variables": many}]).operations
    assert operation.path == "/0" * 9 + "/x"
    assert len(operation.aliases) == 63
