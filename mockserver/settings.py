"""The settings that a server starts with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mockserver.clock import Clock

JOURNAL_MAX = 1_000

MAX_BODY = 1024 * 1024
"""Most bytes of a request body."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server.

    `contracts` are selectors (`name@edition`), OpenAPI files or URLs; empty: the newest edition of everything bundled.
    `allow_refs`: folders and URLs beyond a document's own folder that its references may read.
    `keys` is a file with the keys and plans of documents without fixtures; without it they accept any credential.
    `callbacks`: those that a document declares are sent, to this machine and to `callback_hosts`.
    `now` freezes the clock (epoch seconds), `offset` moves it (seconds). `scale` multiplies the fixtures' traffic.
    Keys of a plan in `refused_plans` are answered 403. `journal_max`: requests that the journal keeps; 0: none.
    `scenarios` are files or names of ready scenarios, `faults` one line each: every space starts with them. The control
    API asks for `control_token`, if there is one; with `public` (an address beyond this machine) it needs one.
    `state` is the URL of a Redis that several processes share, in which every key begins with `state_namespace`; while
    it cannot be reached, requests are refused (`state_failure` closed) or answered without limits (open). A body has at
    most `max_body` bytes; a request is complete within `request_timeout` seconds, and a connection that is not used for
    `keep_alive` seconds is closed. Everything is served below `base_path` (`/like/this`, or empty), over TLS with
    `tls_cert` and `tls_key` (which may be one file), or with a certificate made for the run (`tls_self_signed`).
    `log_format`: `text`, `json`, or `auto`: text on a terminal, JSON in a pipe.
    """

    contracts: tuple[str, ...] = ()
    allow_refs: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    fixtures: Path | None = None
    keys: Path | None = None
    now: float | None = None
    offset: float = 0.0
    scale: int = 1
    seed: int = 0
    rate_limit: bool = True
    refused_plans: frozenset[str] = frozenset()
    callbacks: bool = False
    callback_hosts: tuple[str, ...] = ()
    max_body: int = MAX_BODY
    journal_max: int = JOURNAL_MAX
    scenarios: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    control_token: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    state_namespace: str = "mockserver"
    state_failure: str = "closed"
    public: bool = False
    max_connections: int = 1_000
    request_timeout: float = 20.0
    keep_alive: float = 5.0
    log_format: str = "auto"
    base_path: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_self_signed: bool = False

    @property
    def has_demo_keys(self) -> bool:
        """Whether all keys are those of the bundled fixtures, which are public and no secrets."""
        return self.fixtures is None and self.keys is None

    def clock(self) -> Clock:
        """Return a clock with the time of these settings."""
        return Clock(self.now, self.offset)
