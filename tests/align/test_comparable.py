"""What speaks for two passages, on toy vectors."""

import numpy as np
import pytest

from pipeline.align.comparable import MEASURES, Passages, evidence, local, log_odds, passages
from pipeline.align.ranges import Ranges
from pipeline.align.sides import sides
from tests.align.stories import encode

ONE = ("the minister opened a bridge", "wheat grows badly without rain", "two thieves ran across our harbour")
OTHER = (
    "without rain wheat grows badly",
    "nobody likes winter trains",
    "yesterday the minister opened a bridge",
)


def compared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Passages, Passages]:
    a, b = sides([[encode(t, "x") for t in one], [encode(t, "y") for t in other]], ["x", "y"])
    return passages(a, a.sentences), passages(b, b.sentences)


def test_what_is_said_on_both_sides_has_the_best_odds() -> None:
    """The pairs with the same words, in any order of words and sentences, are likely; all others are not."""
    odds = log_odds(evidence(*compared(ONE, OTHER)).measures)
    assert {(int(i), int(j)) for i, j in np.argwhere(odds > 0)} == {(0, 2), (1, 0)}


def test_swapping_sides_transposes() -> None:
    """Neither version is the source."""
    a, b = compared(ONE, OTHER)
    there, back = evidence(a, b), evidence(b, a)
    np.testing.assert_allclose(there.measures, back.measures.transpose(1, 0, 2), atol=1e-5)
    np.testing.assert_allclose(there.gains, back.gains.T, atol=1e-4)


def test_a_repetition_is_no_rival() -> None:
    """A version that says a thing twice does not thereby take back that it says it."""
    lead = MEASURES.index("least_lead")
    twice = (*OTHER, "the minister opened a bridge today")
    assert evidence(*compared(ONE, twice)).measures[0, 2, lead] > 0.2
    assert compared(ONE, twice)[1].rivals.tolist()[2] == [True, True, False, False]


def test_words_that_belong_gain_and_words_that_do_not_lose() -> None:
    """The run of words that gains most is the one that the other side has."""
    side, other = sides([[encode(" ".join(ONE), "x")], [encode(t, "y") for t in OTHER]], ["x", "y"])
    runs: Ranges = np.array([[s, e] for s in range(16) for e in range(s + 1, 17)], dtype=np.int64)
    found = evidence(passages(side, runs), passages(other, other.sentences))
    assert runs[found.gains[:, 0].argmax()].tolist() == [5, 10]
    assert runs[found.gains[:, 2].argmax()].tolist() == [0, 5]
    best = local(found, runs, other.sentences)
    assert {(*runs[i].tolist(), j) for i, j in best} == {(0, 5, 2), (5, 10, 0)}


@pytest.mark.parametrize(("one", "other"), [((), ()), ((), ONE), (("",), ONE), (("", *ONE), OTHER)])
def test_sides_without_words_have_no_evidence(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Empty versions and sentences without tokens are compared without a warning and match nothing."""
    a, b = compared(one, other)
    found = evidence(a, b)
    assert found.measures.shape == (len(one), len(other), len(MEASURES))
    assert np.isfinite(found.measures).all()
    assert all(one[i] for i, _ in local(found, a.ranges, b.ranges))
