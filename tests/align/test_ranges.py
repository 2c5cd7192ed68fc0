"""Maxima and means over ranges are those of each range on its own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.align.ranges import Ranges, best, mean

SIZE = 9
ranges = st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(sorted), max_size=7).map(
    lambda pairs: np.array(pairs, dtype=np.int64).reshape(-1, 2)
)
ROWS = np.random.default_rng(1).normal(size=(SIZE, 4)).clip(-0.9, 0.9).astype(np.float32)


@given(ranges)
def test_the_best_of_each_range(chosen: Ranges) -> None:
    """Ranges overlap, nest, repeat and may be empty: each has the maximum of its rows, -1 without one."""
    expected = [ROWS[start:end].max(axis=0, initial=-1) for start, end in chosen]
    assert best(ROWS, chosen).tolist() == [row.tolist() for row in expected]


@given(ranges)
def test_the_mean_of_each_range(chosen: Ranges) -> None:
    """Each range has the mean of its columns, 0 without one."""
    found = mean(ROWS.T, chosen)
    assert found.shape == (4, len(chosen))
    for column, (start, end) in zip(found.T, chosen, strict=True):
        expected = ROWS[start:end].mean(axis=0) if end > start else np.zeros(4)
        np.testing.assert_allclose(column, expected, atol=1e-6)
