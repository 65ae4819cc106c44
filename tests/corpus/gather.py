"""Download the documents of `packages.json` with npm, once for each version: `python -m tests.corpus.gather`."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from tests.corpus.documents import Package, list_packages


def main() -> None:
    """Gather what is missing."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("make corpus needs npm (node 20.19 or newer)")
    for package in list_packages():
        if not package.folder.is_dir():
            print(f"{package.name} {package.version}")
            gather(package, npm)


def gather(package: Package, npm: str) -> None:
    """Download one package, check its hash, and keep its documents only."""
    package.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.folder.parent) as work:
        wanted = f"{package.name}@{package.version}"
        subprocess.run([npm, "pack", "--silent", "--pack-destination", work, wanted], check=True, stdout=sys.stderr)
        (archive,) = Path(work).glob("*.tgz")
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != package.integrity:
            sys.exit(f"{wanted}: expected {package.integrity}, found {found}")
        made = Path(work) / "documents"
        with tarfile.open(archive) as content:
            for member in content:
                inside = PurePosixPath(*PurePosixPath(member.name).parts[1:]).as_posix()
                source = content.extractfile(member) if member.isfile() else None
                if source is not None and any(fnmatch(inside, pattern) for pattern in package.files):
                    target = made / inside
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(source.read())
        made.rename(package.folder)


if __name__ == "__main__":
    main()
