"""Exchanges as the contract sees them: which operation, with which values, by which key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from apicontract import Contract, Fact, Operation, Parameter
from apicontract.parameters import MISSING, ParameterError
from contract_tests.model.clause import Ground, Guess, Rests
from contract_tests.model.exchange import NOT_JSON, Exchange, Request
from contract_tests.model.purposes import TRACKING
from contract_tests.reading.identifiers import ids_in
from contract_tests.reading.records import Path, find_lists, keyed, records_of

JSON = Any


@dataclass(frozen=True)
class View:
    """One exchange as the contract sees it.

    `params` are the effective values, defaults applied; `given` the texts as sent. `invalid` is the first parameter
    that breaks the contract, with the reason.
    """

    exchange: Exchange
    path_known: bool
    operation: Operation | None
    role: str
    params: Mapping[str, JSON]
    given: Mapping[str, tuple[str, ...]]
    invalid: tuple[Parameter, ParameterError] | None

    @property
    def number(self) -> int:
        """The exchange's number."""
        return self.exchange.number

    @property
    def status(self) -> int:
        """The status; 0 where there was no response."""
        return self.exchange.response.status if self.exchange.response else 0

    @property
    def method(self) -> str:
        """The method as sent."""
        return self.exchange.request.method

    @cached_property
    def json(self) -> JSON:
        """The body; NOT_JSON where it is none."""
        return self.exchange.response.json if self.exchange.response else NOT_JSON

    @cached_property
    def lists(self) -> dict[Path, list[JSON]]:
        """Every list of the body that is reached through members alone, by its place."""
        return find_lists(self.json)

    @cached_property
    def records(self) -> Sequence[tuple[Path, dict[str, JSON]]]:
        """Every object of the body, with its place; a list's index is `*`."""
        return tuple(records_of(self.json))

    @property
    def has_json(self) -> bool:
        """Whether the body is JSON."""
        return self.json is not NOT_JSON

    @property
    def succeeded(self) -> bool:
        """Whether the answer is a success."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """Return the first value of a response header, or None."""
        return self.exchange.response.header(name) if self.exchange.response else None

    def header_lines(self, name: str) -> tuple[str, ...]:
        """Return every value of a response header."""
        pairs = self.exchange.response.headers if self.exchange.response else ()
        return tuple(value for key, value in pairs if key.lower() == name.lower())

    @cached_property
    def headers(self) -> dict[str, str]:
        """Response headers by lower-case name."""
        pairs = self.exchange.response.headers if self.exchange.response else ()
        return {name.lower(): value for name, value in reversed(pairs)}

    @cached_property
    def memo(self) -> dict[str, Any]:
        """A cache for what depends on this exchange alone."""
        return {}

    @cached_property
    def resource(self) -> tuple[tuple[str, str], ...]:
        """The values of the path parameters."""
        operation = self.operation
        names = (
            {parameter.name for parameter in operation.parameters if parameter.location == "path"}
            if operation
            else set()
        )
        return tuple(sorted((name, str(self.params.get(name))) for name in names))

    @cached_property
    def query(self) -> dict[str, JSON]:
        """The effective values of the query parameters that the contract knows."""
        if self.operation is None:
            return {}
        known = [parameter.name for parameter in self.operation.parameters if parameter.location == "query"]
        return {name: self.params[name] for name in known if name in self.params}

    @cached_property
    def unknown_parameters(self) -> tuple[str, ...]:
        """Names of query parameters that the contract does not know."""
        if self.operation is None:
            return ()
        known = [parameter for parameter in self.operation.parameters if parameter.location == "query"]
        schemes = [scheme for alternative in self.operation.security for scheme in alternative]
        keys = {scheme.parameter for scheme in schemes if scheme.location == "query"}
        return tuple(name for name in self.given if name not in keys and not any(each.takes(name) for each in known))

    def grounds(self, rests: Rests) -> Iterator[Ground]:
        """List what an expectation stands on that rests on this request: declared parameters, allowed values, defaults.

        That an undeclared parameter changes nothing is a guess.
        """
        if rests == "answer" or self.operation is None:
            return
        for parameter in self.operation.parameters:
            texts = self.given.get(parameter.name, ())
            if parameter.location == "path":
                yield parameter
            elif parameter.location == "query" and texts:
                yield parameter
                yield from _allowing(parameter, texts[0])
            elif rests == "values" and parameter.name in self.query:
                yield parameter.keyword("default")
        request = self.exchange.request
        if request.body and self.operation.body is not None:
            kind = next((value for name, value in request.headers if name.lower() == "content-type"), "")
            media = self.operation.body.media(kind)
            yield from (each for each in (self.operation.body, media) if each is not None)
        for name in self.unknown_parameters:
            yield Guess(f"that the parameter {name}, which the contract does not declare, changes nothing")

    @property
    def comparable(self) -> bool:
        """Whether this is a valid GET of the main key (or a public one) that was answered with JSON.

        Answers of the tracking sequence are not: it changes the data on purpose.
        """
        return (
            self.succeeded
            and self.has_json
            and self.role in ("main", "")
            and self.invalid is None
            and self.method == "GET"
            and not self.exchange.request.purpose.startswith(TRACKING)
        )


@dataclass
class Traffic:
    """Exchanges in the order of sending. `base` is the path before the contract's paths at this target."""

    contract: Contract
    base: str = ""
    seed: int = 0
    views: list[View] = field(default_factory=list)
    _ids: dict[tuple[str, str, str], tuple[int, list[str]]] = field(default_factory=dict, repr=False)

    def add(self, exchange: Exchange) -> View:
        """Read one more exchange."""
        view = read(self.contract, self.base, exchange)
        self.views.append(view)
        return view

    def substituted(self, replays: Mapping[int, Exchange]) -> Traffic:
        """Return the traffic with some exchanges replaced by later ones of the same request."""
        other = Traffic(self.contract, self.base, self.seed)
        other.views = [
            read(self.contract, self.base, replays[view.number]) if view.number in replays else view
            for view in self.views
        ]
        return other

    def of(self, operation: str) -> Iterator[View]:
        """List the exchanges of one operation."""
        return (view for view in self.views if view.operation is not None and view.operation.id == operation)

    def comparable(self, operation: str) -> list[View]:
        """Return the comparable exchanges of one operation."""
        return [view for view in self.of(operation) if view.comparable]

    def ids(self, operation: Operation, parameter: str, role: str = "main") -> list[str]:
        """Return the values of a path parameter that lists showed to a role, in their order."""
        mark = (operation.id, parameter, role)
        known = self._ids.get(mark)
        if known is not None and known[0] == len(self.views):
            return known[1]
        found: dict[str, None] = {}
        for view in self.views:
            if view.operation is None or view.role != role or not view.succeeded or not view.has_json:
                continue
            if view.operation.method != "GET" or any(p.location == "path" for p in view.operation.parameters):
                continue
            name = f"ids/{operation.id}/{parameter}"
            if name not in view.memo:
                view.memo[name] = list(ids_in(view.json, operation, parameter, view.operation.path))
            found.update(dict.fromkeys(view.memo[name]))
        self._ids[mark] = len(self.views), list(found)
        return list(found)

    def values(self, name: str) -> list[JSON]:
        """Return the values that records show under a name, in the order in which they were seen."""
        found: dict[JSON, None] = {}
        for view in self.views:
            if not view.comparable:
                continue
            for items in view.lists.values():
                for record in items:
                    value = keyed(record, name) if isinstance(record, dict) else None
                    if isinstance(value, (str, int)) and not isinstance(value, bool):
                        found.setdefault(value)
        return list(found)


def read(contract: Contract, base: str, exchange: Exchange) -> View:
    """Return one exchange as a View."""
    request = exchange.request
    parts = urlsplit(request.url)
    path = parts.path[len(base) :] if base and parts.path.startswith(base + "/") else parts.path
    match = contract.router.find(path)
    texts: dict[str, tuple[str, ...]] = {}
    for name, text in parse_qsl(parts.query, keep_blank_values=True):
        texts[name] = (*texts.get(name, ()), text)
    operation = None
    if match is not None:
        operations = match.route.operations
        operation = operations.get(request.method) or (operations.get("GET") if request.method == "HEAD" else None)
    if operation is None or match is None:
        return View(exchange, match is not None, None, request.role, {}, texts, None)
    params: dict[str, JSON] = {}
    refusal = None
    for parameter in operation.parameters:
        try:
            if parameter.location == "query":
                value = parameter.read_among(texts)
            else:
                value = parameter.read(_texts(parameter, match.values, request))
        except ParameterError as error:
            refusal = refusal or (parameter, error)
            continue
        if value is not MISSING:
            params[parameter.name] = value
    return View(exchange, True, operation, _role(operation, request, texts), params, texts, refusal)


def _allowing(parameter: Parameter, text: str) -> Iterator[Fact]:
    """List the keywords that allow a value at the edge of what is allowed: an enum, a bound that it is equal to."""
    node = parameter.schema.resolved
    if not isinstance(node, dict):
        return
    if "enum" in node:
        yield parameter.keyword("enum")
    for bound in ("minimum", "maximum"):
        if bound in node and text == str(node[bound]):
            yield parameter.keyword(bound)


def _texts(parameter: Parameter, path: Mapping[str, str], request: Request) -> Sequence[str]:
    if parameter.location == "path":
        return (path[parameter.name],) if parameter.name in path else ()
    if parameter.location == "header":
        return tuple(value for name, value in request.headers if name.lower() == parameter.name.lower())
    return ()


def _role(operation: Operation, request: Request, query: Mapping[str, tuple[str, ...]]) -> str:
    """Return the role of a request's key. Recorded traffic names none: a credential in its place is taken for good."""
    if request.role or request.purpose or not operation.security:
        return request.role
    headers = {name.lower() for name, _ in request.headers}
    for alternative in operation.security:
        if all(
            part.parameter in query if part.location == "query" else part.parameter.lower() in headers
            for part in alternative
        ):
            return "main"
    return ""
