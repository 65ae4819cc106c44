"""Which files references may lead to, and documents that are URLs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from apicontract import ContractError, load_contract
from apicontract.document import Document, load_document
from tests.documents import document, write

OK = {"get": {"responses": {"200": {"description": "ok"}}}}


def main_file(folder: Path, ref: str) -> Path:
    folder.mkdir(exist_ok=True)
    return write(folder / "a.yaml", document({"/a": {"$ref": ref}}))


def target(path: Path, ref: str, *allow: str) -> Any:
    return load_document(main_file(path, ref), allow).resolve({"$ref": ref})


def test_references_of_another_file_start_from_that_file(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    write(tmp_path / "deep" / "b.yaml", {"one": {"$ref": "er/c.yaml#/x"}, "two": {"$ref": "#/own"}, "own": 7})
    write(tmp_path / "deep" / "er" / "c.yaml", {"x": {"$ref": "../../d.yaml"}})
    write(tmp_path / "d.yaml", {"type": "string"})
    loaded = load_document(main_file(tmp_path, "deep/b.yaml"))
    other = loaded.resolve({"$ref": "deep/b.yaml"})
    assert loaded.resolve(other["one"]) == {"type": "string"}
    assert loaded.resolve(other["two"]) == 7
    assert loaded.resolve({"schema": other})["schema"] is other


def test_a_reference_must_not_leave_the_folder_unless_it_is_allowed(tmp_path: Path) -> None:
    write(tmp_path / "secret.yaml", OK)
    with pytest.raises(ContractError, match="leads out of the document's folder; --allow-refs"):
        target(tmp_path / "own", "../secret.yaml")
    (tmp_path / "own" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(ContractError, match="leads out of the document's folder"):
        target(tmp_path / "own", "link.yaml")
    assert target(tmp_path / "own", "../secret.yaml", str(tmp_path)) == OK


@pytest.mark.parametrize("ref", ["file:///proc/self/environ", "/dev/zero", "fifo.yaml", "folder"])
def test_a_reference_reads_regular_files_only(ref: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.yaml")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ContractError, match="not a regular file"):
        target(tmp_path, ref, "/")


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("none.yaml", "cannot be read: No such file"),
        ("ftp://example.com/a.yaml", "neither a file nor an HTTP URL"),
        ("https://example.com/x/a.yaml#/b", "a URL, which is not fetched; --allow-refs https://example.com/x/"),
        ("b.yaml#/x/1", "has no target"),
        ("b.yaml#anchor", "no schema has `[$]anchor: anchor`"),
    ],
)
def test_a_reference_without_a_target_says_why(ref: str, message: str, tmp_path: Path) -> None:
    write(tmp_path / "b.yaml", {"x": [1]})
    with pytest.raises(ContractError, match=message):
        target(tmp_path, ref)


@pytest.fixture
def website(tmp_path: Path) -> Iterator[str]:
    """Serve the folder `web`."""
    (tmp_path / "web").mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "web"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_document_may_be_a_url_whose_references_are_urls(website: str, tmp_path: Path) -> None:
    main_file(tmp_path / "web", "parts/b.yaml#/item")
    (tmp_path / "web" / "parts").mkdir()
    write(tmp_path / "web" / "parts" / "b.yaml", {"item": OK})
    contract = load_contract(f"{website}/a.yaml")
    assert [operation.path for operation in contract.operations] == ["/a"]
    assert contract.document.name == f"{website}/a.yaml"
    assert contract.document.place("/paths").line == 5
    with pytest.raises(ContractError, match=f"{website}/none.yaml: cannot be downloaded"):
        load_contract(f"{website}/none.yaml")


def test_a_file_may_refer_to_a_url_that_is_allowed(website: str, tmp_path: Path) -> None:
    write(tmp_path / "web" / "b.yaml", OK)
    assert target(tmp_path / "own", f"{website}/b.yaml", website) == OK
    with pytest.raises(ContractError, match="is a URL, which is not fetched"):
        target(tmp_path / "own", f"{website}/b.yaml", f"{website}/x")


def test_the_place_of_a_value_may_be_in_another_file(tmp_path: Path) -> None:
    write(tmp_path / "b.yaml", {"x": {"y": [1, 2]}})
    loaded = load_document(main_file(tmp_path, "b.yaml"))
    uri = (tmp_path / "b.yaml").as_uri()
    assert str(loaded.place(f"{uri}#/x/y/1")) == f"{tmp_path / 'b.yaml'}:4:5"
    assert str(loaded.place("/paths/~1a")) == f"{tmp_path / 'a.yaml'}:6:3"
    assert loaded.place("/paths/none/get") == loaded.place("/paths")


def test_a_document_of_data_has_no_places() -> None:
    assert str(Document(Path("x"), {"a": 1}).place("/a")) == "x:1:1"
