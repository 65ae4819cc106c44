"""The curl command of a request: what a shell makes of it is what was sent."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from apicontract import bundled
from contract_tests.client.credentials import DAMAGED, bad_credential
from contract_tests.model.curl import curl_of
from contract_tests.model.exchange import Request
from contract_tests.model.keys import VARIABLE

SHELLS = [shell for shell in ("sh", "dash", "bash", "zsh") if shutil.which(shell)]
KEY = "zv_Some`Key\"9'"
OPERATION = bundled().load("zenovay@2026-02").operation("listWebsites")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("variant", sorted(set(DAMAGED) - {"empty", "unknown"}))
def test_a_shell_sends_the_damaged_key_that_was_sent(shell: str, variant: str) -> None:
    credential = bad_credential(OPERATION, variant, 0, KEY)
    assert credential
    command = curl_of(Request("GET", "http://127.0.0.1/a", credential.headers))
    script = f"""curl() {{ printf '%s\\n' "$@"; }}; {command}"""
    ran = subprocess.run(
        [shell, "-c", script], env={VARIABLE: KEY, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    [(name, _)] = credential.headers
    assert f"{name}: {DAMAGED[variant](KEY, VARIABLE)[0]}" in ran.stdout.splitlines()
