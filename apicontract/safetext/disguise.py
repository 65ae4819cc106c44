"""Find a secret that a text holds in another form: turned around, in hexadecimal, letter by letter, split over members.

A text is read in every way in which a reader may (escapes resolved, invisible characters left out), and folded to its
letters and digits. The secret is folded, too, in each encoding that somebody can undo by hand. Three quarters of a
form are enough to be found.
"""

from __future__ import annotations

import base64
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, unquote

from apicontract.safetext.spelling import encoded_core

LEAST = 8
"""Letters and digits of a secret below which only its encodings are looked for."""
_OTHER = bytes(sorted(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz0123456789")))
_ROUNDS = 3
_ESCAPES: tuple[tuple[str, re.Pattern[str], int], ...] = (
    ("\\", re.compile(r"\\+(?:u\{?|U|x)([0-9a-fA-F]{2,8})\}?"), 16),
    ("\\", re.compile(r"\\+([0-7]{3})"), 8),
    ("0x", re.compile(r"0x([0-9a-fA-F]{2})"), 16),
    ("=", re.compile(r"=([0-9A-Fa-f]{2})"), 16),
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)
_AGAIN = re.compile(r"%(?:25)+")
_SOFT_BREAK = re.compile(r"=\r?\n")


def folded(text: str) -> bytes:
    """Return the letters and digits of a text, in lower case."""
    return text.encode("utf-8", "surrogatepass").lower().translate(None, _OTHER)


def _base64(raw: bytes) -> Iterator[str]:
    return encoded_core(base64.b64encode, raw, 6, 3)


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret in every form that is looked for."""
    raw, turned = secret.encode(), secret[::-1].encode()
    yield from (secret, secret[::-1], codecs.encode(secret, "rot13"))
    cases = [text.encode() for text in (secret, secret.lower(), secret.upper(), secret.swapcase())]
    for each in (*cases, turned):
        yield each.hex()
        yield each.hex()[::-1]
        yield from _base64(each)
        yield from encoded_core(base64.b32encode, each, 5, 5)
    yield from _base64(codecs.encode(secret, "rot13").encode())
    yield from _base64(secret.encode("utf-16-le"))
    yield from _base64(quote(secret, safe="").encode())
    yield from _base64(raw.hex().encode())
    yield base64.b64encode(raw).hex()
    yield base64.b64encode(raw).decode()[::-1]
    yield from _base64(base64.b64encode(raw))
    yield base64.b85encode(raw).decode()
    yield base64.a85encode(raw).decode()
    yield from ("".join(format(byte, how) for byte in raw) for how in ("d", "03d", "o", "03o", "b", "08b"))


@dataclass(frozen=True)
class Disguise:
    """The folded forms of one secret."""

    secret: str

    @cached_property
    def forms(self) -> tuple[bytes, ...]:
        """Every form that is long enough to be told from ordinary text."""
        return tuple(dict.fromkeys(form for form in map(folded, _forms(self.secret)) if len(form) >= LEAST))

    @cached_property
    def blocks(self) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
        """Short pieces of the forms, of which a text that holds enough of a form holds one, each with its forms."""
        found: dict[bytes, list[bytes]] = {}
        for form in self.forms:
            size = (_enough(form) + 1) // 2
            for at in range(0, len(form) - size + 1, size):
                found.setdefault(form[at : at + size], []).append(form)
        return tuple((block, tuple(forms)) for block, forms in found.items())

    @cached_property
    def _beginning(self) -> bytes:
        """The letters and digits of the first half of the secret."""
        return folded(self.secret[: max(LEAST, (len(self.secret) + 1) // 2)])

    def may_be_in(self, text: str) -> bool:
        """Return whether a text may hold the secret, plain or in disguise, or the first half of it; seldom wrong."""
        if len(text) < LEAST:
            return False
        if len(self._beginning) < LEAST // 2:
            return True
        for reading in map(folded, readings(text)):
            if self._beginning in reading:
                return True
            for block, _ in self.blocks:
                if block in reading:
                    return True
        return False

    def is_in(self, text: str) -> bool:
        """Return whether one of the readings of a text holds enough of one of the forms."""
        return any(self._stands_in(folded(reading)) for reading in readings(text))

    def _stands_in(self, text: bytes) -> bool:
        return any(block in text and any(_holds(text, form) for form in forms) for block, forms in self.blocks)


def _holds(text: bytes, form: bytes) -> bool:
    enough = _enough(form)
    return any(form[at : at + enough] in text for at in range(len(form) - enough + 1))


def _enough(form: bytes) -> int:
    """Return how much of a form is too much to be shown."""
    return min(len(form), max(LEAST + 2, -(-len(form) * 3 // 4)))


def readings(text: str) -> Iterator[str]:
    """Yield a text as it is, without its escapes, and with the members of its JSON put together."""
    yield text
    plain = text
    for _ in range(_ROUNDS):
        resolved = _resolved(plain)
        if resolved == plain:
            break
        plain = resolved
        yield plain
    if not plain.isascii():
        yield unicodedata.normalize("NFKD", plain)
    yield from _joined(text)


def _resolved(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = unquote(_AGAIN.sub("%", text))
    if "=" in text:
        text = _SOFT_BREAK.sub("", text)
    for mark, pattern, base in _ESCAPES:
        if mark in text:
            text = pattern.sub(lambda match, base=base: _character(match[1], base), text)  # type: ignore[misc]
    return text


def _character(digits: str, base: int) -> str:
    code = int(digits, base)
    return chr(code) if code < 0x110000 else ""


def _joined(text: str) -> Iterator[str]:
    """Yield the values of a JSON text put together, in both orders, and the names of its members."""
    if text.count('"') < 4:
        return
    names: list[str] = []
    values: list[str] = []
    for match in _STRING.finditer(text):
        (names if match[2] else values).append(match[1])
    for parts in (values, values[::-1], names, names[::-1]):
        if len(parts) > 1:
            yield _resolved("".join(parts))
