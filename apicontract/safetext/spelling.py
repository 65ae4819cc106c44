"""Patterns of a secret however it is spelled: as it is, percent-encoded, escaped for JSON or HTML, in base64."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator

BASE64_END = r"[A-Za-z0-9+/_-]*(?:=|%3[Dd]){0,2}"
"""Characters of base64 that may follow a secret and still belong to its encoding."""
_HTML_NAMES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_JSON_ESCAPES = {'"': r'\\+"', "\\": r"\\\\+", "/": r"\\+/"}


def spellings(secret: str) -> tuple[str, ...]:
    """Return a pattern for each character of a secret: itself, percent-encoded (more than once, too) or escaped."""
    return tuple(map(_spellings, secret))


def in_base64(secret: str) -> Iterator[str]:
    """Return the part of a secret's base64 that stays the same whatever surrounds it, at each of three places.

    In `Basic`, a user name may stand before the key, so that it begins at any bit.
    """
    return encoded_core(base64.b64encode, secret.encode(), 6, 3)


def encoded_core(encode: Callable[[bytes], bytes], raw: bytes, bits: int, group: int) -> Iterator[str]:
    """Yield what stays the same of an encoding whatever surrounds the secret, for each place where it can begin.

    A character stands for `bits` bits, and the encoding repeats itself after `group` bytes.
    """
    for shift in range(group):
        text = encode(b"\0" * shift + raw).decode().rstrip("=")
        yield text[-(-shift * 8 // bits) : (shift + len(raw)) * 8 // bits]


def base64_spellings(encoded: str) -> tuple[str, ...]:
    """Return a pattern for each character of a base64 text, in either alphabet, percent-encoded or not."""
    return tuple(map(_base64_spellings, encoded))


def _spellings(character: str) -> str:
    encoded = "".join(f"%(?:25)*(?i:{byte:02X})" for byte in character.encode("utf-8", "surrogatepass"))
    code = ord(character)
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4))
    options = [encoded, escaped, f"&#0*{code};", f"&#[xX]0*(?i:{code:x});"]
    if character in _HTML_NAMES:
        options.append(f"&{_HTML_NAMES[character]};")
    if character in _JSON_ESCAPES:
        options.append(_JSON_ESCAPES[character])
    if character == " ":
        options.append(r"\+")
    options.append(re.escape(character))
    return f"(?:{'|'.join(options)})"


def _base64_spellings(character: str) -> str:
    if character in "+-":
        return r"(?:[+-]|%2[Bb])"
    if character in "/_":
        return r"(?:\\?/|_|%2[Ff])"
    return character
