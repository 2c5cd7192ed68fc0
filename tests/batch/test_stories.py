"""Which articles report the same story."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.entries import Entry
from pipeline.batch.reading import read
from pipeline.batch.stories import Linkage, centred, named, stories
from tests.batch import toy

LINKAGE = Linkage()
WIDTH = 384
Floats = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def cloud(
    groups: int, size: int, spread: float, seed: int = 0
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return unit vectors in groups about random centres; rows go round the groups."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, WIDTH))
    rows = np.tile(centres, (size, 1)) + spread * rng.normal(size=(groups * size, WIDTH))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_groups_of_near_articles_are_stories() -> None:
    """Twenty clear groups of four are found as they are."""
    assert stories(cloud(20, 4, 0.3), [1] * 80, LINKAGE) == list(range(20)) * 4


def test_no_story_is_longer_than_its_window_allows_a_pair_to_be() -> None:
    """The same words on days far apart are different stories; undated articles join undated ones."""
    rows = cloud(10, 4, 0.2)
    days = [1] * 10 + [2] * 10 + [30] * 10 + [None] * 10
    found = stories(rows, days, LINKAGE)
    assert found == [*range(10), *range(10), *range(20, 30), *range(30, 40)]


def test_noise_has_no_stories() -> None:
    """Articles that have nothing to do with one another stay alone."""
    found = stories(cloud(200, 1, 0.0, seed=3), [1] * 200, LINKAGE)
    assert len(set(found)) == 200


def test_a_chain_of_near_articles_is_not_one_story() -> None:
    """Each link of the chain is near the next, its ends are not: it falls apart."""
    angles = np.linspace(0, np.pi, 13)
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = stories(rows, [1] * 13, LINKAGE)
    assert 2 <= len(set(found)) <= 4


def test_what_a_language_has_in_common_does_not_count() -> None:
    """Two stories in two languages that differ more than the stories are told apart by the stories."""
    story, lang = cloud(20, 1, 0.0), cloud(2, 1, 0.0, seed=9)
    rows = np.concatenate([story + 3 * lang[0], story + 3 * lang[1]])
    about = centred(rows, ["it"] * 20 + ["he"] * 20, {"it": rows[:20], "he": rows[20:]})
    assert stories(about, [1] * 40, LINKAGE) == list(range(20)) * 2


@given(st.integers(0, 5), st.integers(1, 12), st.integers(0, 2**16))
def test_the_order_of_articles_decides_names_and_nothing_else(size: int, groups: int, seed: int) -> None:
    """A shuffled input has the same stories, each named after its first article."""
    rows = cloud(groups, size, 0.5, seed)
    days: list[int | None] = [i % 7 for i in range(len(rows))]
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    one = stories(rows, days, LINKAGE)
    other = stories(rows[order], [days[i] for i in order], LINKAGE)

    def parts(found: list[int], at: list[int]) -> set[frozenset[int]]:
        return {frozenset(at[i] for i, s in enumerate(found) if s == name) for name in set(found)}

    assert parts(one, list(range(len(rows)))) == parts(other, order)
    assert all(found[name] == name and name <= i for found in (one, other) for i, name in enumerate(found))


def test_named_gives_every_article_a_story(tmp_path: Path) -> None:
    """Entries come back in order, changed in nothing but their story."""
    source = toy.write(tmp_path / "in.jsonl", [{**r, "story": ""} for r in toy.records(5, 2)])
    before = [one for one in read(source) if isinstance(one, Entry)]
    after = list(named(lambda: iter(before), toy.models(), LINKAGE))
    assert [(e.position, e.id, e.text) for e in after] == [(e.position, e.id, e.text) for e in before]
    assert all(e.story.startswith("found-") for e in after)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_articles_are_no_special_case(count: int) -> None:
    """None, one, or two."""
    assert len(stories(cloud(count, 1, 0.1) if count else cloud(1, 0, 0.1), [1] * count, LINKAGE)) == count
