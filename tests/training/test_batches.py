"""The stream: every pair in its turn, and the same again from any place."""

from itertools import islice
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.training.conftest import START, stream
from training.batches import IGNORED, Position, cut, drawn_rows, one_pass

WEIGHTS = st.lists(st.floats(0.0625, 2, width=16), min_size=1, max_size=40).map(
    lambda w: np.array(w, dtype=np.float32)
)


@given(WEIGHTS, st.integers(0, 99))
def test_a_pass_brings_a_pair_as_often_as_its_weight(
    weights: np.ndarray[tuple[int], np.dtype[np.float32]], seed: int
) -> None:
    """Never less than the weight's floor, never more than its ceiling, up to the pass's rounding."""
    length = max(1, round(float(weights.sum())))
    rows = one_pass(weights, length, (seed,))
    expected = weights * (length / weights.sum(dtype=np.float64))
    found = np.bincount(rows, minlength=len(weights))
    assert len(rows) == length
    assert (np.abs(found - expected) < 1 + 1e-6).all()


@given(WEIGHTS, st.integers(0, 200), st.integers(1, 50), st.integers(0, 50))
def test_drawing_is_a_window_on_one_sequence(
    weights: np.ndarray[tuple[int], np.dtype[np.float32]], start: int, first: int, second: int
) -> None:
    """Two draws one after the other are one longer draw, across the ends of passes."""
    whole = drawn_rows(weights, start, first + second, (3,))
    parts = [drawn_rows(weights, start, first, (3,)), drawn_rows(weights, start + first, second, (3,))]
    assert np.array_equal(whole, np.concatenate(parts))


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1), st.integers(20, 500))
def test_cutting_loses_nothing_and_keeps_the_budget(lengths: list[tuple[int, int]], tokens: int) -> None:
    """Groups joined are the order; only a row that is too long by itself goes over."""
    sizes = np.array(lengths)
    order = np.argsort(sizes.max(axis=1), kind="stable")
    groups = list(cut(order, sizes, tokens))
    assert np.array_equal(np.concatenate(groups), order)
    for group in groups:
        padded = (sizes[group, 0].max() + 2 + sizes[group, 1].max() + 1) * len(group)
        assert padded <= tokens or len(group) == 1


def test_a_batch_holds_what_the_loop_needs(small_box: Path) -> None:
    """`<s> source </s>`, `</s> english`, `english </s>`, padded with what each reader passes over."""
    batch = next(stream(small_box).batches(START))
    for source, length, before, labels in zip(
        batch.source, batch.lengths, batch.before, batch.labels, strict=True
    ):
        ids = source[1 : length - 1]
        assert (source[0], source[length - 1]) == (0, 2)
        assert (source[length:] == 1).all()
        assert before[: length - 1].tolist() == [2, *ids]
        assert labels[: length - 1].tolist() == [*ids, 2]
        assert (labels[length - 1 :] == IGNORED).all()
    assert batch.tokens == int((batch.lengths - 1).sum())


def test_a_stream_goes_on_where_it_was_left(small_box: Path) -> None:
    """From any batch's `after`, within a chunk and across chunks, the rest is the same."""
    batches = list(islice(stream(small_box).batches(START), 12))
    assert batches[-1].after.chunk >= 1
    for i, batch in enumerate(batches[:-1]):
        following = next(stream(small_box).batches(batch.after))
        assert np.array_equal(following.source, batches[i + 1].source)
    assert batches[0].after == Position(0, 1)


def test_rows_are_padded_to_a_multiple(small_box: Path) -> None:
    """Tensor cores want lengths in eights."""
    from dataclasses import replace

    batch = next(replace(stream(small_box), multiple=8).batches(START))
    assert batch.source.shape[1] % 8 == batch.labels.shape[1] % 8 == 0
