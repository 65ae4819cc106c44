"""Where a fact of a contract comes from: `x-provenance`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

Level = Literal["documented", "supplement", "inferred"]
LEVELS: tuple[Level, ...] = ("documented", "supplement", "inferred")


@dataclass(frozen=True, slots=True)
class Provenance:
    """`level`, and the page and section a fact stands on, or the reason it was chosen where none does."""

    level: Level
    page: str = ""
    section: str = ""
    reason: str = ""

    def __str__(self) -> str:
        where = f"{self.page}, “{self.section}”" if self.page and self.section else self.page or self.reason
        return f"{self.level} ({where})" if where else self.level


INFERRED = Provenance("inferred", reason="the document does not say where it comes from")
DOCUMENTED = Provenance("documented", page="the contract itself")


def weakest(*provenances: Provenance) -> Provenance:
    """Return the provenance with the least authority: a statement is no better founded than its weakest part."""
    return max(provenances, key=lambda provenance: LEVELS.index(provenance.level))


def is_inferred(node: Any, keyword: str) -> bool:
    """Whether a keyword of a node is a guess though the node is none (`x-inferred`)."""
    guessed = node.get("x-inferred") if isinstance(node, dict) else None
    return isinstance(guessed, dict) and keyword in guessed.get("keywords", guessed)


def provenance_of_keyword(node: Any, keyword: str, otherwise: Provenance, member: Any = None) -> Provenance:
    """Return the provenance of a keyword: another page (`x-provenance-of`), a guess (`x-inferred`), or the node's own.

    `member`: one value of the keyword, such as a name in `required`, which may have a provenance of its own.
    """
    others = node.get("x-provenance-of") if isinstance(node, dict) else None
    own = others.get(keyword) if isinstance(others, dict) else None
    if isinstance(own, dict) and member in own:
        return provenance_of({"x-provenance": own[member]}, otherwise)
    if is_inferred(node, keyword):
        return Provenance("inferred", reason=str(node["x-inferred"].get("reason", "")))
    return provenance_of({"x-provenance": own}, otherwise)


def provenance_of(node: Any, inherited: Provenance = DOCUMENTED) -> Provenance:
    """Read `x-provenance` of a node; a node without one has that of what it stands in.

    A foreign document carries none at all: it is then its own authority.
    """
    raw = node.get("x-provenance") if isinstance(node, dict) else None
    if not isinstance(raw, dict) or raw.get("level") not in LEVELS:
        return inherited
    return Provenance(
        level=cast(Level, raw["level"]),
        page=str(raw.get("page", "")),
        section=str(raw.get("section", "")),
        reason=str(raw.get("reason", "")),
    )
