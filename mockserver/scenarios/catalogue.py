"""The catalogue of ready scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from apicontract.document import PlainLoader
from apicontract.suggestion import suggest
from mockserver.form import BadInputError
from mockserver.pipeline.api import Api
from mockserver.scenarios.scenario import Scenario, read_scenario

_FILE = Path(__file__).with_name("catalogue.yaml")


@lru_cache(maxsize=1)
def _sources() -> dict[str, Any]:
    return dict(yaml.load(_FILE.read_text("utf-8"), PlainLoader))  # noqa: S506 - a safe loader of the project's own


def ready_descriptions() -> dict[str, str]:
    """Return the description of each ready scenario, by name."""
    return {name: str(source["description"]) for name, source in _sources().items()}


def ready_scenario(name: str, apis: Sequence[Api]) -> Scenario:
    """Return a ready scenario for the given APIs.

    Raises:
        BadInputError: There is no such scenario, or the APIs document none of its errors.
    """
    source = _sources().get(name)
    if source is None:
        raise BadInputError("name", f"there is no scenario {name!r}{suggest(name, _sources())}", _sources())
    return read_scenario(source, name, apis)
