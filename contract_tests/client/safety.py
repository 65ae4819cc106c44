"""Check before a run starts whether it may do to its target what it is asked to do."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from contract_tests.model.options import AUTO, PHASES, PROFILES, ROLES, ConfigurationError, Options


def is_loopback(host: str) -> bool:
    """Return whether a host name is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def examine(options: Options) -> None:
    """Refuse a run that cannot or must not start.

    Raises:
        ConfigurationError: with what to change.
    """
    parts = urlsplit(options.target)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"the target {options.target!r} is no http(s) URL, such as http://127.0.0.1:4010")
    if parts.query or parts.fragment or parts.username:
        raise ConfigurationError("the target is scheme, host, port and path; keys go into --api-key")
    for what, given, known in (
        ("role", set(options.keys), ROLES),
        ("phase", set(options.phases), PHASES),
        ("profile", {options.profile}, PROFILES),
    ):
        strange = sorted(given - set(known))
        if strange:
            raise ConfigurationError(f"unknown {what} {strange[0]!r}; one of {', '.join(known)}")
    if options.max_requests < 1 and options.max_requests != AUTO:
        raise ConfigurationError("--max-requests is auto, or at least 1")
    if not 0 <= options.quota_reserve < 1:
        raise ConfigurationError("--quota-reserve is a share of the month's quota, from 0 up to (not including) 1")
    _examine_keys(options)
    dangerous = options.profile if options.profile != "readonly" else "burst" if options.bursts else ""
    if dangerous and not is_loopback(parts.hostname) and parts.hostname not in options.allow_hosts:
        raise ConfigurationError(
            f"{dangerous} changes or loads {parts.hostname}, which is not this machine: "
            f"name it with --allow-host {parts.hostname}"
        )


def _examine_keys(options: Options) -> None:
    for role, key in options.keys.items():
        if not key or any(ord(character) < 33 or ord(character) > 126 for character in key):
            raise ConfigurationError(f"the key for {role} is empty or holds characters no header can carry")
