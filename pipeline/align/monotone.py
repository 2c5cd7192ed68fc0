"""Two texts that are translations of each other into beads.

A semi-Markov random field over covers of both texts, within a band around a coarse path. The heaviest cover
is the alignment, and a bead's probability, summed over all covers, its score.
"""

import math
from collections.abc import Sequence

from pipeline.align.monotone_evidence import Weights, evidence, potentials
from pipeline.align.monotone_lattice import KINDS, Lattice
from pipeline.cores import one_core
from pipeline.engines.ports import Encoder, TokenStates
from pipeline.records import Bead

# All numbers: benchmarks/monotone_fit.py on Text+Berg dev (German and French, Volk et al. 2010), 422 beads
# that people made, and for a tenth of their weight each, six documents made of NTREX-128 (ar, he, it, en).
WEIGHTS = Weights(
    cosine=1.68,
    length=1.81,
    covered=0.07,
    astray=-1.46,
    clauses=-0.46,
    edges=-0.1,
    pending=-1.34,
    bracketed=-3.74,
    lowercase=-0.86,
    more=-3.24,
    null=-0.83,
    opening=-1.94,
)
SLOPE, OFFSET = 1.06, 0.33  # a logistic curve through what was right in texts that were not fitted to


def align(source: Sequence[str], target: Sequence[str], encoder: Encoder) -> list[Bead]:
    """Return the beads of two texts, one sentence a line; see `beads`."""
    return beads(encoder.encode(source), encoder.encode(target), source, target)


def beads(
    source: Sequence[TokenStates],
    target: Sequence[TokenStates],
    source_lines: Sequence[str],
    target_lines: Sequence[str],
) -> list[Bead]:
    """Return beads in order, every line of both sides in exactly one.

    A bead has at most 9 lines, at most 8 on a side; a line without counterpart is a bead with an empty side.
    Swapping the sides swaps the beads' sides and changes nothing else. Raises ValueError if a side has
    not as many states as lines.
    """
    if (len(source), len(target)) != (len(source_lines), len(target_lines)):
        counts = f"{len(source)} and {len(target)}"
        raise ValueError(f"{counts} states, expected {len(source_lines)} and {len(target_lines)}")
    if _heavier(source_lines, target_lines):  # in another order sums differ in their last bit, and ties fall
        mirrored = beads(target, source, target_lines, source_lines)
        return [Bead(bead.target, bead.source, bead.score) for bead in mirrored]
    if not source_lines or not target_lines:
        return _nulls(len(source_lines), len(target_lines))
    with one_core():
        known = evidence(source, target, source_lines, target_lines)
    lattice = Lattice(known.band, potentials(known, WEIGHTS), WEIGHTS.opening)
    marginals, found = lattice.marginals(), []
    for i, j, a, b in lattice.best():
        place = KINDS.index((a, b)), i + j, i - int(known.band.centre[i + j]) + known.band.half
        score = calibrated(float(marginals[place])) if a and b else None
        found.append(Bead(tuple(range(i - a, i)), tuple(range(j - b, j)), score))
    return found


def calibrated(probability: float, slope: float = SLOPE, offset: float = OFFSET) -> float:
    """Return the field's probability of a bead as the share of such beads that annotators agree with."""
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return 1 / (1 + math.exp(-slope * math.log(clipped / (1 - clipped)) - offset))


def _heavier(source_lines: Sequence[str], target_lines: Sequence[str]) -> bool:
    """Tell whether the source comes second in an order of texts that does not know which is the source."""
    return (len(source_lines), list(source_lines)) > (len(target_lines), list(target_lines))


def _nulls(n: int, m: int) -> list[Bead]:
    return [Bead((i,), (), None) for i in range(n)] + [Bead((), (j,), None) for j in range(m)]
