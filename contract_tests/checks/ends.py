"""The end of a list: whether records remain, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apicontract import Operation
from apicontract.provenance import Provenance
from contract_tests.checks.judgement import Judgement
from contract_tests.reading.paging import Page, words
from contract_tests.reading.records import Path, find_member, folded

JSON = Any
_MORE = ("has_more", "more", "has_next", "has_next_page")
_TOTALS = ("total", "total_count", "total_items", "total_records", "total_results")
_CONTAINERS = {"pagination", "paging", "meta", "pageinfo"}


def ends(operation: Operation, level: Provenance, path: Path, pages: list[Page]) -> Iterator[Judgement]:
    """How many records there are: at least what was seen, exactly what a short page or a total says."""
    name = path[-1] if path else "list"
    longest = max(pages, key=lambda page: page.end if page.items else 0)
    least = longest.end if longest.items else 0
    shorts = [page for page in pages if len(page.items) < page.limit and (page.items or page.start == 0)]
    furthest = max(shorts, key=lambda page: page.end) if shorts else None
    for page in pages:
        room = min(page.limit, max(0, least - page.start))
        witness = (page.view.number, longest.view.number)
        yield Judgement(
            "CT402",
            operation.id,
            f"{name} limit",
            f"{name} is as long as its limit while records remain",
            level,
            len(page.items) >= room,
            witness,
            f"{words(page)} of {name} are {len(page.items)}, though there are at least {least}",
            room,
            len(page.items),
            shifty=True,
        )
        if furthest is not None and page.start >= furthest.end and page.start > 0:
            yield Judgement(
                "CT407",
                operation.id,
                f"{name} past the end",
                "a page behind the last one is empty",
                level,
                not page.items,
                (page.view.number, furthest.view.number),
                f"{words(page)} hold {len(page.items)} of {furthest.end} records",
                0,
                len(page.items),
                shifty=True,
            )
        yield from _more(operation, level, page, least, longest, furthest)
        yield from _totals(operation, level, page, least, longest, furthest)


def _more(
    operation: Operation, level: Provenance, page: Page, least: int, longest: Page, furthest: Page | None
) -> Iterator[Judgement]:
    found = find_member(page.view.json, _MORE, bool)
    if found is None:
        return
    says = found[1]
    known: bool | None = None
    witness = longest
    if least > page.end:
        known = True
    elif len(page.items) < page.limit:
        known = False
    elif furthest is not None and page.end >= furthest.end:
        known, witness = False, furthest
    if known is None:
        return
    numbers = tuple(dict.fromkeys((page.view.number, witness.view.number)))
    yield Judgement(
        "CT406",
        operation.id,
        f"{found[0][-1]} {'true' if known else 'false'}",
        f"{found[0][-1]} says whether records remain",
        level,
        says == known,
        numbers,
        f"{found[0][-1]} is {says} on {words(page)}, though records {'' if known else 'do not '}remain",
        known,
        says,
        shifty=True,
    )


def _totals(
    operation: Operation, level: Provenance, page: Page, least: int, longest: Page, furthest: Page | None
) -> Iterator[Judgement]:
    for container in containers(page.view.json):
        found = find_member(container, _TOTALS, int)
        if found is None:
            continue
        total = found[1]
        exact = furthest.end if furthest is not None else None
        right = (
            total >= least
            and (exact is None or total == exact)
            and not (len(page.items) < min(page.limit, total - page.start))
        )
        yield Judgement(
            "CT406",
            operation.id,
            found[0][-1],
            f"{found[0][-1]} is the number of records",
            level,
            right,
            (page.view.number, longest.view.number),
            f"{found[0][-1]} is {total}, seen were {exact if exact is not None else f'at least {least}'}",
            exact if exact is not None else least,
            total,
            shifty=True,
        )
        pages = find_member(container, ("total_pages", "page_count", "last_page", "pages"), int)
        if pages is not None and page.limit:
            wanted = -(-total // page.limit)
            yield Judgement(
                "CT406",
                operation.id,
                pages[0][-1],
                f"{pages[0][-1]} is the number of pages",
                level,
                pages[1] == wanted or (total == 0 and pages[1] in (0, 1)),
                (page.view.number,),
                f"{pages[0][-1]} is {pages[1]} for {total} records in pages of {page.limit}",
                wanted,
                pages[1],
            )


def containers(body: JSON) -> Iterator[JSON]:
    if isinstance(body, dict):
        for name, value in body.items():
            if folded(str(name)) in _CONTAINERS and isinstance(value, dict):
                yield value
            else:
                yield from containers(value)
