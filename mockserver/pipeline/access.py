"""Step: whether this key may have this. Permission first, then the resource that the path names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from apicontract.parameters import ResourceLink
from mockserver.dataset.accounts import Key
from mockserver.pipeline.problem import Problem


def judge_key(key: Key, refused_plans: Collection[str]) -> Problem | None:
    """A key of a plan that is switched off, or one without permission, gets nothing."""
    if key.plan in refused_plans:
        return Problem("plan-refused", {"plan": key.plan})
    return None if key.permitted else Problem("no-permission", {"resource": "resource"})


def judge_resource(key: Key | None, link: ResourceLink, resource: Any) -> Problem | None:
    """A resource that does not exist, or that this key does not reach."""
    values = {"resource": link.kind.replace("-", " ").capitalize()}
    if resource is None:
        return Problem(link.unknown, values)
    if key is not None and resource.id not in key.resources:
        return Problem(link.denied, values)
    return None
