"""Prism compares what passes between a client and the mock with the contract, and finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from apicontract import bundled
from apicontract.export import as_json, export_document
from tests.clients.toolbox import HERE, environment
from tests.e2e.test_operations import send
from tests.processes import running
from tests.servers import Server, serving


@contextmanager
def proxying(document: Path, upstream: Server) -> Iterator[Server]:
    """Run Prism's proxy until the end of the block. What is not as in the document, it answers in its own words."""
    command = ["prism", "proxy", str(document), upstream.url, "--errors", "--port", "0"]
    with running(command, "is listening on", HERE, environment()) as said:
        yield replace(upstream, url=said.rpartition("is listening on ")[2].strip())


def is_prisms_own(response: httpx.Response) -> bool:
    """Whether Prism answered in place of the mock: then its body names what is wrong."""
    return "stoplight.io/prism" in response.text


@pytest.mark.parametrize("selector", sorted(bundled().files))
def test_prism_finds_nothing_wrong_with_any_status_of_any_operation(selector: str, tmp_path: Path) -> None:
    contract = bundled().load(selector)
    document = tmp_path / "contract.json"
    document.write_bytes(as_json(export_document(contract.document, flatten=True)))
    arguments = ("--quiet", "--no-rate-limit", "--contract", selector)
    with serving(*arguments) as mock, proxying(document, mock) as proxy:
        for operation in contract.operations:
            response = send(proxy, selector, operation)
            assert (response.status_code, is_prisms_own(response)) == (200, False), f"{operation.id}: {response.text}"
            for status in operation.statuses:
                response = send(proxy, selector, operation, headers={"Prefer": f"code={status}"})
                assert not is_prisms_own(response), f"{operation.id} {status}: {response.text}"
                assert response.status_code == status, f"{operation.id} {status}: {response.text}"
        broken = send(proxy, selector, contract.operations[0], headers={"X-Mock-Fault": "WRONG_CONTENT_TYPE"})
        assert is_prisms_own(broken), "Prism notices nothing"
