"""Routing step: method, path and query to an endpoint and its parameters. Pure, hence cached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apicontract.routes import Match, Route
from mockserver.pipeline.api import Api, Endpoint
from mockserver.pipeline.editions import edition_hint
from mockserver.pipeline.problem import Problem
from mockserver.pipeline.validate import read_parameters

_KEPT, _LONGEST = 8_192, 1_024


@dataclass(slots=True)
class Resolved:
    """The route of a request. `api` is None outside all base paths; `shown` caches the target for the access log.

    `target` is method, path and query: the same objects for every request to the same target. `failure`: why the
    parameters cannot be read in the way that the document asks for.
    """

    api: Api | None
    route: Route | None = None
    endpoint: Endpoint | None = None
    problem: Problem | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    resource: Any = None
    chooses: bool = False
    shown: tuple[str, str] | None = None
    hint: bytes = b""
    target: tuple[str, bytes, bytes] = ("", b"", b"")
    failure: str = ""


class Resolver:
    """Routes requests among several contracts; an unknown path belongs to the longest matching base path."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self._apis = sorted(apis, key=lambda api: -len(api.contract.base_path))
        self._kept: dict[tuple[str, bytes, bytes], Resolved] = {}

    def resolve(self, method: str, raw_path: bytes, query: bytes, headers: Mapping[bytes, bytes]) -> Resolved:
        """Return the endpoint, its parameters and the first problem with them."""
        name = (method, raw_path, query)
        found = self._kept.get(name)
        if found is None:
            found = self._work_out(method, raw_path, query, headers)
            found.target = name
            found.hint = _hint(found, path=raw_path.decode("latin-1"), method=method, query=query)
            repeatable = found.endpoint is None or not found.endpoint.reads_headers
            if repeatable and len(raw_path) + len(query) <= _LONGEST:
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[name] = found
        return found

    def _work_out(self, method: str, raw_path: bytes, query: bytes, headers: Mapping[bytes, bytes]) -> Resolved:
        path = raw_path.decode("latin-1")
        api, match = self._find(path)
        if match is None:
            return Resolved(api, problem=Problem("unknown-path", {"method": method, "path": path}))
        assert api is not None  # noqa: S101 - `_find` returns a match with its api
        endpoint = api.endpoint(match.route, method)
        if endpoint is None:
            values = {"method": method, "path": path, "allowed": match.route.allowed}
            return Resolved(api, match.route, problem=Problem("method-not-allowed", values))
        try:
            parameters, problem = read_parameters(endpoint.operation, match.values_of(method), query, headers)
        except Exception as error:  # noqa: BLE001 - whatever a document brings about, its operation is answered
            return Resolved(api, match.route, endpoint, failure=f"{type(error).__name__}: {error}")
        linked = problem is None and endpoint.link is not None
        resource = endpoint.resources.get(parameters[endpoint.link_parameter]) if linked else None
        return Resolved(
            api=api,
            route=match.route,
            endpoint=endpoint,
            problem=problem,
            parameters=parameters,
            resource=resource,
            chooses=b"__" in query,
        )

    def _find(self, path: str) -> tuple[Api | None, Match | None]:
        owner: Api | None = None
        for api in self._apis:
            match = api.contract.router.find(path)
            if match is not None:
                return api, match
            base = api.contract.base_path
            if owner is None and (path == base or path.startswith(base + "/")):
                owner = api
        return owner, None


def _hint(resolved: Resolved, *, method: str, path: str, query: bytes) -> bytes:
    """Return what tells that a request is meant for another edition; empty for what this one understands."""
    api, endpoint = resolved.api, resolved.endpoint
    if api is None or not api.others or (endpoint is None and resolved.route is not None):
        return b""
    unknown = ("", "")
    if endpoint is not None and endpoint.link is not None and resolved.resource is None:
        unknown = (endpoint.link.kind, str(resolved.parameters.get(endpoint.link_parameter, "")))
    return edition_hint(api.contract, api.others, method, path, query, unknown)
