"""Values of path parameters: those that lists show, and one that no resource has."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from apicontract import Operation, Parameter
from contract_tests.reading.records import find_lists, same_name

JSON = Any
_LONGEST = 500
"""Characters of a value that can stand in a path: servers and proxies refuse longer ones."""


def ids_in(body: JSON, operation: Operation, parameter: str, listed_at: str) -> Iterator[str]:
    """List values for a path parameter among the records of a list.

    A member of the parameter's own name (`siteId`, `tracking_code`) is one; else the `id` of records of the
    collection that the parameter's path continues, or that is named like the parameter.
    """
    collection = operation.path.partition(f"/{{{parameter}}}")[0]
    stem = parameter.lower().removesuffix("_id").removesuffix("id").rstrip("_")
    for path, items in find_lists(body).items():
        name = str(path[-1]).lower() if path else listed_at.rstrip("/").rpartition("/")[2].lower()
        kin = listed_at == collection or (bool(stem) and name.startswith(stem))
        for record in items:
            if not isinstance(record, dict):
                continue
            value = next((v for k, v in record.items() if same_name(k, parameter) and k != "id"), None)
            if value is None and kin:
                value = record.get(
                    "id", record.get("slug", record.get("name") if parameter.lower() == "name" else None)
                )
            if isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)) <= _LONGEST:
                yield str(value)


def unknown_id(parameter: Parameter, known: Sequence[str], seed: int) -> str:
    """Return a well-formed value that no resource has: like a known one, with other letters and digits."""
    source = random.Random(f"{parameter.name}/{seed}")
    node = parameter.schema.resolved if isinstance(parameter.schema.resolved, dict) else {}
    if node.get("format") == "uuid":
        return str(uuid.UUID(int=source.getrandbits(128), version=4))
    if "integer" in parameter.types:
        return str(source.randint(900_000_000, 999_999_999))
    sample = known[0] if known else "zzzzzzzzzzzz"
    hexadecimal = all(character in "0123456789abcdef-" for character in sample)
    head, mark, tail = sample.rpartition("_") if "_" in sample else ("", "", sample)
    letters = "0123456789abcdef" if hexadecimal else "abcdefghijklmnopqrstuvwxyz0123456789"
    return head + mark + "".join(source.choice(letters) if character.isalnum() else character for character in tail)
