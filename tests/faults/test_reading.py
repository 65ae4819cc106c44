"""Parsing of faults, and their conditions."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.faults.fault import Delay, Dribble, Fault
from mockserver.faults.reading import FAULT_MEMBERS, read_fault, read_request_fault, text_members
from mockserver.faults.when import When
from mockserver.form import BadInputError, Form


def fault(text: str) -> Fault:
    """Parse a fault from one line."""
    return read_fault(Form(text_members(text), FAULT_MEMBERS))


def test_a_line_is_read_as_an_object() -> None:
    assert text_members("500; times=2; probability=0.5; operation=listThings") == {
        "fault": "500",
        "times": 2,
        "probability": 0.5,
        "operation": "listThings",
    }


def test_wiremocks_words_are_understood() -> None:
    read = read_fault(
        Form(
            {
                "delayDistribution": {"type": "lognormal", "median": 80, "sigma": 0.4},
                "chunkedDribbleDelay": {"numberOfChunks": 5, "totalDuration": 1000},
            },
            FAULT_MEMBERS,
        )
    )
    assert read.delay == Delay("lognormal", 80, 0.4)
    assert read.dribble == Dribble(5, 1000)


def test_a_word_is_a_fault_and_anything_else_an_error_by_name() -> None:
    assert fault("empty_response") == Fault(word="EMPTY_RESPONSE")
    assert fault("503").status == 503
    assert fault("RATE_LIMIT_EXCEEDED").error == "RATE_LIMIT_EXCEEDED"


def test_the_header_for_a_delay_goes_with_the_one_for_a_fault() -> None:
    read = read_request_fault({b"x-mock-fault": b"EMPTY_RESPONSE", b"x-mock-delay": b"uniform(10,20)"})
    assert (read.word, read.delay) == ("EMPTY_RESPONSE", Delay("uniform", 10, 20))


@pytest.mark.parametrize(
    "text",
    ["ERROR", "EMPTY_RESPONSE; status=500", "GATEWAY_ERROR; status=500", "fixed(1,2)", "a; b", "500; fixed(1); nope=1"],
)
def test_what_makes_no_sense_is_refused_with_what_does(text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        fault(text)
    assert caught.value.valid


def test_a_delay_is_drawn_from_its_distribution_and_repeats_with_its_seed() -> None:
    uniform = [Delay("uniform", 100, 300).sample(7, number) for number in range(400)]
    assert 0.1 <= min(uniform) < 0.12
    assert 0.28 < max(uniform) <= 0.3
    lognormal = [Delay("lognormal", 80, 0.5).sample(7, number) for number in range(400)]
    assert statistics.median(lognormal) == pytest.approx(0.08, rel=0.1)
    assert statistics.mean(lognormal) > statistics.median(lognormal)
    assert lognormal == [Delay("lognormal", 80, 0.5).sample(7, number) for number in range(400)]
    assert {Delay("fixed", 250).sample(1, number) for number in range(5)} == {0.25}


def test_a_probability_strikes_about_as_often_as_it_says() -> None:
    struck = sum(When(probability=0.2, seed=3).strikes(number, 0) for number in range(1, 2_001))
    assert 340 < struck < 460


@given(
    st.text("abcdefERROR_429;=(),.-+e0123456789 \x00é", max_size=40) | st.text(max_size=20),
    st.text("fixeduniormlg(),.-+e0123456789", max_size=20),
)
def test_any_header_is_a_fault_or_refused(text: str, wait: str) -> None:
    headers = {
        b"x-mock-fault": text.encode("latin-1", "replace"),
        b"x-mock-delay": wait.encode("latin-1", "replace"),
    }
    valid: list[str] = ["fine"]
    wait_for = 0.0
    try:
        read = read_request_fault(headers)
        wait_for = read.delay.sample(1, 1) if read.delay is not None else 0.0
    except BadInputError as error:
        valid = error.valid
    assert valid
    assert 0 <= wait_for <= 3_600
