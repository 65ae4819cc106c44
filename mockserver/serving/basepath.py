"""Serving below a path, for a reverse proxy that passes requests on with its prefix.

Only a server with `--base-path` uses this protocol; the others pay nothing for it.
"""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Scope, Send

from mockserver.pipeline.lines import HeaderList
from mockserver.pipeline.problem import mock_problem, send_reply
from mockserver.serving.protocol import ContractProtocol


class PrefixedProtocol(ContractProtocol):
    """One connection to a server below `settings.base_path`: everything behind it sees paths without it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.base = self.mock.settings.base_path.encode("ascii")

    def on_head(self, path: bytes, query: bytes, headers: HeaderList) -> None:
        """Remove the prefix from a path, or answer 404 with the prefix that is expected."""
        rest = path[len(self.base) :]
        if path.startswith(self.base) and rest[:1] in (b"", b"/"):
            super().on_head(rest or b"/", query, headers)
            return
        app, self.app = self.app, self._elsewhere
        self.start_application(path, query, headers)
        self.app = app

    async def _elsewhere(self, scope: Scope, _receive: Receive, send: Send) -> None:
        base = self.mock.settings.base_path
        path = scope["raw_path"].decode("latin-1")
        await send_reply(mock_problem(404, f"Nothing is served at {path}: it begins with {base}", base_path=base), send)
