"""Content codings, undone piece by piece: no piece is larger than a few kilobytes, however well it was packed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

ACCEPTED = "gzip, deflate"
"""What a request says that it accepts."""
_MOST_CODINGS = 4
_PIECE = 64 * 1024
_GZIP, _ZLIB, _BARE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_FORMATS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}


class DecodingError(Exception):
    """The body is not what its Content-Encoding says."""


def decoded(pieces: Iterable[bytes], codings: Iterable[str], go_on: Callable[[], object]) -> Iterator[bytes]:
    """Yield a body without its content codings; `go_on` is called for each piece, and may raise.

    Raises:
        DecodingError: a coding was not asked for, or the body does not have it.
    """
    names = [name for name in (part.strip().lower() for coding in codings for part in coding.split(",")) if name]
    named = [name for name in names if name != "identity"]
    if len(named) > _MOST_CODINGS:
        raise DecodingError(f"{len(named)} content codings, one in another")
    found = iter(pieces)
    for name in reversed(named):
        if name not in _FORMATS:
            raise DecodingError(f"the content coding {name!r} was not asked for")
        found = _inflated(found, name, go_on)
    return found


def _inflated(pieces: Iterator[bytes], name: str, go_on: Callable[[], object]) -> Iterator[bytes]:
    """Yield what one coding holds. Some servers mean by `deflate` the bare format, without the header of zlib."""
    decoder, fed, is_certain = zlib.decompressobj(_FORMATS[name]), b"", name != "deflate"
    for piece in pieces:
        data, out = piece, b""
        while data or len(out) == _PIECE:
            go_on()
            if decoder.eof:  # one more member of a gzip file
                decoder = zlib.decompressobj(_FORMATS[name])
            fed = data if is_certain else fed + data
            try:
                out = decoder.decompress(data, _PIECE)
            except zlib.error as error:
                if is_certain:
                    raise DecodingError(f"not {name}: {error}") from None
                decoder, data, is_certain = zlib.decompressobj(_BARE), fed, True
                continue
            is_certain = is_certain or bool(out)
            data = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if out:
                yield out
    if fed and not decoder.eof:
        raise DecodingError(f"the {name} data is not complete")
