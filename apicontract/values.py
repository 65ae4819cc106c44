"""Generate values from a schema, deterministic by seed."""

from __future__ import annotations

from typing import Any

from apicontract.directions import is_valid
from apicontract.making import ATTEMPTS, MISSING, Maker, Sent
from apicontract.schemas import Schema

JSON = Any


def make_value(
    schema: Schema,
    seed: str,
    *,
    examples: bool = False,
    brief: bool = False,
    sent: Sent = "",
    hint: JSON = MISSING,
    name: str = "",
) -> JSON:
    """Generate a value for a schema; equal seeds give equal values.

    After 20 invalid attempts (a contradictory schema) the last value is returned.

    Args:
        schema: The schema.
        seed: The start of all random choices.
        examples: Prefer the examples and defaults of the schema and its members, and include optional members.
        brief: Leave optional members out.
        sent: Leave out what is not sent in this direction: `writeOnly` members of a response, `readOnly` of a request.
        hint: A value that is not valid; its valid parts are kept.
        name: The name of the value, for a realistic one.
    """
    value: JSON = None
    for attempt in range(ATTEMPTS):
        maker = Maker(schema, f"{seed}/{attempt}", attempt, examples=examples, brief=brief, sent=sent)
        value = maker.make(schema.node, 0, name, "", hint)
        if is_valid(schema, value, sent):
            break
    return value
