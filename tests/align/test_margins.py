"""What is left of a similarity when the background is gone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.align.margins import ROWS_A_DIRECTION, background, clean, csls, mutual

matrices = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.floats(-1, 1, width=32)
)


def test_the_background_is_the_mean_of_the_best() -> None:
    """Of five similarities the two best count, in either direction."""
    row = np.array([[0.1, 0.9, 0.3, 0.5, 0.2]], dtype=np.float32)
    assert background(row, 1, 2).tolist() == background(row.T, 0, 2).tolist() == [np.float32(0.7)]


@given(matrices)
def test_csls_of_the_other_side_is_the_transpose(
    similarity: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> None:
    """No side is the pivot."""
    np.testing.assert_allclose(csls(similarity).T, csls(similarity.T), atol=1e-6)


@given(matrices)
def test_mutual_pairs_use_nothing_twice(
    similarity: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> None:
    """Each row and each column is in at most one pair, and each pair is the best of both."""
    pairs = mutual(similarity)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(similarity[i, j] == similarity[i].max() == similarity[:, j].max() for i, j in pairs)


def test_a_hub_is_no_neighbour() -> None:
    """A column that is near to every row loses to one that is near to a single row."""
    similarity = np.array([[0.9, 0.85, 0.1], [0.9, 0.1, 0.1], [0.9, 0.1, 0.3]], dtype=np.float32)
    assert similarity[0].argmax() == 0
    assert csls(similarity, 3)[0].argmax() == 1


def test_shared_directions_are_gone() -> None:
    """Rows that differ in little but a strong common direction are told apart by the little."""
    random = np.random.default_rng(1)
    meaning, language = random.normal(size=(2 * ROWS_A_DIRECTION, 16)), random.normal(size=16)
    rows = (meaning + np.outer(random.normal(size=len(meaning)), 20 * language)).astype(np.float32)
    raw, cleaned = rows / np.linalg.norm(rows, axis=1, keepdims=True), clean(rows)
    assert np.abs(raw @ raw.T).mean() > 0.9
    assert np.abs(cleaned @ cleaned.T).mean() < 0.3


def test_nothing_is_cleaned_to_nothing() -> None:
    """No rows are no rows, and a single one is its own mean."""
    assert clean(np.zeros((0, 4), dtype=np.float32)).shape == (0, 4)
    assert not clean(np.ones((1, 4), dtype=np.float32)).any()
