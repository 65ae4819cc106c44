"""Small ways to break an answer, from which the defects are made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from tests.mutants.server import Call

JSON = Any
Change = Callable[[Call], Any]


def on(operation: str, change: Change, *, errors: bool = False) -> Change:
    """The change, on successes of one operation only (`*`: of every one)."""

    def changed(call: Call) -> Any:
        if (operation in ("*", call.operation)) and (call.good or errors) and call.data is not None:
            return change(call)
        return None

    return changed


def holder(call: Call, path: str) -> tuple[JSON, str]:
    """The object that holds the last name of a dotted path inside the envelope."""
    names = path.split(".")
    node = call.inner
    for name in names[:-1]:
        node = node.get(name) if isinstance(node, dict) else None
    return node, names[-1]


def update(path: str, change: Callable[[JSON], JSON]) -> Change:
    """Change one member."""

    def changed(call: Call) -> None:
        node, name = holder(call, path)
        if isinstance(node, dict) and name in node:
            node[name] = change(node[name])

    return changed


def drop(path: str) -> Change:
    """Leave a member out."""

    def changed(call: Call) -> None:
        node, name = holder(call, path)
        if isinstance(node, dict):
            node.pop(name, None)

    return changed


def rename(path: str, new: str) -> Change:
    """Spell a member differently."""

    def changed(call: Call) -> None:
        node, name = holder(call, path)
        if isinstance(node, dict) and name in node:
            node[new] = node.pop(name)

    return changed


def each(path: str, change: Callable[[dict[str, JSON]], None]) -> Change:
    """Change every record of a list."""

    def changed(call: Call) -> None:
        node, name = holder(call, path)
        if isinstance(node, dict):
            for record in node.get(name) or []:
                change(record)

    return changed


def first(path: str, change: Callable[[dict[str, JSON]], None]) -> Change:
    """Change the first record of a list."""

    def changed(call: Call) -> None:
        node, name = holder(call, path)
        if isinstance(node, dict) and node.get(name):
            change(node[name][0])

    return changed


def listed(path: str, change: Callable[[list[JSON]], list[JSON]]) -> Change:
    """Change a list."""
    return update(path, lambda items: change(items) if isinstance(items, list) else items)


def setter(**values: JSON) -> Callable[[dict[str, JSON]], None]:
    """Set members of a record."""

    def change(record: dict[str, JSON]) -> None:
        record.update(values)

    return change


def remover(*names: str) -> Callable[[dict[str, JSON]], None]:
    """Take members out of a record."""

    def change(record: dict[str, JSON]) -> None:
        for name in names:
            record.pop(name, None)

    return change


def mapped(name: str, change: Callable[[JSON], JSON]) -> Callable[[dict[str, JSON]], None]:
    """Change a member of a record."""

    def changed(record: dict[str, JSON]) -> None:
        if name in record:
            record[name] = change(record[name])

    return changed


def header(
    name: str, change: Callable[[str], str | None], *, when: Callable[[Call], bool] = lambda call: True
) -> Change:
    """Change a response header; None leaves it out."""

    def changed(call: Call) -> None:
        if name in call.out and when(call):
            text = change(call.out[name])
            if text is None:
                del call.out[name]
            else:
                call.out[name] = text

    return changed


def error(status: int, change: Change) -> Change:
    """The change, on errors of one status."""
    return lambda call: change(call) if call.status == status and call.data is not None else None


def ignoring(*names: str, operation: str = "*", unless: Callable[[Call], bool] = lambda call: False) -> Change:
    """The server does not look at some parameters."""

    def changed(call: Call) -> None:
        if operation in ("*", call.operation) and not unless(call):
            for name in names:
                call.put(name, None)

    return changed


def instead(operation: str, name: str, texts: dict[str, str], default: str | None = None) -> Change:
    """The server takes one text of a parameter for another (`*`: any text)."""

    def changed(call: Call) -> None:
        if call.operation != operation:
            return
        text = call.given(name)
        if text is None:
            if default is not None:
                call.put(name, default)
        elif text in texts or "*" in texts:
            call.put(name, texts.get(text, texts.get("*")))

    return changed


def clamped(operation: str, name: str, low: int, high: int) -> Change:
    """The server bends numbers into their bounds instead of refusing them."""

    def changed(call: Call) -> None:
        text = call.given(name)
        if call.operation == operation and text is not None:
            with contextlib.suppress(ValueError):
                call.put(name, str(min(high, max(low, int(text)))))

    return changed


def lax(operation: str, name: str, default: str) -> Change:
    """The server takes any text it cannot read for the default."""

    def changed(call: Call) -> None:
        text = call.given(name)
        if call.operation == operation and text is not None and not text.lstrip("-").isdigit():
            call.put(name, default)

    return changed


def answer(status: int, data: JSON, *, when: Callable[[Call], bool]) -> Change:
    """Another answer altogether."""

    def changed(call: Call) -> None:
        if when(call):
            call.status, call.data, call.raw = status, data, None

    return changed


def opened(key: str, *, when: Callable[[Call], bool]) -> Change:
    """Whoever fulfils the condition is let in with a good key."""

    def changed(call: Call) -> None:
        if when(call):
            call.key = key

    return changed
