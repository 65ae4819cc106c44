"""Redaction of secrets in everything that the server shows."""

from __future__ import annotations

import base64
import binascii
import copy
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, unquote_plus

from mockserver.journal.masking import HIDDEN, Mask
from mockserver.settings import Settings

JSON = Any
Header = tuple[bytes, bytes]
_ENDS = "token|secret|password|passphrase|authorization|credentials?|(?:access|api|auth|private|secret)[-_]?key"
_NAME = re.compile(rf"(?i)(?:{_ENDS}|cookie)$|^(?:key|auth)$|api[-_]?key")
_WORD = re.compile(r"[\w.-]*\]?$")
_QUERY = re.compile(r"(^|&)([^&=]*)=([^&]*)")
_MEMBER = re.compile(rf'(?i)("[\w.-]*(?:{_ENDS})"\s*:\s*")([^"\\]*(?:\\.[^"\\]*)*)'.encode())
_WORDS = (b"key", b"pass", b"secret", b"token", b"authorization", b"credential")  # those of _MEMBER
_FORM = "application/x-www-form-urlencoded"
_PAIRS, _SHORT = 2_000, 200  # headers that are kept, and how long they may be
_SCHEMES = ("bearer", "basic", "digest", "token")
_NONE: frozenset[str] = frozenset()
_TOLD_APART = 8
"""An unknown credential that is shorter is only masked in its own place, as it may be an ordinary word elsewhere."""


def masked(secret: str) -> str:
    """Return the first and last three characters of a credential, or nothing of a short one."""
    return f"{secret[:3]}…{secret[-3:]}" if len(secret) > 9 else HIDDEN


def key_label(secret: str, settings: Settings) -> str:
    """Return the one name of a key in everything that people read: a demo key itself, any other key masked."""
    return secret if settings.has_demo_keys else masked(secret)


class Redaction:
    """Masks known secrets anywhere, and any value in the place of a credential.

    `keys` maps known keys to ids, `others` secrets of the server to their replacements.
    """

    def __init__(self, keys: Mapping[str, str], others: Mapping[str, str] = MappingProxyType({})) -> None:
        self.keys = keys
        self._stands_for = {**{key: masked(key) for key in keys}, **others}
        self.mask = Mask.of(self._stands_for)
        self._pairs: dict[Header, tuple[str, str]] = {}
        self._last: tuple[Collection[str], Redaction] = _NONE, self

    def beside(self, unknown: Collection[str]) -> Redaction:
        """Return a redaction that also masks the unknown credentials of a request."""
        if not unknown:
            return self
        if unknown != self._last[0]:
            other = copy.copy(self)
            other.mask, other._pairs = self.mask.beside(unknown), {}
            self._last = unknown, other
        return self._last[1]

    def text(self, text: str) -> str:
        """Return a text without known secrets."""
        return self.mask.text(text)

    def query(self, query: str) -> str:
        """Return a query without known secrets and without values of parameters named like credentials."""
        return self.mask.text(_QUERY.sub(_pair, query)) if query else query

    def target(self, path: str, query: str) -> str:
        """Return path and query; credentials in the query are also masked in the path."""
        own = self.beside(_told_apart(_credentials_of_query(query))) if query else self
        return f"{own.text(path)}?{own.query(query)}" if query else own.text(path)

    def pair(self, header: Header) -> tuple[str, str]:
        """Return a header without secrets; cached for short headers."""
        found = self._pairs.get(header)
        if found is None:
            found = self.header(header[0].decode("latin-1").lower(), header[1].decode("latin-1"))
            if len(header[1]) < _SHORT:
                if len(self._pairs) >= _PAIRS:
                    self._pairs.clear()
                self._pairs[header] = found
        return found

    def header(self, name: str, value: str) -> tuple[str, str]:
        """Return a header without secrets; of a credential only the scheme is kept."""
        return self.text(name), self.masked_credential(value) if is_credential(name) else self.text(value)

    def lines(self, lines: bytes) -> str:
        """Return the headers of an answer, in wire format, as they may be shown."""
        text = lines.decode("latin-1")
        if self.mask.text(text) == text and not _tells_of_credentials(lines):
            return text
        pairs = (line.partition(": ") for line in text.split("\r\n") if line)
        return "".join("{}: {}\r\n".format(*self.header(name, value)) for name, _, value in pairs)

    def masked_credential(self, value: str) -> str:
        """Return a masked credential such as `Bearer zv_…pro`."""
        scheme, space, secret = value.partition(" ")
        if not space or scheme.lower() not in _SCHEMES:
            scheme, secret = "", value
        secret = secret.strip()
        return f"{scheme} {self._stands_for.get(secret) or masked(secret)}".lstrip()

    def body(self, body: bytes, media: str = "") -> bytes:
        """Return a body without known secrets and without values of members named like credentials."""
        body = self.mask.data(body)
        if media == _FORM:
            return _QUERY.sub(_pair, body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        if b'"' in body and _tells_of_credentials(body):
            body = _MEMBER.sub(lambda match: match[1] + HIDDEN.encode(), body)
        return body

    def unknown(
        self, headers: Collection[Header], query: str = "", body: bytes = b"", carriers: Collection[str] = ()
    ) -> frozenset[str]:
        """Return the credentials of a request that are not known keys and long enough to be masked anywhere.

        `carriers` are further headers and parameters that hold credentials, besides those with such a name.
        """
        found: list[str] = []
        for raw, value in headers:
            if _is_key_header(raw) or (carriers and raw.decode("latin-1").lower() in carriers):
                found += _credentials_of_header(value.decode("latin-1"))
        if query:
            found += _credentials_of_query(query, carriers)
        if body:
            found += _credentials_of_body(body, find_media_type(headers), carriers)
        unknown = [each for each in found if each not in self.keys]
        return _told_apart(unknown) if unknown else _NONE

    def exposed(
        self, path: str, texts: Mapping[str, Sequence[str]], body: bytes, allowed: Collection[str]
    ) -> tuple[str, ...]:
        """Return the places with a credential outside headers: `path`, `query parameter token`, `body`."""
        found = ["path"] if self.mask.finds(path) else []
        for name, values in texts.items():
            secret = any(map(self.mask.finds, values))
            if name not in allowed and (secret or (is_credential(name) and any(values))):
                found.append(f"query parameter {name}")
        if self.mask.data(body) != body:
            found.append("body")
        return tuple(found)


def _pair(match: re.Match[str]) -> str:
    """Return a parameter, masked if named like a credential; a query inside a value is searched, too."""
    start, name, value = match.groups()
    if value and is_credential(_word(name)):
        value = masked(value)
    elif "=" in value:
        value = _QUERY.sub(_pair, value)
    elif "%3" in value and (plain := unquote(value)) != _QUERY.sub(_pair, plain):
        value = HIDDEN
    return f"{start}{name}={value}"


def _credentials_of_query(query: str, carriers: Collection[str] = ()) -> list[str]:
    return [
        unquote_plus(value)
        for _, name, value in _QUERY.findall(query)
        if is_credential(_word(name)) or unquote_plus(name) in carriers
    ]


def _credentials_of_body(body: bytes, media: str, carriers: Collection[str]) -> list[str]:
    if media == _FORM:
        return _credentials_of_query(body.decode("latin-1"), carriers)
    if b'"' in body and _tells_of_credentials(body):
        return [match[2].decode("utf-8", "replace") for match in _MEMBER.finditer(body)]
    return []


def find_media_type(headers: Iterable[Header]) -> str:
    """Return the media type in the headers, without parameters."""
    named = (value for name, value in headers if name.lower() == b"content-type")
    return next(named, b"").partition(b";")[0].strip().lower().decode("latin-1")


@lru_cache(maxsize=1_024)
def _is_key_header(raw: bytes) -> bool:
    """Return whether a header holds a credential; cookies, often settings, are only masked in their own place."""
    return is_credential(raw.decode("latin-1")) and b"cookie" not in raw.lower()


def _word(name: str) -> str:
    """Return the name of a parameter without a URL before it: `token` of `/sign-in?token`."""
    match = _WORD.search(unquote_plus(name))
    return match[0].rstrip("]") if match else ""


def _credentials_of_header(value: str) -> list[str]:
    """Return the secret parts of a header; for `Basic` the password, or the user name without one."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() not in _SCHEMES:
        return [value.strip()]
    rest = rest.strip()
    if scheme.lower() != "basic":
        return [rest]
    try:
        user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return [rest]
    return [rest, password or user]


def _told_apart(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value for value in values if len(value) >= _TOLD_APART)


def _tells_of_credentials(body: bytes) -> bool:
    """Return whether a body may have members named like credentials; most have none."""
    lowered = body.lower()
    return any(word in lowered for word in _WORDS)


@lru_cache(maxsize=1_024)
def is_credential(name: str) -> bool:
    """Return whether a header or parameter with this name holds a credential."""
    return _NAME.search(name) is not None
