"""Maxima and means over ranges of tokens that overlap."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from pipeline.engines.ports import Floats

Ranges = npt.NDArray[np.int64]
"""(n, 2): the first token of each passage and the one after its last."""


def consecutive(sizes: Iterable[int]) -> Ranges:
    """Return the ranges of passages of so many tokens that follow one another from the first token on."""
    ends = np.cumsum([0, *sizes], dtype=np.int64)
    return np.stack([ends[:-1], ends[1:]], axis=1)


def best(similarity: Floats, ranges: Ranges) -> Floats:
    """Return (ranges, columns): each column's best match among the rows of each range; -1 if it is empty.

    Ranges overlap, so rows are first reduced between neighbouring edges.
    """
    edges, first, last = _atoms(ranges)
    found = np.full((len(ranges), similarity.shape[1]), -1, dtype=np.float32)
    if len(edges) < 2:
        return found
    atoms = np.maximum.reduceat(similarity[: edges[-1]], edges[:-1], axis=0)
    so_far, size = atoms.copy(), last - first
    for count in range(1, size.max() + 1):
        here = size == count
        found[here] = so_far[first[here]]
        going_on = np.unique(first[size > count])
        so_far[going_on] = np.maximum(so_far[going_on], atoms[going_on + count])
    return found


def mean(rows: Floats, ranges: Ranges) -> Floats:
    """Return (rows, ranges): the means of each row's columns, 0 for an empty range."""
    sizes = np.maximum(ranges[:, 1] - ranges[:, 0], 1)
    return np.asarray(sums(rows, ranges) / sizes, dtype=np.float32)


def sums(rows: Floats, ranges: Ranges) -> npt.NDArray[np.float64]:
    """Return (rows, ranges): the sums of each row's columns."""
    edges, first, last = _atoms(ranges)
    if len(edges) < 2:
        return np.zeros((len(rows), len(ranges)))
    atoms = np.add.reduceat(rows[:, : edges[-1]], edges[:-1], axis=1)
    total = np.cumsum(np.pad(atoms, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    return np.asarray(total[:, last] - total[:, first])


def _atoms(ranges: Ranges) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return all edges of the ranges in order, and between which two of them each range lies."""
    edges = np.unique(ranges)
    return edges, np.searchsorted(edges, ranges[:, 0]), np.searchsorted(edges, ranges[:, 1])
