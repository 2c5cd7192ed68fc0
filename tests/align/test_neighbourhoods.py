"""A large story in parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.large import story
from pipeline.align.neighbourhoods import neighbourhoods
from pipeline.align.sides import Side, sides
from pipeline.align.statements import statements

MADE = story(4, 16)[0]
WHOLE = sum(len(version.sentences) for version in MADE)


def parted() -> list[Side]:
    return sides([version.states for version in MADE], [version.article.lang for version in MADE])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, WHOLE + 5))
def test_every_sentence_is_in_one_part_and_no_part_is_too_large(limit: int) -> None:
    """Nothing is lost or doubled, whatever the limit."""
    parts = neighbourhoods(parted(), limit)
    assert all(sum(map(len, part)) <= limit for part in parts)
    for number, version in enumerate(MADE):
        here = [sentence for part in parts for sentence in part[number]]
        assert sorted(here) == list(range(len(version.sentences)))


def test_a_story_within_the_limit_is_whole() -> None:
    """What can be compared exactly is."""
    assert len(neighbourhoods(parted(), WHOLE)) == 1
    assert len(neighbourhoods(parted(), WHOLE - 1)) > 1


def test_what_says_the_same_is_in_one_part() -> None:
    """The tellings of a fact are nearer to each other than to anything else."""
    made, told = story(4, 16)
    parts = neighbourhoods(parted(), 24)
    home = {(n, s): place for place, part in enumerate(parts) for n, here in enumerate(part) for s in here}
    facts: dict[int, set[int]] = {}
    for (number, sentence), place in home.items():
        facts.setdefault(told[number][sentence], set()).add(place)
    assert np.mean([len(places) == 1 for places in facts.values()]) > 0.95
    assert len(made) == 4


@pytest.mark.parametrize("limit", [24, 40])
def test_parts_give_the_statements_of_the_whole(limit: int) -> None:
    """The same members stand together whether all is compared or only what is near."""

    def rows(limit: int) -> set[frozenset[tuple[str, int, int]]]:
        return {frozenset((m.article, m.start, m.end) for m in s.members) for s in statements(MADE, limit)}

    whole, some = rows(WHOLE), rows(limit)
    assert len(whole) > 10
    assert len(whole & some) >= 0.9 * len(whole | some)
