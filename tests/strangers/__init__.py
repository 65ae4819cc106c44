"""Documents that know nothing of this project, and a client that asks them without a socket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mockserver.app import create_app
from mockserver.pipeline.lines import HeaderList
from mockserver.settings import Settings

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Reply:
    """The answer to a request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """The content type."""
        return self.headers.get("content-type", "")

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)


class Stranger:
    """A mock of one document, asked through its pipeline."""

    def __init__(self, file: str | Path, **settings: Any) -> None:
        self.mock = create_app(Settings(contracts=(str(FOLDER / file),), **settings)).mock

    def ask(self, method: str, path: str, body: bytes | None = None, /, **headers: str) -> Reply:
        """Send a request. Underscores in the names of headers stand for hyphens."""
        raw: HeaderList = [
            (name.lower().replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()
        ]
        pipeline, space = self.mock.pipeline, self.mock.space
        plain, _, query = path.partition("?")
        request = pipeline.receive(method, plain.encode(), query.encode(), raw, dict(raw))
        if body is not None:
            request.body = body
        judged = pipeline.judge(request)
        quota = None if judged.spending is None else space.spend_now(judged.spending)
        answer = pipeline.complete(request, judged, quota)
        named = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
        return Reply(answer.status, named, answer.body)

    def get(self, path: str, /, **headers: str) -> Reply:
        """GET a path."""
        return self.ask("GET", path, **headers)
