"""Keys stay out of everything that is recorded, also when a server repeats them."""

from __future__ import annotations

import base64
from urllib.parse import quote

import httpx
import pytest

from apicontract import bundled
from contract_tests.client.credentials import Secrets
from contract_tests.run.engine import Options, run

KEY = "zv_Sup3r/Secret+Key"


@pytest.mark.parametrize(
    "form", [KEY, quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode(), KEY.swapcase(), KEY[:-1]]
)
def test_every_form_of_a_key_is_taken_out_of_an_answer(form: str) -> None:
    hidden = Secrets({"main": KEY}).hide(f'{{"x": "{form}"}}'.encode())
    assert form.encode() not in hidden
    assert b"CONTRACT_TESTS_API_KEY" in hidden


def test_what_is_hidden_can_be_sent_again() -> None:
    secrets = Secrets({"main": KEY, "scoped": "zv_other_key"})
    assert secrets.reveal("Bearer $CONTRACT_TESTS_API_KEY") == f"Bearer {KEY}"
    assert secrets.reveal("$CONTRACT_TESTS_API_KEY_SCOPED") == "zv_other_key"
    assert secrets.reveal("${CONTRACT_TESTS_API_KEY%?}") == KEY[:-1]


def test_a_server_that_repeats_everything_leaks_nothing_into_result_or_exchanges() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        seen = dict(request.headers)
        return httpx.Response(
            200, json={"echo": [str(request.url), seen]}, headers={"x-echo": request.headers.get("x-api-key", "")}
        )

    options = Options(
        target="http://127.0.0.1:4010",
        contract=bundled().load("zenovay@2026-02"),
        keys={"main": KEY},
        rate="off",
        transport=httpx.MockTransport(echo),
        max_requests=60,
    )
    result, exchanges = run(options)
    text = repr((result, exchanges))
    for form in (KEY, quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode(), KEY[:-1], KEY.swapcase()):
        assert form not in text
    assert "CT209" in {hint.code for hint in result.hints}


def test_a_made_up_key_shares_no_more_with_a_good_one_than_its_kind() -> None:
    from contract_tests.client.credentials import DAMAGED
    from contract_tests.report.redaction import Redactor

    made, shown = DAMAGED["unknown"]("zv_demo_pro", "X")
    assert made == shown
    assert Redactor.of({"main": "zv_demo_pro", "scoped": "zv_demo_site"}).text(made) == made
