"""Whatever is sent to a document of somebody else, the mock answers it as the document allows, and never fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strangers import Stranger

DOCUMENTS = ["pets.yaml", "styles.yaml", "guarded.yaml"]
STRANGERS: dict[str, Stranger] = {}
PIECES = st.sampled_from(
    ["1", "a", "a,b", ".1", ";v=1", "x=1", "[a]", "[]", "{", "}", "%7B", "%00", "%ff", "é", "=", "&", "<a>", '"']
)
TEXTS = st.lists(PIECES, max_size=4).map("".join)
MULTIPART = b'--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--B--\r\n'
TYPES = st.sampled_from(
    (
        *("application/json", "application/xml", "text/plain", "application/x-www-form-urlencoded", "image/png", ""),
        *("multipart/form-data", "multipart/form-data; boundary=B", "text/csv;q=0.1, */*;q=x", "text/event-stream"),
    )
)
BODIES = st.sampled_from(
    (
        *(b"", b"{}", b"[]", b"null", b'{"name": "a"}', b"a=1&b[c]=2&b=3", b"<a/>", b"<a", b"\xff\x00"),
        *(b"[" * 2_000, b"--B--\r\n", MULTIPART),
    )
)


def stranger(name: str) -> Stranger:
    if name not in STRANGERS:
        STRANGERS[name] = Stranger(name)
    return STRANGERS[name]


@pytest.mark.parametrize("name", DOCUMENTS)
@given(data=st.data())
def test_no_request_is_more_than_the_mock_can_answer(name: str, data: st.DataObject) -> None:
    asked = stranger(name)
    operation = data.draw(st.sampled_from(asked.mock.apis[0].contract.operations))
    path = operation.path
    headers = {"accept": data.draw(TYPES), "content-type": data.draw(TYPES), "cookie": data.draw(TEXTS)}
    for parameter in operation.parameters:
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", data.draw(TEXTS.filter(bool)))
        elif parameter.location == "header":
            headers[parameter.name] = data.draw(TEXTS)
    names = [parameter.name for parameter in operation.parameters if parameter.location == "query"] or ["v"]
    query = data.draw(st.lists(st.tuples(st.sampled_from(names), TEXTS).map("".join), max_size=3).map("&".join))
    path, query = path.encode().decode("latin-1"), query.encode().decode("latin-1")
    latin = {key: value.encode("latin-1", "replace").decode("latin-1") for key, value in headers.items()}
    answer = asked.ask(operation.method, f"{path}?{query}", data.draw(BODIES), **latin)
    declared = {status for status in operation.responses if status.isdigit()}
    assert str(answer.status) in declared | {"200", "400", "401", "404", "405", "406", "413", "415"}
    assert all("\r" not in value and "\n" not in value for value in answer.headers.values())
