"""The deliberately broken servers, one module per kind of defect."""

from tests.mutants.defects import (
    ambiguous,
    bodies,
    bursts,
    errors,
    headers,
    isolation,
    keys,
    limits,
    lists,
    meaning,
    parameters,
    tracking,
)
from tests.mutants.defects.catalogue import AP, MUTANTS, Z25, Z26

__all__ = [
    "AP",
    "MUTANTS",
    "Z25",
    "Z26",
    "ambiguous",
    "bodies",
    "bursts",
    "errors",
    "headers",
    "isolation",
    "keys",
    "limits",
    "lists",
    "meaning",
    "parameters",
    "tracking",
]
