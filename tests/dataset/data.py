"""The repository's own fixtures, loaded once per variant, and instants as epoch seconds."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from mockserver.dataset import Dataset

FIXTURES = Path(__file__).parents[2] / "fixtures"
MAIN = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
QUIET = "b2c3d4e5-f6a7-8901-bcde-f12345678901"
CAFE = "c3d4e5f6-a7b8-4012-8def-123456789012"
FIRST = "123e4567-e89b-12d3-a456-426614174000"
SITE = "6507f1f77bcf86cd799439011"


@lru_cache
def zenovay(edition: str = "2026-02", scale: int = 1, seed: int = 0) -> Dataset:
    return Dataset.load(FIXTURES / "zenovay", edition=edition, scale=scale, seed=seed)


@lru_cache
def platform(scale: int = 1, seed: int = 0) -> Dataset:
    return Dataset.load(FIXTURES / "analytics-platform", edition="v2", scale=scale, seed=seed)


def at(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()
