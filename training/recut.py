"""Source text as it might have been cut: now and then a piece in two.

The same words come in other pieces each time, so that a model learns what stems, endings and names are made
of, and does not learn by heart what it sees often. A cheap form of subword regularisation (Kudo 2018,
arXiv 1804.10959) that needs no sampling tokenizer, in the manner of BPE-dropout (Provilkov et al. 2020,
arXiv 1910.13267).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.engines.ports import Floats

Ids = npt.NDArray[np.integer]

WAYS = 3  # a piece can be cut: the likeliest


@dataclass(frozen=True, slots=True, eq=False)
class Recut:
    """`halves[p, w]` is piece `p` as two pieces, in way `w` of its `ways[p]`; `share` of pieces are cut."""

    halves: npt.NDArray[np.int64]
    ways: npt.NDArray[np.int64]
    share: float

    def again(self, ids: Ids, random: np.random.Generator) -> Ids:
        """Return the ids with about `share` of those that can be cut in two pieces."""
        cut = (random.random(len(ids)) < self.share) & (self.ways[ids] > 0)
        if not cut.any():
            return ids
        way = (random.random(len(ids)) * self.ways[ids]).astype(np.int64)
        result = np.repeat(ids, 1 + cut)
        first = (np.arange(len(ids)) + np.cumsum(cut) - cut)[cut]
        result[first], result[first + 1] = self.halves[ids[cut], way[cut]].T
        return result


def recut(pieces: Sequence[str], scores: Floats, first: int, share: float) -> Recut:
    """Return how every piece from `first` on can be cut into two others, by the sum of their scores."""
    index = {piece: number for number, piece in enumerate(pieces) if number >= first}
    halves = np.zeros((len(pieces), WAYS, 2), dtype=np.int64)
    ways = np.zeros(len(pieces), dtype=np.int64)
    for piece, number in index.items():
        found = [
            (index[piece[:at]], index[piece[at:]])
            for at in range(1, len(piece))
            if piece[:at] in index and piece[at:] in index
        ]
        found.sort(key=lambda pair: (-float(scores[pair[0]] + scores[pair[1]]), pair))
        ways[number] = len(found[:WAYS])
        for way, pair in enumerate(found[:WAYS]):
            halves[number, way] = pair
    return Recut(halves, ways, share)
