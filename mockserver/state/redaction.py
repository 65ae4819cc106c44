"""Keeps credentials out of what the journal shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import unquote

JSON = Any
_NAME = re.compile(
    r"(?i)^(?:.*[-_])?(?:(?:access|auth|secret)[-_]?key|token|secret|password|authorization|cookie)$"
    r"|^(?:key|auth)$|api[-_]?key"
)
_QUERY = re.compile(r"(^|&)([^&=]*)=([^&]*)")
_MEMBER = re.compile(
    rb'(?i)("(?:[a-z_-]*(?:api_?key|password|secret|token)|authorization)"\s*:\s*")([^"\\]*(?:\\.[^"\\]*)*)'
)
_WORDS = (b"api_key", b"apikey", b"password", b"secret", b"token", b"authorization")  # those of _MEMBER
_SHORTEST = 6
_PAIRS, _SHORT = 2_000, 200  # headers that are kept, and how long they may be
_SCHEMES = ("bearer", "basic", "digest", "token")


def masked(secret: str) -> str:
    """A credential as it may be shown: its first and last three characters, where that leaves enough unsaid."""
    return f"{secret[:3]}…{secret[-3:]}" if len(secret) > 9 else "…"


class Redaction:
    """Masks known secrets wherever they stand, and whatever stands where credentials do.

    `keys`: the known secrets, and the id of the key that each belongs to.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        self.keys = keys
        self._secrets = tuple(sorted((one for one in keys if len(one) >= _SHORTEST), key=len, reverse=True))
        self._pairs: dict[tuple[bytes, bytes], tuple[str, str]] = {}
        self._begins = {one[:_SHORTEST].encode() for one in self._secrets}  # few, where keys are named alike
        self._bytes = tuple((one.encode(), masked(one).encode()) for one in self._secrets)

    @cached_property
    def _encoded(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((re.compile(_percent_encoded(one)), masked(one)) for one in self._secrets)

    def text(self, text: str) -> str:
        """A text without known secrets, even percent-encoded ones."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, masked(secret))
        if "%" in text:
            for pattern, shown in self._encoded:
                text = pattern.sub(shown, text)
        return text

    def query(self, query: str) -> str:
        """A query string: values of parameters that are named like credentials are masked, too."""
        if not query:
            return query
        return self.text(_QUERY.sub(self._pair, query))

    def _pair(self, match: re.Match[str]) -> str:
        start, name, value = match.groups()
        return f"{start}{name}={masked(value) if is_credential(unquote(name)) and value else value}"

    def pair(self, header: tuple[bytes, bytes]) -> tuple[str, str]:
        """A header as it was sent; worked out once for what is sent again and again."""
        found = self._pairs.get(header)
        if found is None:
            found = self.header(header[0].decode("latin-1").lower(), header[1].decode("latin-1"))
            if len(header[1]) < _SHORT:
                if len(self._pairs) >= _PAIRS:
                    self._pairs.clear()
                self._pairs[header] = found
        return found

    def header(self, name: str, value: str) -> tuple[str, str]:
        """A header; in those that carry credentials only the scheme stays."""
        if not is_credential(name):
            return name, self.text(value)
        return name, self.masked_credential(value)

    def masked_credential(self, value: str) -> str:
        """`Bearer zv_…pro`."""
        scheme, space, secret = value.partition(" ")
        if space and scheme.lower() in _SCHEMES:
            return f"{scheme} {masked(secret.strip())}"
        return masked(value)

    def body(self, body: bytes) -> bytes:
        """A body without known secrets, and without the values of members named like credentials."""
        if any(begin in body for begin in self._begins):
            for secret, shown in self._bytes:
                body = body.replace(secret, shown)
        if b"%" in body and any(pattern.search(body.decode("latin-1")) for pattern, _ in self._encoded):
            body = self.text(body.decode("utf-8", "replace")).encode()
        if b'"' in body and _tells_of_credentials(body):
            body = _MEMBER.sub(lambda match: match[1] + "…".encode(), body)
        return body

    def value(self, value: JSON) -> JSON:
        """A parameter's value."""
        return self.text(value) if isinstance(value, str) else value

    def exposed(
        self, path: str, texts: Mapping[str, Sequence[str]], body: bytes, allowed: Collection[str]
    ) -> tuple[str, ...]:
        """Where a credential stands that belongs in a header: `path`, `query parameter token`, `body`."""
        plain = unquote(path)
        found = ["path"] if any(secret in plain for secret in self._secrets) else []
        for name, values in texts.items():
            secret = any(known in value for value in values for known in self._secrets)
            if name not in allowed and (secret or (is_credential(name) and any(values))):
                found.append(f"query parameter {name}")
        if any(secret in body for secret, _ in self._bytes):
            found.append("body")
        return tuple(found)


def _tells_of_credentials(body: bytes) -> bool:
    """Whether a search for members named like credentials may find any: most bodies need none."""
    lowered = body.lower()
    return any(word in lowered for word in _WORDS)


def _percent_encoded(secret: str) -> str:
    """A pattern of a text in which any character may be percent-encoded, more than once, too."""
    return "".join(f"(?:{re.escape(char)}|%(?:25)*(?i:{ord(char):02x}))" for char in secret)


@lru_cache(maxsize=1_024)
def is_credential(name: str) -> bool:
    """Whether a header or parameter of this name carries a credential."""
    return _NAME.search(name) is not None
