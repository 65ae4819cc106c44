"""Mock servers from npm, each serving a contract on a port of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apicontract import bundled
from apicontract.export import as_json, export_document
from tests.processes import running

HERE = Path(__file__).parent
BIN = HERE / "node_modules" / ".bin"
QUIET = "--hostname 127.0.0.1 --faker-seed 1 --disable-admin-api --disable-log-to-file"
# The command of a server, and what it prints once it listens.
SERVERS = {
    "prism": ("prism mock {document} --port {port} --seed 1", "Prism is listening"),
    "prism-dynamic": ("prism mock {document} --port {port} --seed 1 --dynamic", "Prism is listening"),
    "mockoon": (f"mockoon-cli start --data {{document}} --port {{port}} {QUIET}", "Server started"),
}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(server: str, selector: str, folder: Path) -> Iterator[str]:
    """Serve a contract with one of the servers and yield its address."""
    document = folder / "contract.json"
    document.write_bytes(as_json(export_document(bundled().load(selector).document, flatten=True)))
    command, ready = SERVERS[server]
    port = free_port()
    words = command.format(document=document, port=port).split()
    with running([BIN / words[0], *words[1:]], ready, folder):
        yield f"http://127.0.0.1:{port}"
