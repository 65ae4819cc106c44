"""The API keys of a dataset, with their plans and the sites that they can access."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from mockserver.dataset.reading import Entry, read_yaml


@dataclass(frozen=True, slots=True)
class Key:
    """An API key."""

    id: str
    secret: str
    name: str
    plan: str
    permitted: bool  # False: the key is valid, but every request is answered 403
    revoked: bool
    resources: frozenset[str]  # ids of accessible sites
    scoped_to: str | None  # the one site of a site-specific key
    used_this_month: int  # requests before the server started
    used_total: int
    description: str
    line: int  # of its plan in keys.yaml
    tier: str | None  # the plan's name in subscriptions


def load_keys(file: Path, known: Collection[str], served: Collection[str]) -> tuple[Key, ...]:
    """Return the keys of keys.yaml. A key may name any known site; `resources` holds those served in this edition.

    Raises:
        FixtureError: The file is missing or invalid.
    """
    document = read_yaml(file).check({"keys": list}, {"tiers": Entry})
    tiers = document.entry("tiers").values if "tiers" in document.values else {}
    keys: dict[str, Key] = {}
    ids: set[str] = set()
    for entry in document.entries("keys"):
        key = _key(entry, tiers.get(str(entry.values.get("plan"))), known, served)
        if key.secret in keys:
            entry.fail("key", f"duplicate key '{key.secret}'")
        if key.id in ids:
            entry.fail("id", f"duplicate id '{key.id}'")
        ids.add(key.id)
        keys[key.secret] = key
    if not keys:
        document.fail("keys", "at least one key is needed")
    return tuple(keys.values())


def _key(entry: Entry, tier: object, known: Collection[str], served: Collection[str]) -> Key:
    entry.check(
        {"key": str, "id": str, "name": str, "plan": str, "description": str, "sees": list},
        {"permitted": bool, "revoked": bool, "scoped_to": str, "used_this_month": int, "used_total": int},
    )
    value = entry.values.get
    sees = entry.strings("sees")
    scoped_to = value("scoped_to")
    for site in sees:
        if site not in known:
            entry.fail("sees", f"no site has the id '{site}'")
    if scoped_to is not None and list(sees) != [scoped_to]:
        entry.fail("scoped_to", f"a key scoped to '{scoped_to}' must see that site and no other")
    month, total = value("used_this_month", 0), value("used_total", value("used_this_month", 0))
    if month < 0 or total < month:
        entry.fail("used_total", f"expected 0 <= used_this_month <= used_total, found {month} and {total}")
    return Key(
        id=entry.values["id"],
        secret=entry.values["key"],
        name=entry.values["name"],
        plan=entry.values["plan"],
        permitted=value("permitted", True),
        revoked=value("revoked", False),
        resources=frozenset(sees) & frozenset(served),
        scoped_to=scoped_to,
        used_this_month=month,
        used_total=total,
        description=entry.values["description"],
        line=entry.lines.get("plan", entry.line),
        tier=tier if isinstance(tier, str) else None,
    )
