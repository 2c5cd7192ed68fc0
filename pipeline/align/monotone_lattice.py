"""Sums and best paths over all covers of a band by beads."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.align.monotone_band import Band, Floats, Ints

LONGEST = 8  # sentences on one side of a bead
BEADS = tuple((a, b) for a in range(1, LONGEST + 1) for b in range(1, LONGEST + 1) if a + b <= LONGEST + 1)
NULLS = ((1, 0), (0, 1))
KINDS = BEADS + NULLS
PAD = LONGEST + 1  # no bead spans more diagonals, and none moves an offset by more
IMPOSSIBLE = -1e30  # a log-weight that no sum notices; with -inf a difference of two would be nan

Doubles = npt.NDArray[np.float64]
Reduce = Callable[[Doubles], Doubles]


def _sum(logs: Doubles) -> Doubles:
    """Add along the first axis what is given as logarithms."""
    top = logs.max(axis=0)
    return np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)))


def _max(logs: Doubles) -> Doubles:
    return np.asarray(logs.max(axis=0))


class Lattice:
    """A log-weight for every bead that ends at a point of a band: a semi-Markov random field over covers.

    `weights` is (len(KINDS), D, W). `opening` is added to a null that does not follow a null, so that a
    run of nulls is one event; hence two states a point, after a bead and after a null. A cover takes every
    sentence of both texts once, in order.
    """

    def __init__(self, band: Band, weights: Floats, opening: float) -> None:
        self.band, self.opening = band, opening
        i, j, inside = band.rows, band.columns, band.inside
        diagonals, width = inside.shape
        self._weights = np.full(
            (len(KINDS), diagonals + 2 * PAD, width + 2 * PAD), IMPOSSIBLE, dtype=np.float32
        )
        for kind, (a, b) in enumerate(KINDS):
            possible = inside & (i >= a) & (j >= b)
            core = self._weights[kind, PAD:-PAD, PAD:-PAD]
            core[possible] = weights[kind][possible]
        stride = width + 2 * PAD
        first = (np.arange(diagonals) + PAD) * stride + PAD
        steps = np.array([a + b for a, b in KINDS])
        delta = np.stack([band.delta(a, b) for a, b in KINDS], axis=1)
        later = np.minimum(np.arange(diagonals)[:, None] + steps, diagonals - 1)
        self._back: Ints = first[:, None] - steps * stride + delta
        self._ahead: Ints = first[:, None] + steps * stride - np.take_along_axis(delta, later, axis=0)
        self._offsets: Ints = np.arange(width)
        self._end = (diagonals - 1 + PAD, band.n - int(band.centre[-1]) + band.half + PAD)

    def best(self) -> list[tuple[int, int, int, int]]:
        """Return the heaviest cover: (i, j, a, b) for a bead of a by b sentences that ends at (i, j)."""
        bead, null, _ = (values.reshape(-1) for values in self._forward(_max))
        end = self._end[0] * self._weights.shape[2] + self._end[1]
        i, j, after_null = self.band.n, self.band.m, bool(null[end] > bead[end])
        found: list[tuple[int, int, int, int]] = []
        while i or j:
            d = i + j
            offset = i - int(self.band.centre[d]) + self.band.half
            kinds = slice(len(BEADS), None) if after_null else slice(0, len(BEADS))
            at = self._back[d, kinds] + offset
            before = np.stack([bead[at] + (self.opening if after_null else 0.0), null[at]])
            total = before.max(axis=0) + self._weights[kinds, d + PAD, offset + PAD]
            pick = int(total.argmax())
            a, b = KINDS[kinds][pick]
            found.append((i, j, a, b))
            after_null = bool(before[1, pick] > before[0, pick])
            i, j = i - a, j - b
        return found[::-1]

    @cached_property
    def mass(self) -> float:
        """The logarithm of the sum over all covers of the exponential of their weight."""
        return float(self._sums[2][self._end])

    def marginals(self) -> Floats:
        """Return (len(KINDS), D, W): the probability of each bead, a cover's being its share of `mass`."""
        _, _, any_before = self._sums
        bead_after, null_after = self._backward
        inner = (slice(PAD, -PAD), slice(PAD, -PAD))
        found = np.empty((len(KINDS), *self.band.inside.shape), dtype=np.float32)
        for kind in range(len(BEADS)):
            logs = any_before.reshape(-1)[self._before(kind)] + self._weights[kind][inner]
            found[kind] = np.exp(np.minimum(logs + bead_after[inner] - self.mass, 0.0))
        for kind, (opened, continued) in zip(range(len(BEADS), len(KINDS)), self._null_logs(), strict=True):
            logs = np.logaddexp(opened, continued) + null_after[inner]
            found[kind] = np.exp(np.minimum(logs - self.mass, 0.0))
        return found

    def openings(self) -> float:
        """Return the expected number of runs of nulls: the derivative of `mass` by `opening`."""
        _, null_after = self._backward
        after = null_after[PAD:-PAD, PAD:-PAD] - self.mass
        return float(sum(np.exp(np.minimum(opened + after, 0.0)).sum() for opened, _ in self._null_logs()))

    def _null_logs(self) -> list[tuple[Doubles, Doubles]]:
        """For each kind of null, log-sums of what ends with it: opening a run, and going on with one."""
        bead, null, _ = (values.reshape(-1) for values in self._sums)
        found = []
        for kind in range(len(BEADS), len(KINDS)):
            at, weight = self._before(kind), self._weights[kind, PAD:-PAD, PAD:-PAD]
            found.append((bead[at] + self.opening + weight, null[at] + weight))
        return found

    def _before(self, kind: int) -> Ints:
        return np.asarray(self._back[:, kind, None] + self._offsets)

    @cached_property
    def _sums(self) -> tuple[Doubles, Doubles, Doubles]:
        return self._forward(_sum)

    def _forward(self, reduce: Reduce) -> tuple[Doubles, Doubles, Doubles]:
        """Return, padded, the weight up to each point: after a bead, after a null, after either."""
        shape = self._weights.shape[1:]
        bead, null, either = (np.full(shape, IMPOSSIBLE) for _ in range(3))
        start = (PAD, PAD + self.band.half - int(self.band.centre[0]))
        bead[start] = either[start] = 0.0
        beads, nulls, eithers = bead.reshape(-1), null.reshape(-1), either.reshape(-1)
        count, inner = len(BEADS), slice(PAD, -PAD)
        for d in range(1, len(self._back)):
            at = self._back[d][:, None] + self._offsets
            weight = self._weights[:, d + PAD, inner].astype(np.float64)
            bead[d + PAD, inner] = reduce(eithers[at[:count]] + weight[:count])
            before = np.concatenate([beads[at[count:]] + self.opening, nulls[at[count:]]])
            null[d + PAD, inner] = reduce(before + np.concatenate([weight[count:], weight[count:]]))
            either[d + PAD] = reduce(np.stack([bead[d + PAD], null[d + PAD]]))
        return bead, null, either

    @cached_property
    def _backward(self) -> tuple[Doubles, Doubles]:
        """Return, padded, the log-sum from each point to the end, reached by a bead and by a null."""
        bead, null = (np.full(self._weights.shape[1:], IMPOSSIBLE) for _ in range(2))
        bead[self._end] = null[self._end] = 0.0
        beads, nulls = bead.reshape(-1), null.reshape(-1)
        kinds, count, inner = np.arange(len(KINDS))[:, None] * bead.size, len(BEADS), slice(PAD, -PAD)
        weights = self._weights.reshape(-1)
        for d in range(len(self._ahead) - 2, -1, -1):
            at = self._ahead[d][:, None] + self._offsets
            weight = weights[kinds + at].astype(np.float64)
            to_bead = _sum(beads[at[:count]] + weight[:count])
            to_null = _sum(nulls[at[count:]] + weight[count:])
            bead[d + PAD, inner] = _sum(np.stack([to_bead, to_null + self.opening]))
            null[d + PAD, inner] = _sum(np.stack([to_bead, to_null]))
        return bead, null
