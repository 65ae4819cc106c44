"""Records stored in the format of the API (heatmap pages, error groups, …), with times that follow the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.dataset.instants import DAY_MS, instant_text, is_instant, to_ms, whole_second_text
from mockserver.dataset.reading import Entry, read_yaml


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its values, its instants in ms since 1970 by member, and its place in the fixtures."""

    values: Mapping[str, Any]
    instants: Mapping[str, int]
    entry: Entry

    def at(self, as_of: int, now: float) -> dict[str, Any]:
        """Return the values at `now`: unchanged until the date `as_of`, later moved by whole days, not past `now`."""
        days = int(now // 86400) - as_of
        if days <= 0 or not self.instants:
            return dict(self.values)
        # The same shift for all instants of a record, to keep their order.
        if max(self.instants.values()) + days * DAY_MS > now * 1000:
            days -= 1
        moved = dict(self.values)
        for name, ms in self.instants.items():
            show = instant_text if "." in self.values[name] else whole_second_text
            moved[name] = show(ms + days * DAY_MS)
        return moved


def read_records(folder: Path) -> dict[str, tuple[Record, ...]]:
    """Read every `records/NAME.yaml` of a site: a mapping with one member NAME, a list of records.

    Raises:
        FixtureError: A file is invalid.
    """
    collections: dict[str, tuple[Record, ...]] = {}
    for file in sorted(folder.glob("*.yaml")):
        document = read_yaml(file).check({file.stem: list})
        records = []
        for entry in document.entries(file.stem):
            values = entry.plain()
            instants = {}
            for name, value in values.items():
                if is_instant(value):
                    try:
                        instants[name] = to_ms(value)
                    except ValueError as error:
                        entry.fail(name, f"'{name}' {error}")
            records.append(Record(values, instants, entry))
            if "id" in values and any(record.values.get("id") == values["id"] for record in records[:-1]):
                entry.fail("id", f"duplicate id '{values['id']}'")
        collections[file.stem] = tuple(records)
    return collections
