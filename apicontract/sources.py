"""Where the files of a document come from, and what its references may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

LARGE = 250_000
"""Bytes of a file from which on it is worth remembering what was made of it."""
LARGEST = 256 * 1024 * 1024
"""Maximum bytes of a file."""
_TIMEOUT = 20.0
_SYSTEM = tuple(Path(folder) for folder in ("/proc", "/sys", "/dev"))


class SourceError(Exception):
    """A file that cannot or must not be read. The message continues a sentence: "leads to a device"."""


@dataclass(frozen=True, slots=True)
class Source:
    """The files that references may read: those below these folders, and URLs that begin with these texts."""

    folders: tuple[Path, ...] = ()
    urls: tuple[str, ...] = ()

    def reach(self, uri: str) -> Path:
        """Return the file of a URI; that of a URL is downloaded.

        Raises:
            SourceError: The file is outside, not a regular file, or cannot be downloaded.
        """
        if is_url(uri):
            if not uri.startswith(self.urls or ("\0",)):
                raise SourceError(f"is a URL, which is not fetched; --allow-refs {urljoin(uri, '.')} permits it")
            return _download(uri, self.urls)
        parts = urlsplit(uri)
        if parts.scheme not in ("", "file"):
            raise SourceError("is neither a file nor an HTTP URL; bundle the document into one file")
        path = Path(unquote(parts.path)).resolve()
        if not any(path.is_relative_to(folder) for folder in self.folders):
            raise SourceError(f"leads out of the document's folder; --allow-refs {path.parent} permits it")
        _check_regular(path)
        return path


def open_source(name: str, allow: Sequence[str]) -> tuple[Source, Path]:
    """Return what the references of a document may read, and the document's own file.

    Raises:
        SourceError: A URL cannot be downloaded, or the file is not a regular one.
    """
    folders = tuple(Path(entry).resolve() for entry in allow if not is_url(entry))
    urls = tuple(entry if entry.endswith("/") else f"{entry}/" for entry in allow if is_url(entry))
    if is_url(name):
        return Source(folders, (urljoin(name, "."), *urls)), _download(name, ())
    path = Path(name)
    if path.exists():
        _check_regular(path.resolve())
    return Source((path.resolve().parent, *folders), urls), path


def is_url(name: str) -> bool:
    """Whether a name is an HTTP URL."""
    return name.startswith(("http://", "https://"))


def as_uri(path: Path) -> str:
    """Return the URI of a file."""
    return path.resolve().as_uri()


def cache_folder() -> Path | None:
    """Return the user's folder for cached data, or None if there is no home."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    if configured:
        return Path(configured) / "analytics-mock"
    try:
        return Path.home() / ".cache" / "analytics-mock"
    except RuntimeError:
        return None


def _check_regular(path: Path) -> None:
    try:
        found = path.stat()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(found.st_mode) or any(path.is_relative_to(folder) for folder in _SYSTEM):
        raise SourceError("leads to something that is not a regular file")
    if found.st_size > LARGEST:
        raise SourceError(f"leads to a file of more than {LARGEST // 1024 // 1024} MB")


def _download(url: str, permitted: tuple[str, ...]) -> Path:
    """Download a URL into a temporary folder that only this user can read, and return the file."""
    from hashlib import sha256
    from urllib.request import Request, urlopen  # takes longer to import than most documents to read

    try:
        request = Request(url, headers={"User-Agent": "analytics-mock", "Accept": "application/yaml, application/json"})  # noqa: S310
        with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - is_url has checked the scheme
            if not is_url(answer.url) or (permitted and not answer.url.startswith(permitted)):
                raise SourceError(f"redirects to {answer.url}, which is not permitted")
            data = answer.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot be downloaded: {getattr(error, 'reason', error)}") from None
    if len(data) > LARGEST:
        raise SourceError(f"leads to a file of more than {LARGEST // 1024 // 1024} MB")
    name = Path(urlsplit(url).path).name or "document"
    folder = Path(_downloads().name) / sha256(url.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path


@cache
def _downloads() -> TemporaryDirectory[str]:
    """Return the folder of downloaded files, which is removed when the process ends."""
    from tempfile import TemporaryDirectory

    return TemporaryDirectory(prefix="analytics-mock-")
