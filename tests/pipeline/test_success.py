"""Bodies of answers: values that no limit of a library may turn into a failure."""

from __future__ import annotations

import pytest

from mockserver.pipeline.negotiation import default_choice
from mockserver.pipeline.representation import encode
from mockserver.pipeline.success import example_value
from tests.documents import contract_of

HUGE = 1 << 64


@pytest.mark.parametrize("number", [HUGE - 1, HUGE, -HUGE, 10**299])
def test_an_integer_of_any_size_is_written_with_all_its_digits(number: int) -> None:
    assert encode({"b": [number], "a": "é"}) == f'{{"b":[{number}],"a":"é"}}'.encode()
    assert encode({"b": number, "a": 1}, sort_keys=True) == f'{{"a":1,"b":{number}}}'.encode()


def test_what_is_no_json_is_an_error_of_the_program() -> None:
    with pytest.raises(TypeError):
        encode({"a": object()})


def test_a_made_value_depends_on_parameters_of_any_size() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "maximum": 10**9}}}
    ok = {"description": "ok", "content": {"application/json": {"schema": schema}}}
    (operation,) = contract_of({"/a": {"get": {"responses": {"200": ok}}}}).operations
    chosen = default_choice(operation.responses["200"].content)
    assert chosen is not None
    made = [example_value(operation, chosen, {"n": number}, 1) for number in (HUGE, HUGE, HUGE + 1)]
    assert made[0] == made[1] != made[2]
    assert isinstance(made[0]["a"], int)
