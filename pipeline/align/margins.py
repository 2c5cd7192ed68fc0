"""Similarity as margins: what is left of a cosine when the background is taken away.

A multilingual encoder's vectors share a direction, and raw cosines lie within 0.72-0.95 whatever the texts,
so only a comparison with the neighbours means anything: CSLS (Conneau et al. 2018, arXiv 1710.04087).
"""

import numpy as np
import numpy.typing as npt

from pipeline.engines.ports import Floats

NEIGHBOURS = 5
"""How many of the best others make the background; 3-10 differ by less than 0.01 F1 on NTREX stories."""

DIRECTIONS = 3
ROWS_A_DIRECTION = 100
"""On NTREX stories 3 directions halve the intruders matched, 8 cost recall; 1 helps less."""


BLOCK = 8192
"""Rows that are held in double precision at a time."""


def unit(rows: Floats) -> Floats:
    """Return the rows at length 1; a row of zeros stays one."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


def background(similarity: Floats, axis: int, neighbours: int = NEIGHBOURS) -> Floats:
    """Return the mean of the best `neighbours` along `axis`, fewer where there are fewer."""
    size = similarity.shape[axis]
    if size == 0:
        return np.zeros(similarity.shape[1 - axis], dtype=np.float32)
    best = min(neighbours, size)
    top = np.partition(similarity, size - best, axis=axis).take(range(size - best, size), axis=axis)
    return np.asarray(top.mean(axis=axis), dtype=np.float32)


def csls(similarity: Floats, neighbours: int = NEIGHBOURS) -> Floats:
    """Return `2 s - r - c`: each similarity less the backgrounds of its row and of its column."""
    rows = background(similarity, 1, neighbours)
    columns = background(similarity, 0, neighbours)
    return np.asarray(2 * similarity - rows[:, None] - columns[None, :], dtype=np.float32)


def mutual(scores: Floats) -> list[tuple[int, int]]:
    """Return the (row, column) pairs that are each other's best, in order of rows; ties go to the first."""
    if not scores.size:
        return []
    best_column, best_row = scores.argmax(axis=1), scores.argmax(axis=0)
    return [(row, int(column)) for row, column in enumerate(best_column) if best_row[column] == row]


def clean(rows: Floats) -> Floats:
    """Return the rows at length 1, without their mean and their strongest directions.

    Both are shared by whatever a language's texts say (Mu and Viswanath 2018, arXiv 1702.01417). Few rows
    show no direction of their language's, only their own, so it takes `ROWS_A_DIRECTION` for each.
    """
    if not len(rows):
        return rows
    centred = rows - rows.mean(axis=0)
    count = min(DIRECTIONS, len(rows) // ROWS_A_DIRECTION)
    if count:
        blocks = (centred[start : start + BLOCK].astype(np.float64) for start in range(0, len(rows), BLOCK))
        directions = _strongest(sum(block.T @ block for block in blocks), count)
        centred -= (centred @ directions) @ directions.T
    return unit(np.asarray(centred, dtype=np.float32))


def _strongest(covariance: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    """Return `count` orthonormal columns that span the leading eigenvectors, nearly.

    Subspace iteration (Halko et al. 2011, arXiv 0909.4061) from the widest columns: hundredths of a second
    where a full decomposition takes tenths, and the same on every run.
    """
    basis = covariance[:, np.argsort(-np.diag(covariance), kind="stable")[: 2 * count + 2]]
    for _ in range(12):
        basis = np.linalg.qr(covariance @ basis)[0]
    inner = np.linalg.eigh(basis.T @ covariance @ basis)[1]
    return np.asarray(basis @ inner[:, -count:])
