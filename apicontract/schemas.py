"""JSON Schemas of a contract: compiled on first use, validated by jsonschema-rs, described in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin

import jsonschema_rs

from apicontract.document import ContractError, Document
from apicontract.reading import split_pointer
from apicontract.shortening import shorten
from apicontract.upgrade import list_references

JSON = Any
_ARTICLES = {
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "array": "an array",
    "object": "an object",
    "null": "null",
}
_FORMATS = {
    "uuid": "a UUID",
    "date": "a date (YYYY-MM-DD)",
    "date-time": "a date and time (RFC 3339)",
    "email": "an e-mail address",
    "uri": "a URI",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a schema. `path`: member names and indexes from the root; `keyword`: what is violated.

    `is_missing`: the last member of `path` is required and absent. `is_ambiguous`: a value of several schemas of a
    `oneOf`, of which its discriminator names one.
    """

    path: tuple[str | int, ...]
    message: str
    expected: str
    provided: JSON
    keyword: str
    is_missing: bool
    is_ambiguous: bool = False


@dataclass(slots=True)
class Schema:
    """A schema node in its document, compiled on first use. `pointer`: its place in the contract."""

    node: JSON
    document: Document
    pointer: str = "#"
    _inline: JSON = field(default=None, repr=False)
    _validator: Any = field(default=None, repr=False)

    @property
    def validator(self) -> Any:
        """The compiled jsonschema-rs validator, which also checks formats.

        Raises:
            ContractError: The schema is not valid, or a reference has no target.
        """
        if self._validator is None:
            self._inline, self._validator = _compiled(self.node, self.document)
        return self._validator

    def is_valid(self, value: JSON) -> bool:
        """Whether a value is valid."""
        return bool(self.validator.is_valid(value))

    def violations(self, value: JSON, complete: Callable[[JSON], JSON] = lambda value: value) -> list[Violation]:
        """Return all violations of a value after `complete`; of a huge one those of its beginning, or else the first.

        Empty if the value is valid.
        """
        if self.is_valid(value):
            return []
        part, shortened = shorten(value)
        errors = [
            error for error in self.validator.iter_errors(complete(part)) if tuple(error.instance_path) not in shortened
        ]
        if shortened and not errors:
            try:
                self.validator.validate(complete(value))
            except jsonschema_rs.ValidationError as error:
                errors = [error]
        return [self._violation(error) for error in errors]

    def _violation(self, error: Any) -> Violation:
        missing = _is_missing(error)
        node = self._broken(error)
        return Violation(
            path=_offender(error),
            message=_message(error, node),
            expected=_expectation(error, node),
            provided=None if missing else error.instance,
            keyword=str(error.schema_path[-1]),
            is_missing=missing,
            is_ambiguous=_is_ambiguous(error, node),
        )

    def _broken(self, error: Any) -> JSON:
        """Return the schema whose keyword a value violates; None if it is not found."""
        uri, _, pointer = (error.absolute_keyword_location or "").partition("#")
        owner = self.document.files.get(uri)
        node = self._inline if owner is None else owner.root
        for step in [unquote(step) for step in split_pointer(pointer)][:-1]:
            if isinstance(node, list) and step.isdecimal() and int(step) < len(node):
                node = node[int(step)]
            else:
                node = node.get(step) if isinstance(node, dict) else None
        return node

    @property
    def resolved(self) -> JSON:
        """The node, with its `$ref` followed."""
        return self.document.resolve(self.node)

    @property
    def default(self) -> JSON:
        """The `default` of the schema, or None."""
        node = self.resolved
        return node.get("default") if isinstance(node, dict) else None

    @property
    def expected(self) -> str:
        """The schema in words: `an integer from 1 to 100`."""
        return describe(self.resolved)


_KEPT = 20_000
_INLINE = "schema:inline"
"""The URI of a schema while it is compiled: its references are absolute, so it needs no address in its document."""


def _compiled(node: JSON, document: Document) -> tuple[JSON, Any]:
    """Return a schema with absolute references, and its validator; equal nodes of a document have one."""
    inline = document.absolute(node)
    is_reference = isinstance(inline, dict) and inline.keys() == {"$ref"}
    key = inline["$ref"] if is_reference else id(node)
    known = document.validators.get(key)
    if known is None:
        if len(document.validators) >= _KEPT:  # parts that are put together for a request are kept for a while only
            document.validators.clear()
        known = document.validators[key] = (node, inline, _compile(inline, node, document))
    return known[1], known[2]


def _compile(inline: JSON, node: JSON, document: Document) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator(
            inline, validate_formats=True, registry=document.registry(), base_uri=_INLINE, offline=True
        )
    except jsonschema_rs.ValidationError as error:
        _check_references(inline, document)
        pointer = document.pointer_of(node, list(error.instance_path))
        raise ContractError(_schema_fault(error), pointer) from None
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise  # the validator's own panic is no Exception
        _check_references(inline, document)
        raise ContractError(f"not a valid JSON Schema: {str(error).splitlines()[0]}") from None


_EXPECTED = {
    "type": "a type: array, boolean, integer, null, number, object or string",
    "pattern": "a regular expression (ECMA-262)",
}


def _schema_fault(error: Any) -> str:
    """Return what a schema should say where it is not valid, and what it says."""
    keyword = error.instance_path[-1] if error.instance_path else ""
    expected = _EXPECTED.get(str(keyword))
    if expected is None or not isinstance(error.instance, str):
        return f"not a valid JSON Schema: {str(error).splitlines()[0]}"
    return f"expected {expected}; found {error.instance!r}"


def _check_references(inline: JSON, document: Document) -> None:
    """Raise the error of the first reference that has no target, in words that name it."""
    seen: set[str] = set()
    waiting = [(document, inline)]
    while waiting:
        owner, node = waiting.pop()
        for ref in list_references(node):
            uri = urljoin(owner.uri, ref)
            if uri not in seen:
                seen.add(uri)
                try:
                    waiting.append(owner.find(ref))
                except ContractError as error:
                    raise ContractError(str(error), document.pointer_of_reference(ref)) from None


def _is_missing(error: Any) -> bool:
    return bool(error.kind.name == "required")


def _is_ambiguous(error: Any, node: JSON) -> bool:
    if not isinstance(error.kind, jsonschema_rs.ValidationErrorKind.OneOfMultipleValid):
        return False
    discriminator = node.get("discriminator") if isinstance(node, dict) else None
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    return isinstance(error.instance, dict) and name in error.instance


def _offender(error: Any) -> tuple[str | int, ...]:
    path = tuple(error.instance_path)
    return (*path, error.kind.property) if _is_missing(error) else path


def _message(error: Any, node: JSON) -> str:
    """Return the validator's words; where `not` leaves one value, those of `const`, which name that value."""
    expected = _expectation(error, node)
    return f"{expected} was expected" if error.kind.name == "not" and expected != error.message else str(error.message)


def _expectation(error: Any, node: JSON) -> str:
    """Return the words for the part of the schema that was broken."""
    if _is_missing(error):
        return "present"
    if not isinstance(node, dict):
        return str(error.message)
    return (_listed(node) if error.kind.name == "not" else describe(node)) or str(error.message)


def describe(node: JSON) -> str:
    """Describe a schema in words; empty if it accepts any value."""
    if not isinstance(node, dict):
        return "nothing" if node is False else ""
    listed = _listed(node)
    if listed:
        return listed
    kinds = node.get("type", ())
    names = [kinds] if isinstance(kinds, str) else [str(kind) for kind in kinds]
    text = " or ".join(_ARTICLES.get(name, name) for name in names)
    if "string" in names:
        text = _FORMATS.get(str(node.get("format")), text)
        if node.get("minLength") == 1 and "maxLength" not in node and text == _ARTICLES["string"]:
            text = "a non-empty string"
        else:
            text += _bounds(node.get("minLength"), node.get("maxLength"), " of ", " characters")
        if "pattern" in node:
            text += f" matching {node['pattern']}"
    elif "array" in names:
        text += _bounds(node.get("minItems"), node.get("maxItems"), " of ", " items")
    elif "integer" in names or "number" in names:
        text += _bounds(node.get("minimum"), node.get("maximum"), ", ", "")
        for keyword, words in (("exclusiveMinimum", "above"), ("exclusiveMaximum", "below")):
            if keyword in node:
                text += f" {words} {node[keyword]}"
    return text


def _listed(node: Mapping[str, JSON]) -> str:
    """Return the values of a `const` or `enum`, and of a boolean whose `not` excludes one value."""
    if "const" in node:
        return _literal(node["const"])
    if isinstance(node.get("enum"), list):
        return "one of " + ", ".join(_literal(value) for value in node["enum"])
    if node.get("type") == "boolean" and isinstance(node.get("not"), dict) and "const" in node["not"]:
        return _literal(not node["not"]["const"])
    return ""


def _bounds(low: JSON, high: JSON, before: str, after: str) -> str:
    if low is not None and high is not None:
        return f" from {low} to {high}{after}" if before == ", " else f"{before}{low} to {high}{after}"
    if low is not None:
        return f"{before}at least {low}{after}"
    return f"{before}at most {high}{after}" if high is not None else ""


def _literal(value: JSON) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
