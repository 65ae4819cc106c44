"""Security as a document of somebody else states it: AND, OR, every kind of scheme; real keys with `--keys`."""

from __future__ import annotations

from pathlib import Path

import pytest

from apicontract.document import ContractError
from mockserver.app import create_app
from mockserver.dataset.reading import FixtureError
from mockserver.settings import Settings
from tests.documents import write
from tests.servers import serving
from tests.strangers import FOLDER, Stranger

BASIC = {"Authorization": "Basic YTpi"}
BEARER = {"Authorization": "Bearer b"}
KEY = {"X_Key": "a"}


@pytest.fixture(scope="module")
def guarded() -> Stranger:
    return Stranger("guarded.yaml")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/open", {}),
        ("/optional", {}),
        ("/optional", KEY),
        ("/either", KEY),
        ("/either", BEARER),
        ("/either", KEY | BEARER),
        ("/both", KEY | BEARER),
        ("/basic", BASIC),
        ("/digest", {"Authorization": 'Digest username="a", realm="b"'}),
        ("/query?key=1", {}),
        ("/cookie", {"Cookie": "other=2; session=1"}),
        ("/oauth", BEARER),
        ("/oidc", {"Authorization": "bearer b"}),
        ("/mutual", {}),
        ("/mixed", KEY),
        ("/mixed", BASIC),
    ],
)
def test_a_request_with_the_credentials_of_one_alternative_is_answered(
    guarded: Stranger, path: str, headers: dict[str, str]
) -> None:
    assert guarded.get(path, **headers).status == 200


@pytest.mark.parametrize(
    ("path", "headers", "challenge"),
    [
        ("/either", {}, 'Bearer realm="mock"'),
        ("/either", BASIC, 'Bearer realm="mock"'),
        ("/either", {"X_Key": ""}, 'Bearer realm="mock"'),
        ("/both", KEY, 'Bearer realm="mock"'),
        ("/both", BEARER, 'Bearer realm="mock"'),
        ("/basic", {}, 'Basic realm="mock"'),
        ("/basic", BEARER, 'Basic realm="mock"'),
        ("/basic", {"Authorization": "Basic !!"}, 'Basic realm="mock"'),
        ("/basic", {"Authorization": "Basic YWI="}, 'Basic realm="mock"'),
        ("/digest", {}, 'Digest realm="mock", nonce="mock"'),
        ("/query", {}, None),
        ("/query?key=", {}, None),
        ("/cookie", {"Cookie": "other=1"}, None),
        ("/oauth", {}, 'Bearer realm="mock"'),
        ("/oidc", KEY, 'Bearer realm="mock"'),
        ("/mixed", {}, 'Basic realm="mock"'),
    ],
)
def test_a_request_without_them_is_refused_with_a_challenge(
    guarded: Stranger, path: str, headers: dict[str, str], challenge: str | None
) -> None:
    answer = guarded.get(path, **headers)
    assert (answer.status, answer.headers.get("www-authenticate")) == (401, challenge)


@pytest.mark.parametrize(
    ("path", "secret", "text"),
    [("/basic", "a:b", "Basic YTpi"), ("/basic", "a", "Basic YTo="), ("/oauth", "b", "Bearer b"), ("/query", "c", "c")],
)
def test_a_secret_is_written_as_its_scheme_is_read(guarded: Stranger, path: str, secret: str, text: str) -> None:
    operation = guarded.mock.apis[0].contract.operation(path.removeprefix("/"))
    assert operation.security[0][0].text(secret) == text


def test_a_401_is_the_declared_one(guarded: Stranger) -> None:
    assert guarded.get("/either").json == {"error": "Credentials are missing or not valid"}
    assert guarded.get("/basic").type == "application/problem+json"


KEYS = {
    "plans": {"small": {"requests_per_minute": 2, "requests_per_month": 5}, "large": {"requests_per_minute": 50}},
    "keys": [
        {"key": "a", "plan": "small"},
        {"key": "b", "plan": "large", "id": "token-b", "description": "a token"},
        {"key": "a:b", "plan": "large"},
        {"key": "revoked", "plan": "large", "revoked": True},
        {"key": "forbidden", "plan": "large", "permitted": False},
    ],
}


@pytest.fixture
def keyed(tmp_path: Path) -> Stranger:
    return Stranger("guarded.yaml", keys=write(tmp_path / "keys.yaml", KEYS), now=1_770_465_600.0)


def test_only_the_keys_of_the_file_are_accepted(keyed: Stranger) -> None:
    assert keyed.get("/either", **BEARER).status == 200
    assert keyed.get("/either", X_Key="other", **BEARER).status == 200
    assert keyed.get("/basic", **BASIC).status == 200
    assert keyed.get("/both", X_Key="other", **BEARER).status == 200
    assert [keyed.get("/query?key=" + key).status for key in ("x", "revoked", "forbidden", "b")] == [401, 401, 403, 200]


def test_the_limits_of_a_key_are_counted_and_its_refusal_says_when_to_come_back(keyed: Stranger) -> None:
    answers = [keyed.get("/either", **KEY) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 60
    assert answers[2].headers["x-mock-rule"].startswith("rate-limited: ")
    keyed.mock.space.clock.advance(60)
    assert [keyed.get("/either", **KEY).status for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"keys": []}, "at least one key is needed"),
        ({"keys": [{"key": "a"}, {"key": "a"}]}, "keys.yaml:3: duplicate key 'a'"),
        ({"keys": [{"key": "a", "plan": "gold"}]}, "'plan' must be one of none, for there are no plans, not 'gold'"),
        ({"plans": {"p": {"requests_per_minute": 0}}, "keys": [{"key": "a"}]}, "_per_minute' must be at least 1"),
        ({"plans": {"p": {}}, "keys": [{"key": "a"}]}, "'requests_per_minute' is missing"),
        ({"keys": [{"key": "a", "colour": "b"}]}, "unknown member 'colour'"),
    ],
)
def test_a_bad_file_of_keys_is_named_with_its_line(tmp_path: Path, content: object, reason: str) -> None:
    with pytest.raises(FixtureError, match=reason.replace("(", "\\(")):
        Stranger("guarded.yaml", keys=write(tmp_path / "keys.yaml", content))


def test_keys_for_contracts_with_fixtures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="has keys in its fixtures"):
        create_app(Settings(keys=write(tmp_path / "keys.yaml", KEYS)))


def test_the_command_takes_a_file_of_keys(tmp_path: Path) -> None:
    keys = write(tmp_path / "keys.yaml", KEYS)
    with serving("--quiet", "--contract", str(FOLDER / "guarded.yaml"), "--keys", str(keys)) as running:
        assert running.get("/either", headers={"X-Key": "a"}).status_code == 200
        assert running.get("/either", headers={"X-Key": "x"}).status_code == 401
        limits = running.get("/__mock/limits").json()["limits"]
    assert [limit["minute"]["limit"] for limit in limits if "key-1" in str(limit)] == [2]
