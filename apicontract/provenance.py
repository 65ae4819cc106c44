"""The provenance of a fact: `x-provenance`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

from apicontract.reading import join_pointer

Level = Literal["documented", "supplement", "inferred"]
LEVELS: tuple[Level, ...] = ("documented", "supplement", "inferred")


@dataclass(frozen=True, slots=True)
class Provenance:
    """The source of a fact: its page and section, or the reason why it was inferred."""

    level: Level
    page: str = ""
    section: str = ""
    reason: str = ""

    def __str__(self) -> str:
        where = f"{self.page}, “{self.section}”" if self.page and self.section else self.page or self.reason
        return f"{self.level} ({where})" if where else self.level


class Stated(Protocol):
    """A part of a contract that says where it stands and who says so, such as an operation or a rule."""

    @property
    def pointer(self) -> str:
        """Its place in the contract."""

    @property
    def provenance(self) -> Provenance:
        """Its source."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of a contract.

    `pointer`: a JSON pointer as a URI fragment (`#/paths/~1sites/get`), behind the file where it is not the contract's
    own; empty for what a standard says, not the contract.
    """

    pointer: str
    provenance: Provenance


def below(pointer: str, *steps: str | int) -> str:
    """Return the pointer of a place below another one."""
    return join_pointer(steps, pointer)


INFERRED = Provenance("inferred", reason="the document does not say where it comes from")
DOCUMENTED = Provenance("documented", page="the contract itself")


def weakest(*provenances: Provenance) -> Provenance:
    """Return the provenance with the least authority: inferred before supplement before documented."""
    return max(provenances, key=lambda provenance: LEVELS.index(provenance.level))


def is_inferred(node: Any, keyword: str) -> bool:
    """Whether a keyword of a node is inferred although the node is not (`x-inferred`)."""
    guessed = node.get("x-inferred") if isinstance(node, dict) else None
    return isinstance(guessed, dict) and keyword in guessed.get("keywords", guessed)


def read_keyword_provenance(node: Any, keyword: str, otherwise: Provenance, member: Any = None) -> Provenance:
    """Return the provenance of a keyword: `x-provenance-of`, else `x-inferred`, else that of the node.

    `member`: one value of the keyword, such as a name in `required`, which may have its own provenance.
    """
    others = node.get("x-provenance-of") if isinstance(node, dict) else None
    own = others.get(keyword) if isinstance(others, dict) else None
    if isinstance(own, dict) and member in own:
        return read_provenance({"x-provenance": own[member]}, otherwise)
    if is_inferred(node, keyword):
        return Provenance("inferred", reason=str(node["x-inferred"].get("reason", "")))
    return read_provenance({"x-provenance": own}, otherwise)


def read_provenance(node: Any, inherited: Provenance = DOCUMENTED) -> Provenance:
    """Read `x-provenance` of a node; a node without one inherits that of its parent.

    In a document without any, the document itself is the source.
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


def read_description(node: Any) -> str:
    """Return the description of a node; in quotation marks where it is the page's own words (`x-quoted`)."""
    text = str(node.get("description", ""))
    return f"“{text.strip()}”" if node.get("x-quoted") is True else text
