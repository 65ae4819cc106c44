"""The end of a list: whether records remain, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apicontract import Operation
from contract_tests.model.clause import Clause, Ground, Judgement
from contract_tests.reading.paging import Page, page_name
from contract_tests.reading.records import Path, find_member, folded

JSON = Any
FULL = Clause("CT402", "{list} limit", "{list} is as long as its limit while records remain", rests="values")
MORE = Clause("CT406", "{member} {value}", "{member} says whether records remain", rests="values")
TOTAL = Clause("CT406", "{member}", "{member} is the number of records", rests="values")
TOTAL_PAGES = Clause("CT406", "{member}", "{member} is the number of pages", rests="values")
PAST_THE_END = Clause("CT407", "{list} past the end", "a page past the end is empty", rests="values")
_MORE = ("has_more", "more", "has_next", "has_next_page")
_TOTALS = ("total", "total_count", "total_items", "total_records", "total_results")
_PAGE_COUNTS = ("total_pages", "page_count", "last_page", "pages")
_CONTAINERS = {"pagination", "paging", "meta", "pageinfo"}


@dataclass(frozen=True, slots=True)
class _Known:
    """How many records the pages of a list show: at least those before `longest.end`, exactly those before `last.end`.

    `last` is the short page that ends farthest behind, None where no page is short.
    """

    longest: Page
    least: int
    last: Page | None

    @property
    def exact(self) -> int | None:
        """The number of records, where a short page shows it."""
        return self.last.end if self.last is not None else None


def ends(operation: Operation, facts: tuple[Ground, ...], path: Path, pages: list[Page]) -> Iterator[Judgement]:
    """Judge what the pages of a list say together about its length."""
    name = path[-1] if path else "list"
    longest = max(pages, key=lambda page: page.end if page.items else 0)
    shorts = [page for page in pages if len(page.items) < page.limit and (page.items or page.start == 0)]
    known = _Known(
        longest, longest.end if longest.items else 0, max(shorts, key=lambda page: page.end) if shorts else None
    )
    for page in pages:
        room = min(page.limit, max(0, known.least - page.start))
        yield FULL.about(operation, *facts, list=name).holds(
            len(page.items) >= room,
            page.view,
            longest.view,
            message=f"{page_name(page)} of {name}: {len(page.items)} listed, {room} expected "
            f"of at least {known.least} that exist",
            expected=room,
            seen=len(page.items),
            may_be_concurrent_change=True,
        )
        if known.last is not None and page.start >= known.last.end and page.start > 0:
            yield PAST_THE_END.about(operation, *facts, list=name).holds(
                not page.items,
                page.view,
                known.last.view,
                message=f"{page_name(page)}: {len(page.items)} listed, though only {known.last.end} exist",
                expected=0,
                seen=len(page.items),
                may_be_concurrent_change=True,
            )
        yield from _more(operation, facts, page, known)
        yield from _totals(operation, facts, page, known)


def _more(operation: Operation, facts: tuple[Ground, ...], page: Page, known: _Known) -> Iterator[Judgement]:
    found = find_member(page.view.json, _MORE, bool)
    remain, witness = _records_remain(page, known)
    if found is None or remain is None:
        return
    name, says = found[0][-1], found[1]
    yield MORE.about(operation, *facts, member=name, value="true" if remain else "false").holds(
        says == remain,
        page.view,
        *([witness.view] if witness.view is not page.view else []),
        message=f"{name} is {says} on {page_name(page)}, though {'' if remain else 'no '}records remain",
        expected=remain,
        seen=says,
        may_be_concurrent_change=True,
    )


def _records_remain(page: Page, known: _Known) -> tuple[bool | None, Page]:
    """Return whether records remain behind a page, None where no page shows it; and the page that shows it."""
    if known.least > page.end:
        return True, known.longest
    if len(page.items) < page.limit:
        return False, known.longest
    if known.last is not None and page.end >= known.last.end:
        return False, known.last
    return None, known.longest


def _totals(operation: Operation, facts: tuple[Ground, ...], page: Page, known: _Known) -> Iterator[Judgement]:
    for container in containers(page.view.json):
        found = find_member(container, _TOTALS, int)
        if found is None:
            continue
        name, total = found[0][-1], found[1]
        right = total >= known.least and known.exact in (None, total)
        right = right and len(page.items) >= min(page.limit, total - page.start)
        seen = f"at least {known.least}" if known.exact is None else known.exact
        yield TOTAL.about(operation, *facts, member=name).holds(
            right,
            page.view,
            known.longest.view,
            message=f"{name} is {total}, but the pages show {seen} records",
            expected=known.exact if known.exact is not None else known.least,
            seen=total,
            may_be_concurrent_change=True,
        )
        pages = find_member(container, _PAGE_COUNTS, int)
        if pages is not None and page.limit:
            name, count = pages[0][-1], pages[1]
            wanted = -(-total // page.limit)
            yield TOTAL_PAGES.about(operation, *facts, member=name).holds(
                count == wanted or (total == 0 and count in (0, 1)),
                page.view,
                message=f"{name} is {count} for {total} records in pages of {page.limit}",
                expected=wanted,
                seen=count,
            )


def containers(body: JSON) -> Iterator[JSON]:
    """List the objects of a body that hold its pagination."""
    if isinstance(body, dict):
        for name, value in body.items():
            if folded(str(name)) in _CONTAINERS and isinstance(value, dict):
                yield value
            else:
                yield from containers(value)
