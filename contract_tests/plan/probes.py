"""The directed plan: every request that a contract's clauses need, each with the rank that says how early it pays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.checks.paging import Paging, enum_of, is_volatile, paging_of, range_of
from contract_tests.checks.records import find_member, lists_of
from contract_tests.checks.traffic import Traffic
from contract_tests.client.credentials import VARIANTS, broken
from contract_tests.options import Options
from contract_tests.plan.step import Step, Which
from contract_tests.plan.values import example_of, longest_range, node_of, outsider, text_of
from mockserver.contract import Contract, Operation, Parameter

JSON = Any
Query = tuple[tuple[str, str], ...]
STRANGER = ("contract_tests_unknown", "1")
_LONG = "long-" * 400
_FOREIGN = "日本語/éß ☃%00\u202e'\"<>"
_MOST = 100


class Planner:
    """Writes the steps of one contract. `turn` rotates variants over operations, so that each is tried somewhere."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.contract: Contract = options.contract
        self.reads = [op for op in self.contract.operations if op.method == "GET"]
        self.steps: list[Step] = []
        self._turn = 0

    def turn(self) -> int:
        """A number that is another one each time."""
        self._turn += 1
        return self._turn - 1

    def add(
        self, operation: Operation, purpose: str, rank: float, query: Query = (), *, role: str | None = None, which: Which = "first", **more: Any
    ) -> None:
        """One step to an operation, with what its required parameters need."""
        given = {name for name, _ in query}
        needed = tuple(
            (parameter.name, text_of(example_of(parameter, operation)))
            for parameter in operation.parameters
            if parameter.location == "query" and parameter.required and parameter.name not in given
            and parameter.name not in more.get("without", ())
        )  # fmt: skip
        more.pop("without", None)
        headers = tuple(
            (parameter.name, text_of(example_of(parameter, operation)))
            for parameter in operation.parameters
            if parameter.location == "header" and parameter.required
        )
        if role is None:
            role = "main" if operation.security else ""
        self.steps.append(
            Step(purpose, operation.method, operation.path, rank, operation.id, (*needed, *query), (*headers, *more.pop("headers", ())),
                 role=role, which=which, **more)
        )  # fmt: skip

    def plan(self) -> list[Step]:
        """Every step, in the order of sending."""
        for index, operation in enumerate(self.reads):
            share = index / max(1, len(self.reads))
            self._basics(operation, share)
            self._paging(operation, share)
            self._ranges(operation, share)
            self._choices(operation, share)
            self._refusals(operation, share)
            self._keys(operation, share, index)
        self._roles()
        self._paths()
        self._oddities()
        self._cross()
        return sorted(_unique(self.steps), key=lambda step: step.rank)

    def wide(self, operation: Operation) -> Query:
        """The query that shows the most data in one answer."""
        query: list[tuple[str, str]] = []
        span = range_of(operation)
        if span is not None:
            query.append((span.name, text_of(longest_range(span))))
        limit = paging_of(operation).limit
        if limit is not None:
            top = node_of(limit).get("maximum")
            query.append((limit.name, str(top if isinstance(top, int) and top <= _MOST * 2 else _MOST * 2)))
        return tuple(query)

    def _basics(self, operation: Operation, share: float) -> None:
        named = any(parameter.location == "path" for parameter in operation.parameters)
        wide = self.wide(operation)
        if not named and operation.security and not wide:
            self.add(operation, "what there is", 10 + share)
            self.add(operation, "the same again", 57 + share, together=True, scheme=1)
            return
        if not named and operation.security:
            self.add(operation, "what there is", 10 + share, wide)
        elif wide or named:
            self.add(operation, "all there is", 20 + share, wide, scheme=self.turn())
        else:
            self.add(operation, "answers", 20 + share)
        others = [p for p in operation.parameters if p.location == "query"]
        if others:
            self.add(operation, "every parameter left out", 40 + share, scheme=self.turn())
            explicit = tuple(
                (parameter.name, text_of(parameter.default)) for parameter in others if "default" in node_of(parameter)
            )
            self.add(operation, "every default written out, and an unknown parameter", 54 + share, (*explicit, STRANGER), scheme=self.turn())
        elif named and not is_volatile(operation):
            self.add(operation, "the same again, and an unknown parameter", 54 + share, (STRANGER,), scheme=self.turn())
        elif operation.security:
            self.add(operation, "the same again, and an unknown parameter", 56 + share, (STRANGER,), scheme=self.turn())
        if named:
            self.add(operation, "another resource", 50 + share, wide, which="second", scheme=self.turn())

    def _paging(self, operation: Operation, share: float) -> None:
        paging = paging_of(operation)
        if paging.limit is None:
            return
        span = range_of(operation)
        base: Query = ((span.name, text_of(longest_range(span))),) if span else ()
        few = (*base, (paging.limit.name, "3"))
        self.add(operation, "a short list", 30 + share, few, scheme=self.turn())
        if paging.offset is not None or paging.page is not None:
            self.add(operation, "its second page", 31 + share, (*few, self._page(paging, 1, 3)), together=True)
            self.add(
                operation, "its last page", 52 + share, base, late=_end(operation, paging, 0), late_words="offset={total - limit}"
            )
            self.add(
                operation, "a page behind the last", 72 + share, base, late=_end(operation, paging, 1), late_words="offset={total}",
                essential=False,
            )  # fmt: skip
        top = node_of(paging.limit).get("maximum")
        if isinstance(top, int) and top > _MOST * 2:
            self.add(operation, f"the highest {paging.limit.name}", 61 + share, ((paging.limit.name, str(top)),))
        low = node_of(paging.limit).get("minimum")
        if low is not None:
            self.add(operation, f"the lowest {paging.limit.name}", 60 + share, (*self._middle(operation), (paging.limit.name, str(low))))

    def _page(self, paging: Paging, number: int, limit: int) -> tuple[str, str]:
        if paging.offset is not None:
            return paging.offset.name, str(number * limit)
        assert paging.page is not None
        return paging.page.name, str(number + 1)

    def _middle(self, operation: Operation) -> Query:
        """A value of the range that is neither the default nor the longest, another one for each operation."""
        span = range_of(operation)
        if span is None:
            return ()
        values = [value for value in enum_of(span) if value not in (span.default, longest_range(span))]
        return ((span.name, text_of(values[self.turn() % len(values)])),) if values else ()

    def _ranges(self, operation: Operation, share: float) -> None:
        span = range_of(operation)
        if span is None:
            return
        limit = paging_of(operation).limit
        top = node_of(limit).get("maximum") if limit else None
        rest: Query = ((limit.name, str(min(top, _MOST) if isinstance(top, int) else _MOST)),) if limit else ()
        values = [value for value in enum_of(span) if value not in (span.default, longest_range(span))]
        for index, value in enumerate(sorted(values, key=text_of)):
            main = limit is None
            self.add(
                operation, f"{span.name} {value}", (45 if main and index == 0 else 64 if main else 74) + share + index * 0.1,
                ((span.name, text_of(value)), *rest), essential=main,
            )  # fmt: skip

    def _choices(self, operation: Operation, share: float) -> None:
        """Enums that are no range, booleans, and free texts that answers suggest."""
        paging, span = paging_of(operation), range_of(operation)
        for parameter in operation.parameters:
            if parameter.location != "query" or parameter is span or parameter.name in paging.names:
                continue
            wide = tuple(pair for pair in self.wide(operation) if pair[0] != parameter.name)
            values = enum_of(parameter) or (["true", "false"] if "boolean" in parameter.types else [])
            for index, value in enumerate(values):
                self.add(operation, f"{parameter.name} {value}", 47 + share + index * 8, (*wide, (parameter.name, text_of(value))))
            if not values and "string" in parameter.types and not parameter.required and "format" not in node_of(parameter):
                self.add(
                    operation, f"{parameter.name} as other answers show it", 33 + share, wide, late=_seen(parameter),
                    late_words=f"{parameter.name}={{seen}}",
                )  # fmt: skip
                self.add(operation, f"a {parameter.name} that nobody has", 43 + share, (*wide, (parameter.name, "/nobody-has-this-9f3")))
            if "integer" in parameter.types and not values:
                for bound in ("minimum", "maximum"):
                    if isinstance(node_of(parameter).get(bound), int):
                        self.add(operation, f"{parameter.name} at its {bound}", 61 + share, ((parameter.name, str(node_of(parameter)[bound])),))

    def _refusals(self, operation: Operation, share: float) -> None:
        """Both kinds of wrong: values outside, and texts of another type."""
        for parameter in operation.parameters:
            if parameter.location != "query":
                continue
            node, name = node_of(parameter), parameter.name
            main = parameter is paging_of(operation).limit
            later = 0 if main or enum_of(parameter) else 20
            if enum_of(parameter):
                self.add(operation, f"{name} outside its values", 36 + share, ((name, outsider(parameter, self.turn())),))
            whole = "integer" in parameter.types
            for bound, step, rank in (("maximum", 1, 34), ("minimum", -1, 58)):
                if isinstance(node.get(bound), int):
                    self.add(operation, f"{name} past its {bound}", rank + later / 4 + share, ((name, str(node[bound] + step)),))
            if parameter.types & {"integer", "number"} and "string" not in parameter.types:
                text = ("abc", "1.5", "1e1", "0x10")[self.turn() % 4] if whole else "abc"
                self.add(operation, f"{name} of a wrong type", 62 + later / 2 + share, ((name, text),))
            if parameter.required:
                self.add(operation, f"{name} missing", 62 + share, without=(name,))

    def _keys(self, operation: Operation, share: float, index: int) -> None:
        named = any(parameter.location == "path" for parameter in operation.parameters)
        if named:
            self.add(operation, "a resource that does not exist", 28 + share * 3, which="unknown", scheme=self.turn())
        if not operation.security:
            return
        variants = [variant for variant in VARIANTS if broken(operation, variant, 0, self.options.keys.get("main", "zv_A1")) is not None]
        even = index % 2 == 0
        for kind in ("none", "broken"):
            early = (kind == "none") == even
            rank = (24 if early else 53) + share * 4
            if kind == "none":
                self.add(operation, "no key", rank, role="")
            else:
                variant = variants[(index // 2 if early else len(variants) // 2 + index) % len(variants)]
                self.add(operation, f"a bad key ({variant})", rank, role=f"invalid:{variant}", scheme=index)

    def _roles(self) -> None:
        """What other keys show, one request each where that is enough."""
        secured = [operation for operation in self.reads if operation.security]
        if not secured:
            return
        plainest = min(secured, key=lambda op: (len([p for p in op.parameters if p.location == "path"]), len(op.parameters)))
        keys = self.options.keys
        for role, words, rank in (
            ("revoked", "a revoked key", 26.5), ("exhausted", "a key whose month is used up", 26.6), ("free", "a key of the smallest plan", 29.5),
            ("noperm", "a key without permission", 29.6),
        ):  # fmt: skip
            self.add(plainest, words, rank, role=role, scheme=self.turn())
        self.add(plainest, "what a limited key lists", 19.5, role="scoped")
        collections = [op for op in secured if not any(p.location == "path" for p in op.parameters) and op is not plainest]
        for operation in collections:
            self.add(operation, "what a limited key lists", 51, role="scoped", essential=False)
        named = [op for op in secured if any(p.location == "path" for p in op.parameters)]
        for index, operation in enumerate(named):
            self.add(operation, "a limited key asks for another resource", 29 + index / 20, role="scoped", which="foreign", scheme=self.turn())
        if named:
            self.add(named[0], "a limited key asks for its own resource", 49, role="scoped")
        if "free" in keys and named:
            self.add(plainest, "the smallest plan once more", 29.55, role="free", together=True)
        # every broken credential at least once, on the cheapest operation
        for index, variant in enumerate(VARIANTS):
            for scheme in range(len(plainest.security)):
                if broken(plainest, variant, scheme, keys.get("main", "zv_A1")) is not None and (scheme == 0 or variant == "unknown"):
                    self.add(plainest, f"a bad key ({variant})", 66 + index / 10 + scheme / 100, role=f"invalid:{variant}", scheme=scheme)

    def _paths(self) -> None:
        base = self.contract.base_path
        role = "main" if any(operation.security for operation in self.reads) else ""
        self.steps.append(Step("a path that does not exist", "GET", f"{base}/contract-tests-no-such-path", 39, role=role))
        wrong = [op for op in self.contract.operations if op.method != "GET" and not _has_get(self.contract, op)]
        for index, operation in enumerate(wrong[:2]):
            self.steps.append(Step("a method that the path does not have", "GET", operation.path, 39.5 + index * 30, role=role if operation.security else ""))
        named = [op for op in self.reads if any(p.location == "path" and "format" in node_of(p) for p in op.parameters)]
        for index, operation in enumerate(named[:3]):
            self.add(operation, "a malformed id", (48, 76, 77)[index], which="malformed", essential=index == 0)
        plain = [op for op in self.reads if op.security] or self.reads
        if plain:
            operation = plain[self.turn() % len(plain)]
            self.steps.append(Step("HEAD", "HEAD", operation.path, 79, operation.id, role="main" if operation.security else "", essential=False))

    def _oddities(self) -> None:
        """Very long and non-ASCII texts, values given twice or empty: nothing of it may break a server."""
        for index, operation in enumerate(self.reads):
            texts = [p for p in operation.parameters if p.location == "query"]
            share = index / max(1, len(self.reads))
            early = index < 2
            if texts:
                name = texts[-1].name
                self.add(operation, f"a very long {name}", 68 + share if early else 80 + share, ((name, _LONG),), essential=early)
                self.add(operation, f"a {name} of other scripts", 69 + share if early else 82 + share, ((name, _FOREIGN),), essential=early)
                self.add(operation, f"{name} given twice", 70 + share if early else 84 + share, ((name, "1"), (name, "2")), essential=False)
                self.add(operation, f"{name} left empty", 71 + share if early else 86 + share, ((name, ""),), essential=False)

    def _cross(self) -> None:
        for index, rule in enumerate(self.contract.cross_rules):
            for wanted in rule.exchanges.values():
                operation = self.contract.operation(wanted.operation)
                query = tuple((name, text_of(value)) for name, value in wanted.parameters.items())
                if not any(self._means(step, operation, query) for step in self.steps):
                    self.add(operation, f"for the rule {rule.id}", 44 + index / 100, query, scheme=self.turn())

    def _means(self, step: Step, operation: Operation, query: Query) -> bool:
        """Whether a step already asks what a rule wants."""
        if step.operation != operation.id or step.which != "first" or step.role not in ("main", "") or step.late or STRANGER in step.query:
            return False
        if operation.security and step.role != "main":
            return False
        defaults = {p.name: text_of(p.default) for p in operation.parameters if p.location == "query" and "default" in node_of(p)}
        return {**defaults, **dict(step.query)} == {**defaults, **dict(query)}


def _has_get(contract: Contract, operation: Operation) -> bool:
    return any(other.path == operation.path and other.method == "GET" for other in contract.operations)


def _unique(steps: list[Step]) -> Iterator[Step]:
    """Steps that ask the same of the same are asked once, at the earlier rank; but repetitions that are meant stay."""
    seen: set[JSON] = set()
    for step in sorted(steps, key=lambda step: step.rank):
        mark = (step.method, step.path, step.query, step.role, step.which, step.late_words, step.purpose if "again" in step.purpose else "",
                step.scheme if step.role.startswith("invalid") else 0)  # fmt: skip
        if mark not in seen:
            seen.add(mark)
            yield step


def _seen(parameter: Parameter) -> Any:
    """A value that other answers show under the parameter's name."""

    def late(traffic: Traffic, _resource: Mapping[str, str]) -> Mapping[str, JSON] | str:
        values = [value for value in traffic.values(parameter.name) if isinstance(value, str) and len(value) > 1]
        return {parameter.name: values[0]} if values else f"no answer has shown a {parameter.name}"

    return late


def _end(operation: Operation, paging: Paging, beyond: int) -> Any:
    """The page that ends exactly with the last record (0), or the one behind it (1)."""
    limit_name = paging.limit.name if paging.limit else ""
    span = range_of(operation)

    def late(traffic: Traffic, resource: Mapping[str, str]) -> Mapping[str, JSON] | str:
        for view in traffic.plain(operation.id):
            if dict(view.resource) != dict(resource):
                continue
            items = max(lists_of(view.json).values(), key=len, default=[])
            limit, total = view.params.get(limit_name), find_member(view.json, ("total", "total_count"), int)
            start = view.params.get(paging.offset.name, 0) if paging.offset else 0
            if paging.offset is not None and len(items) < (limit or 0) and len(items) >= 2:
                count = start + len(items)
            elif total is not None and total[1] >= 2:
                count = total[1]
            else:
                continue
            chosen = {span.name: view.params[span.name]} if span else {}
            if paging.offset is not None:
                size = min(3, count)
                return {**chosen, limit_name: size, paging.offset.name: count if beyond else count - size}
            assert paging.page is not None
            size = next((n for n in (3, 2, 5, 7, 1) if count % n == 0 and count // n > 1), 1)
            top = node_of(paging.page).get("maximum")
            number = count // size + beyond
            return {**chosen, limit_name: size, paging.page.name: min(number, top) if isinstance(top, int) else number}
        return "the length of the list is not known"

    return late

