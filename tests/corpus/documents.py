"""The public documents that `make corpus` gathers, and where they lie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / "gathered"


@dataclass(frozen=True)
class Package:
    """An npm package of one version, known by its hash, and the files in it that are documents."""

    name: str
    version: str
    integrity: str
    files: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The folder of its documents; another version has another one."""
        return FOLDER / f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}"


def list_packages() -> list[Package]:
    """Return the packages of the lock file."""
    entries = json.loads((HERE / "packages.json").read_text())
    return [Package(entry["name"], entry["version"], entry["integrity"], tuple(entry["files"])) for entry in entries]


def list_documents() -> list[Path]:
    """Return the files of all OpenAPI 3 documents that were gathered."""
    return [path for path in _files() if not _is_swagger(path)]


def list_swagger() -> list[Path]:
    """Return the files of all Swagger 2.0 documents that were gathered."""
    return [path for path in _files() if _is_swagger(path)]


def name_of(path: Path) -> str:
    """Return the name of a document in `faults.yaml`."""
    return path.relative_to(FOLDER).as_posix()


def _files() -> list[Path]:
    folders = [package.folder for package in list_packages()]
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".json", ".yaml")]


def _is_swagger(path: Path) -> bool:
    return "2.0" in path.parts
