"""Serving over TLS: a certificate that one has, or one that is made for this run."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mockserver.settings import Settings

_EXPIRED, _NOT_YET = 10, 9  # X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID
_WARNINGS = {_EXPIRED: "has expired", _NOT_YET: "is not valid yet"}


class TlsError(Exception):
    """A certificate or key cannot be used; one line names the option and says why."""


@dataclass(frozen=True, slots=True)
class Tls:
    """`fingerprint`: the certificate's SHA-256. `authority`: the file of who signed it, where it was made for this run.

    `warning`: what clients will find fault with; empty if nothing.
    """

    context: ssl.SSLContext
    fingerprint: str
    authority: Path | None = None
    warning: str = ""


@contextlib.contextmanager
def tls_of(settings: Settings, host: str) -> Iterator[Tls | None]:
    """Yield the certificate that the settings ask for, None for plain HTTP.

    Raises:
        TlsError: it cannot be had.
    """
    if settings.tls_cert is not None:
        yield own(settings.tls_cert, settings.tls_key or settings.tls_cert)
    elif settings.tls_self_signed:
        try:
            folder = TemporaryDirectory(prefix="mockserver-tls-")
        except FileNotFoundError as error:
            raise TlsError(f"--tls-self-signed takes a folder for temporary files, see TMPDIR: {error}") from None
        with folder as name:
            yield made(host, Path(name))
    else:
        yield None


def own(cert: Path, key: Path) -> Tls:
    """Load a certificate (with its chain) and its key from PEM files.

    Raises:
        TlsError: they cannot be read, are none, do not belong together, or the key is encrypted.
    """
    leaf = _first_certificate(cert)
    if "PRIVATE KEY-----" not in _text(key, "--tls-key"):
        raise TlsError(f"--tls-key {key}: there is no private key in it (PEM)")
    asked: list[bool] = []

    def password() -> str:
        asked.append(True)
        return ""

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key, password)
    except (ssl.SSLError, ValueError) as error:
        if asked:
            raise TlsError(
                f"--tls-key {key} is encrypted: serve a decrypted copy (openssl pkey -in … -out …)"
            ) from None
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            raise TlsError(f"--tls-key {key} is not the key of --tls-cert {cert}") from None
        raise TlsError(f"--tls-cert {cert} with --tls-key {key}: {error}") from None
    return Tls(context, _fingerprint(leaf), warning=_warning(context, leaf))


def made(host: str, folder: Path) -> Tls:
    """Make a certificate for this machine's names, signed by an authority that exists for this run only.

    Raises:
        TlsError: the library that makes it is not installed.
    """
    try:
        import trustme
    except ImportError as error:
        raise TlsError(
            f"--tls-self-signed takes the extra 'tls': pip install 'analytics-mock[tls]' ({error})"
        ) from None
    authority = trustme.CA(organization_name="mockserver")
    certificate = authority.issue_cert(*_names(host))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(path)
    leaf = ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode("ascii"))
    return Tls(context, _fingerprint(leaf), path)


def _names(host: str) -> list[str]:
    """Return localhost, its addresses, the listening address, and this machine's name."""
    names = {"localhost": None, "127.0.0.1": None, "::1": None}
    try:
        if not ipaddress.ip_address(host).is_unspecified:
            names[host] = None
    except ValueError:
        names[host] = None
    machine = socket.gethostname()
    if machine.isascii() and machine.replace("-", "").replace(".", "").isalnum():
        names[machine] = None
    return list(names)


def _text(path: Path, flag: str) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError as error:
        raise TlsError(f"{flag} {path}: {error.strerror}") from None


def _first_certificate(path: Path) -> bytes:
    _, begin, rest = _text(path, "--tls-cert").partition(ssl.PEM_HEADER)
    inner, end, _ = rest.partition(ssl.PEM_FOOTER)
    try:
        if begin and end:
            return ssl.PEM_cert_to_DER_cert(begin + inner + end)
    except ValueError:
        pass
    raise TlsError(f"--tls-cert {path}: there is no certificate in it (PEM)")


def _fingerprint(certificate: bytes) -> str:
    return hashlib.sha256(certificate).digest().hex(":").upper()


def _warning(context: ssl.SSLContext, certificate: bytes) -> str:
    """Return what a client that trusts this certificate objects to, found by a handshake in memory."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(cadata=certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    answering = context.wrap_bio(to_server, to_client, server_side=True)
    try:
        for side in (asking, answering, asking, answering):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return _WARNINGS.get(error.verify_code, "")
    except ssl.SSLError:
        pass  # a client will say more
    return ""
