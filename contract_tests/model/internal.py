"""Errors of this tool, told apart from those of the server: where they happened, in one line."""

from __future__ import annotations

import traceback
from pathlib import Path

_PACKAGE = str(Path(__file__).parents[1])


def internal_error(error: Exception) -> str:
    """Return what failed, and in which function of this package."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_PACKAGE)]
    place = f" in {Path(frames[-1].filename).stem}.{frames[-1].name}" if frames else ""
    return f"internal error{place}: {type(error).__name__}: {error}"
