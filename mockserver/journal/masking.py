"""Mask secrets by value, anywhere in a text and in any encoding."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import unquote

from apicontract.safetext.spelling import BASE64_END, base64_spellings, in_base64, spellings

JSON = Any
HIDDEN = "…"
_SHORT = 6
"""A shorter secret is only matched as a whole word, as it would be part of many others."""
_BEGIN = 8
_REMEMBERED, _REMEMBERED_LENGTH = 4_000, 200
_PERCENT = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2})")
_ONCE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|(["\\/]))')
_AGAIN = re.compile(r'\\+(?:u([0-9A-Fa-f]{4})|(["\\/]))')


class Secret:
    """A secret and its replacement."""

    def __init__(self, value: str, shown: str) -> None:
        self.value, self.shown = value, shown
        self.is_short = len(value) < _SHORT
        self._cores = () if self.is_short else tuple(map(_core, in_base64(value)))

    @property
    def begins(self) -> Iterable[str]:
        """Prefixes of the secret's spellings, one of which any text with the secret contains."""
        return (self.value[:_BEGIN], *(core[:_BEGIN] for core in self._cores))

    def stands_in(self, text: str) -> bool:
        """Return whether an unescaped text contains the secret, plain or in base64."""
        if self.is_short:
            return self._pattern.search(text) is not None
        return self.value in text or any(core in text for core in self._cores)

    def replaced(self, text: str) -> str:
        """Return a text with the secret replaced, plain or in base64."""
        if self.value in text:
            text = self._pattern.sub(self._show, text) if self.is_short else text.replace(self.value, self.shown)
        if any(core in text for core in self._cores):
            text = self._encoded.sub(self._show, text)
        return text

    def replaced_escaped(self, text: str) -> str:
        """Return a text with the secret replaced in any encoding."""
        text = self._pattern.sub(self._show, text)
        return self._encoded.sub(self._show, text) if self._cores else text

    def _show(self, _match: re.Match[str]) -> str:
        return self.shown

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pattern = "".join(spellings(self.value))
        return re.compile(rf"(?<![A-Za-z0-9_-]){pattern}(?![A-Za-z0-9_-])" if self.is_short else pattern)

    @cached_property
    def _encoded(self) -> re.Pattern[str]:
        places = ("".join(base64_spellings(encoded)) for encoded in in_base64(self.value))
        return re.compile(f"(?:{'|'.join(places)}){BASE64_END}")


class Mask:
    """Replaces secrets in texts. A text without secrets costs a few searches for their prefixes."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets = tuple(sorted(secrets, key=_longest_first))
        begins = dict.fromkeys(begin for secret in self._secrets for begin in secret.begins)
        self._begins = tuple(one for one in begins if not any(other in one and other != one for other in begins))
        self._spaced = any(" " in secret.value for secret in self._secrets)
        self._masked: dict[str, str] = {}

    @classmethod
    def of(cls, stands_for: Mapping[str, str]) -> Mask:
        """Return a mask for secrets with their replacements."""
        found: dict[str, str] = {}
        for value, shown in stands_for.items():
            if value:
                found[value.encode().decode("latin-1")] = shown  # as in headers, if it is not ASCII
                found[value] = shown
        return cls(Secret(*pair) for pair in found.items())

    def beside(self, values: Iterable[str]) -> Mask:
        """Return a mask that also hides further secrets."""
        added = [Secret(value, HIDDEN) for value in values]
        other = copy.copy(self)
        other._secrets = tuple(sorted((*self._secrets, *added), key=_longest_first))
        other._begins = (*self._begins, *(begin for secret in added for begin in secret.begins))
        other._spaced = self._spaced or any(" " in secret.value for secret in added)
        other._masked = {}
        return other

    def text(self, text: str) -> str:
        """Return a text without secrets; cached for short texts."""
        clean = self._masked.get(text)
        if clean is None:
            clean = self._without(text)
            if len(text) < _REMEMBERED_LENGTH:
                if len(self._masked) >= _REMEMBERED:
                    self._masked.clear()
                self._masked[text] = clean
        return clean

    def data(self, body: bytes) -> bytes:
        """Return bytes without secrets; invalid UTF-8 is preserved."""
        text = body.decode("utf-8", "surrogateescape")
        clean = self.text(text)
        return body if clean == text else clean.encode("utf-8", "surrogateescape")

    def value(self, value: JSON) -> JSON:
        """Return a string, bytes, or nested mappings and lists without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.data(value)
        if isinstance(value, Mapping):
            return {self.value(name): self.value(entry) for name, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)([self.value(entry) for entry in value])
        return value

    def finds(self, text: str) -> bool:
        """Return whether a text contains a secret."""
        return self.text(text) != text

    def _without(self, text: str) -> str:
        if self._may_stand_in(text):
            for secret in self._secrets:
                text = secret.replaced(text)
        if "%" in text or "\\" in text or "&" in text or (self._spaced and "+" in text):
            text = self._unescaped_too(text)
        return text

    def _may_stand_in(self, text: str) -> bool:
        for begin in self._begins:  # noqa: SIM110 - on the hot path, and three times as fast as any()
            if begin in text:
                return True
        return False

    def _unescaped_too(self, text: str) -> str:
        plain = _unescaped(text, spaced=self._spaced)
        if not self._may_stand_in(plain):
            return text
        held = [secret for secret in self._secrets if secret.stands_in(plain)]
        for secret in held:
            text = secret.replaced_escaped(text)
        plain = _unescaped(text, spaced=self._spaced)
        if any(secret.stands_in(plain) for secret in held):
            return HIDDEN  # in an encoding that cannot be located in the text
        return text


def _longest_first(secret: Secret) -> int:
    return -len(secret.value)  # one secret may be the prefix of another


def _core(encoded: str) -> str:
    """Return the longest part of a base64 text that is the same in both alphabets."""
    return max(re.split("[+/]", encoded), key=len)


def _unescaped(text: str, *, spaced: bool) -> str:
    """Return all decodings of a text, joined: a client may escape it for JSON and then for a query."""
    readings = [text]
    if "%" in text:
        readings += [unquote(text), unquote(_PERCENT.sub("%", text))]
    if any("\\" in reading for reading in readings):
        readings += [_joined(escape.sub(_meant, reading)) for reading in readings for escape in (_ONCE, _AGAIN)]
    if any("&" in reading for reading in readings):
        readings += [unescape(reading) for reading in readings]
    if spaced:
        readings += [reading.replace("+", " ") for reading in readings]
    return "\n".join(readings)


def _meant(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else escape[2]


def _joined(text: str) -> str:
    """Return a text with surrogate pairs combined to characters."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
