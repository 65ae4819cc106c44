"""Credentials, valid and invalid. Recorded requests hold shell expressions in their place, never a key."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from apicontract import Operation
from contract_tests.model.keys import OTHER_CASE, placeholder, variable

_SHORTEST_SECRET = 6

Damage = Callable[[str, str], tuple[str, str]]
DAMAGED: Mapping[str, Damage] = {
    "swapped-case": lambda key, _name: (key.swapcase(), f"${OTHER_CASE}"),
    "prefix": lambda key, name: (key[:-1], f"${{{name}%?}}"),
    "extended": lambda key, name: (key + "x", f"${{{name}}}x"),
    "unknown": lambda key, _name: (_unknown_key(key), _unknown_key(key)),
    "empty": lambda _key, _name: ("", ""),
}
"""Ways to damage a key: from the key and its variable to what is sent and the shell expression for it."""

VARIANTS = ("swapped-case", "unknown", "query", "prefix", "extended", "wrong-scheme", "bare", "empty")
"""Every kind of bad credential that a probe can have, those that reveal most first."""


MADE_UP = "made up"
"""The kind of a request that brings its own credential."""


def _unknown_key(key: str) -> str:
    """Return a key that nobody has, with the prefix of a known one."""
    head, _, tail = key.partition("_")
    random = Random(len(key))
    body = "".join(random.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(max(len(tail), 12)))
    return f"{head}_{body}" if tail else body


@dataclass(frozen=True, slots=True)
class Credential:
    """The headers and query parameters that a credential adds to a request, as shell expressions."""

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()


def credential_of(operation: Operation, secret: str, scheme: int) -> Credential:
    """Return a key as an alternative of the operation's security wants it; `scheme` is the alternative's number."""
    headers: list[tuple[str, str]] = []
    query: list[tuple[str, str]] = []
    for part in operation.security[scheme % len(operation.security)]:
        value = part.text(secret)
        if part.location == "query":
            query.append((part.parameter, value))
        elif part.location == "cookie":
            headers.append(("Cookie", f"{part.parameter}={value}"))
        else:
            headers.append((part.parameter, value))
    return Credential(tuple(headers), tuple(query))


def bad_credential(operation: Operation, variant: str, scheme: int, key: str) -> Credential | None:
    """Return a credential that must be refused; None where the variant makes no sense for the operation or the key."""
    if variant == MADE_UP:
        return Credential()
    name = variable("main")
    parts = operation.security[scheme % len(operation.security)]
    if variant == "query":
        if any(part.location == "query" for alternative in operation.security for part in alternative):
            return None
        names = ("api_key", "apikey", "key", "token", "access_token", *sorted({part.parameter for part in parts}))
        return Credential(query=tuple((each, f"${name}") for each in names))
    if variant in ("wrong-scheme", "bare"):
        if not any(part.prefix == "bearer" for alternative in operation.security for part in alternative):
            return None
        return Credential(headers=(("Authorization", f"Basic ${name}" if variant == "wrong-scheme" else f"${name}"),))
    sent, shown = DAMAGED[variant](key, name)
    return None if sent == key else credential_of(operation, shown, scheme)


class Secrets:
    """Replaces shell expressions by secrets in what is sent, and secrets by shell expressions in what comes back."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self.values: dict[str, str] = {placeholder(role): key for role, key in keys.items()}
        if "main" in keys:
            for make in DAMAGED.values():
                sent, shown = make(keys["main"], variable("main"))
                if shown and shown != sent:
                    self.values.setdefault(shown, sent)
        self._out = sorted(self.values.items(), key=lambda pair: -len(pair[0]))
        self._back: list[tuple[bytes, bytes]] = []
        for shown, sent in sorted(self.values.items(), key=lambda pair: -len(pair[1])):
            if len(sent) < _SHORTEST_SECRET:
                continue
            raw = sent.encode()
            forms = {raw, quote(sent, safe="").encode(), base64.b64encode(raw), base64.b64encode(raw).rstrip(b"=")}
            self._back += [(form, shown.encode()) for form in sorted(forms, key=len, reverse=True)]

    def reveal(self, text: str, *, quoted: bool = False) -> str:
        """Return the text with every shell expression replaced by its secret, percent-encoded for a URL."""
        for shown, sent in self._out:
            if shown in text:
                text = text.replace(shown, quote(sent, safe="") if quoted else sent)
        return text

    def hide(self, data: bytes) -> bytes:
        """Return the bytes with every secret replaced by its shell expression."""
        for form, shown in self._back:
            if form in data:
                data = data.replace(form, shown)
        return data
