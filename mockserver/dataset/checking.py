"""Validation of fixture records against the schemas of the contract."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs

from mockserver.dataset.reading import FixtureError
from mockserver.dataset.site import Site

_RECORD = "record"


def check_records(sites: Iterable[Site], schemas: Mapping[str, Sequence[str]], contract: Mapping[str, Any]) -> None:
    """Validate all records. `schemas` maps a kind of record to schema names, of which the contract has one.

    Raises:
        FixtureError: A record is invalid, or the contract has no schema for it.
    """
    validators: dict[str, Any] = {}
    for site in sites:
        for kind, file, line, lines, values in _records(site):
            if kind in schemas:
                if kind not in validators:
                    validators[kind] = _validator(kind, file, schemas[kind], contract)
                error = next(validators[kind].iter_errors(values), None)
                if error is not None:
                    member = str(error.instance_path[0]) if error.instance_path else ""
                    where = f"'{member}': " if member else ""
                    raise FixtureError(file, lines.get(member, line), f"{where}{error.message}")


def _records(site: Site) -> Iterator[tuple[str, Path, int, Mapping[str, int], Mapping[str, Any]]]:
    record = site.entry.entry(_RECORD)
    yield _RECORD, record.file, record.line, record.lines, site.record
    for kind, records in site.records.items():
        for dated in records:
            yield kind, dated.entry.file, dated.entry.line, dated.entry.lines, dated.values


def _validator(kind: str, file: Path, names: Sequence[str], contract: Mapping[str, Any]) -> Any:
    known = contract.get("components", {}).get("schemas", {})
    name = next((name for name in names if _stands(known, name)), None)
    if name is None:
        raise FixtureError(file, 0, f"the contract has no schema {' or '.join(names)} for '{kind}' (see sites.yaml)")
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": known}}
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def _stands(schemas: Any, place: str) -> bool:
    for step in place.split("/"):
        if not isinstance(schemas, Mapping) or step not in schemas:
            return False
        schemas = schemas[step]
    return True
