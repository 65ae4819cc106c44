"""The “Try it” form of an operation: its fields, and the request that they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from apicontract.contract import Contract
from apicontract.operations import METHODS, Operation
from apicontract.parameters import MISSING, Parameter
from mockserver.console.context import PageContext
from mockserver.console.curl import credentials
from mockserver.console.page import pretty
from mockserver.console.samples import Sample, write_samples
from mockserver.console.sending import SendResult
from mockserver.dataset.accounts import Key
from mockserver.journal.redaction import key_label
from mockserver.pipeline.api import Api

JSON = Any


@dataclass(frozen=True, slots=True)
class FormField:
    """A parameter in the form. `choices`: the only valid values, for a select; `suggested`: examples of others."""

    parameter: Parameter
    value: str
    choices: tuple[str, ...]
    suggested: tuple[str, ...]

    @property
    def default(self) -> str:
        """The default as text, or empty."""
        return default_text(self.parameter)

    @property
    def hint(self) -> str:
        """What the field takes, in words."""
        said = [self.parameter.location, "" if self.choices else self.parameter.schema.expected]
        said.append(
            "required" if self.parameter.required else f"default {self.default}" if self.default else "optional"
        )
        return ", ".join(part for part in said if part)


@dataclass(frozen=True, slots=True)
class Trial:
    """The “Try it” form of an operation. `key`: an id, or empty. `samples`: its request as code."""

    fields: tuple[FormField, ...]
    key: str
    body: str
    prefer: str
    samples: tuple[Sample, ...] = ()
    result: SendResult | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The request that a form makes, without empty fields."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: str

    def samples(self, context: PageContext, key: Key | None) -> tuple[Sample, ...]:
        """Return the request as code, for the server as the browser has it; a key other than a demo key is masked."""
        secret = key.secret if key is not None else ""
        shown = [
            (name, value.replace(secret, key_label(secret, context.mock.settings)) if secret else value)
            for name, value in self.headers
        ]
        url = context.request.url
        target = f"{self.path}?{self.query}" if self.query else self.path
        own = [*shown, ("X-Test-Id", context.test)] if context.test else shown
        return write_samples(f"{url.scheme}://{url.netloc}{context.root}{target}", self.method, own, self.body)


def read_trial(context: PageContext, api: Api, operation: Operation) -> Trial:
    """Return the form: as submitted, or with defaults and examples."""
    form, keys = context.form, [key for key in api.keys.values() if key.permitted and not key.revoked]
    key = form.get("key", keys[0].id if keys and operation.security else "")
    seen = next((one.resources for one in keys if one.id == key), None)
    examples = dict(_examples(api.contract, operation))
    fields = []
    for parameter in operation.parameters:
        choices = tuple(_choices(parameter))
        suggested = () if choices else _suggested(api, parameter, seen) or examples.get(parameter.name, ())
        first = suggested[0] if suggested and parameter.required else ""
        fields.append(FormField(parameter, form.get(f"p.{parameter.name}", first), choices, suggested))
    return Trial(tuple(fields), key, form.get("body", _first_example(operation)), form.get("prefer", ""))


def prepare(operation: Operation, trial: Trial, key: Key | None) -> Prepared:
    """Return the request of a form."""
    path = operation.path
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    for one in trial.fields:
        name, value = one.parameter.name, one.value
        if one.parameter.location == "path":
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        elif not value:
            continue
        elif one.parameter.location == "query":
            query.append((name, value))
        elif one.parameter.location == "header":
            headers.append((name, "".join(char for char in value if char.isprintable())))
    headers += credentials(operation, key)
    if trial.prefer:
        headers.append(("Prefer", trial.prefer))
    body = trial.body if operation.body is not None else ""
    if body and operation.body is not None:
        headers.append(("Content-Type", operation.body.content[0].name))
    return Prepared(operation.method, path, urlencode(query), tuple(headers), body)


def default_text(parameter: Parameter) -> str:
    """Return the default of a parameter as text, or an empty text."""
    return "" if parameter.default is MISSING else _text(parameter.default)


def find_node(contract: Contract, operation: Operation) -> tuple[JSON, JSON]:
    """Return the path item and the node of an operation in the document."""
    for item in (contract.document.root.get("paths") or {}).values():
        for method in METHODS:
            node = item.get(method) if isinstance(item, dict) else None
            if isinstance(node, dict) and node.get("operationId") == operation.id:
                return item, node
    return {}, {}


def _choices(parameter: Parameter) -> Iterator[str]:
    schema = parameter.schema.resolved
    if isinstance(schema, dict):
        yield from map(_text, schema.get("enum") or ((True, False) if schema.get("type") == "boolean" else ()))


def _suggested(api: Api, parameter: Parameter, seen: frozenset[str] | None) -> tuple[str, ...]:
    if parameter.resource is None or api.dataset is None:
        return ()
    resources = api.dataset.resources.get(parameter.resource.kind, {})
    return tuple(name for name, site in resources.items() if seen is None or site.id in seen)


def _examples(contract: Contract, operation: Operation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the examples of each parameter that has some."""
    for owner in find_node(contract, operation):
        for raw in owner.get("parameters") or ():
            node = contract.document.resolve(raw)
            named = node.get("examples")
            values = [node["example"]] if "example" in node else []
            if isinstance(named, dict):
                resolved = [contract.document.resolve(each) for each in named.values()]
                values += [each["value"] for each in resolved if isinstance(each, dict) and "value" in each]
            if values:
                yield str(node.get("name")), tuple(dict.fromkeys(map(_text, values)))


def _first_example(operation: Operation) -> str:
    if operation.body is None:
        return ""
    examples = [value for media in operation.body.content for value in media.examples.values()]
    return pretty(examples[0]) if examples else ""


def _text(value: JSON) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
