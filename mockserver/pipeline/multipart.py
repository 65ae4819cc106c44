"""Multipart bodies, split into their parts by python-multipart."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from apicontract.parameters import essence_of

logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it warns of every malformed body, with its bytes


@dataclass(slots=True)
class Part:
    """One part of a form. `headers` have lower-case names; `filename` is None for a part that is no file."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""

    @property
    def name(self) -> str:
        """The name of the form's field."""
        return self._option(b"name") or ""

    @property
    def filename(self) -> str | None:
        """The name of a file."""
        return self._option(b"filename")

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty if it is not given."""
        return essence_of(self.headers.get("content-type", ""))

    def _option(self, name: bytes) -> str | None:
        _, options = parse_options_header(self.headers.get("content-disposition", "").encode("latin-1"))
        value = options.get(name)
        return None if value is None else value.decode("utf-8", "replace")


def split_parts(content_type: str, body: bytes) -> list[Part]:
    """Return the parts of a multipart body.

    Raises:
        ValueError: The content type has no boundary, or the body is malformed or incomplete.
    """
    boundary = parse_options_header(content_type.encode("latin-1", "replace"))[1].get(b"boundary")
    if not boundary:
        raise ValueError("multipart with a boundary in Content-Type")
    reader = _Reader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise ValueError(f"multipart ({error})") from None
    if not reader.is_complete:
        raise ValueError("multipart with an end")
    return reader.parts


class _Reader:
    """Collects parts from the callbacks of the parser."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.is_complete = False
        self._name = self._value = b""

    def callbacks(self) -> Any:
        return {
            "on_part_begin": lambda: self.parts.append(Part()),
            "on_header_field": self._add_name,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add_data,
            "on_end": self._end,
        }

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self.parts[-1].headers[self._name.decode("latin-1").lower()] = self._value.decode("latin-1").strip()
        self._name = self._value = b""

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += data[start:end]

    def _end(self) -> None:
        self.is_complete = True
