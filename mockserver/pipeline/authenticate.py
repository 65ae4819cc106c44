"""Authentication step: read the credential. Anything but one well-formed, known credential is `unauthorized`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Mapping
from urllib.parse import parse_qs

from apicontract.operations import Operation
from apicontract.security import Requirement, SecurityScheme

Headers = Mapping[bytes, bytes]
Credential = Callable[[Headers, Collection[bytes], bytes], str | None]
"""(headers, duplicated header names, query) → the secret; None if absent, malformed, duplicated or conflicting."""


def compile_credential(operation: Operation, accepts: Callable[[str], bool] | None = None) -> Credential | None:
    """Return the reader of an operation's credential, or None for a public operation.

    Args:
        operation: The operation.
        accepts: Whether a secret is known. Without it, a request may use several schemes only with one secret; with
            it, the first alternative with a known secret counts.
    """
    if not operation.security:
        return None
    if accepts is not None:
        return _first_of(operation.security, accepts)
    if all(len(requirement) == 1 for requirement in operation.security):
        return _any_of(tuple(requirement[0] for requirement in operation.security))
    return _all_of(operation.security)


def _first_of(alternatives: tuple[Requirement, ...], accepts: Callable[[str], bool]) -> Credential:
    """Accept the first alternative whose schemes are all present, one of them with a known secret."""
    compiled = tuple(tuple(_reader(scheme) for scheme in requirement) for requirement in alternatives)

    def credential(headers: Headers, duplicated: Collection[bytes], query: bytes) -> str | None:
        for readers in compiled:
            secrets = [read(headers, duplicated, query) for read in readers]
            known = [secret for secret in secrets if secret and accepts(secret)]
            if known and all(secrets):
                return known[0]
        return None

    return credential


def _any_of(schemes: tuple[SecurityScheme, ...]) -> Credential:
    """Accept any of several schemes; a request may use more than one if the secrets are equal."""
    readers = tuple(_reader(scheme) for scheme in schemes)

    def credential(headers: Headers, duplicated: Collection[bytes], query: bytes) -> str | None:
        secret: str | None = None
        for read in readers:
            found = read(headers, duplicated, query)
            if found is None:
                continue
            if not found or (secret is not None and secret != found):
                return None
            secret = found
        return secret

    return credential


def _all_of(alternatives: tuple[Requirement, ...]) -> Credential:
    """Accept any alternative whose schemes are all present; the secret is that of its first scheme."""
    compiled = tuple(tuple(_reader(scheme) for scheme in requirement) for requirement in alternatives)

    def credential(headers: Headers, duplicated: Collection[bytes], query: bytes) -> str | None:
        for readers in compiled:
            secrets = [read(headers, duplicated, query) for read in readers]
            if all(secrets):
                return secrets[0]
        return None

    return credential


def _reader(scheme: SecurityScheme) -> Credential:
    """Return a reader of one scheme: None if absent, an empty string if malformed or duplicated."""
    name = scheme.parameter.lower().encode()
    if scheme.location == "header":
        return _from_authorization(name, scheme.prefix.encode()) if scheme.prefix else _from_header(name)
    return _from_cookie(scheme.parameter) if scheme.location == "cookie" else _from_query(scheme.parameter)


def _from_header(name: bytes) -> Credential:
    def read(headers: Headers, duplicated: Collection[bytes], _query: bytes) -> str | None:
        value = headers.get(name)
        if value is None:
            return None
        return "" if name in duplicated else value.decode("latin-1").strip()

    return read


def _from_authorization(name: bytes, prefix: bytes) -> Credential:
    def read(headers: Headers, duplicated: Collection[bytes], _query: bytes) -> str | None:
        value = headers.get(name)
        if value is None:
            return None
        scheme, _, secret = value.partition(b" ")
        secret = secret.strip()
        if name in duplicated or scheme.lower() != prefix:
            return ""
        if prefix == b"basic":
            return _user_and_password(secret)
        is_one = prefix != b"bearer" or not (b" " in secret or b"," in secret)
        return secret.decode("latin-1") if is_one else ""

    return read


def _user_and_password(secret: bytes) -> str:
    """Return `user:password`, or an empty string if it is not encoded as RFC 7617 says."""
    try:
        text = base64.b64decode(secret, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""
    return text if ":" in text else ""


def _from_query(name: str) -> Credential:
    def read(_headers: Headers, _doubled: Collection[bytes], query: bytes) -> str | None:
        values = parse_qs(query.decode("latin-1"), keep_blank_values=True).get(name)
        if values is None:
            return None
        return values[0] if len(values) == 1 else ""

    return read


def _from_cookie(name: str) -> Credential:
    def read(headers: Headers, _doubled: Collection[bytes], _query: bytes) -> str | None:
        pairs = (pair.partition("=") for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"))
        values = [value for key, _, value in pairs if key.strip() == name]
        if not values:
            return None
        return values[0].strip() if len(values) == 1 else ""

    return read
