"""Where everything lives that changes while the server runs: in this process, or where processes share it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from mockserver.journal.masking import HIDDEN
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.api import Api
from mockserver.settings import Settings
from mockserver.state.memory import MemoryState
from mockserver.state.space import Begin, State, StateError


def redaction_of(settings: Settings, apis: Sequence[Api]) -> Redaction:
    """Return what masks the secrets of a server: its keys, its control token, and the password of its state."""
    keys = {secret: key.id for api in apis for secret, key in api.keys.items()}
    return Redaction(keys, {settings.control_token: "$MOCKSERVER_CONTROL_TOKEN", _password(settings.state): HIDDEN})


def open_state(settings: Settings, apis: Sequence[Api], redaction: Redaction, begin: Begin) -> State:
    """The state that settings name.

    Raises:
        StateError: it is not one.
    """
    if not settings.state:
        return MemoryState(settings, redaction, begin)
    try:
        from mockserver.state.redis.state import RedisState
    except ImportError as error:
        raise StateError(f"--state takes the extra 'redis': pip install 'analytics-mock[redis]' ({error})") from None
    return RedisState(settings, apis, redaction, begin)


def _password(url: str) -> str:
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:  # no URL: whoever opens it says so
        return ""
