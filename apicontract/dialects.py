r"""Regular expressions of other dialects, in the one that the validator knows.

JSON Schema asks for ECMA-262. Browsers accept more than its strict form (Annex B: a lone brace, `[\w-.]`), and
documents that programs in Python, Ruby or .NET made have their anchors `\A` and `\Z`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(
    r"(?P<class>\[\^?\]|\[\^?(?:\\.|[^\]\\])+\])|(?P<property>\\[pPux]\{[^}]*\}|\\k<[^>]*>)|(?P<escape>\\.)"
    r"|(?P<quantifier>\{\d+(?:,\d*)?\})|(?P<brace>[{}])|(?P<other>.)",
    re.DOTALL,
)
_ANCHORS = {"\\A": "^", "\\Z": "$", "\\z": "$"}
_LETTERS = frozenset("bBcdDfknpPrsStuvwWx")
"""The letters that mean something after a backslash."""
_LOOSE_DASH = re.compile(r"(\\[dDwWsS])-(?!\])|(?<!^)(?<!\\)-(?=\\[dDwWsS])")


@lru_cache(maxsize=4096)
def portable(pattern: str) -> str:
    """Return a pattern that means the same in strict ECMA-262; it is the same text if it is strict already."""
    return "".join(_translated(token) for token in _TOKEN.finditer(pattern))


def _translated(token: re.Match[str]) -> str:
    text = token[0]
    if token.lastgroup == "class":
        return {"[]": "(?!)", "[^]": "[\\s\\S]"}.get(text) or _class(text)
    if token.lastgroup == "brace":
        return f"\\{text}"
    if token.lastgroup == "escape":
        return _ANCHORS.get(text) or _escape(text)
    return text


def _class(text: str) -> str:
    inner = re.sub(r"\\.", lambda match: _escape(match[0]), text[1:-1])
    return "[" + _LOOSE_DASH.sub(lambda match: f"{match[1] or ''}\\-", inner) + "]"


def _escape(text: str) -> str:
    """Return an escape; a letter that needs none loses its backslash."""
    return text[1] if text[1].isascii() and text[1].isalpha() and text[1] not in _LETTERS else text
