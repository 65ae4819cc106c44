"""The counter as a state machine, compared with a list of counted instants."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from apicontract.plans import Plan
from apicontract.provenance import DOCUMENTED
from mockserver.limits.counter import Counter

START = datetime(2026, 1, 31, 23, 50, tzinfo=UTC).timestamp()


class Limiter(RuleBasedStateMachine):
    """Sends requests of one key, counted or not, and advances the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.plan = Plan("p", "P", 3, 12, DOCUMENTED)
        self.counter = Counter(month_used=2, total_used=7)
        self.now = START
        self.counted: list[float] = []

    def used_this_minute(self) -> int:
        return sum(at // 60 == self.now // 60 for at in self.counted)

    def used_this_month(self) -> int:
        month = datetime.fromtimestamp(self.now, UTC).month
        before = 2 if month == 1 else 0
        return before + sum(datetime.fromtimestamp(at, UTC).month == month for at in self.counted)

    @rule(seconds=st.sampled_from([0.001, 1, 20, 59.999, 60, 600]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(counted=st.booleans())
    def request(self, counted: bool) -> None:
        minute, month = self.used_this_minute(), self.used_this_month()
        quota = self.counter.spend(self.plan, 60, self.now, counted=counted, enforce=True, counts_refused=False)
        expected = "quota-exceeded" if month >= 12 else "rate-limited" if minute >= 3 else ""
        assert quota.refused == expected
        if not expected and counted:
            self.counted.append(self.now)
        if expected == "rate-limited":
            assert (self.now + quota.retry_after) // 60 > self.now // 60
            assert self.now + quota.retry_after - 1 < quota.minute_reset
        if expected == "quota-exceeded":
            assert (
                datetime.fromtimestamp(self.now + quota.retry_after, UTC).month
                != datetime.fromtimestamp(self.now, UTC).month
            )

    @rule()
    @precondition(lambda self: self.used_this_month() < 12)
    def look(self) -> None:
        self.counter.turn(self.now, 60)
        quota = self.counter.read(self.plan, 60, self.now)
        assert quota.minute_remaining == 3 - self.used_this_minute()
        assert quota.minute_reset > self.now
        assert quota.month_reset > self.now

    @invariant()
    def figures_agree(self) -> None:
        self.counter.turn(self.now, 60)
        quota = self.counter.read(self.plan, 60, self.now)
        assert quota.minute_used == self.used_this_minute() <= 3
        assert quota.month_used == self.used_this_month() <= 12
        assert quota.total_used == 7 + len(self.counted)


TestLimiter = Limiter.TestCase


def test_a_refusal_counts_in_the_month_only_where_the_contract_counts_429() -> None:
    plan = Plan("p", "P", 1, 100, DOCUMENTED)
    for counts_refused, used in ((True, 2), (False, 1)):
        counter = Counter()
        for _ in range(2):
            quota = counter.spend(plan, 60, START, counted=True, enforce=True, counts_refused=counts_refused)
        assert (quota.refused, quota.month_used, quota.minute_used) == ("rate-limited", used, 1)


def test_without_enforcement_nothing_is_refused_and_remaining_stays_at_zero() -> None:
    counter = Counter()
    plan = Plan("p", "P", 1, 1, DOCUMENTED)
    quotas = [counter.spend(plan, 60, START, counted=True, enforce=False, counts_refused=False) for _ in range(3)]
    assert [(quota.refused, quota.minute_remaining, quota.month_used) for quota in quotas] == [
        ("", 0, 1),
        ("", 0, 2),
        ("", 0, 3),
    ]
