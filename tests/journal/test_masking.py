"""Secrets are found by their value, however they are spelled."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.journal.masking import Mask
from mockserver.journal.redaction import Redaction, is_credential, masked

TOKEN = "c0ntrol/t0ken+9xYz=="
KEYS = {"zv_demo_pro": "ak_1", "zv_demo_pro_2": "ak_2"}
REDACTION = Redaction(KEYS, {TOKEN: "$TOKEN", "ci": "$CI"})
SECRETS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=6, max_size=40)
SPELLINGS = (
    str,
    lambda secret: quote(secret, safe=""),
    lambda secret: quote(quote(secret, safe=""), safe=""),
    lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
    lambda secret: json.dumps(secret)[1:-1],
    lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    lambda secret: "".join(f"&#x{ord(character):X};" for character in secret),
    html.escape,
    lambda secret: quote(html.escape(secret), safe=""),
    lambda secret: base64.b64encode(secret.encode()).decode(),
    lambda secret: base64.urlsafe_b64encode(f"user:{secret}".encode()).decode(),
    lambda secret: base64.b64encode(f"x{secret}:".encode()).decode().rstrip("="),
)


@given(secret=SECRETS, place=st.integers(0, len(SPELLINGS) - 1), around=st.tuples(st.text(), st.text()))
def test_a_secret_is_masked_in_every_spelling_whatever_stands_around_it(
    secret: str, place: int, around: tuple[str, str]
) -> None:
    mask, spelled = Mask.of({secret: ""}), SPELLINGS[place](secret)
    assume(not any(map(mask.finds, around)))
    clean = mask.text(f"{around[0]} {spelled} {around[1]}")
    assert spelled not in clean
    assert not mask.finds(clean)


@given(st.text())
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert Mask.of({"zv_demo_pro": "…"}).text(text) == text


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_a_body_keeps_every_byte_that_is_no_secret(before: bytes, after: bytes) -> None:
    assert REDACTION.body(before + b"zv_demo_pro" + after).replace("zv_…pro".encode(), b"zv_demo_pro") == (
        before + b"zv_demo_pro" + after
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/a/zv_demo_pro_2/b", "/a/zv_…o_2/b"),
        ("/ci/pricing?cities=ci", "/$CI/pricing?cities=$CI"),
        (quote_plus(f"x {TOKEN} y"), "x+$TOKEN+y"),
        ("%257Av_demo_pro", "zv_…pro"),
        ("%5Cu007av_demo_pro", "…"),  # escaped twice, in two ways: nothing of the text can be trusted
    ],
)
def test_what_is_shown_instead_names_the_secret_and_nothing_of_it(text: str, shown: str) -> None:
    assert REDACTION.text(text) == shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("token=abc&x=1", "token=…&x=1"),
        ("x=key=abc", "x=key=…"),
        ("to=/sign-in?token=abcdefghijkl", "to=/sign-in?token=abc…jkl"),
        ("to=%2Fsign-in%3Ftoken%3Dabcdefghijkl", "to=…"),
        ("user%5Bpassword%5D=hunter22", "user%5Bpassword%5D=…"),
        ("page=2&accessToken=abc", "page=2&accessToken=…"),
        ("monkey=1&tracking=2", "monkey=1&tracking=2"),
    ],
)
def test_a_query_keeps_no_value_of_a_parameter_named_like_a_credential(query: str, shown: str) -> None:
    assert REDACTION.query(query) == shown


def test_a_header_that_carries_a_credential_keeps_its_scheme_only() -> None:
    shown = [
        (b"Authorization", b"Bearer zv_demo_pro"),
        (b"Authorization", b"Bearer something-unknown"),
        (b"Authorization", f"Bearer {TOKEN}".encode()),
        (b"Cookie", b"a=hunter22-hunter22; b=zv_demo_pro"),
    ]
    assert [REDACTION.pair(header)[1] for header in shown] == [
        "Bearer zv_…pro",
        "Bearer som…own",
        "Bearer $TOKEN",
        "a=h…pro",
    ]


def test_what_one_request_sends_as_a_credential_is_told_from_other_words() -> None:
    basic = base64.b64encode(b"dashboard:unknown-password").decode()
    headers = [
        (b"x-api-key", b"unknown-key"),
        (b"x-auth-token", b"short"),
        (b"authorization", f"Basic {basic}".encode()),
        (b"cookie", b"test=nothing-special"),
        (b"x-mine", b"carried-by-contract"),
        (b"x-other", b"nothing-special"),
        (b"proxy-authorization", b"Bearer zv_demo_pro"),
        (b"content-type", b"application/json"),
    ]
    body = b'{"password": "in-the-body", "path": "/nothing-special"}'
    assert REDACTION.unknown(headers, "api_key=in-the-query&q=nothing-special", body, {"x-mine"}) == {
        "unknown-key",
        basic,
        "unknown-password",
        "carried-by-contract",
        "in-the-query",
        "in-the-body",
    }


def test_names_of_credentials_are_told_from_others() -> None:
    assert all(map(is_credential, ("X-API-Key", "key", "apikey2", "client_secret", "Set-Cookie", "refreshToken")))
    assert not any(map(is_credential, ("monkey", "session_id", "tracking_code", "author", "tokenize", "keyword")))


@pytest.mark.parametrize(
    ("secret", "shown"), [("zv_demo_pro", "zv_…pro"), ("short", "…"), ("", "…"), ("123456789", "…")]
)
def test_a_key_is_shown_by_its_ends_or_not_at_all(secret: str, shown: str) -> None:
    assert masked(secret) == shown
