"""Where everything lives that changes while the server runs: in this process, or where processes share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockserver.state.memory import MemoryState
from mockserver.state.redaction import Redaction
from mockserver.state.space import Begin, State, StateError

if TYPE_CHECKING:
    from mockserver.pipeline.api import Api
    from mockserver.settings import Settings


def open_state(settings: Settings, apis: Sequence[Api], begin: Begin) -> State:
    """The state that settings name.

    Raises:
        StateError: it is not one.
    """
    redaction = Redaction({secret: key.id for api in apis for secret, key in api.keys.items()})
    if not settings.state:
        return MemoryState(settings, redaction, begin)
    try:
        from mockserver.state.redis.state import RedisState
    except ImportError as error:
        raise StateError(f"--state takes the extra 'redis': pip install 'analytics-mock[redis]' ({error})") from None
    return RedisState(settings, apis, redaction, begin)
