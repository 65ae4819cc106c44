"""Small OpenAPI documents for tests."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml

from apicontract.contract import Contract, load_contract


def document(paths: dict[str, Any], **members: Any) -> dict[str, Any]:
    """An OpenAPI 3.1 document; parameters named in a path template are added as strings."""
    return {"openapi": "3.1.0", "info": {"title": "Small", "version": "1"}, "paths": paths, **members}


def contract_of(paths: dict[str, Any], **members: Any) -> Contract:
    """The same, compiled."""
    with tempfile.TemporaryDirectory() as folder:
        return load_contract(write(Path(folder) / "small.yaml", document(paths, **members)))


def write(path: Path, content: Any) -> Path:
    """Write a YAML file."""
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path
