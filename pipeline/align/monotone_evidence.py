"""What speaks for and against a bead, as numbers over a band."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from pipeline.align.monotone_band import Band, Floats, Ints, along, anchors
from pipeline.align.monotone_lattice import BEADS, KINDS, LONGEST
from pipeline.engines.ports import TokenStates

SHRINK = 2.0  # sentences of nothing that the mean is taken with: in a text of one, no direction is common
TEMPERATURE = 0.02  # of a token's choice between sentences; 0.04 is worse on both sets of `monotone_fit`
DIRECTIONS = 5  # taken out of token states, fewer in a short text; 10 and 25 are no better on Text+Berg dev
SAMPLE = 8192  # tokens a side that directions are found in
REACH = 2  # sentences either side of a boundary that are looked at for words that belong across it
VARIANCE = 6.8  # of a translation's length, a character: Gale and Church 1993, section 2.3
FARTHEST = 5.0  # standard deviations; a length further off is no worse
BLOCK = 64  # source sentences whose target tokens are centred at once
PENDING = re.compile(r"[,;:،؛–—-][\"'»”’)\]\s]*$")


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence adds to a bead's log-weight."""

    cosine: float
    """A unit of cosine between the bead's sides, a sentence (half the number of both sides)."""
    length: float
    """A unit of log-probability of the sides' lengths."""
    crossing: float
    """The logarithm of 1 and the tokens near the bead's end that belong on its other side, one a side."""
    staying: float
    """The same of the tokens that belong on their own side of it."""
    pending: float
    """A line that the bead ends with and that ends in a comma, colon or dash, one a side."""
    lowercase: float
    """A line after the bead that begins with a small letter, one a side."""
    one_to_one: float
    more: float
    """A sentence beyond one on either side."""
    many_to_many: float
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
    crossing: Floats
    """(D, W): log(1 + tokens near the point that belong across it), summed over the sides."""
    staying: Floats
    """(D, W): log(1 + tokens near the point that belong on their own side of it), summed over the sides."""
    pending: tuple[Floats, Floats]
    """(n + 1,), (m + 1,): 1 at points inside a text after a line that ends in a comma, colon or dash."""
    lowercase: tuple[Floats, Floats]
    """(n + 1,), (m + 1,): 1 at points inside a text before a line that begins with a small letter."""


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
        return _unit(np.asarray(states - states @ common @ common.T, dtype=np.float32))


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
    pairs = anchors(_unit(vectors[0]), _unit(vectors[1]))
    band = along(pairs, len(source), len(target))
    sides = _Side(source, means[0]), _Side(target, means[1])
    common = _directions(*sides)
    forth = _attention(band, *sides, common)
    back = _attention(band.mirrored(), *sides[::-1], common)[:, ::-1]
    lengths = _lengths(source_lines, target_lines, pairs)
    return Evidence(
        band=band,
        dots=_dots(band, *vectors),
        norms=(_windows(vectors[0]), _windows(vectors[1])),
        lengths=lengths,
        crossing=np.log1p(_crossing(band, forth)) + np.log1p(_crossing(band, back)),
        staying=np.log1p(_staying(band, forth)) + np.log1p(_staying(band, back)),
        pending=(_pending(source_lines), _pending(target_lines)),
        lowercase=(_lowercase(source_lines), _lowercase(target_lines)),
    )


def potentials(known: Evidence, weights: Weights) -> Floats:
    """Return (len(KINDS), D, W) log-weights of beads by the point where they end, without `opening`."""
    band = known.band
    i, j = np.clip(band.rows, 0, band.n), np.clip(band.columns, 0, band.m)
    across = weights.crossing * known.crossing + weights.staying * known.staying
    marks = [
        weights.pending * pending + weights.lowercase * lowercase
        for pending, lowercase in zip(known.pending, known.lowercase, strict=True)
    ]
    ends = across + marks[0][i], across + marks[1][j]  # a null ends a line of its own side alone
    boundary = ends[0] + marks[1][j]
    found = np.empty((len(KINDS), *band.inside.shape), dtype=np.float32)
    for (a, b), dots in _blocks(band, known.dots):
        lengths = known.lengths[0][a][i], known.lengths[1][b][j]
        off = np.minimum(
            (lengths[1] - lengths[0]) ** 2 / (VARIANCE * np.maximum(sum(lengths) / 2, 1)), FARTHEST**2
        )
        cosine = dots / np.maximum(known.norms[0][a][i] * known.norms[1][b][j], 1e-6)
        found[BEADS.index((a, b))] = (
            boundary
            + weights.cosine * (a + b) / 2 * np.clip(cosine, -1, 1)
            - weights.length * off / 2
            + weights.one_to_one * (a + b == 2)
            + weights.more * (a + b - 2)
            + weights.many_to_many * (min(a, b) > 1)
        )
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


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


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


def _directions(source: _Side, target: _Side) -> Floats:
    """Return (width, k): the directions that most centred token states share; they say little of a word.

    Mu and Viswanath 2018, "All-but-the-top". A text of few sentences has none to tell from its subject.
    """
    count = min(DIRECTIONS, (len(source.texts) + len(target.texts)) // 40)
    if not count:
        return np.zeros((len(source.mean), 0), dtype=np.float32)
    states = np.concatenate([source.sample(), target.sample()])
    return np.asarray(np.linalg.eigh(states.T @ states)[1][:, -count:], dtype=np.float32)


def _attention(band: Band, source: _Side, target: _Side, common: Floats) -> Floats:
    """Return (D, W): how many tokens of a source sentence belong to a target one, at the point after both.

    A token is shared out between the target sentences of the band by a softmax over its best cosine with a
    token of each: late interaction (Khattab and Zaharia 2020, ColBERT) turned into an alignment.
    """
    found = np.zeros(band.inside.shape, dtype=np.float32)
    counts = np.array([len(text.states) for text in target.texts])
    firsts, lasts = band.spans()
    for start in range(0, len(source.texts), BLOCK):
        low, high = int(firsts[start : start + BLOCK].min()), int(lasts[start : start + BLOCK].max())
        kept = low + np.flatnonzero(counts[low:high])
        if not len(kept):
            continue
        tokens = target.tokens(kept, common)
        begins = np.concatenate([[0], np.cumsum(counts[kept])])
        for i in range(start, min(start + BLOCK, len(source.texts))):
            one, other = np.searchsorted(kept, (firsts[i], lasts[i]))
            if one == other or not len(source.texts[i].states):
                continue
            similar = source.tokens([i], common) @ tokens[begins[one] : begins[other]].T
            best = np.maximum.reduceat(similar, begins[one:other] - begins[one], axis=1)
            share = np.exp((best - best.max(axis=1, keepdims=True)) / TEMPERATURE)
            diagonals = i + 2 + kept[one:other]
            offsets = i + 1 - band.centre[diagonals] + band.half
            found[diagonals, offsets] = (share / share.sum(axis=1, keepdims=True)).sum(axis=0)
    return found


def _crossing(band: Band, attention: Floats) -> Floats:
    """Return (D, W): the tokens near each point whose counterpart is near it on its other side."""
    found = np.zeros_like(attention)
    for p in range(REACH):
        for q in range(REACH):
            found += band.shift(attention, p, -(q + 1)) + band.shift(attention, -(p + 1), q)
    return found


def _staying(band: Band, attention: Floats) -> Floats:
    """Return (D, W): the tokens near each point whose counterpart is near it on their own side."""
    found = np.zeros_like(attention)
    for p in range(REACH):
        for q in range(REACH):
            found += band.shift(attention, p, q) + band.shift(attention, -(p + 1), -(q + 1))
    return found


def _lengths(source: Sequence[str], target: Sequence[str], pairs: Ints) -> tuple[Floats, Floats]:
    """Return `_windows` of characters, scaled by the pairs' own: a line left out has no counterpart."""
    sizes = [np.array([len(line.strip()) + 1.0 for line in lines]) for lines in (source, target)]
    paired = (sizes[0][pairs[:, 0]], sizes[1][pairs[:, 1]]) if len(pairs) else sizes
    ratio = np.sqrt(paired[1].sum() / paired[0].sum())
    return _windows((sizes[0] * ratio)[:, None]), _windows((sizes[1] / ratio)[:, None])


def _pending(lines: Sequence[str]) -> Floats:
    return _inside([bool(PENDING.search(line)) for line in lines[:-1]])


def _lowercase(lines: Sequence[str]) -> Floats:
    return _inside([line.strip()[:1].islower() for line in lines[1:]])


def _inside(flags: Sequence[bool]) -> Floats:
    """Return flags of the points between lines as numbers over all points; a text's two ends have none."""
    return np.array([False, *flags, False], dtype=np.float32)
