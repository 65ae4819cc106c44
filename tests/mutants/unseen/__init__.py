"""Defects of servers that nobody tunes to: written from the documents alone, without a look at what is checked."""

from __future__ import annotations

from tests.mutants.unseen import platform_v2, zenovay_2025, zenovay_2026

DEFECTS = (*zenovay_2026.DEFECTS, *zenovay_2025.DEFECTS, *platform_v2.DEFECTS)
