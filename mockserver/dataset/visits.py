"""Visits: those documented in visits.yaml, and stable ids for generated ones."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mockserver.dataset.instants import DAY_MS, to_ms
from mockserver.dataset.reading import Entry, read_yaml


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit, documented or generated."""

    id: str
    at: int  # ms since 1970
    country: str
    city: str
    device: str
    browser: str
    os: str
    score: int
    landing_page: str
    referrer: str | None
    interaction: bool

    def on(self, day: int, stable_id: str) -> "Visit":
        """Return the visit moved to a date that repeats the recorded one."""
        return self if self.at // DAY_MS == day else replace(self, id=stable_id, at=day * DAY_MS + self.at % DAY_MS)


def identifier(*parts: object) -> str:
    """Return a UUID derived from the parts."""
    digits = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def number(*parts: object) -> int:
    """Return a number below 2^64 derived from the parts."""
    return int.from_bytes(hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


_MEMBERS: Mapping[str, type] = {
    "id": str,
    "visited_at": str,
    "country_code": str,
    "city": str,
    "device_type": str,
    "browser": str,
    "os": str,
    "value_score": int,
    "landing_page": str,
    "had_interaction": bool,
}


def read_visits(file: Path) -> tuple[tuple[Entry, Visit], ...]:
    """Read visits.yaml (optional): visits with their own times and ids, included in the recorded totals.

    Raises:
        FixtureError: The file is invalid.
    """
    if not file.exists():
        return ()
    found: dict[str, tuple[Entry, Visit]] = {}
    for entry in read_yaml(file).check({"visits": list}).entries("visits"):
        value = entry.check(_MEMBERS, {"referrer": str}).values
        try:
            at = to_ms(value["visited_at"])
        except ValueError as error:
            entry.fail("visited_at", f"'visited_at' {error}")
        if not 0 <= value["value_score"] <= 100:
            entry.fail("value_score", "'value_score' must be a number from 0 to 100")
        if value["id"] in found:
            entry.fail("id", f"duplicate id '{value['id']}'")
        visit = Visit(
            value["id"],
            at,
            value["country_code"],
            value["city"],
            value["device_type"],
            value["browser"],
            value["os"],
            value["value_score"],
            value["landing_page"],
            value.get("referrer"),
            value["had_interaction"],
        )
        found[visit.id] = (entry, visit)
    return tuple(found.values())


def per_row(visits: tuple[tuple[Entry, Visit], ...], first_day: int, rows: int) -> dict[int, int]:
    """Count the documented visits of each recorded row."""
    counts: Counter[int] = Counter()
    for entry, visit in visits:
        row = visit.at // DAY_MS - first_day
        if not 0 <= row < rows:
            entry.fail("visited_at", "the visit must be on a date of traffic.csv")
        counts[row] += 1
    return dict(counts)
