"""The fixtures of one API as an immutable, queryable dataset.

dataset = Dataset.load(Path("fixtures/…"), edition="…", scale=1, seed=0)
View(dataset.sites[id], days=7, now=clock.now(), activity=activity).totals
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.dataset.accounts import Key, load_keys
from mockserver.dataset.audience import Places, read_places
from mockserver.dataset.reading import Entry, FixtureError, read_yaml
from mockserver.dataset.site import Site
from mockserver.dataset.view import View

__all__ = ["Dataset", "FixtureError", "Key", "Site", "View", "resource_names"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The keys, sites and places of one API."""

    keys: tuple[Key, ...]
    resources: Mapping[str, Mapping[str, Site]]  # kind of path parameter → value → site
    sites: Mapping[str, Site]  # by id, in the order of the file
    places: Places
    schemas: Mapping[str, tuple[str, ...]]  # kind of record → names of its schema in the contracts

    @staticmethod
    def load(folder: Path, *, edition: str, scale: int = 1, seed: int = 0) -> "Dataset":
        """Load the sites of an edition and all keys. `scale` multiplies the recorded traffic.

        Raises:
            FixtureError: A file is missing or invalid.
        """
        document = read_yaml(folder / "sites.yaml")
        document.check({"resources": Entry, "created": str, "sites": list}, {"schemas": Entry})
        members = document.entry("resources").values
        if not members:
            document.fail("resources", "at least one kind of resource is needed")
        entries = [(_site_id(entry, next(iter(members.values()))), entry) for entry in document.entries("sites")]
        known: dict[str, Entry] = {}
        for site_id, entry in entries:
            if site_id in known:
                reason = f"duplicate id '{site_id}': the site in line {known[site_id].line} has it"
                entry.entry("record").fail(next(iter(members.values())), reason)
            known[site_id] = entry
        places = read_places(folder / "places.csv")
        sites = {
            site_id: Site(
                entry, site_id, document.values["created"], folder / "sites" / _folder(entry), places, scale, seed
            )
            for site_id, entry in entries
            if "editions" not in entry.values or edition in entry.strings("editions")
        }
        return Dataset(
            keys=load_keys(folder / "keys.yaml", known, sites),
            resources={kind: _by(str(member), sites.values()) for kind, member in members.items()},
            sites=sites,
            places=places,
            schemas=_schemas(document.entry("schemas")) if "schemas" in document.values else {},
        )

    def visible(self, ids: Collection[str], now: float) -> list[Site]:
        """Return the sites of these ids that exist by now, in the order of the file."""
        return [site for site in self.sites.values() if site.id in ids and site.exists(now)]

    def check_against(self, contract: Mapping[str, Any]) -> None:
        """Validate every record against its schema in the contract (the complete OpenAPI document).

        Raises:
            FixtureError: A record is invalid.
        """
        from mockserver.dataset.checking import check_records

        check_records(self.sites.values(), self.schemas, contract)


def resource_names(folder: Path, edition: str) -> Mapping[str, frozenset[str]]:
    """Return what the fixtures of an edition have by kind of path parameter, without reading any traffic.

    Raises:
        FixtureError: The file of sites is missing or invalid.
    """
    document = read_yaml(folder / "sites.yaml")
    records = [
        entry.entry("record").values
        for entry in document.entries("sites")
        if "editions" not in entry.values or edition in entry.strings("editions")
    ]
    kinds = document.entry("resources").values
    return {kind: frozenset(str(record.get(str(member))) for record in records) for kind, member in kinds.items()}


def _schemas(entry: Entry) -> dict[str, tuple[str, ...]]:
    return {kind: entry.strings(kind) for kind in entry.values}


def _site_id(entry: Entry, member: object) -> str:
    record = entry.entry("record")
    site_id = record.values.get(str(member))
    if not isinstance(site_id, str) or not site_id:
        record.fail(str(member), f"'{member}', the id of the site, must be a non-empty string")
    return site_id


def _folder(entry: Entry) -> str:
    name = entry.values.get("folder")
    if not isinstance(name, str):
        entry.fail("folder", "'folder' must be the name of the site's folder below sites/")
    return name


def _by(member: str, sites: Iterable[Site]) -> Mapping[str, Site]:
    found: dict[str, Site] = {}
    for site in sites:
        value = site.record.get(member)
        if not isinstance(value, str):
            site.entry.entry("record").fail(member, f"'{member}' must be a string")
        if value in found:
            reason = f"duplicate '{member}' '{value}': the site with the id '{found[value].id}' has it"
            site.entry.entry("record").fail(member, reason)
        found[value] = site
    return found
