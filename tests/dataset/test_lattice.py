from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mockserver.dataset.lattice import IRRATIONALS, Lattice, apportion, coprime_step, floor_sum

counts = st.lists(st.integers(0, 60), min_size=1, max_size=12)


@given(st.integers(0, 60), st.integers(1, 200), st.integers(0, 400), st.integers(0, 400))
def test_a_floor_sum_is_what_adding_up_gives(n: int, m: int, a: int, b: int) -> None:
    assert floor_sum(n, m, a, b) == sum((a * i + b) // m for i in range(n))


@given(counts, st.sampled_from(IRRATIONALS), st.integers(0, 2**64))
def test_over_the_whole_sequence_every_value_has_exactly_its_count(
    numbers: list[int], irrational: float, offset: int
) -> None:
    lattice = Lattice(numbers, irrational=irrational, offset=offset)
    seen = Counter(lattice.value(item) for item in range(lattice.total))
    assert [seen[number] for number in range(len(numbers))] == numbers
    assert list(lattice.prefix(lattice.total)) == numbers


@given(counts, st.sampled_from(IRRATIONALS), st.integers(0, 2**64), st.data())
def test_any_prefix_is_counted_as_going_through_it_counts(
    numbers: list[int], irrational: float, offset: int, data: st.DataObject
) -> None:
    lattice = Lattice(numbers, irrational=irrational, offset=offset)
    end = data.draw(st.integers(0, lattice.total))
    seen = Counter(lattice.value(item) for item in range(end))
    assert list(lattice.prefix(end)) == [seen[number] for number in range(len(numbers))]


@given(st.integers(1, 10**9), st.sampled_from(IRRATIONALS))
def test_positions_of_neighbours_differ_by_a_step_that_reaches_all(total: int, irrational: float) -> None:
    step = coprime_step(total, irrational)
    assert pow(step, -1, total) * step % total == 1 % total


@given(st.integers(100, 3000), st.sampled_from(IRRATIONALS), st.integers(0, 2**64))
def test_every_run_has_nearly_the_share_of_the_whole(total: int, irrational: float, offset: int) -> None:
    lattice = Lattice((total // 3, total - total // 3), irrational=irrational, offset=offset)
    ends = range(0, total + 1, max(1, total // 10))
    for start, end in pairwise(ends):
        run = lattice.prefix(end)[0] - lattice.prefix(start)[0]
        assert abs(run - (end - start) * (total // 3) / total) < 12


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any), st.integers(0, 10**6))
def test_apportioned_counts_add_up_and_stay_within_one_of_their_proportion(weights: list[int], total: int) -> None:
    found = apportion(weights, total)
    assert sum(found) == total
    whole = sum(weights)
    assert all(abs(count * whole - weight * total) < whole for count, weight in zip(found, weights, strict=True))
