"""The command `mockserver validate`: checks contracts, fixtures, and every answer against its schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import orjson

from apicontract.contract import Contract
from apicontract.document import ContractError
from apicontract.inspection import find_problems
from apicontract.operations import Operation
from apicontract.problems import Problem
from mockserver.dataset.accounts import Key
from mockserver.engine.load import load_apis
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.api import Api, Endpoint
from mockserver.pipeline.pipeline import Pipeline
from mockserver.settings import Settings
from mockserver.state.memory import MemorySpace


def validate_all(settings: Settings) -> Iterator[str]:
    """Check contracts and fixtures, and yield a line for each problem and for everything that is valid.

    Raises:
        ContractError: A contract cannot be used, has problems, or an answer violates its schema.
        FixtureError: A fixture cannot be used.
    """
    apis = load_apis(settings)
    pipeline = Pipeline(apis, MemorySpace(settings))
    broken = []
    for api in apis:
        contract = api.contract
        problems = find_problems(contract)
        yield from map(str, problems)
        if problems:
            broken.append(_summary(contract, problems))
        else:
            yield f"{contract.selector}: {len(contract.operations)} operations, all schemas valid"
        if api.dataset is not None:
            answers = sum(_check(pipeline, endpoint, key) for endpoint in api.endpoints.values() for key in _good(api))
            yield f"{contract.selector}: fixtures of {len(api.keys)} keys, {answers} answers valid"
    if broken:
        raise ContractError("; ".join(broken))


def _summary(contract: Contract, problems: Sequence[Problem]) -> str:
    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    every = len(contract.operations) + len(contract.broken)
    return f"{contract.document.name}: {count}, {len(contract.broken)} of {every} operations not served"


def _good(api: Api) -> list[Key]:
    return [key for key in api.keys.values() if key.permitted and not key.revoked]


def _check(pipeline: Pipeline[MemorySpace], endpoint: Endpoint, key: Key) -> int:
    """Send a GET for every resource of a key, and return the number of answers.

    Raises:
        ContractError: An answer violates its schema.
    """
    operation = endpoint.operation
    if operation.method != "GET":
        return 0
    paths = list(_paths(endpoint, key))
    for path in paths:
        headers = [
            (scheme.parameter.lower().encode(), scheme.text(key.secret).encode())
            for requirement in operation.security[:1]
            for scheme in requirement
        ]
        request = pipeline.receive("GET", path.encode(), b"", headers, dict(headers))
        judged = pipeline.judge(request)
        quota = None if judged.spending is None else pipeline.space.spend_now(judged.spending)
        answer = pipeline.complete(request, judged, quota)
        if answer.status == 429:
            return 0
        wrong = _violation(operation, answer)
        if wrong:
            raise ContractError(f"{endpoint.api.contract.selector}: {operation.id}, GET {path}, key {key.id}: {wrong}")
    return len(paths)


def _paths(endpoint: Endpoint, key: Key) -> Iterator[str]:
    if endpoint.link is None or endpoint.api.dataset is None:
        yield endpoint.operation.path
        return
    for name, resource in endpoint.api.dataset.resources[endpoint.link.kind].items():
        if endpoint.credential is None or resource.id in key.resources:
            yield endpoint.operation.path.replace(f"{{{endpoint.link_parameter}}}", quote(name, safe=""))


def _violation(operation: Operation, answer: Answer) -> str:
    response = operation.response(answer.status)
    if answer.status != operation.success or response is None:
        return f"answered {answer.status}: {answer.body.decode()[:200]}"
    if response.media is None or response.media.schema is None:
        return ""
    found = response.media.schema.violations(orjson.loads(answer.body))
    return f"{'.'.join(str(step) for step in found[0].path)}: {found[0].message}" if found else ""
