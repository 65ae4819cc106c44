"""The bundled contracts, by `name@edition`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apicontract.contract import Contract, load_contract
from apicontract.document import ContractError
from apicontract.sources import is_url
from apicontract.suggestion import suggest

_IDENTITY = re.compile(r"^x-contract:\s*\{\s*name:\s*([\w-]+),\s*edition:\s*\"?([\w.-]+)\"?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The file of each bundled contract, by selector. A file is read when its contract is loaded."""

    files: Mapping[str, Path]

    def load(self, selector: str, allow: Sequence[str] = ()) -> Contract:
        """Load a bundled contract by `name@edition`, or an OpenAPI document by its path or URL.

        Args:
            selector: The contract.
            allow: Folders and URLs outside of the document's own folder whose files references may lead to.

        Raises:
            ContractError: Neither a bundled contract nor a file; the message lists the selectors.
        """
        if selector in self.files:
            return load_contract(self.files[selector])
        if is_url(selector) or Path(selector).exists():
            return load_contract(selector, allow)
        known = ", ".join(self.files)
        near = suggest(selector, self.files)
        raise ContractError(f"no contract {selector!r}: expected a file, a URL or one of {known}{near}")

    def editions(self) -> dict[str, list[str]]:
        """Return the editions of each contract name, newest first."""
        found: dict[str, list[str]] = {}
        for selector in sorted(self.files, reverse=True):
            name, _, edition = selector.partition("@")
            found.setdefault(name, []).append(edition)
        return found


def bundled_folder(package: Path, name: str) -> Path:
    """Return the data folder `name` of a package: inside its folder when installed, beside it in a checkout."""
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def bundled() -> Catalogue:
    """List the YAML files of `openapi/` whose `x-contract` has a name and an edition."""
    files = {}
    for path in sorted(bundled_folder(Path(__file__).parent, "openapi").glob("*.yaml")):
        match = _IDENTITY.search(path.read_text(encoding="utf-8"))
        if match:
            files[f"{match[1]}@{match[2]}"] = path
    return Catalogue(files)
