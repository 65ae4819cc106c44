"""Find every problem of a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from apicontract.cache import recall, remember
from apicontract.contract import Contract, set_aside
from apicontract.document import ContractError, Document
from apicontract.metaschema import find_violations
from apicontract.operations import Broken, MediaType, Operation, read_operations
from apicontract.problems import Problem, reading
from apicontract.provenance import below
from apicontract.schemas import Schema
from apicontract.upgrade import list_references

JSON = Any


def without_broken(contract: Contract) -> Contract:
    """Return a contract whose `operations` can all be answered; those with an invalid schema become `broken`.

    The verdict on a large document in one file is remembered.
    """
    document = contract.document
    text = document.path.read_bytes() if document.path.is_file() else b""
    known = recall("broken", text)
    if isinstance(known, dict):
        return set_aside(contract, {name: Broken(*place_and_reason) for name, place_and_reason in known.items()})
    contract = _without_broken(contract)
    if all(ref.startswith("#") for ref in list_references(document.root)):
        told = {one.id: (one.broken.pointer, one.broken.reason) for one in contract.broken if one.broken is not None}
        remember("broken", text, told)
    return contract


def _without_broken(contract: Contract) -> Contract:
    document = contract.document
    spoiled = {operation.id: operation.broken for operation in contract.broken}
    dead = _dead_references(document)
    for operation in contract.operations:
        error = _schema_error(operation) or (_reached(operation, dead) if dead else None)
        if error is not None:
            spoiled[operation.id] = Broken(error.pointer or operation.pointer, _reason(error, document))
    if not spoiled:
        return contract
    structure = dict(find_violations(document.written or document.root))
    return set_aside(contract, {name: _explained(each, structure) for name, each in spoiled.items() if each})


def _explained(broken: Broken, structure: Mapping[str, str]) -> Broken:
    """Return why an operation is broken: in OpenAPI's words, if it asks for something else there."""
    inside = [place for place in structure if place == broken.pointer or place.startswith(f"{broken.pointer}/")]
    if inside and broken.reason.startswith("cannot be read"):
        return Broken(inside[0], structure[inside[0]])
    return broken


def find_problems(contract: Contract) -> list[Problem]:
    """Return every problem of a contract's document, by its place."""
    document = contract.document
    contract = _without_broken(contract)
    found = [
        Problem(document, operation.broken.pointer, operation.broken.reason, f"{operation.method} {operation.path}")
        for operation in contract.broken
        if operation.broken is not None
    ]
    spoilers = {problem.pointer for problem in found}
    for pointer, message in find_violations(document.written or document.root):
        if pointer not in spoilers:
            found.append(Problem(document, pointer, message))
    dead = _dead_references(document).values()
    found += (Problem(document, error.pointer, _reason(error, document)) for error in dead)
    for file in document.files.values():
        for twice in file.find_duplicates():
            pointer = f"{'' if file is document else file.uri}#{twice.pointer}"
            message = f"`{twice.name}` stands here twice, first in line {twice.first_line}; the last one counts"
            found.append(Problem(document, pointer, message))
    found += _operations(contract)
    known = {problem.pointer for problem in found}
    found += (problem for problem in (*_components(document), *_webhooks(document)) if problem.pointer not in known)
    for operation in contract.operations:
        found += _examples(operation, document)
    unique = {(problem.pointer, problem.message): problem for problem in reversed(found) if problem.pointer}
    return sorted(unique.values(), key=lambda problem: (problem.place.path, problem.place.line, problem.place.column))


def _dead_references(document: Document) -> dict[str, ContractError]:
    """Return the references, by URI, that lead nowhere or only to themselves."""
    found = {}
    for file in list(document.files.values()):
        for ref in {urljoin(file.uri, ref) for ref in list_references(file.root)}:
            try:
                document.resolve({"$ref": ref})
            except ContractError as error:
                found[ref] = ContractError(str(error), document.pointer_of_reference(ref))
    return found


def _reached(operation: Operation, dead: Mapping[str, ContractError]) -> ContractError | None:
    """Return the error of a dead reference that a schema of an operation leads to, or None."""
    seen: set[str] = set()
    for schema in _schemas(operation):
        waiting = [(schema.document, schema.node)]
        while waiting:
            owner, node = waiting.pop()
            for ref in list_references(node):
                uri = urljoin(owner.uri, ref)
                if uri in dead:
                    return dead[uri]
                if uri not in seen:
                    seen.add(uri)
                    waiting.append(owner.find(ref))
    return None


def _reason(error: ContractError, document: Document) -> str:
    return str(error).removeprefix(f"{document.name}: ")


def _schema_error(operation: Operation) -> ContractError | None:
    """Return the error of the first schema of an operation that cannot be used, or None."""
    try:
        for schema in _schemas(operation):
            with reading(schema.pointer):
                _ = schema.validator
    except ContractError as error:
        return error
    return None


def _schemas(operation: Operation) -> Iterator[Schema]:
    yield from (parameter.schema for parameter in operation.parameters)
    yield from (media.schema for media in _bodies(operation) if media.schema is not None)
    for response in operation.responses.values():
        yield from (header.schema for header in response.headers)


def _bodies(operation: Operation) -> Iterator[MediaType]:
    if operation.body is not None:
        yield from operation.body.content
    for response in operation.responses.values():
        yield from response.content


def _operations(contract: Contract) -> Iterator[Problem]:
    """Yield what operations say of each other, of their paths and of security schemes."""
    document = contract.document
    seen: dict[str, str] = {}
    for pointer, path, node in list_operations(document):
        name = node.get("operationId")
        if isinstance(name, str) and name in seen:
            message = f"the operationId {name!r} is that of {seen[name]} as well; each needs its own"
            yield Problem(document, below(pointer, "operationId"), message)
        elif isinstance(name, str):
            seen[name] = f"{pointer.rpartition('/')[2].upper()} {path}"
        yield from _security(document, node.get("security"), below(pointer, "security"))
        yield from _path_parameters(document, node, path, below(pointer, "parameters"))
    yield from _security(document, document.root.get("security"), "#/security")
    served = {id(operation) for route in contract.router.routes for operation in route.operations.values()}
    for operation in contract.operations:
        if id(operation) not in served:
            message = f"{operation.method} {operation.path} is the path of another operation with other names"
            yield Problem(document, operation.pointer, message, f"{operation.method} {operation.path}")


def list_operations(document: Document) -> Iterator[tuple[str, str, Mapping[str, JSON]]]:
    """Yield JSON pointer, path and node of every operation in the first file."""
    paths = document.root.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method, node in item.items() if isinstance(item, dict) else ():
            if isinstance(node, dict) and ("responses" in node or "operationId" in node):
                yield below("#", "paths", path, method), path, node


def _security(document: Document, raw: JSON, pointer: str) -> Iterator[Problem]:
    components = document.root.get("components")
    known = components.get("securitySchemes") if isinstance(components, dict) else None
    for index, entry in enumerate(raw) if isinstance(raw, list) else ():
        for name in entry if isinstance(entry, dict) else ():
            if not isinstance(known, dict) or name not in known:
                message = f"`components.securitySchemes` has no {name!r}; it is not asked for"
                yield Problem(document, below(pointer, index, name), message)


def _path_parameters(document: Document, node: Mapping[str, JSON], path: str, pointer: str) -> Iterator[Problem]:
    own = node.get("parameters")
    for index, raw in enumerate(own) if isinstance(own, list) else ():
        try:
            parameter = document.resolve(raw)
        except ContractError:
            continue  # this spoils the operation
        if isinstance(parameter, dict) and parameter.get("in") == "path":
            name = parameter.get("name")
            if f"{{{name}}}" not in path:
                yield Problem(document, below(pointer, index), f"the path has no {{{name}}}; the parameter is ignored")


def _components(document: Document) -> Iterator[Problem]:
    """Yield the schemas of components that cannot be used, by whatever operation."""
    components = document.root.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    for name, node in schemas.items() if isinstance(schemas, dict) else ():
        try:
            with reading(below("#", "components", "schemas", name)):
                _ = Schema(node, document).validator
        except ContractError as error:
            yield Problem(document, error.pointer, _reason(error, document))


def _webhooks(document: Document) -> Iterator[Problem]:
    """Yield what cannot be read in webhooks."""
    webhooks = document.root.get("webhooks")
    for name, raw in webhooks.items() if isinstance(webhooks, dict) else ():
        pointer = below("#", "webhooks", name)
        try:
            item, place = document.resolve(raw), document.follow(raw, pointer)
        except ContractError as error:
            yield Problem(document, pointer, _reason(error, document))
            continue
        for one in read_operations(name, item, lambda _: ("",), document, {}, place) if isinstance(item, dict) else ():
            found = _schema_error(one)
            if one.broken is not None:
                yield Problem(document, one.broken.pointer, one.broken.reason)
            elif found is not None:
                yield Problem(document, found.pointer, _reason(found, document))


def _examples(operation: Operation, document: Document) -> Iterator[Problem]:
    """Yield the examples of JSON bodies that their own schema does not accept."""
    for media in _bodies(operation):
        if media.schema is None or not media.is_json:
            continue
        for name, value in media.examples.items():
            try:
                found = media.schema.violations(value)
            except ContractError:
                break  # this spoils the operation
            for violation in found[:1]:
                where = ".".join(map(str, violation.path)) or "it"
                place = below(media.pointer, "examples", name) if name != "default" else below(media.pointer, "example")
                yield Problem(document, place, f"the example is not valid: {where}: {violation.message:.200}")
