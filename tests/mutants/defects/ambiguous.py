"""Requests that can be read in several ways."""

from __future__ import annotations

from tests.mutants.defects.catalogue import AP, Z26, mutant
from tests.mutants.edits import answer, instead
from tests.mutants.server import Call

A = "parameters"


def _given_twice(call: Call) -> bool:
    names = [name for name, _ in call.query]
    return len(set(names)) < len(names)


def _left_empty(call: Call) -> bool:
    return any(text == "" for _, text in call.query)


def _added_up(call: Call) -> None:
    """The server reads `limit=2&limit=3` as five."""
    for name in {name for name, _ in call.query}:
        texts = [text for key, text in call.query if key == name]
        if len(texts) > 1:
            call.put(name, str(sum(map(int, texts))) if all(text.isdigit() for text in texts) else texts[0])


def _empty_is_all(call: Call) -> None:
    if call.given("limit") == "":
        call.put("limit", "200")


mutant(Z26, A, "twice-added-up", "A parameter has one value.", before=_added_up)
mutant(Z26, A, "empty-limit-is-all", "A limit that is left empty is none that was given.", before=_empty_is_all)
mutant(
    AP,
    A,
    "twice-forbidden",
    "A parameter that is given twice is a bad request.",
    after=answer(403, {"error": "Forbidden"}, when=_given_twice),
)
mutant(
    AP,
    A,
    "empty-not-found",
    "A parameter that is left empty is a bad request.",
    after=answer(404, {"error": "Not found"}, when=_left_empty),
)
mutant(
    Z26,
    A,
    "groups-unresolved-unless-asked",
    "Without a status groups of every status are listed.",
    before=instead("listErrorGroups", "status", {}, "unresolved"),
)
mutant(
    AP,
    A,
    "head-refused",
    "HEAD answers what GET answers.",
    after=lambda c: setattr(c, "status", 403) if c.method == "HEAD" else None,
)
