"""What speaks for and against a bead, as numbers over a band."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from pipeline.align import monotone_boundaries as boundaries
from pipeline.align.margins import unit
from pipeline.align.monotone_band import Band, Floats, Ints, along, anchors
from pipeline.align.monotone_lattice import BEADS, KINDS, LONGEST
from pipeline.engines.ports import TokenStates

# Sentences of nothing that the mean is taken with: in a text of one, no direction is common. 2 and 0.5 are
# worse on Text+Berg dev and NTREX cut into texts of 4 to 9 lines.
SHRINK = 1.0
TEMPERATURE = 0.02  # of a token's choice between sentences; 0.04 is worse on both sets of `monotone_fit`
DIRECTIONS = 5  # taken out of token states, fewer in a short text; 10 and 25 are no better on Text+Berg dev
SAMPLE = 8192  # tokens a side that directions are found in
VARIANCE = 6.8  # of a translation's length, a character: Gale and Church 1993, section 2.3
TAIL = 1.5  # its degrees of freedom: translators leave out and explain; a normal is worse on both sets
BLOCK = 64  # source sentences whose target tokens are centred at once


Nearest = list[tuple[int, Floats]]
"""For each sentence of a text the first sentence of the other that it is compared with, and (tokens, k): each
of its tokens' best cosine with a token of that one and of the next k - 1."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence adds to a bead's log-weight."""

    cosine: float
    """A unit of cosine between the bead's sides, a sentence (half the number of both sides)."""
    length: float
    """A unit of log-probability of the sides' lengths, a Student's t."""
    covered: float
    """A token that has its nearest counterpart inside the bead and not beside it, the mean of both sides."""
    astray: float
    """The logarithm of 1 and the words near the bead's end that the other text has across it."""
    clauses: float
    """What the bead and what follows would gain by a clause that moved across its end; see `clauses`."""
    edges: float
    """Words at the bead's end that belong to what follows, or the reverse; see `edges`."""
    pending: float
    """A line that the bead ends with and that ends in a comma, colon, dash or initial, one a side."""
    bracketed: float
    """A line that the bead ends with and that leaves a bracket open, one a side."""
    lowercase: float
    """A line after the bead that begins with a small letter, one a side."""
    more: float
    """A sentence beyond one on either side."""
    null: float
    opening: float
    """A run of nulls."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known of two texts inside a band; `potentials` is linear in it."""

    band: Band
    dots: Floats
    """(D, W): the dot product of two sentences' vectors, sums of centred states, at the point after both."""
    norms: tuple[Floats, Floats]
    """(LONGEST + 1, points) a side: the length of the vector of the `a` sentences before each point."""
    lengths: tuple[Floats, Floats]
    """The same of characters, the longer text scaled to the shorter."""
    covered: tuple[Floats, Floats]
    """(LONGEST + 1, D, W) a side: how much a sentence's tokens belong to the run of so many sentences of the
    other side, at the point after both."""
    astray: Floats
    clauses: Floats
    edges: Floats
    """(D, W) each: evidence against the point, both sides' together; see `monotone_boundaries`."""
    pending: tuple[Floats, Floats]
    bracketed: tuple[Floats, Floats]
    lowercase: tuple[Floats, Floats]
    """(n + 1,), (m + 1,) each: 1 at a point of one text that its lines speak against."""


@dataclass(frozen=True)
class _Side:
    """One text's token states and their mean."""

    texts: Sequence[TokenStates]
    mean: Floats

    def sample(self) -> Floats:
        """Return (tokens, width) centred states of sentences spread over the text, at most about 2 SAMPLE."""
        every = max(1, sum(len(text.states) for text in self.texts) // SAMPLE)
        return np.concatenate([text.states for text in self.texts[::every]]) - self.mean

    def tokens(self, at: Iterable[int], common: Floats) -> Floats:
        """Return (tokens, width): unit rows of the texts at these places, without the common directions."""
        states = np.concatenate([self.texts[i].states for i in at]) - self.mean
        return unit(np.asarray(states - states @ common @ common.T, dtype=np.float32))


def evidence(
    source: Sequence[TokenStates],
    target: Sequence[TokenStates],
    source_lines: Sequence[str],
    target_lines: Sequence[str],
) -> Evidence:
    """Return what the states and the lines' own marks say. Time and memory are linear in the sentences.

    Vectors are sums of token states less their mean over the text: e5's states share a direction that says
    only which language they are in. As the vector of a run of sentences is the sum of theirs, every bead's
    cosine comes from the sentences' own dot products.
    """
    means = _mean(source), _mean(target)
    vectors = _vectors(source, means[0]), _vectors(target, means[1])
    pairs = anchors(unit(vectors[0]), unit(vectors[1]))
    band = along(pairs, len(source), len(target))
    sides = _Side(source, means[0]), _Side(target, means[1])
    common = _directions(*sides)
    nearest = _nearest(band, *sides, common)
    covered, edges = _words(band, nearest[0])
    covered_back, edges_back = _words(band.mirrored(), nearest[1])
    heads = _heads(sides[0], source_lines), _heads(sides[1], target_lines)
    clauses = boundaries.clauses(band, heads[0], *vectors)
    clauses_back = boundaries.clauses(band.mirrored(), heads[1], *vectors[::-1])
    return Evidence(
        band=band,
        dots=_dots(band, *vectors),
        norms=(_windows(vectors[0]), _windows(vectors[1])),
        lengths=_lengths(source_lines, target_lines, pairs),
        covered=(covered, covered_back[:, :, ::-1]),
        astray=boundaries.astray(band, source_lines, target_lines),
        clauses=clauses + clauses_back[:, ::-1],
        edges=edges + edges_back[:, ::-1],
        pending=(boundaries.pending(source_lines), boundaries.pending(target_lines)),
        bracketed=(boundaries.bracketed(source_lines), boundaries.bracketed(target_lines)),
        lowercase=(boundaries.lowercase(source_lines), boundaries.lowercase(target_lines)),
    )


def potentials(known: Evidence, weights: Weights) -> Floats:
    """Return (len(KINDS), D, W) log-weights of beads by the point where they end, without `opening`."""
    band = known.band
    i, j = np.clip(band.rows, 0, band.n), np.clip(band.columns, 0, band.m)
    across = weights.astray * known.astray + weights.clauses * known.clauses + weights.edges * known.edges
    marks = [
        weights.pending * pending + weights.bracketed * bracketed + weights.lowercase * lowercase
        for pending, bracketed, lowercase in zip(known.pending, known.bracketed, known.lowercase, strict=True)
    ]
    ends = across + marks[0][i], across + marks[1][j]  # a null ends a line of its own side alone
    boundary = ends[0] + marks[1][j]
    found = np.empty((len(KINDS), *band.inside.shape), dtype=np.float32)
    for (a, b), dots in _blocks(band, known.dots):
        lengths = known.lengths[0][a][i], known.lengths[1][b][j]
        off = (lengths[1] - lengths[0]) ** 2 / (VARIANCE * np.maximum(sum(lengths) / 2, 1))
        cosine = dots / np.maximum(known.norms[0][a][i] * known.norms[1][b][j], 1e-6)
        found[BEADS.index((a, b))] = (
            boundary
            + weights.cosine * (a + b) / 2 * np.clip(cosine, -1, 1)
            - weights.length * np.log1p(off / TAIL)
            + weights.more * (a + b - 2)
        )
    if weights.covered:
        for size, covered in _runs(band, known.covered):
            found[BEADS.index(size)] += weights.covered / 2 * covered
    found[KINDS.index((1, 0))] = ends[0] + weights.null
    found[KINDS.index((0, 1))] = ends[1] + weights.null
    return found


def one_by_one() -> Iterator[Weights]:
    """Yield weights that are 1 in one place: under them potentials are the features that a fit needs."""
    names = [field.name for field in fields(Weights)]
    for one in names:
        yield Weights(**{name: float(name == one) for name in names})


def _mean(side: Sequence[TokenStates]) -> Floats:
    """Return the mean state, drawn towards zero in a short text."""
    tokens = sum(len(text.states) for text in side)
    total = np.sum([text.states.sum(axis=0, dtype=np.float64) for text in side], axis=0)
    return np.asarray(total / max(tokens, 1) * len(side) / (len(side) + SHRINK), dtype=np.float32)


def _vectors(side: Sequence[TokenStates], mean: Floats) -> Floats:
    """Return (sentences, width): sums of centred states; zeros for a sentence without tokens."""
    return np.stack([(text.states - mean).sum(axis=0) for text in side])


def _windows(rows: Floats) -> Floats:
    """Return (LONGEST + 1, points): the length of the sum of the `a` rows before each, 0 for fewer rows."""
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    found = np.zeros((LONGEST + 1, len(sums)), dtype=np.float32)
    for a in range(1, min(LONGEST, len(rows)) + 1):
        found[a, a:] = np.linalg.norm(sums[a:] - sums[:-a], axis=1)
    return found


def _dots(band: Band, source: Floats, target: Floats) -> Floats:
    found = np.zeros(band.inside.shape, dtype=np.float32)
    for i, (first, last) in enumerate(zip(*band.spans(), strict=True)):
        diagonals = i + 2 + np.arange(first, last)
        found[diagonals, i + 1 - band.centre[diagonals] + band.half] = target[first:last] @ source[i]
    return found


def _blocks(band: Band, pairs: Floats) -> Iterator[tuple[tuple[int, int], Floats]]:
    """Yield, for every bead, the sum of `pairs` over its sentences; a pair outside the band counts as 0."""
    row = np.zeros_like(pairs)
    for b in range(1, LONGEST + 1):
        row = row + band.shift(pairs, 0, b - 1)
        block = np.zeros_like(pairs)
        for a in range(1, LONGEST + 2 - b):
            block = block + band.shift(row, a - 1, 0)
            yield (a, b), block


def _runs(band: Band, covered: tuple[Floats, Floats]) -> Iterator[tuple[tuple[int, int], Floats]]:
    """Yield, for every bead, the sum of `covered` over its source sentences, and later over its targets."""
    for b in range(1, LONGEST + 1):
        total = np.zeros_like(covered[0][b])
        for a in range(1, LONGEST + 2 - b):
            total = total + band.shift(covered[0][b], a - 1, 0)
            yield (a, b), total
    for a in range(1, LONGEST + 1):
        total = np.zeros_like(covered[1][a])
        for b in range(1, LONGEST + 2 - a):
            total = total + band.shift(covered[1][a], 0, b - 1)
            yield (a, b), total


def _directions(source: _Side, target: _Side) -> Floats:
    """Return (width, k): the directions that most centred token states share; they say little of a word.

    Mu and Viswanath 2018, "All-but-the-top". A text of few sentences has none to tell from its subject.
    """
    count = min(DIRECTIONS, (len(source.texts) + len(target.texts)) // 40)
    if not count:
        return np.zeros((len(source.mean), 0), dtype=np.float32)
    states = np.concatenate([source.sample(), target.sample()])
    return np.asarray(np.linalg.eigh(states.T @ states)[1][:, -count:], dtype=np.float32)


def _heads(side: _Side, lines: Sequence[str]) -> list[Floats]:
    """Return for each sentence (cuts, width): the vectors of what is before each of its cuts."""
    found = []
    for text, line in zip(side.texts, lines, strict=True):
        at = boundaries.cuts(text, line)
        found.append(np.cumsum(text.states - side.mean, axis=0)[at - 1])
    return found


def _nearest(band: Band, source: _Side, target: _Side, common: Floats) -> tuple[Nearest, Nearest]:
    """Return what is known of the words of the source, and of those of the target.

    A token's best cosine with a token of a sentence is -1 for a sentence without tokens: late interaction
    (Khattab and Zaharia 2020, ColBERT).
    """
    counts = np.array([len(text.states) for text in target.texts])
    ends = np.concatenate([[0], np.cumsum(counts)])
    firsts, lasts = band.spans()
    firsts_back, lasts_back = band.mirrored().spans()
    back = np.full((ends[-1], int((lasts_back - firsts_back).max())), -1, dtype=np.float32)
    first_of_token = np.repeat(firsts_back, counts)
    forth: Nearest = []
    for start in range(0, len(source.texts), BLOCK):
        low, high = int(firsts[start : start + BLOCK].min()), int(lasts[start : start + BLOCK].max())
        kept = low + np.flatnonzero(counts[low:high])
        tokens = target.tokens(range(low, high), common) if len(kept) else np.zeros((0, 0), dtype=np.float32)
        for i in range(start, min(start + BLOCK, len(source.texts))):
            best = np.full((len(source.texts[i].states), lasts[i] - firsts[i]), -1, dtype=np.float32)
            forth.append((int(firsts[i]), best))
            there = kept[np.searchsorted(kept, firsts[i]) : np.searchsorted(kept, lasts[i])]
            if not len(there) or not len(best):
                continue
            at = slice(ends[firsts[i]], ends[lasts[i]])
            similar = source.tokens([i], common) @ tokens[at.start - ends[low] : at.stop - ends[low]].T
            best[:, there - firsts[i]] = np.maximum.reduceat(similar, ends[there] - at.start, axis=1)
            back[np.arange(at.start, at.stop), i - first_of_token[at]] = similar.max(axis=0)
    spans = zip(firsts_back, lasts_back, ends, ends[1:], strict=False)
    return forth, [(int(one), back[begin:end, : other - one]) for one, other, begin, end in spans]


def _words(band: Band, nearest: Nearest) -> tuple[Floats, Floats]:
    """Return what words say: (LONGEST + 1, D, W) for runs of the other's sentences, (D, W) against points.

    At [b, d, offset] stands how many tokens of the sentence before the point belong to the b sentences before
    it; see `_gains`. Against a point speak both sentences beside it; see `boundaries.edges`.
    """
    covered = np.zeros((LONGEST + 1, *band.inside.shape), dtype=np.float32)
    edges = np.zeros(band.inside.shape, dtype=np.float32)
    for i, (first, best) in enumerate(nearest):
        if not best.size:
            continue
        diagonals = i + 2 + np.arange(first, first + best.shape[1])
        offsets = i + 1 - band.centre[diagonals] + band.half
        for b, gains in enumerate(_gains(best), 1):
            covered[b, diagonals[b - 1 :], offsets[b - 1 :]] = gains
        j = first + np.arange(best.shape[1] + 1)
        for point, against in zip((i + 1, i), boundaries.edges(best), strict=True):
            offsets = point - band.centre[point + j] + band.half
            known = (j > 0) & (j < band.m) & (offsets >= 0) & (offsets <= 2 * band.half)
            if 0 < point < band.n:
                edges[(point + j)[known], offsets[known]] += against[known]
    return covered, edges


def _gains(best: Floats) -> Iterator[Floats]:
    """Yield, for runs of 1, 2, ... sentences, how many of the tokens belong to the run that begins at each.

    `best` is (tokens, k); a token counts 1 where its best cosine is `boundaries.SUREST` temperatures above
    what it has in the REACH sentences on either side of the run, -1 where it is as far below.
    """
    reach = boundaries.REACH
    padded = np.pad(best, ((0, 0), (reach, reach)), constant_values=-1)
    beside = np.maximum.reduce([padded[:, k : padded.shape[1] - reach + 1 + k] for k in range(reach)])
    inside = best
    for b in range(1, min(LONGEST, best.shape[1]) + 1):
        inside = np.maximum(inside[:, : best.shape[1] - b + 1], best[:, b - 1 :])
        outside = np.maximum(beside[:, : inside.shape[1]], beside[:, b + reach :])
        yield np.clip((inside - outside) / (TEMPERATURE * boundaries.SUREST), -1, 1).sum(axis=0)


def _lengths(source: Sequence[str], target: Sequence[str], pairs: Ints) -> tuple[Floats, Floats]:
    """Return `_windows` of characters, scaled by the pairs' own: a line left out has no counterpart."""
    sizes = [np.array([len(line.strip()) + 1.0 for line in lines]) for lines in (source, target)]
    paired = (sizes[0][pairs[:, 0]], sizes[1][pairs[:, 1]]) if len(pairs) else sizes
    ratio = np.sqrt(paired[1].sum() / paired[0].sum())
    return _windows((sizes[0] * ratio)[:, None]), _windows((sizes[1] / ratio)[:, None])
