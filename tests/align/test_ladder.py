"""Ladders read back as they were written, and name the line that is none."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.align import ladder
from pipeline.errors import InputError
from pipeline.records import Bead

SIDES = st.lists(st.integers(0, 99_999), max_size=8).map(tuple)
SCORES = st.none() | st.integers(0, 10_000).map(lambda score: score / 10_000)


@given(st.lists(st.builds(Bead, SIDES, SIDES, SCORES)))
def test_a_ladder_reads_back(beads: list[Bead]) -> None:
    """What was written is read, empty sides and missing scores included."""
    assert ladder.load(ladder.dump(beads), "a") == beads


def test_the_example_is_as_printed() -> None:
    """The docstring's example runs."""
    assert doctest.testmod(ladder).failed == 0


def test_the_gold_of_others_is_read() -> None:
    """Vecalign's gold has no scores, its output has, and nulls have a 0.0 for theirs."""
    assert ladder.load("[0]:[0, 1]\n\n[]:[2]:0.000000\n[1]:[3]:0.304110\n", "a") == [
        Bead((0,), (0, 1), None),
        Bead((), (2,), 0.0),
        Bead((1,), (3,), 0.30411),
    ]


@pytest.mark.parametrize(
    "line", ["0:0", "[0]", "[0]:[0]:good", "[0,]:[1]", "[-1]:[0]", "[0]:[0]:1.2.3", "[0]:[0]:1:2"]
)
def test_a_line_of_another_format_is_named(line: str) -> None:
    """File and line are in the message."""
    with pytest.raises(InputError, match=r"^gold\.txt:2: "):
        ladder.load(f"[0]:[0]\n{line}\n", "gold.txt")
