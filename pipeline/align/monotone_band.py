"""Where the monotone aligner looks: a strip of constant width along a coarse path through two texts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

PROBES = 4096  # source sentences compared with the whole target: bounded, so that time is linear beyond
CHUNK = 2048  # target sentences a block of the comparison: PROBES x CHUNK floats are 32 MiB
HALF_WIDTH = 20  # sentences either side of the path; on our documents with gold it strays by 1 to 6


@dataclass(frozen=True)
class Band:
    """Points (i, j) between sentences, `centre[d] - half <= i <= centre[d] + half` on diagonal d = i + j.

    An array over the band has a row a diagonal and a column an offset of i from the centre. The
    centre rises by 0 or 1 from a diagonal to the next, so memory is (n + m + 1) x (2 half + 1) whatever is
    left out of a text.
    """

    n: int
    m: int
    centre: Ints
    half: int

    @cached_property
    def rows(self) -> Ints:
        """(D, W): i of each point, outside 0..n where the band hangs over the edge."""
        return np.asarray(self.centre[:, None] + np.arange(-self.half, self.half + 1))

    @cached_property
    def columns(self) -> Ints:
        """(D, W): j of each point, outside 0..m where the band hangs over the edge."""
        return np.asarray(np.arange(self.n + self.m + 1)[:, None] - self.rows)

    @cached_property
    def inside(self) -> Flags:
        """(D, W): whether the point is one of the two texts'."""
        i, j = self.rows, self.columns
        return np.asarray((i >= 0) & (i <= self.n) & (j >= 0) & (j <= self.m))

    def delta(self, a: int, b: int) -> Ints:
        """(D,): what an offset on diagonal d changes by when it goes back to point (i - a, j - b)."""
        earlier = np.clip(np.arange(self.n + self.m + 1) - a - b, 0, self.n + self.m)
        return np.asarray(self.centre - a - self.centre[earlier])

    def shift(self, values: Floats, a: int, b: int, fill: float = 0.0) -> Floats:
        """(D, W): the value at (i - a, j - b) for every point (i, j), `fill` where that is outside."""
        diagonals, width = values.shape
        diagonal = np.arange(diagonals) - a - b
        offset = np.arange(width)[None, :] + self.delta(a, b)[:, None]
        known = ((diagonal >= 0) & (diagonal < diagonals))[:, None] & (offset >= 0) & (offset < width)
        flat = np.where(known, diagonal[:, None] * width + offset, 0)
        return np.where(known, values.reshape(-1)[flat], np.float32(fill))

    def mirrored(self) -> "Band":
        """Return the band with the sides swapped; its arrays are this band's with the columns reversed."""
        return Band(self.m, self.n, np.arange(len(self.centre)) - self.centre, self.half)

    def spans(self) -> tuple[Ints, Ints]:
        """(n,), (n,): the target sentences, first and past the last, whose pair with a source one is here.

        The pair (i, j) is kept at the point after both, (i + 1, j + 1).
        """
        i = np.arange(self.n)
        first = np.searchsorted(self.centre, i + 1 - self.half, "left") - i - 2
        last = np.searchsorted(self.centre, i + 1 + self.half, "right") - i - 2
        first = np.clip(first, 0, self.m)
        return first, np.maximum(np.clip(last, 0, self.m), first)


def along(anchors: Ints, n: int, m: int, half: int = HALF_WIDTH) -> Band:
    """Return the band around the line through anchor pairs of sentences, (k, 2), rising on both sides."""
    points = np.concatenate([[[0, 0]], anchors + 0.5, [[n, m]]])
    path = np.interp(np.arange(n + m + 1), points.sum(axis=1), points[:, 0])
    return Band(n, m, np.floor(path + 0.5).astype(np.int64), half)


def anchors(source: Floats, target: Floats) -> Ints:
    """Return (k, 2) pairs of mutually nearest sentences: the heaviest chain of them that rises on both sides.

    `source` (n, width) and `target` (m, width) are unit rows. A pair weighs its margin over the
    second nearest: the first pass of Bertalign (Liu and Zhu 2022) with mutual neighbours for the top k. At
    most PROBES source sentences, evenly spaced, are compared.
    """
    if not len(source) or not len(target):
        return np.zeros((0, 2), dtype=np.int64)
    probes = np.unique(np.linspace(0, len(source) - 1, min(len(source), PROBES)).astype(np.int64))
    rows = np.arange(len(probes))
    best = np.full(len(probes), -np.inf, dtype=np.float32)
    second, nearest, of_target = (
        best.copy(),
        np.zeros(len(probes), dtype=np.int64),
        np.zeros(len(target), np.int64),
    )
    for start in range(0, len(target), CHUNK):
        similar = source[probes] @ target[start : start + CHUNK].T
        of_target[start : start + CHUNK] = similar.argmax(axis=0)
        at = similar.argmax(axis=1)
        top = similar[rows, at]
        similar[rows, at] = -np.inf
        runner_up = similar.max(axis=1)
        second = np.maximum(np.maximum(second, runner_up), np.minimum(best, top))
        nearest = np.where(top > best, start + at, nearest)
        best = np.maximum(best, top)
    mutual = np.flatnonzero(of_target[nearest] == rows)
    weights = np.where(np.isfinite(second), best - second, 1.0)[mutual] + 1e-3
    return _chain(probes[mutual], nearest[mutual], weights.astype(np.float64), len(target))


def _chain(rows: Ints, columns: Ints, weights: npt.NDArray[np.float64], width: int) -> Ints:
    """Return the heaviest chain rising in both; `rows` rise already. A Fenwick tree: k log width."""
    tree: list[tuple[float, int]] = [(0.0, -1)] * (width + 1)
    before = [-1] * len(rows)
    for k, (column, weight) in enumerate(zip(columns.tolist(), weights.tolist(), strict=True)):
        total, at = 0.0, column
        while at > 0:
            if tree[at][0] > total:
                total, before[k] = tree[at]
            at -= at & -at
        at = column + 1
        while at <= width:
            if tree[at][0] < total + weight:
                tree[at] = (total + weight, k)
            at += at & -at
    k, at, chain = -1, width, []
    heaviest = 0.0
    while at > 0:
        if tree[at][0] > heaviest:
            heaviest, k = tree[at]
        at -= at & -at
    while k >= 0:
        chain.append((int(rows[k]), int(columns[k])))
        k = before[k]
    return np.array(chain[::-1], dtype=np.int64).reshape(-1, 2)
