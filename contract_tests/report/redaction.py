"""Redaction: secrets are found by their value in any spelling, and kept out of everything that is written.

A secret that stands there to be read is replaced by its variable. One that is disguised (turned around, in hexadecimal,
split over members, …) cannot be cut out: the whole value that holds it is withheld.
"""

from __future__ import annotations

import base64
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from apicontract.safetext.disguise import Disguise
from apicontract.safetext.spelling import BASE64_END, base64_spellings, in_base64, spellings
from contract_tests.model.events import Event
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import Result
from contract_tests.model.keys import placeholder

JSON = Any
_Value = TypeVar("_Value", Exchange, Result)
_COOKIES = ("cookie", "set-cookie")
_SHORT = 8
_LEAST = 4
_LARGEST, _KEPT = 512 * 1024, 64 * 1024
"""Bytes of a body that a report shows whole, and those that it shows of a larger one."""
_REMEMBERED = 300
"""Characters of a text whose clean form is remembered."""
_PLACEHOLDER = re.compile(re.escape(placeholder()) + r"[A-Z0-9_]*")


WITHHELD = "[withheld: it holds a key in disguise]"
"""What stands for a value in which a secret cannot be cut out."""


class SecretLeakError(Exception):
    """A text still holds a secret and must not be written."""


@dataclass(frozen=True)
class Needle:
    """One spelling of one secret: a pattern for each character, of which the first `least` must be seen.

    A longer match is taken whole. Probes send parts of a key, so a part of some length is a secret too.
    """

    characters: tuple[str, ...]
    least: int
    stands_for: str
    tail: str = ""
    exact_case: bool = False

    @cached_property
    def head(self) -> re.Pattern[str]:
        """What a match begins with."""
        return re.compile("".join(self.characters[: self.least]), self._flags)

    @cached_property
    def rest(self) -> tuple[re.Pattern[str], ...]:
        """What a match goes on with, as far as it does."""
        return tuple(re.compile(character, self._flags) for character in self.characters[self.least :])

    @cached_property
    def trailing(self) -> re.Pattern[str]:
        """What follows a match without being part of the secret."""
        return re.compile(self.tail)

    @property
    def _flags(self) -> int:
        return 0 if self.exact_case else re.IGNORECASE

    def find(self, text: str, position: int) -> tuple[int, int] | None:
        """Return the start and end of the first match at or after a position."""
        match = self.head.search(text, position)
        if match is None:
            return None
        end = match.end()
        for pattern in self.rest:
            more = pattern.match(text, end)
            if more is None:
                break
            end = more.end()
        else:
            trailing = self.trailing.match(text, end)
            end = trailing.end() if trailing else end
        return match.start(), end


@dataclass(frozen=True)
class Redactor:
    """Replaces secrets in texts, bytes, values and results; whole keys before parts, long before short."""

    needles: tuple[Needle, ...] = ()
    disguises: tuple[Disguise, ...] = ()
    has_short: bool = False

    @classmethod
    def of(cls, keys: Mapping[str, str]) -> Redactor:
        """Return a redactor for the keys of a run, by role.

        Raises:
            ValueError: a key is too short to be told from ordinary text.
        """
        disguises: list[Disguise] = []
        whole: list[Needle] = []
        parts: list[Needle] = []
        for role, secret in sorted(keys.items(), key=lambda item: -len(item[1])):
            if not secret:
                continue
            if len(secret) < _LEAST:
                raise ValueError(
                    f"the key {role!r} has fewer than {_LEAST} characters: it could not be kept out of the reports"
                )
            found = _needles(secret, placeholder(role))
            whole.append(replace(found[0], least=len(found[0].characters)))
            parts += found
            if len(secret) >= _SHORT:
                disguises.append(Disguise(secret))
        has_short = any(0 < len(secret) < _SHORT for secret in keys.values())
        return cls((*whole, *parts), tuple(disguises), has_short)  # a part of one key may be the whole of another

    def text(self, text: str) -> str:
        """Return the text without secrets; one that holds a disguised secret is withheld."""
        known = self._cleaned.get(text)
        if known is None:
            known = self._clean(text)
            if len(text) < _REMEMBERED:
                self._cleaned[text] = known
        return known

    def _clean(self, text: str) -> str:
        if not self._may_hold(text):
            return text
        clean = self._without_spelled(text)
        return WITHHELD if self._is_disguised(clean) else clean

    @cached_property
    def _cleaned(self) -> dict[str, str]:
        """Short texts without secrets: most of a report are the same few."""
        return {}

    def _may_hold(self, text: str) -> bool:
        return self.has_short or any(disguise.may_be_in(text) for disguise in self.disguises)

    def _is_disguised(self, text: str) -> bool:
        without = _PLACEHOLDER.sub(" ", text)
        return any(disguise.is_in(without) for disguise in self.disguises)

    def _without_spelled(self, text: str) -> str:
        for needle in self.needles:
            found = needle.find(text, 0)
            if found is None:
                continue
            parts, position = [], 0
            while found is not None:
                parts += [text[position : found[0]], needle.stands_for]
                position = found[1]
                found = needle.find(text, position)
            text = "".join([*parts, text[position:]])
        return text

    def data(self, body: bytes) -> bytes:
        """Return bytes without secrets; bytes that are no UTF-8 stay as they are, and what was JSON stays JSON."""
        text = body.decode("utf-8", "surrogateescape")
        if not self._may_hold(text):
            return body
        clean = self._without_spelled(text)
        if (
            clean != text and _is_json(text) and not _is_json(clean)
        ):  # a number, or an escape that began before the secret
            clean = json.dumps(self.value(json.loads(text)))
        if self._is_disguised(clean):
            clean = json.dumps(self.value(json.loads(clean))) if _is_json(clean) else WITHHELD
            if self._is_disguised(clean):  # split over several values
                clean = json.dumps(WITHHELD)
        return body if clean == text else clean.encode("utf-8", "surrogateescape")

    def value(self, value: Any) -> Any:
        """Return a JSON value or a tree of dataclasses without secrets; a number that spells one becomes a text."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.data(value)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, (int, float)):
            clean = self.text(str(value))
            return value if clean == str(value) else clean
        if isinstance(value, Mapping):
            return {self.value(key): self.value(entry) for key, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)([self.value(entry) for entry in value])
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{field.name: self.value(getattr(value, field.name)) for field in fields(value)})
        return value

    def result(self, value: _Value) -> _Value:
        """Return an exchange or a result without secrets."""
        if not self.needles:
            return value
        return self.value(value)  # type: ignore[no-any-return]

    def event(self, event: Event) -> Event:
        """Return what a run tells, without secrets and without the exchange."""
        return replace(event, message=self.text(event.message), exchange=None)

    def leaks(self, text: str) -> bool:
        """Return whether a text still holds a secret in any spelling."""
        without = _PLACEHOLDER.sub(" ", text)
        if not self._may_hold(without):
            return False
        return any(needle.find(without, 0) is not None for needle in self.needles) or self._is_disguised(text)

    def sealed(self, text: str) -> str:
        """Return a text that is about to be written, scanned once more after everything was put together.

        Raises:
            SecretLeakError: a secret is left that cannot be taken out.
        """
        if not self.leaks(text):
            return text
        clean = self._without_spelled(text)
        if self.leaks(clean):
            raise SecretLeakError("the report would have shown an API key, so it was not written")
        return clean


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _needles(secret: str, stands_for: str) -> list[Needle]:
    """Return every spelling of a secret that is looked for.

    A short one only counts as a whole word: as a part of others it would be found everywhere.
    """
    characters = spellings(secret)
    if len(secret) < _SHORT:
        whole = [base64.b64encode(text.encode()).decode() for text in (secret, f"{secret}:", f":{secret}")]
        return [
            _whole_word(characters, stands_for),
            *(_whole_word(base64_spellings(text.rstrip("=")), stands_for) for text in whole),
        ]
    found = [Needle(characters, max(_SHORT, (len(secret) + 1) // 2), stands_for)]
    for spelled in dict.fromkeys((secret, secret.swapcase(), secret.upper(), secret.lower())):
        for encoded in in_base64(spelled):
            marks = base64_spellings(encoded)
            least = max(10, len(marks) * 3 // 4)
            found.append(Needle(marks, min(least, len(marks)), stands_for, BASE64_END, exact_case=True))
    return found


def _whole_word(characters: tuple[str, ...], stands_for: str) -> Needle:
    edges = (rf"(?<![A-Za-z0-9_-]){characters[0]}", *characters[1:-1], rf"{characters[-1]}(?![A-Za-z0-9_-])")
    return Needle(edges, len(edges), stands_for, exact_case=True)


def write_text(path: Path, text: str, redactor: Redactor) -> None:
    """Write a file as a whole or not at all, without secrets.

    Raises:
        SecretLeakError: a secret is left in the text; nothing was written.
        OSError: the place cannot be written to; what stood there still stands.
    """
    sealed = redactor.sealed(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    place = path.resolve()  # a link stays a link, and its target is replaced
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def redacted(values: Iterable[Exchange], redactor: Redactor) -> list[Exchange]:
    """Return exchanges without secrets and without cookies, which are credentials of unknown value."""
    clean = []
    for value in values:
        exchange = redactor.result(_cut(value))
        response = exchange.response
        clean.append(
            replace(
                exchange,
                request=replace(exchange.request, headers=_without_cookies(exchange.request.headers)),
                response=response and replace(response, headers=_without_cookies(response.headers)),
            )
        )
    return clean


def _cut(exchange: Exchange) -> Exchange:
    """Return an exchange with the beginning of a body that no report has room for."""
    response = exchange.response
    if response is None or len(response.body) <= _LARGEST:
        return exchange
    return replace(exchange, response=replace(response, body=response.body[:_KEPT], truncated=True))


def _without_cookies(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, "[left out]" if name.lower() in _COOKIES and placeholder() not in value else value)
        for name, value in headers
    )
