"""The problems of a document: where each is, and which operation it spoils."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from apicontract.document import ContractError, Document, Place


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a document.

    `pointer`: the JSON pointer of the offending value after `#`, with the URI of its file if that is not the first.
    `spoils`: method and path of the operation that cannot be answered because of it, or empty.
    """

    document: Document
    pointer: str
    message: str
    spoils: str = ""

    @property
    def place(self) -> Place:
        """The file, line and column."""
        return self.document.place(self.pointer)

    def __str__(self) -> str:
        spoiled = f" ({self.spoils} is not served)" if self.spoils else ""
        return f"{self.place}: #{self.pointer.rpartition('#')[2]}: {self.message}{spoiled}"


@contextmanager
def reading(pointer: str) -> Iterator[None]:
    """Name the place of what is read inside, if reading it fails.

    Raises:
        ContractError: The document is not as expected there.
    """
    try:
        yield
    except ContractError as error:
        if error.pointer:
            raise
        raise ContractError(str(error), pointer) from None
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ContractError(f"cannot be read ({type(error).__name__}: {error})", pointer) from error
