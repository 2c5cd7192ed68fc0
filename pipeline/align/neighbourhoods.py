"""A story too large to compare as a whole, in parts whose sentences may say the same."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.align.margins import unit
from pipeline.align.sides import Side
from pipeline.engines.ports import Floats

LIMIT = 500
"""Sentences in one neighbourhood: what is compared with each other word by word, and so held in memory."""

NEAREST = 16
"""Sentences of other versions that each is tied to. Ties are chained: a statement of many needs no more."""

BLOCK = 1024
"""Sentences whose similarities to all others are held at a time."""

Part = list[list[int]]
"""The numbers of the sentences of each version, ascending."""


def neighbourhoods(sides: Sequence[Side], limit: int = LIMIT) -> list[Part]:
    """Return the story's sentences in parts of at most `limit`; one part if it is no larger.

    Sentences are joined nearest first, as in Kruskal's algorithm, unless a part would grow beyond the
    limit: what is alike comes together before what is only akin. Parts too small for themselves share one.
    """
    if sum(len(side.sentences) for side in sides) <= limit:
        return [[list(range(len(side.sentences))) for side in sides]]
    version = np.concatenate([np.full(len(side.sentences), n) for n, side in enumerate(sides)])
    first = np.cumsum([0, *(len(side.sentences) for side in sides)])
    part, size = list(range(len(version))), [1] * len(version)
    for i, j in _ties(np.concatenate([_vectors(side) for side in sides]), version):
        one, other = _root(part, i), _root(part, j)
        if one != other and size[one] + size[other] <= limit:
            part[max(one, other)] = min(one, other)
            size[min(one, other)] += size[max(one, other)]
    found: dict[int, list[int]] = {}
    for sentence in range(len(version)):
        found.setdefault(_root(part, sentence), []).append(sentence)
    return [
        [[s - int(first[n]) for s in members if version[s] == n] for n in range(len(sides))]
        for members in _packed(list(found.values()), limit)
    ]


def _root(part: list[int], sentence: int) -> int:
    while part[sentence] != sentence:
        part[sentence] = part[part[sentence]]
        sentence = part[sentence]
    return sentence


def _vectors(side: Side) -> Floats:
    """Return (sentences, width): the direction of each sentence's tokens together."""
    sums = np.zeros((len(side.sentences), side.tokens.shape[1]), dtype=np.float32)
    for number, (start, end) in enumerate(side.sentences):
        sums[number] = side.tokens[start:end].sum(axis=0)
    return unit(sums)


def _ties(vectors: Floats, version: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a sentence and one of its nearest in other versions, nearest first."""
    pairs: dict[tuple[int, int], float] = {}
    for start in range(0, len(vectors), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(vectors)))
        near = vectors[rows] @ vectors.T
        near[version[rows][:, None] == version[None]] = -1
        best = np.argpartition(-near, min(NEAREST, len(vectors) - 1), axis=1)[:, :NEAREST]
        for i, theirs in zip(rows.tolist(), best.tolist(), strict=True):
            pairs |= {
                (min(i, j), max(i, j)): float(near[i - start, j]) for j in theirs if version[i] != version[j]
            }
    yield from sorted(pairs, key=lambda pair: (-pairs[pair], pair))


def _packed(parts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
    """Return the parts, small ones put together; each sorted, in order of their first sentences."""
    packed: list[list[int]] = []
    for members in sorted(parts, key=lambda each: (-len(each), each[0])):
        room = next((there for there in packed if len(there) + len(members) <= limit), None)
        if room is None:
            packed.append(list(members))
        else:
            room += members
    return sorted(sorted(members) for members in packed)
