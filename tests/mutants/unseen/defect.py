"""A defect as a change of a server's source, and the server that has it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import tests.strangers
from tests.strangers.base import Base
from tests.strangers.finish import Sent
from tests.strangers.habits import Habits
from tests.strangers.message import Request

FOLDER = Path(tests.strangers.__file__).parent
PACKAGE = "tests.strangers"
SHARED = ("finish", "base")  # modules that a defect may change beside the server's own, in the order of their imports
MODULES = {
    "zenovay@2026-02": "zenovay_2026",
    "zenovay@2025-01": "zenovay_2025",
    "analytics-platform@v2": "platform_v2",
}

Kind = Literal[
    "websites", "authorization", "odd requests", "time", "arithmetic", "caches", "paging", "limits", "errors",
    "schemas", "tracking", "state",
]  # fmt: skip
Known = Literal["documented", "supplement", "inferred", "standard"]
Change = tuple[str, str, str]


@dataclass(frozen=True)
class Defect:
    """One defect. `known`: how well founded the fact is that it breaks; `standard` is a rule of HTTP itself.

    A change is (where, old, new); where is the name of a function, after "module:" if it stands in a shared module, and
    may be left empty for what stands outside all functions.
    """

    name: str
    contract: str
    kind: Kind
    known: Known
    fact: str
    changes: tuple[Change, ...]
    profile: str
    habits: Habits


def defects_of(contract: str) -> Callable[..., Defect]:
    """Return a function that describes a defect of one contract's server."""

    def defect(
        name: str, kind: Kind, known: Known, fact: str, *changes: Change, profile: str = "readonly", **habits: Any
    ) -> Defect:
        return Defect(name, contract, kind, known, fact, changes, profile, Habits(**habits))

    return defect


def part(source: str, function: str) -> tuple[int, int]:
    """Return where a function's text begins and ends, or the whole text's ends for no name."""
    if not function:
        return 0, len(source)
    match = re.search(rf"^( *)def {function}\(.*?(?=^\1(?:def|class|@|#)|\Z)", source, re.MULTILINE | re.DOTALL)
    if match is None:
        raise LookupError(f"there is no function {function}")
    return match.span()


def changed(source: str, function: str, old: str, new: str) -> str:
    """Return a module's text with one change, which must fit in exactly one place."""
    begin, end = part(source, function)
    found = source.count(old, begin, end)
    if found != 1:
        raise LookupError(f"{old!r} stands {found} times in {function or 'the module'}")
    return source[:begin] + source[begin:end].replace(old, new) + source[end:]


@lru_cache(maxsize=1)
def loaded(defect: Defect) -> Callable[[Callable[[], float], Habits], Base]:
    """Return the class of the server that has a defect."""
    own = MODULES[defect.contract]
    texts = {name: (FOLDER / f"{name}.py").read_text("utf-8") for name in (*SHARED, own)}
    for where, old, new in defect.changes:
        module, _, function = where.rpartition(":")
        texts[module or own] = changed(texts[module or own], function, old, new)
    prefix = "unseen_" + re.sub(r"\W", "_", defect.name)
    for name, text in texts.items():
        for other in texts:
            text = text.replace(f"from {PACKAGE}.{other} import", f"from {prefix}_{other} import")
        module_of = ModuleType(f"{prefix}_{name}")
        sys.modules[module_of.__name__] = module_of
        exec(compile(text, f"{name}.py with {defect.name}", "exec"), vars(module_of))
    made: Callable[[Callable[[], float], Habits], Base] = vars(module_of)["Server"]
    return made


def broken(defect: Defect, clock: Callable[[], float]) -> Callable[[Request], Sent]:
    """Return what answers requests with a defect. What it does not catch is a 500, as with any framework."""
    server = loaded(defect)(clock, defect.habits)

    def handle(request: Request) -> Sent:
        try:
            return server.handle(request)
        except Exception:  # noqa: BLE001 (a crash of the server is the defect)
            body = b"Internal Server Error"
            return Sent(500, (("Content-Type", "text/plain"), ("Content-Length", str(len(body)))), body)

    return handle
