"""What is told against a boundary between beads: marks, clauses and words."""

import numpy as np
import pytest

from pipeline.align import monotone_boundaries as boundaries
from pipeline.align.monotone_band import along
from pipeline.engines.ports import TokenStates


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Es sprachen :", True),
        ("erstens ,", True),
        ("He said “wait –” ", True),
        ("قال الوزير،", True),
        ("1933 durch B.M .", True),
        ("der Seilschaft J. Marmet-E .", True),
        ("قال د.", True),
        ("bei etwa 7200 m.", False),
        ("le camp IV .", False),
        ("Ende.", False),
    ],
)
def test_a_line_that_ends_in_a_comma_a_colon_or_an_initial_is_not_over(line: str, told: bool) -> None:
    """Units and numerals with a full stop may end a sentence, an initial hardly."""
    assert boundaries.pending([line, "x"]).tolist() == [0, told, 0]


def test_a_bracket_that_is_open_goes_on_in_the_next_line() -> None:
    """Told of a line that opens a bracket, not of one that closes what was opened, or what was not."""
    lines = ["Das Buch ( Zürich :", "Orell Füssli ) liegt vor ( 1956 ) .", "1) und [2].", "Ende ("]
    assert boundaries.bracketed(lines).tolist() == [0, 1, 0, 0, 0]


def test_a_small_letter_goes_on_with_the_line_before() -> None:
    """Told at the point before the line; a text's first line goes on with nothing."""
    assert boundaries.lowercase(["a", "b", "C", "1"]).tolist() == [0, 1, 0, 0, 0]


def test_cuts_are_at_punctuation_away_from_the_ends() -> None:
    """A part of a sentence has three tokens or more; a cut is before the token that begins it."""
    line = "aa, bb cc dd, ee ff gg hh (ii jj kk) ll."
    words = line.replace("(", " ").replace(")", " ").replace(",", " ").replace(".", " ").split()
    starts = np.array([line.index(word) for word in words], dtype=np.int32)
    text = TokenStates(np.zeros((len(words), 2), dtype=np.float32), starts, starts + 2)
    assert [words[at] for at in boundaries.cuts(text, line)] == ["ee", "ii"]


def test_a_clause_on_the_wrong_side_speaks_against_the_point() -> None:
    """Source line 1 ends with what the other text's line 2 says: told at (2, 2), not where no cut helps."""
    apart = np.eye(5, dtype=np.float32)
    source = np.stack([apart[0], apart[1] + apart[2], apart[3], apart[4]])
    target = np.stack([apart[0], apart[1], apart[2] + apart[3], apart[4]])
    none = np.zeros((0, 5), dtype=np.float32)
    band = along(np.zeros((0, 2), dtype=np.int64), 4, 4, half=4)
    found = boundaries.clauses(band, [none, apart[1:2], none, none], source, target)
    told = {(i, j): found[i + j, i - int(band.centre[i + j]) + band.half] for i in range(5) for j in range(5)}
    gain = (1 + 1) - 2 * np.sqrt(0.5)
    assert told[2, 2] == pytest.approx(np.log1p(boundaries.GAIN * gain), abs=1e-3)
    assert told[3, 3] == told[1, 1] == told[0, 0] == told[4, 4] == 0


def test_words_at_an_edge_belong_across_it() -> None:
    """Two tokens of four say one sentence, two the next: told where the order is not that of the tokens."""
    best = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]], dtype=np.float32)
    told = pytest.approx(np.log1p(2 * boundaries.SUREST))
    last, first = boundaries.edges(best)
    assert (last[1], first[1]) == (told, told)
    last, first = boundaries.edges(best[::-1])
    assert (last[1], first[1]) == (0, 0)
