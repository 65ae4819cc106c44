"""Write a request as a curl command."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from apicontract.operations import Operation
from mockserver.dataset.accounts import Key
from mockserver.journal.entry import Entry
from mockserver.journal.redaction import is_credential, masked

_CLIENTS_OWN = frozenset({"host", "connection", "content-length", "accept-encoding", "transfer-encoding", "expect"})


def curl(url: str, method: str, headers: Iterable[tuple[str, str]], body: str) -> str:
    """Return a curl command, on one line or one line for each option."""
    words = [["curl", "-sS"]]
    if method == "HEAD":
        words[0].append("-I")
    elif method != "GET" or body:
        words.append(["-X", method])
    words += [["-H", f"{name}: {value}" if value else f"{name};"] for name, value in headers]
    if body:
        words.append(["--data-binary", body])
    words.append([url])
    parts = [shlex.join(group) for group in words]
    line = " ".join(parts)
    return line if len(line) <= 120 else " \\\n  ".join(parts)


def entry_curl(entry: Entry, origin: str, operation: Operation | None, key: Key | None) -> str:
    """Return the curl command of a journal entry."""
    headers = [(name, value) for name, value in sent_headers(entry, operation, key) if not _is_clients_own(name, value)]
    return curl(f"{origin}{entry.target}", entry.method, headers, entry.body.decode("utf-8", "replace"))


def sent_headers(entry: Entry, operation: Operation | None, key: Key | None) -> list[tuple[str, str]]:
    """Return the headers of an entry, with the key of the entry in place of masked credentials.

    The key has the form in which it was sent, correct or not.
    """
    schemes = [scheme for alternative in operation.security for scheme in alternative] if operation is not None else []
    names = {scheme.parameter.lower(): scheme.parameter for scheme in schemes if scheme.location == "header"}
    return [
        (
            names.get(name, name),
            value.replace(masked(key.secret), key.secret) if key is not None and is_credential(name) else value,
        )
        for name, value in entry.headers
    ]


def _is_clients_own(name: str, value: str) -> bool:
    """Whether curl sets a header itself, or it is empty."""
    return (
        name in _CLIENTS_OWN
        or name.startswith("sec-")
        or (name == "accept" and value == "*/*")
        or (name == "user-agent" and value.startswith("curl/"))
    )


def credentials(operation: Operation | None, key: Key | None) -> list[tuple[str, str]]:
    """Return the headers that authenticate a key for an operation, by the first of its alternatives."""
    if operation is None or key is None or not operation.security:
        return []
    return [
        (scheme.parameter, scheme.text(key.secret)) for scheme in operation.security[0] if scheme.location == "header"
    ]
