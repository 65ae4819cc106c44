"""The audience of a site: files of shares (countries, technology, pages, …) as dimensions of the recorded traffic."""

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
    """A file of shares: its values in order, and the number of items of the recording with each value."""

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
        """Return the name of a country, or its code if unknown."""
        return self.names.get(code, code)


def read_places(file: Path) -> Places:
    """Read places.csv (optional): one line per city, with its share of the country's visitors."""
    names: dict[str, str] = {}
    cities: dict[str, list[tuple[str, int]]] = {}
    if file.exists():
        for entry in read_csv(file, {"code": country_code, "country": text, "city": text, "share": whole}):
            value = entry.values
            if names.setdefault(value["code"], value["country"]) != value["country"]:
                entry.fail(None, f"expected '{names[value['code']]}' as in an earlier line, not '{value['country']}'")
            cities.setdefault(value["code"], []).append((value["city"], value["share"]))
        for code, weighted in cities.items():
            if not sum(share for _, share in weighted):
                raise FixtureError(file, 0, f"the shares of all cities of {code} are zero")
    return Places(names, {code: tuple(weighted) for code, weighted in cities.items()})


def country_code(cell: str) -> str:
    """Read a CSV cell with a country code."""
    if len(cell) != 2 or not cell.isascii() or not cell.isalpha() or not cell.isupper():
        raise ValueError("must be an ISO 3166-1 alpha-2 code")
    return cell


def device_type(cell: str) -> str:
    """Read a CSV cell with a device type."""
    if cell not in DEVICES:
        raise ValueError(f"must be one of {', '.join(DEVICES)}")
    return cell


def score(cell: str) -> Decimal:
    """Read a CSV cell with a score."""
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
    """Return the shares in a column. `visitors` and `views` are counts that add up to `total`, others are proportions.

    Raises:
        FixtureError: A value is duplicated, or the counts do not add up.
    """
    index: dict[Any, int] = {}
    for number, (entry, value) in enumerate(zip(entries, values, strict=True)):
        if value in index:
            entry.fail(None, f"duplicate value {value!r}")
        index[value] = number
    weights = [entry.values[column] for entry in entries]
    if column in ("visitors", "views") and sum(weights) != total:
        entries[-1].fail(None, f"expected {total} {column} in all lines as in traffic.csv, found {sum(weights)}")
    if not sum(weights) and total:
        entries[-1].fail(None, f"all values of the column '{column}' are zero")
    return Shares(name, tuple(values), apportion(weights, total) if total else (0,) * len(weights), of_views, index)


def one_column(file: Path, entries: Sequence[Entry], names: Sequence[str]) -> str:
    """Return the only one of several alternative columns that a file has.

    Raises:
        FixtureError: The file is empty, or has none or several of the columns.
    """
    if not entries:
        raise FixtureError(file, 1, "at least one line is needed")
    found = [name for name in names if name in entries[0].values]
    if len(found) != 1:
        raise FixtureError(
            file, 1, f"expected one of the columns {', '.join(names)}, found {', '.join(found) or 'none'}"
        )
    return found[0]


def score_levels(visitors: int, points: int) -> tuple[tuple[int, int], ...]:
    """Return whole scores as (score, visitors) that add up to exactly `points`.

    Some scores lie in pairs symmetrically around the mean, the others at the mean or one above.
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
    """The distribution of a file of shares over the generated items (all except the documented visits)."""

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
        """Return the value of an item."""
        return self.values[self.lattice.value(item)]
