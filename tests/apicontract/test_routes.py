"""The router against the plain reading of path templates."""

from __future__ import annotations

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
