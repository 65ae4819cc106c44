"""A secret is found in every form that somebody can read by hand, and ordinary text is not taken for one."""

from __future__ import annotations

import base64
import codecs
import html
import json
import quopri
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicontract.safetext.disguise import Disguise

KEY = "zv_live_3fA9/+q7Lw=Zp"
RAW = KEY.encode()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


FORMS = {
    "reversed": KEY[::-1],
    "rot13": codecs.encode(KEY, "rot13"),
    "hex": RAW.hex(),
    "upper hex": RAW.hex().upper(),
    "hex with colons": RAW.hex(":"),
    "hex with 0x": " ".join(f"0x{byte:02x}" for byte in RAW),
    "reversed hex": RAW[::-1].hex(),
    "escaped bytes": "".join(f"\\x{byte:02x}" for byte in RAW),
    "octal": "".join(f"\\{byte:03o}" for byte in RAW),
    "codes": json.dumps(list(RAW)),
    "binary": " ".join(f"{byte:08b}" for byte in RAW),
    **{f"base32 at {shift}": base64.b32encode(b"abcde"[:shift] + RAW).decode() for shift in range(5)},
    **{f"base64 at {shift}": b64(b"abc"[:shift] + RAW) for shift in range(3)},
    "base64 in lines": "\n".join(b64(RAW)[at : at + 7] for at in range(0, 28, 7)),
    "base64 for URLs": base64.urlsafe_b64encode(RAW).decode(),
    "base64 of the reversed": b64(RAW[::-1]),
    "base64 of the upper case": b64(KEY.upper().encode()),
    "base64 of UTF-16": b64(KEY.encode("utf-16-le")),
    "base64 of base64": b64(b64(RAW).encode()),
    "base64 of hex": b64(RAW.hex().encode()),
    "hex of base64": b64(RAW).encode().hex(),
    "reversed base64": b64(RAW)[::-1],
    "base85": base64.b85encode(RAW).decode(),
    "ascii85": base64.a85encode(RAW).decode(),
    "quoted-printable": quopri.encodestring(RAW, quotetabs=True).decode(),
    "every byte quoted-printable": "".join(f"={byte:02X}" for byte in RAW),
    "in soft lines": "=\n".join(KEY[at : at + 3] for at in range(0, len(KEY), 3)),
    "url-encoded": quote(KEY, safe=""),
    "every byte url-encoded": "".join(f"%{byte:02X}" for byte in RAW),
    "url-encoded five times": "".join(f"%25252525{byte:02X}" for byte in RAW),
    "HTML": html.escape(KEY),
    "HTML codes": "".join(f"&#{byte};" for byte in RAW),
    "HTML hex": "".join(f"&#x{byte:X};" for byte in RAW),
    "HTML codes without ends": "".join(f"&#{byte} " for byte in RAW),
    "JSON escapes": "".join(f"\\u{byte:04x}" for byte in RAW),
    "JavaScript escapes": "".join(f"\\u{{{byte:x}}}" for byte in RAW),
    "spaced": " ".join(KEY),
    "with dots": ".".join(KEY),
    "a letter a line": "\n".join(KEY),
    "zero-width": "\u200b".join(KEY),
    "soft hyphens": "\u00ad".join(KEY),
    "struck through": "".join(f"{character}\u0336" for character in KEY),
    "full width": "".join(chr(ord(character) + 0xFEE0) for character in KEY),
    "swapped case": KEY.swapcase(),
    "upper case": KEY.upper(),
    "UTF-16": KEY.encode("utf-16-le").decode("latin-1"),
    "split over members": json.dumps({"a": KEY[:7], "b": KEY[7:14], "c": [KEY[14:]]}),
    "a list of letters": json.dumps(list(KEY)),
    "a list of letters, backwards": json.dumps(list(KEY)[::-1]),
    "split over names": json.dumps({KEY[:7]: 1, KEY[7:14]: 2, KEY[14:]: 3}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_disguised_secret_is_found(form: str) -> None:
    disguise = Disguise(KEY)
    for text in (FORMS[form], f"before {FORMS[form]} after"):
        assert disguise.is_in(text), text
        assert disguise.may_be_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "GET /websites/a1b2c3d4-e5f6-7890-abcd-ef1234567890 answered zv_other and enZfbGl2",
        json.dumps({"id": 1234567890, "sites": [{"name": "My Website", "total": 12}]}),
        "zv_live_",
        "",
    ],
)
def test_ordinary_text_holds_no_secret(text: str) -> None:
    assert not Disguise(KEY).is_in(text)


@given(st.text())
def test_no_text_is_taken_for_a_secret_by_chance(text: str) -> None:
    assert not Disguise(KEY).is_in(text)


@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=10, max_size=60), st.text(max_size=9))
def test_every_longer_key_is_found_backwards_and_in_hexadecimal(key: str, around: str) -> None:
    disguise = Disguise(key)
    assert disguise.is_in(f"{around} {key[::-1]}")
    assert disguise.is_in(f"{around} {key.encode().hex()}")
