"""One consistent grouping out of pairs."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.align.agreement import FLOOR, agreed, supports
from pipeline.align.groups import groups

VERSIONS = (0, 0, 0, 1, 1, 1, 2, 2, 3)

pairs = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(
        lambda p: p[0] < p[1] and VERSIONS[p[0]] != VERSIONS[p[1]]
    ),
    st.floats(-9, 9, allow_nan=False),
)


@given(pairs)
def test_no_unit_is_in_two_groups_and_no_version_twice_in_one(odds: dict[tuple[int, int], float]) -> None:
    """Whatever the evidence, a group is two or more units of different versions."""
    found = groups(odds, VERSIONS)
    units = [unit for group in found for unit in group]
    assert len(units) == len(set(units))
    assert all(1 < len(group) == len({VERSIONS[unit] for unit in group}) for group in found)


@given(pairs)
def test_no_group_loses(odds: dict[tuple[int, int], float]) -> None:
    """The links inside every group add up to more than none."""
    for group in groups(odds, VERSIONS):
        assert sum(odds.get((u, v), FLOOR) for u in group for v in group if u < v) > 0


@given(pairs)
def test_the_order_of_pairs_does_not_matter(odds: dict[tuple[int, int], float]) -> None:
    """The same evidence in another order makes the same groups."""
    assert groups(odds, VERSIONS) == groups(dict(reversed(odds.items())), VERSIONS)


def test_two_good_links_take_in_a_weak_third() -> None:
    """A pair that speaks against itself a little is outvoted by what both have in common with a third."""
    assert groups({(0, 3): 4.0, (3, 6): 4.0, (0, 6): -1.0}, VERSIONS) == [(0, 3, 6)]


def test_a_third_version_that_contradicts_stays_out() -> None:
    """A chain through one version is no group where its ends deny each other."""
    assert groups({(0, 3): 4.0, (3, 6): 2.0, (0, 6): -4.0}, VERSIONS) == [(0, 3)]


def test_a_twin_in_one_version_stays_out() -> None:
    """Where a version says a thing twice, the better of the two is the member."""
    odds = {(unit, other): value for unit, value in ((0, 5.0), (1, 4.0)) for other in (3, 6, 8)}
    assert groups({**odds, (3, 6): 5.0, (3, 8): 5.0, (6, 8): 5.0}, VERSIONS) == [(0, 3, 6, 8)]


def test_a_pair_is_as_good_as_its_best_chain() -> None:
    """The support of a pair is the weaker link of its best chain through a third version, or the floor."""
    odds = {(0, 3): 1.0, (0, 6): 5.0, (3, 6): 2.0, (0, 8): -1.0, (3, 8): 3.0, (1, 4): 9.0}
    chains = supports(odds, VERSIONS)
    assert (chains[0, 3], chains[0, 6], chains[1, 4]) == (2.0, 1.0, FLOOR)
    assert agreed(odds, VERSIONS)[0, 3] > agreed({(0, 3): 1.0}, VERSIONS)[0, 3]
