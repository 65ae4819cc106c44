"""The keys and plans of a document without fixtures: `--keys FILE`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apicontract.plans import Plan
from apicontract.provenance import INFERRED
from mockserver.dataset.accounts import Key
from mockserver.dataset.reading import Entry, read_yaml


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The keys of a file, and its plans, which replace those of the document."""

    keys: tuple[Key, ...]
    plans: Mapping[str, Plan]


def load_key_file(file: Path, plans: Mapping[str, Plan]) -> KeyFile:
    """Return the keys and plans of a file. `plans`: those of the document, for a file without any.

    Raises:
        FixtureError: The file is missing or invalid.
    """
    document = read_yaml(file).check({"keys": list}, {"plans": Entry})
    if document.values.get("plans") is not None:
        entry = document.entry("plans")
        plans = {name: _plan(name, entry.entry(name)) for name in entry.values}
    keys: dict[str, Key] = {}
    for number, entry in enumerate(document.entries("keys"), 1):
        key = _key(entry, number, plans)
        if key.secret in keys:
            entry.fail("key", f"duplicate key '{key.secret}'")
        if any(key.id == other.id for other in keys.values()):
            entry.fail("id", f"duplicate id '{key.id}'")
        keys[key.secret] = key
    if not keys:
        document.fail("keys", "at least one key is needed")
    return KeyFile(tuple(keys.values()), plans)


def _plan(name: str, entry: Entry) -> Plan:
    entry.check({"requests_per_minute": int}, {"requests_per_month": int, "title": str})
    minute, month = entry.values["requests_per_minute"], entry.values.get("requests_per_month")
    for member, limit in (("requests_per_minute", minute), ("requests_per_month", month)):
        if limit is not None and limit < 1:
            entry.fail(member, f"'{member}' must be at least 1, not {limit}")
    return Plan(name, str(entry.values.get("title") or name), minute, month, INFERRED)


def _key(entry: Entry, number: int, plans: Mapping[str, Plan]) -> Key:
    entry.check(
        {"key": str},
        {"id": str, "name": str, "plan": str, "description": str, "permitted": bool, "revoked": bool},
    )
    value = entry.values.get
    plan = value("plan") or next(iter(plans), "")
    if plan and plan not in plans:
        entry.fail("plan", f"'plan' must be one of {', '.join(plans) or 'none, for there are no plans'}, not {plan!r}")
    name = str(value("name") or value("id") or f"key {number}")
    return Key(
        id=str(value("id") or f"key-{number}"),
        secret=entry.values["key"],
        name=name,
        plan=plan,
        permitted=value("permitted") is not False,
        revoked=value("revoked") is True,
        resources=frozenset(),
        scoped_to=None,
        used_this_month=0,
        used_total=0,
        description=str(value("description") or name),
        line=entry.line,
        tier=None,
    )
