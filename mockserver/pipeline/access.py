"""Authorization step: the key's permission first, then the resource that the path names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from apicontract.parameters import ResourceLink
from apicontract.plans import Plan
from mockserver.dataset import Site
from mockserver.dataset.accounts import Key
from mockserver.pipeline.problem import Problem


def judge_key(key: Key, plans: Mapping[str, Plan], refused_plans: Collection[str]) -> Problem | None:
    """Return the problem of a key without permission or with a refused plan, or None if the key may proceed."""
    if key.plan in refused_plans:
        return Problem("plan-refused", {"plan": plans[key.plan].title})
    return None if key.permitted else Problem("no-permission", {"resource": "resource"})


def judge_resource(key: Key | None, link: ResourceLink, resource: Site | None, now: float) -> Problem | None:
    """Return the problem of a resource that does not exist (yet) or that the key cannot access, or None."""
    if resource is None or not resource.exists(now):
        kind = link.unknown
    elif key is not None and resource.id not in key.resources:
        kind = link.denied
    else:
        return None
    return Problem(kind, {"resource": link.kind.replace("-", " ").capitalize()})
