"""Which articles make up which shard."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.entries import Entry, Reject
from pipeline.batch.plan import Draft, Plan


def planned(folder: Path, records: list[Entry | Reject], size: int) -> Plan:
    (folder / "plan.sqlite").unlink(missing_ok=True)
    with Draft(folder / "plan.sqlite") as draft:
        draft.add(records)
        draft.add([Entry(e.position, e.place, e.id, f"found {e.id}", e.text) for e in draft.loose()])
        draft.finish()
    return Plan.opened(folder / "plan.sqlite", size)


@given(st.lists(st.sampled_from(["", "a", "b", "c", "bad"]), max_size=30), st.integers(1, 4))
def test_every_record_is_in_one_shard_or_a_reject(
    tmp_path_factory: pytest.TempPathFactory,
    names: list[str],
    size: int,
) -> None:
    """Shards joined are all articles; stories are whole, in the order of their first article."""
    records: list[Entry | Reject] = [
        Reject(i, "", "bad") if name == "bad" else Entry(i, f"in:{i}", str(i), name, "text")
        for i, name in enumerate(names)
    ]
    plan = planned(tmp_path_factory.getbasetemp(), records, size)
    shards = [
        [story for group in range(plan.groups(number)) for story in plan.group(number, group)]
        for number in range(plan.shards)
    ]
    stories = [story for shard in shards for story in shard]
    assert all(len(shard) == size for shard in shards[:-1])
    assert all(plan.groups(number) * plan.together < size + plan.together for number in range(plan.shards))
    assert len(stories) == plan.stories == len({story[0].story for story in stories})
    for story in stories:
        assert len({entry.story for entry in story}) == 1
        assert [e.position for e in story] == sorted(e.position for e in story)
    assert [r.position for r in plan.rejects()] == [i for i, name in enumerate(names) if name == "bad"]
    assert sum(map(len, stories)) == plan.articles == len(names) - plan.rejected


def test_the_articles_of_a_story_may_lie_far_apart(tmp_path: Path) -> None:
    """A shuffled input gives the same stories, numbered by their first article."""
    records: list[Entry | Reject] = [Entry(i, "", str(i), f"s{i % 50}", "text") for i in range(150)]
    random.Random(1).shuffle(records)
    plan = planned(tmp_path, records, 7)
    places = [(number, group) for number in range(plan.shards) for group in range(plan.groups(number))]
    for story in (story for place in places for story in plan.group(*place)):
        assert sorted(e.position % 50 for e in story) == [story[0].position % 50] * 3
