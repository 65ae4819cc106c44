"""Every public document, served by the mock server, is kept: what the checks find there would be a false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from apicontract import load_contract
from contract_tests.run.engine import Options, run
from mockserver.app import create_app
from mockserver.settings import Settings
from tests.corpus.documents import HERE, list_documents, name_of
from tests.mutants.inprocess import InProcess, VirtualClock

KEY = "the-one-good-key"
FOUND: dict[str, dict[str, str]] = yaml.safe_load((HERE / "findings.yaml").read_text())
"""What is found nevertheless, by document and check, with the reason."""


@pytest.mark.parametrize("path", list_documents(), ids=name_of)
def test_the_mock_keeps_the_document_that_it_serves(path: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.yaml"
    keys.write_text(f"keys: [{{key: {KEY}}}]")
    app = create_app(Settings(contracts=(str(path),), now=1_770_465_605.0, keys=keys))
    options = Options(
        target="http://127.0.0.1:4010",
        contract=load_contract(path),
        keys={"main": KEY},
        max_requests=80,
        rate="off",
        transport=InProcess(app),
        clock=VirtualClock(app.mock.space.clock),
    )
    result, _ = run(options)
    wrong = {finding.code for finding in result.findings if finding.severity != "info"}
    assert wrong == FOUND.get(name_of(path), {}).keys(), [finding.message for finding in result.findings]
