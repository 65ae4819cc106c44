"""Serving over TLS, seen by clients that check."""

from __future__ import annotations

import datetime
import hashlib
import json
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from tests.lab import PRO, WEBSITES
from tests.servers import serving

KEY = {"X-API-Key": PRO}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs."""
    return trustme.CA()


@pytest.fixture
def files(tmp_path: Path, authority: trustme.CA) -> tuple[Path, Path]:
    """A certificate for localhost and its key."""
    return written(tmp_path, authority.issue_cert("localhost", "127.0.0.1"))


def written(folder: Path, certificate: trustme.LeafCert, name: str = "one") -> tuple[Path, Path]:
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    certificate.cert_chain_pems[0].write_to_path(cert)
    certificate.private_key_pem.write_to_path(key)
    return cert, key


def trusting(pem: bytes) -> ssl.SSLContext:
    """A client that trusts one authority."""
    return ssl.create_default_context(cadata=pem.decode())


def refused(*arguments: object) -> str:
    """What a server says that does not start."""
    result = subprocess.run(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert result.returncode in (1, 2)
    assert "Traceback" not in result.stderr
    return " ".join(result.stderr.split())


def test_an_own_certificate_is_served_to_a_client_that_checks_it(
    files: tuple[Path, Path], authority: trustme.CA
) -> None:
    cert, key = map(str, files)
    with serving("--tls-cert", cert, "--tls-key", key, "--quiet") as running:
        assert running.url.startswith("https://127.0.0.1:")
        trust = trusting(authority.cert_pem.bytes())
        with httpx.Client(verify=trust) as client:
            assert client.get(f"{running.url}{WEBSITES}", headers=KEY).status_code == 200
            assert client.get(f"{running.url}/__mock/health").json()["status"] == "ok"
            body = b'{"url": "/' + b"a" * 1_500_000 + b'"}'
            kind = {"Content-Type": "application/json"}
            assert client.post(f"{running.url}/e/ZV_abc123xyz", content=body[:200], headers=kind).status_code == 400
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{running.url}{WEBSITES}", headers=KEY)


def test_certificate_and_key_may_be_one_file(tmp_path: Path, authority: trustme.CA) -> None:
    both = tmp_path / "both.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(both)
    with serving("--tls-cert", str(both), "--quiet") as running:
        assert running.get(WEBSITES, PRO).status_code == 200


def test_a_certificate_is_made_that_a_client_can_trust() -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--tls-self-signed"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = json.loads(process.stdout.readline())
        banner = ""
        while "curl" not in banner:
            line = process.stderr.readline()
            assert line, banner
            banner += line
        path = Path(told["cacert"])
        trust = trusting(path.read_bytes())
        port = told["port"]
        for host in ("127.0.0.1", "localhost"):
            assert httpx.get(f"https://{host}:{port}{WEBSITES}", headers=KEY, verify=trust).status_code == 200
        (curl,) = [line for line in banner.splitlines() if line.strip().startswith("curl")]
        assert f"--cacert {path} " in curl
        presented = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port)))
        assert hashlib.sha256(presented).digest().hex(":").upper() in banner
        process.terminate()
        assert process.wait() == 0
        assert not path.exists()


@pytest.mark.parametrize("fault", ["CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "RANDOM_DATA_THEN_CLOSE"])
def test_faults_of_the_connection_arrive_over_tls(fault: str) -> None:
    with serving("--tls-self-signed", "--quiet") as running:
        with pytest.raises(httpx.TransportError):
            running.get(WEBSITES, PRO, headers={"X-Mock-Fault": fault})
        answer = running.get(WEBSITES, PRO, headers={"X-Mock-Fault": "chunkedDribbleDelay(3,30)"})
        assert answer.json()["success"] is True


def test_bounds_hold_over_tls() -> None:
    with serving("--tls-self-signed", "--quiet", "--request-timeout", "0.5") as running:
        answer = running.get(WEBSITES, PRO, headers={f"X-{number}": "1" for number in range(200)})
        assert (answer.status_code, answer.json()["from"]) == (431, "mockserver")
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        port = int(running.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nX-Half:")
            assert slow.recv(65_536).startswith(b"HTTP/1.1 408 ")
            assert slow.recv(1) == b""


def test_an_expired_certificate_is_served_with_a_warning(tmp_path: Path, authority: trustme.CA) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    old = authority.issue_cert("localhost", not_before=past, not_after=past + datetime.timedelta(days=1))
    cert, key = written(tmp_path, old)
    command = [
        sys.executable,
        "-m",
        "mockserver",
        "serve",
        "--port",
        "0",
        "--tls-cert",
        str(cert),
        "--tls-key",
        str(key),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = json.loads(process.stdout.readline())["url"]
        assert httpx.get(f"{url}{WEBSITES}", headers=KEY, verify=False).status_code == 200
        process.terminate()
        assert "warning: the certificate has expired" in process.stderr.read()


def test_files_that_cannot_be_used_are_named_with_the_reason(tmp_path: Path, authority: trustme.CA) -> None:
    cert, key = written(tmp_path, authority.issue_cert("localhost"))
    _, other = written(tmp_path, authority.issue_cert("localhost"), "other")
    locked = tmp_path / "locked.key"
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    locked.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    empty = tmp_path / "empty.pem"
    empty.write_text("-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n")
    assert f"--tls-key {other} is not the key of --tls-cert {cert}" in refused("--tls-cert", cert, "--tls-key", other)
    assert f"--tls-key {locked} is encrypted" in refused("--tls-cert", cert, "--tls-key", locked)
    assert f"--tls-cert {empty}: " in refused("--tls-cert", empty, "--tls-key", key)
    assert f"--tls-cert {key}: there is no certificate in it" in refused("--tls-cert", key, "--tls-key", key)
    assert f"--tls-key {cert}: there is no private key in it" in refused("--tls-cert", cert)
    assert "nowhere.pem" in refused("--tls-cert", tmp_path / "nowhere.pem")
    assert "--tls-key needs --tls-cert" in refused("--tls-key", key)
    assert "--tls-self-signed generates a certificate" in refused("--tls-self-signed", "--tls-cert", cert)
