"""Open the state that the settings name: in memory, or in Redis."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from mockserver.journal.masking import HIDDEN
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.api import Api
from mockserver.settings import Settings
from mockserver.state.memory import MemoryState
from mockserver.state.space import InitialFaults, State, StateError


def build_redaction(settings: Settings, apis: Sequence[Api]) -> Redaction:
    """Return the redaction of a server's secrets: its keys, its control token and the password of its state."""
    keys = {secret: key.id for api in apis for secret, key in api.keys.items()}
    return Redaction(keys, {settings.control_token: "$MOCKSERVER_CONTROL_TOKEN", _password(settings.state): HIDDEN})


def open_state(settings: Settings, apis: Sequence[Api], redaction: Redaction, initial_faults: InitialFaults) -> State:
    """Open the state that the settings name.

    Raises:
        StateError: The URL is invalid, or the extra `redis` is not installed.
    """
    if not settings.state:
        return MemoryState(settings, redaction, initial_faults)
    try:
        from mockserver.state.redis.state import RedisState
    except ImportError as error:
        raise StateError(f"--state needs the extra 'redis': pip install 'analytics-mock[redis]' ({error})") from None
    return RedisState(settings, apis, redaction, initial_faults)


def _password(url: str) -> str:
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:  # not a URL: opening the state reports it
        return ""
