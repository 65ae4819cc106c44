"""Characters that a reader does not see, but a terminal, browser or log obeys: written as escapes.

These are the control characters (C0, DEL, C1), those that turn the direction of text or have no width (Unicode's
category Cf), line and paragraph separators, and halves of surrogate pairs.
"""

from __future__ import annotations

import re

_CLASS = (
    "\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
_INVISIBLE = re.compile(f"[{_CLASS}]")
_IN_LINES = re.compile(f"(?![\n\t])[{_CLASS}]")
_SPACE = re.compile("[\r\n\t\u2028\u2029]")


def visible(text: str) -> str:
    r"""Return a text on several lines with its invisible characters as `\u202e`; line feeds and tabs stay."""
    return _IN_LINES.sub(_escape, text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 0) -> str:
    """Return a text on one line, cut to `limit` characters where one is given, without invisible characters."""
    line = _INVISIBLE.sub(_escape, _SPACE.sub(" ", text)).strip()
    return line if not limit or len(line) <= limit else f"{line[: limit - 1]}…"


def json_escaped(document: str) -> str:
    """Return a JSON document with the invisible characters in its strings as JSON escapes: it says the same."""
    return _IN_LINES.sub(_json_escape, document)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
