"""Who visits a site: the files of shares (countries, technology, pages, …) as dimensions over the recorded traffic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from mockserver.dataset.lattice import IRRATIONALS, Lattice, apportion
from mockserver.dataset.reading import Entry, FixtureError, read_csv, text, whole

DEVICES = ("desktop", "mobile", "tablet")


@dataclass(frozen=True, slots=True)
class Shares:
    """One file of shares: its values in order, and how many items of the whole recording have each."""

    name: str
    values: tuple[Any, ...]
    counts: tuple[int, ...]
    of_views: bool
    index: Mapping[Any, int]


@dataclass(frozen=True, slots=True)
class Places:
    """Names of countries and their cities, shared by all sites of a dataset."""

    names: Mapping[str, str]
    cities: Mapping[str, tuple[tuple[str, int], ...]]

    def name(self, code: str) -> str:
        return self.names.get(code, code)


def read_places(file: Path) -> Places:
    """places.csv, optional: one line per city, with its share of the country's visitors."""
    names: dict[str, str] = {}
    cities: dict[str, list[tuple[str, int]]] = {}
    if file.exists():
        for entry in read_csv(file, {"code": country_code, "country": text, "city": text, "share": whole}):
            value = entry.values
            if names.setdefault(value["code"], value["country"]) != value["country"]:
                entry.fail(None, f"{value['code']} is '{names[value['code']]}' further up")
            cities.setdefault(value["code"], []).append((value["city"], value["share"]))
        for code, weighted in cities.items():
            if not sum(share for _, share in weighted):
                raise FixtureError(file, 0, f"the shares of {code}'s cities are all zero")
    return Places(names, {code: tuple(weighted) for code, weighted in cities.items()})


def country_code(cell: str) -> str:
    if len(cell) != 2 or not cell.isascii() or not cell.isalpha() or not cell.isupper():
        raise ValueError("must be an ISO 3166-1 alpha-2 code")
    return cell


def device_type(cell: str) -> str:
    if cell not in DEVICES:
        raise ValueError(f"must be one of {', '.join(DEVICES)}")
    return cell


def score(cell: str) -> Decimal:
    try:
        value = Decimal(cell)
    except InvalidOperation:
        raise ValueError("must be a number from 0 to 100") from None
    if not 0 <= value <= 100:
        raise ValueError("must be a number from 0 to 100")
    return value


def shares(
    name: str, entries: Sequence[Entry], values: Sequence[Any], column: str, total: int, *, of_views: bool
) -> Shares:
    """Columns `visitors` and `views` hold counts, which must add up to the recording's; any other holds proportions."""
    index: dict[Any, int] = {}
    for number, (entry, value) in enumerate(zip(entries, values, strict=True)):
        if value in index:
            entry.fail(None, f"{value!r} stands twice")
        index[value] = number
    weights = [entry.values[column] for entry in entries]
    if column in ("visitors", "views") and sum(weights) != total:
        verb = "exceed" if sum(weights) > total else "fall short of"
        entries[-1].fail(None, f"the {column} of all lines, {sum(weights)}, {verb} the {total} of traffic.csv")
    if not sum(weights) and total:
        entries[-1].fail(None, f"the column '{column}' is all zero")
    return Shares(name, tuple(values), apportion(weights, total) if total else (0,) * len(weights), of_views, index)


def one_column(file: Path, entries: Sequence[Entry], names: Sequence[str]) -> str:
    if not entries:
        raise FixtureError(file, 1, "at least one line is needed")
    found = [name for name in names if name in entries[0].values]
    if len(found) != 1:
        raise FixtureError(file, 1, f"exactly one of the columns {', '.join(names)} is needed")
    return found[0]


def score_levels(visitors: int, points: int) -> tuple[tuple[int, int], ...]:
    """Whole scores (score, visitors) with exactly this sum.

    Pairs stand as far above the mean as below it, the rest at the mean or one above.
    """
    if not visitors:
        return ()
    mean, above = divmod(points, visitors)
    even = visitors - above
    far = min(mean, 100 - mean, 36)
    wide, near = even // 7, even // 5
    levels = [
        (mean + 1, above),
        (mean - far, wide),
        (mean + far, wide),
        (mean - far // 2, near),
        (mean + far // 2, near),
    ]
    levels.append((mean, even - 2 * wide - 2 * near))
    return tuple((level, number) for level, number in levels if number)


class Dimension:
    """A file of shares laid over the generated items (all items of the recording but the documented ones)."""

    __slots__ = ("lattice", "of_views", "values")

    def __init__(self, source: Shares, scale: int, exact: Mapping[int, int], seed: int, number: int) -> None:
        self.values = source.values
        self.of_views = source.of_views
        self.lattice = Lattice(
            (count * scale - exact.get(index, 0) for index, count in enumerate(source.counts)),
            irrational=IRRATIONALS[number],
            offset=seed,
        )

    def value(self, item: int) -> Any:
        return self.values[self.lattice.value(item)]
