"""Every unseen defect is one change of a server's source that fits, and names the fact that it breaks."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from benchmarks.unseen import BUDGETS, Found, attack
from tests.mutants.unseen import DEFECTS
from tests.mutants.unseen.defect import Defect, broken, changed, loaded
from tests.strangers.catalogue import SERVERS
from tests.strangers.message import Request


@pytest.mark.parametrize("contract", SERVERS)
def test_every_defect_fits_the_source_of_its_server(contract: str) -> None:
    for defect in DEFECTS:
        if defect.contract == contract:
            assert defect.changes or defect.habits != type(defect.habits)(), defect.name
            assert loaded.__wrapped__(defect)(time.time, defect.habits), defect.name


def test_every_defect_has_a_name_and_a_fact_of_its_own_document() -> None:
    names = Counter((defect.contract, defect.name) for defect in DEFECTS)
    assert max(names.values()) == 1
    assert len(DEFECTS) >= 150
    pages = ("REF", "HEATMAPS", "WEBSITE", "WEBSITES", "PLATFORM")
    for defect in DEFECTS:
        where = defect.fact.split(":")[0].split(",")[0]
        assert (where in pages) == (defect.known == "documented"), defect.name
        assert (where == "SUPPLEMENT") == (defect.known == "supplement"), defect.name
        assert where.startswith("RFC") or defect.known != "standard", defect.name


def test_a_change_that_fits_nowhere_or_twice_is_an_error() -> None:
    with pytest.raises(LookupError, match="stands 0 times in now"):
        changed("def now():\n    return 1\n", "now", "return 2", "")
    with pytest.raises(LookupError, match="stands 2 times in the module"):
        changed("a = 1\na = 1\n", "", "a = 1", "a = 2")
    with pytest.raises(LookupError, match="no function later"):
        changed("a = 1\n", "later", "a", "b")


def test_what_a_broken_server_does_not_catch_is_a_500() -> None:
    defect = next(defect for defect in DEFECTS if defect.name == "every-seventh-request-fails")
    handle = broken(defect, time.time)
    assert [handle(Request("GET", "/api/v2/sites", "", ())).status for _ in range(7)] == [401] * 6 + [500]


def test_a_defect_leaves_other_servers_alone() -> None:
    defect = next(defect for defect in DEFECTS if defect.name == "limit-is-60")
    broken(Defect(**vars(defect)), time.time)
    handle = SERVERS[defect.contract](time.time, defect.habits).handle
    sent = handle(Request("GET", "/api/v2/sites", "", (("Authorization", "Bearer three-account"),)))
    assert dict(sent.headers)["X-RateLimit-Limit"] == "100"


def test_a_defect_is_found_if_the_same_server_without_it_is_not_blamed_alike() -> None:
    number = next(number for number, defect in enumerate(DEFECTS) if defect.name == "limit-is-60")
    found = attack((number, BUDGETS[0]))
    assert (found.defect, found.crash, found.enough) == (DEFECTS[number], "", True)


def test_a_hint_is_enough_only_where_no_document_states_the_fact() -> None:
    stated, guessed = (next(d for d in DEFECTS if d.known == known) for known in ("documented", "inferred"))
    assert not Found(stated, 120, finding=False, hint=True).enough
    assert Found(guessed, 120, finding=False, hint=True).enough
