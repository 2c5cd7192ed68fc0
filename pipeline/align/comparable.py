"""What speaks for it that two passages of two versions say the same thing.

Nothing here decides by a raw cosine. Tokens are compared after their language's common directions are gone,
and with the background of their best matches elsewhere; passages with their rivals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.align.margins import background, clean
from pipeline.engines.ports import Floats, TokenStates

Ranges = npt.NDArray[np.int64]
"""(n, 2): the first token of each passage and the one after its last."""

REPEAT = 0.5
"""A passage of which this share of the meaning is found in another sentence of its own version is said twice.

Of NTREX sentences, which hardly repeat each other, 96% stay below it.
"""

MEASURES = ("least", "most", "least_lead", "most_lead", "length")
LEAD = MEASURES.index("least_lead")
WEIGHTS = np.array([20.86, 3.2, 13.81, -0.78, -0.18], dtype=np.float32)
"""A logistic model of pairs in NTREX stories: `python -m benchmarks.comparable --fit`."""

BIAS = -9.18 + 2.5
"""The first number is of that model. The second was chosen on the seeds, for reporters share less than
translators do.

With it they have 81% of the statement links at a precision of 0.93, without it 31% at 1.00. On NTREX
stories it trades precision for recall as well: 0.958 and 0.987, 0.980 and 0.956 without.
"""

TOLL = 0.06
"""How much better than the background a token must be matched: less takes in neighbours, more drops words."""

LOCAL = 1.0
"""The log-odds that a pair needs to cut a sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One version as tokens: (T, width) unit rows, and the token ranges of its sentences."""

    tokens: Floats
    sentences: Ranges


def sides(versions: Sequence[Sequence[TokenStates]], langs: Sequence[str]) -> list[Side]:
    """Return a `Side` a version, from a `TokenStates` a sentence; one language is cleaned as one."""
    width = max((state.states.shape[1] for version in versions for state in version), default=1)
    empty = np.zeros((0, width), dtype=np.float32)
    rows = [np.concatenate([empty, *(state.states for state in version)]) for version in versions]
    tokens: dict[int, Floats] = {}
    for lang in dict.fromkeys(langs):
        kin = [number for number, theirs in enumerate(langs) if theirs == lang]
        cuts = np.cumsum([len(rows[number]) for number in kin])[:-1]
        tokens |= zip(
            kin, np.split(clean(np.concatenate([rows[number] for number in kin])), cuts), strict=True
        )
    ends = [np.cumsum([0, *(len(state.states) for state in version)], dtype=np.int64) for version in versions]
    return [Side(tokens[n], np.stack([each[:-1], each[1:]], axis=1)) for n, each in enumerate(ends)]


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Some passages of one version.

    `rivals[p, s]` tells whether sentence `s` competes with passage `p`: it shares no token with it and does
    not say it again, as reports do that repeat their news.
    """

    side: Side
    ranges: Ranges
    rivals: npt.NDArray[np.bool_]


def passages(side: Side, ranges: Ranges) -> Passages:
    """Return the passages with these token ranges."""
    sentences = side.sentences
    apart = (sentences[None, :, 1] <= ranges[:, None, 0]) | (sentences[None, :, 0] >= ranges[:, None, 1])
    said_again = _mean(_best(side.tokens @ side.tokens.T, sentences), ranges) >= REPEAT
    return Passages(side, ranges, apart & ~said_again)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for each pair of passages of two versions.

    `measures` is (passages of a, passages of b, MEASURES). `least` and `most` are of the two directions of
    how well the tokens of one passage are found in the other (greedy matching, Zhang et al. 2020, arXiv
    1904.09675). A lead is by how much this pair beats the best with a rival of one side. `length` is the
    logarithm of the ratio of lengths, without sign. `gains` is how much more the tokens of both are matched
    here than by the background, less `TOLL`, summed: it grows with every word that belongs and shrinks with
    every one that does not. `familiar` is the background itself, of the side that has less.
    """

    measures: Floats
    gains: Floats
    familiar: Floats

    def among(self, rows: Sequence[int], columns: Sequence[int]) -> "Evidence":
        """Return the evidence for some passages of either side."""
        at = np.ix_(rows, columns)
        return Evidence(self.measures[at], self.gains[at], self.familiar[at])


def evidence(a: Passages, b: Passages) -> Evidence:
    """Compare every passage of one version with every one of another; swapping them transposes the result."""
    similarity = a.side.tokens @ b.side.tokens.T
    in_b, margin_a = _found(similarity, a.ranges, b.ranges, b.side.sentences)
    in_a, margin_b = (m.T for m in _found(similarity.T, b.ranges, a.ranges, a.side.sentences))
    size_a, size_b = a.ranges[:, 1:] - a.ranges[:, :1], (b.ranges[:, 1:] - b.ranges[:, :1]).T
    total = margin_a + margin_b
    lead_b = total - _rival(_total(similarity, a.ranges, b.side.sentences, a.side, b.side), b.rivals)
    lead_a = total - _rival(_total(similarity, a.side.sentences, b.ranges, a.side, b.side).T, a.rivals).T
    pairs = (in_b, in_a), (lead_b, lead_a)
    measures = [choose(*pair) for pair in pairs for choose in (np.minimum, np.maximum)]
    length = np.abs(np.log(np.maximum(size_a, 1) / np.maximum(size_b, 1)))
    gains = (margin_a - TOLL) * size_a + (margin_b - TOLL) * size_b
    familiar = np.minimum(in_b - margin_a, in_a - margin_b)
    return Evidence(
        np.stack([*measures, length], axis=2).astype(np.float32), gains.astype(np.float32), familiar
    )


def _total(similarity: Floats, c: Ranges, d: Ranges, a: Side, b: Side) -> Floats:
    """Return (c, d): the margins of both directions together."""
    return _found(similarity, c, d, b.sentences)[1] + _found(similarity.T, d, c, a.sentences)[1].T


def _found(similarity: Floats, c: Ranges, d: Ranges, sentences: Ranges) -> tuple[Floats, Floats]:
    """Return (c, d): how well the tokens of c are found in d, and how much better than in the background."""
    found = _mean(_best(similarity, d), c)
    return found, found - _mean(background(_best(similarity, sentences), 1)[:, None], c)


def _best(similarity: Floats, ranges: Ranges) -> Floats:
    """Return (rows, passages): each row's best match among the columns of each passage; -1 if empty."""
    if not len(ranges):
        return np.zeros((len(similarity), 0), dtype=np.float32)
    padded = np.pad(similarity, ((0, 0), (0, 1)), constant_values=-1)
    best = np.maximum.reduceat(padded, ranges.ravel(), axis=1)[:, ::2]
    return np.where(ranges[:, 0] < ranges[:, 1], best, np.float32(-1))


def _mean(rows: Floats, ranges: Ranges) -> Floats:
    """Return (passages, columns): the means of the passages' rows, 0 for an empty one."""
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    sizes = np.maximum(ranges[:, 1:] - ranges[:, :1], 1)
    return np.asarray((sums[ranges[:, 1]] - sums[ranges[:, 0]]) / sizes, dtype=np.float32)


def _rival(totals: Floats, rivals: npt.NDArray[np.bool_]) -> Floats:
    """Return (rows, passages): each row's best rival of each passage; 0, the background, without one."""
    best = np.zeros((len(totals), len(rivals)), dtype=np.float32)
    for column, competes in enumerate(rivals):
        if competes.any():
            best[:, column] = totals[:, competes].max(axis=1)
    return best


def log_odds(measures: Floats) -> Floats:
    """Return the log-odds that pairs with these measures say the same thing."""
    return np.asarray(measures @ WEIGHTS + BIAS, dtype=np.float32)


def local(found: Evidence, a: Ranges, b: Ranges) -> list[tuple[int, int]]:
    """Return the pairs of passages that gain most by being matched, best first, none of which overlap.

    A local alignment over runs of clauses: as the toll is paid, only what belongs is taken in.
    """
    gains = found.gains
    rows, columns = np.nonzero((gains > 0) & (log_odds(found.measures) > LOCAL))
    free_a, free_b = np.ones(a.max(initial=0), dtype=bool), np.ones(b.max(initial=0), dtype=bool)
    taken = []
    for i, j in sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda p: (-gains[p], p)):
        at_a, at_b = slice(*a[i]), slice(*b[j])
        if free_a[at_a].all() and free_b[at_b].all():
            free_a[at_a] = free_b[at_b] = False
            taken.append((i, j))
    return taken
