"""Secrets are found by value, however they are spelled; files are whole or absent."""

from __future__ import annotations

import base64
import html
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.model.exchange import Exchange
from contract_tests.model.keys import placeholder
from contract_tests.report.redaction import WITHHELD, Redactor, SecretLeakError, redacted, write_text
from tests.apicontract.test_disguise import FORMS

PLACEHOLDER = placeholder()

KEY = "zv_live_3fA9/+q7Lw=Zp"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "spelled",
    [
        KEY,
        f"Bearer {KEY}",
        quote(KEY, safe=""),
        quote_plus(KEY),
        quote(KEY, safe="").lower(),
        quote(quote(KEY, safe=""), safe=""),
        "".join(f"%{byte:02x}" for byte in KEY.encode()),
        b64(KEY),
        base64.urlsafe_b64encode(KEY.encode()).decode(),
        b64(KEY).rstrip("="),
        quote(b64(KEY), safe=""),
        f"Basic {b64(f'user:{KEY}')}",
        f"Basic {b64(f'{KEY}:')}",
        f"Basic {b64(f'ab:{KEY}:more')}",
        f"Basic {b64(f'abc:{KEY}')}",
        f"Bearer {b64(KEY)}",
        json.dumps(KEY),
        json.dumps(KEY).replace("/", "\\/"),
        "".join(f"\\u{ord(character):04x}" for character in KEY),
        "".join(f"\\\\u{ord(character):04X}" for character in KEY),
        html.escape(KEY),
        "".join(f"&#{ord(character)};" for character in KEY),
        KEY.swapcase(),
        KEY.upper(),
        KEY[:-1],
        KEY[:-4],
        f"{KEY}x",
    ],
)
def test_a_key_is_taken_out_however_it_is_spelled(spelled: str) -> None:
    redactor = Redactor.of({"main": KEY})
    text = f"before {spelled} after"
    assert redactor.leaks(text)
    clean = redactor.text(text)
    assert PLACEHOLDER in clean
    assert not redactor.leaks(clean)
    assert KEY[:12].lower() not in clean.lower()
    assert clean.startswith("before ")
    assert clean.endswith(" after")


@pytest.mark.parametrize("form", FORMS)
def test_a_value_that_holds_a_disguised_key_is_withheld_or_cleaned(form: str) -> None:
    redactor = Redactor.of({"main": KEY})
    text = FORMS[form]
    assert redactor.leaks(text)
    assert not redactor.leaks(redactor.text(text))
    body = json.dumps({"site": "mine", "echo": text}).encode()
    clean = redactor.data(body)
    assert not redactor.leaks(clean.decode())
    json.loads(clean)
    assert not redactor.leaks(redactor.data(text.encode()).decode())


def test_of_a_body_only_the_value_that_holds_a_disguised_key_is_withheld(redactor: Redactor) -> None:
    body = json.dumps({"site": "mine", "echo": KEY[::-1]}).encode()
    assert json.loads(redactor.data(body)) == {"site": "mine", "echo": WITHHELD}


@given(
    st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=8, max_size=64),
    st.text(),
    st.text(),
)
def test_no_key_of_eight_characters_or_more_survives(key: str, before: str, after: str) -> None:
    redactor = Redactor.of({"main": key})
    for spelled in (key, quote(key, safe=""), b64(key), b64(f"{before}:{key}")):
        assert not redactor.leaks(redactor.text(f"{before} {spelled} {after}"))


def test_ordinary_text_is_left_alone() -> None:
    redactor = Redactor.of({"main": KEY, "scoped": "zv_demo_site"})
    text = "GET /websites/a1b2c3d4-e5f6-7890-abcd-ef1234567890 answered zv_other and enZfbGl2"
    assert redactor.text(text) == text
    assert not redactor.leaks(text)


def test_each_role_has_its_own_placeholder_and_the_longer_key_is_taken_first() -> None:
    redactor = Redactor.of({"main": "zv_demo_key", "scoped": "zv_demo_key_scoped"})
    assert redactor.text("zv_demo_key_scoped zv_demo_key") == f"{placeholder('scoped')} {PLACEHOLDER}"
    assert placeholder("scoped") == "$CONTRACT_TESTS_API_KEY_SCOPED"


def test_a_short_key_counts_only_as_a_whole_word() -> None:
    redactor = Redactor.of({"main": "test"})
    assert redactor.text("contract_tests says test and dGVzdA== here") == (
        f"contract_tests says {PLACEHOLDER} and {PLACEHOLDER}== here"
    )


def test_a_key_too_short_to_be_found_is_refused() -> None:
    with pytest.raises(ValueError, match="'main' has fewer than 4 characters"):
        Redactor.of({"main": "abc"})


def test_without_keys_nothing_changes() -> None:
    assert Redactor.of({"main": ""}).text("anything") == "anything"


def test_json_values_lose_keys_in_names_in_values_and_in_numbers() -> None:
    redactor = Redactor.of({"main": "1234567890"})
    assert redactor.value({"a1234567890": [1234567890, 12, True, None, "x1234567890"]}) == {
        f"a{PLACEHOLDER}": [PLACEHOLDER, 12, True, None, f"x{PLACEHOLDER}"]
    }


def test_exchanges_lose_keys_in_headers_urls_and_bodies(exchanges: list[Exchange], redactor: Redactor) -> None:
    clean = redacted(exchanges, redactor)
    assert KEY in repr(exchanges)
    assert KEY not in repr(clean)
    assert dict(clean[0].request.headers)["X-API-Key"] == PLACEHOLDER
    assert clean[0].response == exchanges[0].response
    assert clean[2].response is not None
    assert clean[2].response.body == b"\xff\x00"


def test_cookies_are_left_out_unless_they_are_the_key(exchanges: list[Exchange], redactor: Redactor) -> None:
    clean = redacted(exchanges, redactor)
    assert clean[2].response is not None
    assert clean[2].response.header("set-cookie") == "[left out]"
    keyed = replace(exchanges[0], request=replace(exchanges[0].request, headers=(("Cookie", f"key={KEY}"),)))
    assert redacted([keyed], redactor)[0].request.headers == (("Cookie", f"key={PLACEHOLDER}"),)


def test_bytes_that_are_no_text_keep_what_is_no_key(redactor: Redactor) -> None:
    assert redactor.data(b"\xff" + KEY.encode() + b"\xfe") == b"\xff" + PLACEHOLDER.encode() + b"\xfe"


@pytest.mark.parametrize(
    "body", [b'{"a": 1234567890}', b'["\\\\u00312345678901"]', b'"\\\\1234567890"', b'"\\n1234567890"']
)
def test_what_was_json_stays_json(body: bytes) -> None:
    clean = Redactor.of({"main": "1234567890"}).data(body)
    assert PLACEHOLDER in json.dumps(json.loads(clean))
    assert b"234567890" not in clean


def test_a_file_is_scanned_once_more_before_it_is_written(tmp_path: Path, redactor: Redactor) -> None:
    place = tmp_path / "deep" / "report.txt"
    write_text(place, f"it is {KEY}.", redactor)
    assert place.read_text() == f"it is {PLACEHOLDER}."


def test_a_text_that_cannot_be_cleaned_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redactor, "_without_spelled", lambda self, text: text)
    place = tmp_path / "report.txt"
    with pytest.raises(SecretLeakError, match="not written"):
        write_text(place, KEY, Redactor.of({"main": KEY}))
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_no_remains(
    tmp_path: Path, redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "report.txt"
    place.write_text("old")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(KeyboardInterrupt):
        write_text(place, "new" * 10_000, redactor)
    assert place.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_a_replaced_file_keeps_its_permissions_and_a_link_stays_a_link(tmp_path: Path, redactor: Redactor) -> None:
    place, link = tmp_path / "report.txt", tmp_path / "latest.txt"
    place.write_text("old")
    place.chmod(0o640)
    link.symlink_to(place)
    write_text(link, "new", redactor)
    assert link.is_symlink()
    assert place.read_text() == "new"
    assert place.stat().st_mode & 0o777 == 0o640


def test_of_a_huge_body_a_report_shows_the_beginning(exchanges: list[Exchange], redactor: Redactor) -> None:
    assert exchanges[0].response is not None
    huge = replace(exchanges[0], response=replace(exchanges[0].response, body=b"x" * 4_000_000))
    shown = redacted([huge], redactor)[0].response
    assert shown is not None
    assert (len(shown.body), shown.truncated) == (65536, True)
