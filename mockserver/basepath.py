"""Serving below a path: what a reverse proxy passes on with the prefix it knows a server by.

Only a server that has one takes this way; the others have never heard of it.
"""

from __future__ import annotations

from typing import Any

import httptools
from starlette.types import Receive, Scope, Send

from mockserver.connections import BoundedProtocol
from mockserver.pipeline.problem import mock_problem, send_reply
from mockserver.protocol import ContractProtocol


class PrefixedProtocol(ContractProtocol):
    """One connection to a server below `settings.base_path`: everything behind it sees paths without it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.base = self.mock.settings.base_path.encode("ascii")

    def on_headers_complete(self) -> None:
        """Take the prefix off, or say where it belongs."""
        path, query = _target(self.url)
        rest = path[len(self.base) :]
        if path.startswith(self.base) and rest[:1] in (b"", b"/"):
            self.url = (rest or b"/") + query
            super().on_headers_complete()
            if self.request is None:  # the application has the whole path, and what of it is the prefix
                self.scope["raw_path"] = rest or b"/"
            return
        app, self.app = self.app, self._elsewhere
        BoundedProtocol.on_headers_complete(self)
        self.app = app

    async def _elsewhere(self, scope: Scope, _receive: Receive, send: Send) -> None:
        base = self.mock.settings.base_path
        path = scope["raw_path"].removeprefix(self.base).decode("latin-1")
        await send_reply(mock_problem(404, f"Nothing is served at {path}: it begins with {base}", base_path=base), send)


def _target(url: bytes) -> tuple[bytes, bytes]:
    """Path and query, with its question mark, of a request target."""
    if url[:1] != b"/":
        parsed = httptools.parse_url(url)
        return parsed.path or b"/", b"?" + parsed.query if parsed.query else b""
    path, mark, query = url.partition(b"?")
    return path, mark + query
