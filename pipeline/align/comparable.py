"""How likely it is that two passages of two versions say the same thing.

Nothing here decides by a raw cosine. Every measure is a comparison with the other passages of the
version, or of each token with the background of its best matches elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.align.margins import background, unit
from pipeline.engines.ports import Floats, TokenStates

Ranges = npt.NDArray[np.int64]
"""(n, 2): the first token of each passage and the one after its last."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One version as tokens.

    `tokens` is (T, width): unit rows less their language's common direction. `sums` is (T + 1, width): the
    prefix sums of the raw states, so that any passage's mean is one subtraction. `sentences` are the token
    ranges of the sentences. `mean` is the mean unit vector of the language's sentences.
    """

    tokens: Floats
    sums: npt.NDArray[np.float64]
    sentences: Ranges
    mean: Floats

    def vectors(self, passages: Ranges) -> Floats:
        """Return a unit vector a passage, less the common direction."""
        means = self.sums[passages[:, 1]] - self.sums[passages[:, 0]]
        return unit(unit(np.asarray(means, dtype=np.float32)) - self.mean)


def sides(versions: Sequence[Sequence[TokenStates]], langs: Sequence[str]) -> list[Side]:
    """Return a `Side` a version, from one `TokenStates` a sentence; a language shares its centre."""
    states = [
        np.concatenate([s.states for s in version]) if version else np.zeros((0, 1)) for version in versions
    ]
    made: list[Side] = []
    for lang, rows, version in zip(langs, states, versions, strict=True):
        kin = [other for other, theirs in enumerate(langs) if theirs == lang and len(states[other])]
        width = rows.shape[1]
        centre = np.concatenate([states[k] for k in kin]).mean(axis=0) if kin else np.zeros(width)
        sentence_means = [s.states.mean(axis=0) for k in kin for s in versions[k] if len(s.states)]
        mean = unit(np.stack(sentence_means)).mean(axis=0) if sentence_means else np.zeros(width)
        ends = np.cumsum([len(s.states) for s in version], dtype=np.int64)
        made.append(
            Side(
                unit(np.asarray(rows - centre, dtype=np.float32)),
                np.concatenate([np.zeros((1, width)), np.cumsum(rows, axis=0, dtype=np.float64)]),
                np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1)
                if len(ends)
                else np.zeros((0, 2), np.int64),
                np.asarray(mean, dtype=np.float32),
            )
        )
    return made


MEASURES = ("least", "most", "least_lead", "most_lead", "length")
WEIGHTS = np.array([26.32, -5.3, 16.65, 2.8, -2.35], dtype=np.float32)
BIAS = -9.5


def evidence(a: Side, b: Side, passages: Ranges, others: Ranges) -> Floats:
    """Return (passages of a, passages of b, MEASURES): what speaks for each pair.

    `least` and `most` are the two directions of how well the tokens of one passage are found in the other (greedy matching,
    Zhang et al. 2020, arXiv 1904.09675). A lead is by how much this pair beats the best pair with
    another sentence of one side, each token's match counted as a margin over its best matches in that
    version. `length` is the logarithm of the ratio of lengths, without sign. Swapping sides transposes.
    """
    similarity = a.tokens @ b.tokens.T
    base_a = background(_best(similarity, b.sentences), 1)[:, None]
    base_b = background(_best(similarity.T, a.sentences), 1)[:, None]

    def found(c: Ranges, d: Ranges) -> tuple[Floats, Floats]:
        return _mean(_best(similarity, d), c), _mean(_best(similarity.T, c), d).T

    def margin(c: Ranges, d: Ranges) -> Floats:
        in_b, in_a = found(c, d)
        return in_b - _mean(base_a, c) + in_a - _mean(base_b, d).T

    in_b, in_a = found(passages, others)
    total = margin(passages, others)
    lead_b = total - _rival(margin(passages, b.sentences), others, b.sentences)
    lead_a = total - _rival(margin(a.sentences, others).T, passages, a.sentences).T
    sizes = [np.maximum(p[:, 1] - p[:, 0], 1) for p in (passages, others)]
    length = np.abs(np.log(sizes[0][:, None] / sizes[1][None, :]))
    measures = [f(*pair) for pair in ((in_b, in_a), (lead_b, lead_a)) for f in (np.minimum, np.maximum)]
    return np.stack([*measures, length], axis=2).astype(np.float32)


def log_odds(measures: Floats) -> Floats:
    """Return the log-odds that the pairs with these measures say the same thing."""
    return np.asarray(measures @ WEIGHTS + BIAS, dtype=np.float32)


def _best(similarity: Floats, passages: Ranges) -> Floats:
    """Return (rows, passages): each row's best match among the columns of each passage."""
    if not len(passages) or not similarity.shape[1]:
        return np.zeros((len(similarity), len(passages)), dtype=np.float32)
    padded = np.concatenate([similarity, np.full((len(similarity), 1), -1, similarity.dtype)], axis=1)
    return np.maximum.reduceat(padded, passages.ravel(), axis=1)[:, ::2]


def _mean(rows: Floats, passages: Ranges) -> Floats:
    """Return (passages, columns): the means of the passages' rows."""
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    sizes = np.maximum(passages[:, 1] - passages[:, 0], 1)[:, None]
    return np.asarray((sums[passages[:, 1]] - sums[passages[:, 0]]) / sizes, dtype=np.float32)


def _rival(totals: Floats, passages: Ranges, sentences: Ranges) -> Floats:
    """Return (rows, passages): each row's best sentence apart from the passage; 0 if there is none."""
    rivals = np.zeros((len(totals), len(passages)), dtype=np.float32)
    for column, (start, end) in enumerate(passages):
        apart = (sentences[:, 1] <= start) | (sentences[:, 0] >= end)
        if apart.any():
            rivals[:, column] = totals[:, apart].max(axis=1)
    return rivals
