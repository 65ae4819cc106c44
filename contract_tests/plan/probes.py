"""The directed plan: every request that a contract's clauses need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from contract_tests.checks.judgement import weakest
from contract_tests.checks.paging import Paging, enum_of, hours_of, is_volatile, paging_of, range_of
from contract_tests.client.credentials import VARIANTS, broken
from contract_tests.options import Options
from contract_tests.plan.late import last_page, seen_value
from contract_tests.plan.order import ordered
from contract_tests.plan.step import Step, Which
from contract_tests.plan.values import example_of, longest_range, node_of, outsider, text_of, two_of
from mockserver.contract import Contract, Operation, Parameter
from mockserver.contract.provenance import LEVELS

JSON = Any
Query = tuple[tuple[str, str], ...]
STRANGER = ("contract_tests_unknown", "1")
_LONG = "long-" * 400
_ODD = "日本語/éß ☃%00\u202e'\"<>"
_MANY = 200
_FEW = 3


class Planner:
    """Writes the steps of one contract. `turn` rotates variants over operations, so that each is tried somewhere."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.contract: Contract = options.contract
        reads = [operation for operation in self.contract.operations if operation.method == "GET"]
        self.reads = sorted(reads, key=_authority)  # the first of a kind goes to what is best founded
        self.steps: list[Step] = []
        self._turns = 0

    def turn(self) -> int:
        """A number that is another one each time."""
        self._turns += 1
        return self._turns - 1

    def add(
        self,
        operation: Operation,
        kind: str,
        purpose: str,
        query: Query = (),
        *,
        role: str | None = None,
        which: Which = "first",
        without: str = "",
        **more: Any,
    ) -> None:
        """One step to an operation, with what its required parameters need; `without` leaves one of them out."""
        given = {name for name, _ in query} | {without}
        needed = tuple(
            (parameter.name, text_of(example_of(parameter, operation)))
            for parameter in operation.parameters
            if parameter.location == "query" and parameter.required and parameter.name not in given
        )
        headers = tuple(
            (parameter.name, text_of(example_of(parameter, operation)))
            for parameter in operation.parameters
            if parameter.location == "header" and parameter.required
        )
        self.steps.append(
            Step(
                purpose,
                "GET",
                operation.path,
                0,
                operation.id,
                (*needed, *query),
                headers,
                role=("main" if operation.security else "") if role is None else role,
                which=which,
                kind=kind,
                **more,
            )
        )

    def plan(self) -> list[Step]:
        """Every step, in the order of sending."""
        for index, operation in enumerate(self.reads):
            self._data(operation)
            self._lists(operation)
            self._values(operation)
            self._refusals(operation)
            self._keys(operation, index)
        self._other_keys()
        self._paths()
        self._odd_texts()
        self._rules()
        return list(_unique(ordered(self.steps)))

    def long_range(self, span: Parameter) -> str:
        """The range that most is asked with: the one that rules across operations compare, else the longest."""
        named = Counter(
            text_of(wanted.parameters[span.name])
            for rule in self.contract.cross_rules
            for wanted in rule.exchanges.values()
            if wanted.parameters.get(span.name, span.default) != span.default
            and wanted.parameters.get(span.name) in enum_of(span)
        )
        return named.most_common(1)[0][0] if named else text_of(longest_range(span))

    def wide(self, operation: Operation) -> Query:
        """The query that shows the most data in one answer."""
        query: list[tuple[str, str]] = []
        span, limit = range_of(operation), paging_of(operation).limit
        if span is not None:
            query.append((span.name, self.long_range(span)))
        if limit is not None:
            top = node_of(limit).get("maximum")
            query.append((limit.name, str(top if isinstance(top, int) and top <= _MANY else _MANY)))
        return tuple(query)

    def _data(self, operation: Operation) -> None:
        """What there is, what the defaults give, what another resource has."""
        wide = self.wide(operation)
        named = _names(operation)
        parameters = [parameter for parameter in operation.parameters if parameter.location == "query"]
        self.add(
            operation,
            "wide" if named or not operation.security else "list",
            "all there is",
            wide,
            scheme=self.turn() if named else 0,
        )
        if parameters:
            explicit = tuple((p.name, text_of(p.default)) for p in parameters if "default" in node_of(p))
            ranged = " range" if range_of(operation) else ""
            self.add(operation, f"left out{ranged}", "every parameter left out", scheme=self.turn())
            self.add(
                operation,
                f"defaults{ranged}",
                "every default written out, and an unknown parameter",
                (*explicit, STRANGER),
                scheme=self.turn(),
            )
        elif operation.security:
            volatile = is_volatile(operation) and named
            self.add(
                operation,
                "again",
                "the same again, and an unknown parameter",
                () if volatile else (STRANGER,),
                scheme=self.turn(),
            )
        if named:
            self.add(operation, "another resource", "another resource", wide, which="second", scheme=self.turn())

    def _lists(self, operation: Operation) -> None:
        paging = paging_of(operation)
        if paging.limit is None:
            return
        span = range_of(operation)
        base: Query = ((span.name, self.long_range(span)),) if span else ()
        low = node_of(paging.limit).get("minimum")
        pages = paging.offset is not None or paging.page is not None
        size = self._few(operation, paging.limit, low if isinstance(low, int) else 1)
        few = (*base, (paging.limit.name, str(size)))
        self.add(operation, "short list", "a short list", few, scheme=self.turn())
        if pages:
            self.add(operation, "second page", "its second page", (*few, _page(paging, 1, size)), together=True)
            self.add(
                operation,
                "last page",
                "its last page",
                base,
                late=last_page(operation, paging, 0),
                late_words="offset={total - limit}",
            )
            self.add(
                operation,
                "past the end",
                "a page behind the last",
                base,
                late=last_page(operation, paging, 1),
                late_words="offset={total}",
            )
        if low is not None:
            self.add(
                operation,
                "lowest",
                f"the lowest {paging.limit.name}",
                (*self._middle(operation), (paging.limit.name, str(low))),
            )
        top = node_of(paging.limit).get("maximum")
        if isinstance(top, int) and top > _MANY:
            self.add(operation, "bound", f"the highest {paging.limit.name}", ((paging.limit.name, str(top)),))

    def _few(self, operation: Operation, limit: Parameter, low: int) -> int:
        """The length of a short list: the one that rules across operations ask for, else a few."""
        named = [
            wanted.parameters[limit.name]
            for rule in self.contract.cross_rules
            for wanted in rule.exchanges.values()
            if wanted.operation == operation.id
            and len(wanted.parameters) > 1
            and isinstance(wanted.parameters.get(limit.name), int)
        ]
        small = [value for value in named if value < 20]
        return max(low, min(small) if small else low if self.turn() % 2 else _FEW)

    def _middle(self, operation: Operation) -> Query:
        """A value of the range that is neither the default nor the longest, another one for each operation."""
        span = range_of(operation)
        values = (
            [value for value in enum_of(span) if value != span.default and text_of(value) != self.long_range(span)]
            if span
            else []
        )
        return ((span.name, text_of(values[self.turn() % len(values)])),) if span and values else ()

    def _values(self, operation: Operation) -> None:
        """Values of enums and ranges, both ends of bounds, and free texts that answers suggest."""
        paging, span = paging_of(operation), range_of(operation)
        if span is not None:
            rest: Query = tuple(pair for pair in self.wide(operation) if pair[0] != span.name)
            values = [
                value for value in enum_of(span) if value != span.default and text_of(value) != self.long_range(span)
            ]
            for value in sorted(values, key=lambda value: hours_of(value) or 0):
                kind = "middle range" if paging.limit is None else "range"
                self.add(operation, kind, f"{span.name} {value}", ((span.name, text_of(value)), *rest))
        for parameter in operation.parameters:
            if parameter.location != "query" or parameter is span or parameter.name in paging.names:
                continue
            wide = tuple(pair for pair in self.wide(operation) if pair[0] != parameter.name)
            choices = enum_of(parameter) or (["true", "false"] if "boolean" in parameter.types else [])
            for value in choices:
                self.add(operation, "choice", f"{parameter.name} {value}", (*wide, (parameter.name, text_of(value))))
            if (
                not choices
                and "string" in parameter.types
                and not parameter.required
                and "format" not in node_of(parameter)
            ):
                self.add(
                    operation,
                    "seen value",
                    f"{parameter.name} as other answers show it",
                    wide,
                    late=seen_value(parameter),
                    late_words=f"{parameter.name}={{seen}}",
                )
                self.add(
                    operation,
                    "nobody's value",
                    f"a {parameter.name} that nobody has",
                    (*wide, (parameter.name, "/nobody-has-this-9f3")),
                )
            for bound in ("minimum", "maximum") if not choices else ():
                if isinstance(node_of(parameter).get(bound), int):
                    self.add(
                        operation,
                        "bound",
                        f"{parameter.name} at its {bound}",
                        ((parameter.name, str(node_of(parameter)[bound])),),
                    )

    def _refusals(self, operation: Operation) -> None:
        """Both kinds of wrong: values outside, and texts of another type."""
        for parameter in operation.parameters:
            if parameter.location != "query":
                continue
            node, name = node_of(parameter), parameter.name
            if enum_of(parameter):
                self.add(
                    operation, "outside enum", f"{name} outside its values", ((name, outsider(parameter, self.turn())),)
                )
            for bound, step in (("maximum", 1), ("minimum", -1)):
                if isinstance(node.get(bound), int):
                    self.add(operation, f"past {bound}", f"{name} past its {bound}", ((name, str(node[bound] + step)),))
            if parameter.types & {"integer", "number"} and "string" not in parameter.types:
                text = ("abc", "1.5", "1e1", "0x10")[self.turn() % 4] if "integer" in parameter.types else "abc"
                main = parameter is paging_of(operation).limit
                self.add(
                    operation, "wrong type" if main else "other wrong type", f"{name} of a wrong type", ((name, text),)
                )
            if parameter.required:
                self.add(operation, "missing", f"{name} missing", without=name)

    def _keys(self, operation: Operation, index: int) -> None:
        """No key and a bad key for every operation, each kind of bad key somewhere; first one of both for each."""
        if _names(operation):
            self.add(
                operation, "unknown resource", "a resource that does not exist", which="unknown", scheme=self.turn()
            )
        if not operation.security:
            return
        key = self.options.keys.get("main", "zv_A1")
        variants = [variant for variant in VARIANTS if broken(operation, variant, 0, key) is not None]
        first = index % 2 == 0
        variant = variants[(index // 2 if not first else len(variants) // 2 + index // 2) % len(variants)]
        self.add(operation, "no key" if first else "other key", "no key", role="")
        self.add(
            operation,
            "other bad key" if first else "bad key",
            f"a bad key ({variant})",
            role=f"invalid:{variant}",
            scheme=index,
        )

    def _other_keys(self) -> None:
        """What other keys show, one request each where that is enough."""
        secured = [operation for operation in self.reads if operation.security]
        if not secured:
            return
        plainest = min(secured, key=lambda op: (len(_names(op)), len(op.parameters)))
        for role, words in (
            ("revoked", "a revoked key"),
            ("exhausted", "a key whose month is used up"),
            ("free", "a key of the smallest plan"),
            ("noperm", "a key without permission"),
        ):
            self.add(plainest, role, words, role=role, scheme=self.turn())
        self.add(plainest, "scoped list", "what a limited key lists", role="scoped")
        for operation in secured:
            if not _names(operation) and operation is not plainest:
                self.add(operation, "scoped list", "what a limited key lists", role="scoped")
        named = [operation for operation in secured if _names(operation)]
        for operation in named:
            self.add(
                operation,
                "foreign resource",
                "a limited key asks for another resource",
                role="scoped",
                which="foreign",
                scheme=self.turn(),
            )
        for operation in named[:1]:
            self.add(operation, "own resource", "a limited key asks for its own resource", role="scoped")
        key = self.options.keys.get("main", "zv_A1")
        for variant in VARIANTS:
            for scheme in range(len(plainest.security)):
                if broken(plainest, variant, scheme, key) is not None:
                    self.add(
                        plainest, "other bad key", f"a bad key ({variant})", role=f"invalid:{variant}", scheme=scheme
                    )

    def _paths(self) -> None:
        role = "main" if any(operation.security for operation in self.reads) else ""
        self.steps.append(
            Step(
                "a path that does not exist",
                "GET",
                f"{self.contract.base_path}/contract-tests-no-such-path",
                0,
                role=role,
                kind="unknown path",
            )
        )
        gets = {operation.path for operation in self.reads}
        for operation in self.contract.operations:
            if operation.path not in gets:
                self.steps.append(
                    Step(
                        "a method that the path does not have",
                        "GET",
                        operation.path,
                        0,
                        role=role if operation.security else "",
                        kind="wrong method",
                    )
                )
        for operation in self.reads:
            if any("format" in node_of(parameter) for parameter in _names(operation)):
                self.add(operation, "malformed id", "a malformed id", which="malformed")
        for operation in [op for op in self.reads if op.security][:1] or self.reads[:1]:
            self.steps.append(Step("HEAD", "HEAD", operation.path, 0, operation.id, role=role, kind="head"))

    def _odd_texts(self) -> None:
        """Very long and non-ASCII texts, values given twice or empty: nothing of it may break a server."""
        for operation in self.reads:
            texts = [parameter for parameter in operation.parameters if parameter.location == "query"]
            if texts:
                name = texts[-1].name
                self.add(operation, "long text", f"a very long {name}", ((name, _LONG),))
                self.add(operation, "odd text", f"a {name} of other scripts", ((name, _ODD),))
            for parameter in texts:
                name = parameter.name
                self.add(
                    operation, "repeated", f"{name} given twice", tuple((name, text) for text in two_of(parameter))
                )
                if "string" not in parameter.types or enum_of(parameter):
                    self.add(operation, "empty", f"{name} left empty", ((name, ""),))

    def _rules(self) -> None:
        """What rules across operations speak of, where no other step asks it."""
        for rule in self.contract.cross_rules:
            for wanted in rule.exchanges.values():
                operation = self.contract.operation(wanted.operation)
                query = tuple((name, text_of(value)) for name, value in wanted.parameters.items())
                if not any(_means(step, operation, query) for step in self.steps):
                    self.add(operation, "cross rule", f"for the rule {rule.id}", query, scheme=self.turn())


def _authority(operation: Operation) -> int:
    response = operation.response(operation.success)
    level = weakest(operation.provenance, response.provenance) if response else operation.provenance
    return LEVELS.index(level.level)


def _names(operation: Operation) -> list[Parameter]:
    """The path parameters."""
    return [parameter for parameter in operation.parameters if parameter.location == "path"]


def _page(paging: Paging, number: int, limit: int) -> tuple[str, str]:
    if paging.offset is not None:
        return paging.offset.name, str(number * limit)
    return (paging.page.name if paging.page else "page"), str(number + 1)


def _means(step: Step, operation: Operation, query: Query) -> bool:
    """Whether a step already asks what a rule wants."""
    if (
        step.operation != operation.id
        or step.which != "first"
        or step.late
        or STRANGER in step.query
        or step.kind in ("range", "lowest", "bound", "defaults", "defaults range")
    ):
        return False
    if step.role != ("main" if operation.security else ""):
        return False
    defaults = {
        p.name: text_of(p.default) for p in operation.parameters if p.location == "query" and "default" in node_of(p)
    }
    return {**defaults, **dict(step.query)} == {**defaults, **dict(query)}


def _unique(steps: list[Step]) -> Iterator[Step]:
    """Steps that ask the same of the same are asked once."""
    seen: set[JSON] = set()
    for step in steps:
        mark = (
            step.method,
            step.path,
            step.query,
            step.role,
            step.which,
            step.late_words,
            step.kind == "again",
            step.scheme if step.role.startswith("invalid") else 0,
        )
        if mark not in seen:
            seen.add(mark)
            yield step
