"""Source pieces that are cut otherwise."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.training.conftest import START, stream
from training.batches import Stream
from training.recut import recut

PIECES = ["<s>", "▁", "▁a", "b", "c", "▁ab", "bc", "▁abc", "▁z"]
SCORES = np.array([0, -9, -3, -4, -5, -2, -6, -7, -8], dtype=np.float32)


def test_the_same_words_in_other_pieces() -> None:
    """Whatever is cut, the letters stay; what has no halves stays whole."""
    random = np.random.default_rng(1)
    always = recut(PIECES, SCORES, 1, 1.0)
    ids = np.array([7, 8, 3, 5], dtype=np.uint16)
    seen = {tuple(always.again(ids, random)) for _ in range(40)}
    assert seen == {(5, 4, 8, 3, 2, 3), (2, 6, 8, 3, 2, 3)}
    assert {"".join(PIECES[i] for i in row) for row in seen} == {"▁abc▁zb▁ab"}


def test_about_a_share_is_cut() -> None:
    """Of a thousand pieces with halves a tenth, and none at a share of 0."""
    ids = np.full(1000, 5, dtype=np.uint16)
    assert 60 < len(recut(PIECES, SCORES, 1, 0.1).again(ids, np.random.default_rng(1))) - 1000 < 140
    assert recut(PIECES, SCORES, 1, 0.0).again(ids, np.random.default_rng(1)) is ids


def test_only_the_likeliest_ways_and_never_a_special_piece() -> None:
    """Three ways at most, by the sum of the scores; `<s>` is no half."""
    pieces = ["ab", *"abcde", "abc", "de", "cde", "abcd", "bcde", "abcde"]
    scores = np.array([0.0, *[-5.0] * 5, -1.0, -1.0, -2.0, -3.0, -4.0, -1.0], dtype=np.float32)
    table = recut(pieces, scores, 1, 1.0)
    whole = pieces.index("abcde")
    assert table.ways[whole] == 3
    assert ["+".join(pieces[i] for i in pair) for pair in table.halves[whole].tolist()] == [
        "abc+de", "abcd+e", "a+bcde",
    ]  # fmt: skip


def test_a_stream_recuts_the_source_alone_and_the_same_again(small_box: Path) -> None:
    """English stays; lengths follow; a batch taken up again is the same."""
    plain = stream(small_box)
    halves = np.zeros((1000, 3, 2), dtype=np.int64)
    halves[:, :, 0], halves[:, :, 1] = 8, 9

    def cutting() -> Stream:
        table = replace(recut(PIECES, SCORES, 1, 1.0), halves=halves, ways=np.full(1000, 3))
        return replace(plain, recut=table)

    before, after = next(plain.batches(START)), next(cutting().batches(START))
    assert np.array_equal(before.labels, after.labels)
    assert np.array_equal(2 * (before.lengths - 2), after.lengths - 2)
    second = list(zip(range(2), cutting().batches(START), strict=False))[1][1]
    assert np.array_equal(next(cutting().batches(after.after)).source, second.source)
