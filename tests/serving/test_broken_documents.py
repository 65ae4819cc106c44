"""Documents that are no OpenAPI 3, or broken: refused with the name of the file, and never with a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli.main import main

HEAD = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\n"
GET = "get: {responses: {'200': {description: ok"

BROKEN: dict[str, str | bytes] = {
    "empty.yaml": "",
    "only-a-comment.yaml": "# nothing",
    "a-text.yaml": "hello",
    "a-number.json": "7",
    "a-list.json": "[]",
    "null.yaml": "null",
    "html.html": "<!doctype html><html><body>Not found</body></html>",
    "binary.yaml": bytes(range(256)),
    "latin-1.yaml": "openapi: 3.1.0\ninfo: {title: Grüße}\n".encode("latin-1"),
    "cut.json": '{"openapi": "3.0.0", "paths": {"/a": {"get"',
    "trailing-comma.json": '{"openapi": "3.0.0", "paths": {},}',
    "tabs.yaml": "openapi: 3.1.0\npaths:\n\t/a: {}\n",
    "indentation.yaml": "openapi: 3.1.0\n  paths: {}\n",
    "unclosed.yaml": "openapi: 3.1.0\npaths: {/a: {\n",
    "two-documents.yaml": f"{HEAD}paths: {{}}\n---\n{HEAD}paths: {{}}\n",
    "unknown-tag.yaml": f"{HEAD}paths: !!python/object/apply:os.system [ls]\n",
    "alias-without-anchor.yaml": f"{HEAD}paths: *nothing\n",
    "alias-in-itself.yaml": f"{HEAD}paths: &a {{/a: *a}}\n",
    "bomb.yaml": "\n".join(
        ["a0: &a0 [x]", *(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 12))]
    ),
    "deep.json": '{"openapi": "3.1.0", "paths": ' + '{"a":' * 5_000 + "1" + "}" * 5_001,
    "deep-enough-for-json.json": '{"openapi": "3.1.0", "paths": ' + '{"a":' * 900 + "1" + "}" * 901,
    "swagger.yaml": "swagger: '2.0'\ninfo: {title: A, version: '1'}\npaths: {}\n",
    "asyncapi.yaml": "asyncapi: 3.0.0\ninfo: {title: A, version: '1'}\nchannels: {}\n",
    "future.yaml": "openapi: 4.0.0\npaths: {}\n",
    "no-version.yaml": "info: {title: A, version: '1'}\npaths: {}\n",
    "version-is-a-list.yaml": "openapi: [3, 1]\npaths: {}\n",
    "no-paths.yaml": HEAD,
    "paths-is-a-list.yaml": f"{HEAD}paths: [a]\n",
    "paths-is-null.yaml": f"{HEAD}paths:\n",
    "path-without-slash.yaml": f"{HEAD}paths: {{a: {{{GET}}}}}}}}}\n",
    "operation-is-a-list.yaml": f"{HEAD}paths: {{/a: {{get: []}}}}\n",
    "response-is-a-text.yaml": f"{HEAD}paths: {{/a: {{get: {{responses: {{'200': ok}}}}}}}}\n",
    "no-target.yaml": f"{HEAD}paths: {{/a: {{$ref: '#/nowhere'}}}}\n",
    "no-file.yaml": f"{HEAD}paths: {{/a: {{$ref: 'none.yaml'}}}}\n",
    "loop.yaml": f"{HEAD}paths: {{/a: {{$ref: '#/paths/~1b'}}, /b: {{$ref: '#/paths/~1a'}}}}\n",
    "out-of-the-folder.yaml": f"{HEAD}paths: {{/a: {{$ref: '../../etc/passwd'}}}}\n",
    "a-device.yaml": f"{HEAD}paths: {{/a: {{$ref: '/dev/zero'}}}}\n",
    "components-is-a-list.yaml": f"{HEAD}paths: {{}}\ncomponents: []\n",
    "servers-is-a-text.yaml": f"{HEAD}paths: {{}}\nservers: here\n",
    "security-is-a-text.yaml": f"{HEAD}paths: {{/a: {{{GET}}}}}, security: key}}}}\n",
    "extension.yaml": f"{HEAD}paths: {{}}\nx-plans: 7\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_validate_names_the_file_and_fails_without_a_traceback(name: str, tmp_path: Path) -> None:
    content = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = CliRunner().invoke(main, ["validate", "--contract", str(path)])
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit), done.exception
    assert str(path) in done.stderr
    assert "Traceback" not in done.output
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_and_a_missing_file_are_refused_as_well(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        done = CliRunner().invoke(main, ["validate", "--contract", str(path)])
        assert (done.exit_code, str(path) in done.stderr) == (1, True)
