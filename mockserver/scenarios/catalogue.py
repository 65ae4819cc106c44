"""The ready scenarios that come with the package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from apicontract.document import PlainLoader
from mockserver.form import BadInputError
from mockserver.pipeline.api import Api
from mockserver.scenarios.scenario import Scenario, read_scenario

_FILE = Path(__file__).with_name("catalogue.yaml")


@lru_cache(maxsize=1)
def _sources() -> dict[str, Any]:
    return dict(yaml.load(_FILE.read_text("utf-8"), PlainLoader))  # noqa: S506 - a safe loader of the project's own


def ready_descriptions() -> dict[str, str]:
    """Every ready scenario in one line, by name."""
    return {name: str(source["description"]) for name, source in _sources().items()}


def ready_scenario(name: str, apis: Sequence[Api]) -> Scenario:
    """A ready scenario, for the APIs that are served.

    Raises:
        BadInputError: there is none of this name, or these APIs document none of its errors.
    """
    source = _sources().get(name)
    if source is None:
        raise BadInputError("name", f"there is no scenario {name!r}", _sources())
    return read_scenario(source, name, apis)
