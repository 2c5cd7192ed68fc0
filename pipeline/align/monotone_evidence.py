"""What speaks for and against a bead, as numbers over a band."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from pipeline.align.monotone_band import Band, Floats, Ints, along, anchors
from pipeline.align.monotone_lattice import BEADS, KINDS, LONGEST
from pipeline.engines.ports import TokenStates

# Sentences of nothing that the mean is taken with: in a text of one, no direction is common. 2 and 0.5 are
# worse on Text+Berg dev and NTREX cut into texts of 4 to 9 lines.
SHRINK = 1.0
TEMPERATURE = 0.02  # of a token's choice between sentences; 0.04 is worse on both sets of `monotone_fit`
DIRECTIONS = 5  # taken out of token states, fewer in a short text; 10 and 25 are no better on Text+Berg dev
SAMPLE = 8192  # tokens a side that directions are found in
REACH = 2  # sentences either side of a bead or a boundary where a word's counterpart is looked for
SUREST = 3.0  # temperatures; a token further from its second choice is no more certain
VARIANCE = 6.8  # of a translation's length, a character: Gale and Church 1993, section 2.3
FARTHEST = 5.0  # standard deviations; a length further off is no worse
BLOCK = 64  # source sentences whose target tokens are centred at once
WORD = re.compile(r"\w+")
WORD_LENGTH = 4  # letters of a word that two languages hardly share by chance
PENDING = re.compile(r"[,;:،؛–—-][\"'»”’)\]\s]*$")


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence adds to a bead's log-weight."""

    cosine: float
    """A unit of cosine between the bead's sides, a sentence (half the number of both sides)."""
    length: float
    """A unit of log-probability of the sides' lengths."""
    covered: float
    """A token that has its nearest counterpart inside the bead and not beside it, the mean of both sides."""
    astray: float
    """The logarithm of 1 and the words near the bead's end that the other text has across it."""
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
    covered: tuple[Floats, Floats]
    """(LONGEST + 1, D, W) a side: how much a sentence's tokens belong to the run of so many sentences of the
    other side, at the point after both."""
    astray: Floats
    """(D, W): log(1 + words near the point that the other text has near it across it alone), summed."""
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
    forth = _covered(band, *sides, common)
    back = _covered(band.mirrored(), *sides[::-1], common)[:, :, ::-1]
    lengths = _lengths(source_lines, target_lines, pairs)
    return Evidence(
        band=band,
        dots=_dots(band, *vectors),
        norms=(_windows(vectors[0]), _windows(vectors[1])),
        lengths=lengths,
        covered=(forth, back),
        astray=_astray(band, source_lines, target_lines),
        pending=(_pending(source_lines), _pending(target_lines)),
        lowercase=(_lowercase(source_lines), _lowercase(target_lines)),
    )


def potentials(known: Evidence, weights: Weights) -> Floats:
    """Return (len(KINDS), D, W) log-weights of beads by the point where they end, without `opening`."""
    band = known.band
    i, j = np.clip(band.rows, 0, band.n), np.clip(band.columns, 0, band.m)
    across = weights.astray * known.astray
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


def _covered(band: Band, source: _Side, target: _Side, common: Floats) -> Floats:
    """Return (LONGEST + 1, D, W): how many tokens of a source sentence belong to a run of target sentences.

    At [b, d, offset] stands the sentence before the point on the b sentences before it; see `_gains`.
    """
    found = np.zeros((LONGEST + 1, *band.inside.shape), dtype=np.float32)
    for i, first, best in _nearest(band, source, target, common):
        diagonals = i + 2 + np.arange(first, first + best.shape[1])
        offsets = i + 1 - band.centre[diagonals] + band.half
        for b, gains in enumerate(_gains(best), 1):
            found[b, diagonals[b - 1 :], offsets[b - 1 :]] = gains
    return found


def _nearest(band: Band, source: _Side, target: _Side, common: Floats) -> Iterator[tuple[int, int, Floats]]:
    """Yield each source sentence that has tokens, its first target sentence in the band and (tokens, k).

    That is each token's best cosine with a token of the first and the next k - 1 target sentences, -1 for a
    sentence without tokens: late interaction (Khattab and Zaharia 2020, ColBERT).
    """
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
            best = np.full((len(similar), lasts[i] - firsts[i]), -1, dtype=np.float32)
            best[:, kept[one:other] - firsts[i]] = np.maximum.reduceat(
                similar, begins[one:other] - begins[one], axis=1
            )
            yield i, int(firsts[i]), best


def _gains(best: Floats) -> Iterator[Floats]:
    """Yield, for runs of 1, 2, ... sentences, how many of the tokens belong to the run that begins at each.

    `best` is (tokens, k); a token counts 1 where its best cosine is SUREST temperatures above what it has in
    the REACH sentences on either side of the run, -1 where it is as far below.
    """
    padded = np.pad(best, ((0, 0), (REACH, REACH)), constant_values=-1)
    beside = np.maximum.reduce([padded[:, k : padded.shape[1] - REACH + 1 + k] for k in range(REACH)])
    inside = best
    for b in range(1, min(LONGEST, best.shape[1]) + 1):
        inside = np.maximum(inside[:, : best.shape[1] - b + 1], best[:, b - 1 :])
        outside = np.maximum(beside[:, : inside.shape[1]], beside[:, b + REACH :])
        yield np.clip((inside - outside) / (TEMPERATURE * SUREST), -1, 1).sum(axis=0)


def _astray(band: Band, source: Sequence[str], target: Sequence[str]) -> Floats:
    """Return (D, W): log(1 + words), once a direction, that stand on different sides of a point.

    A word is a number or WORD_LENGTH letters and more, the same in both texts, and it stands within REACH
    sentences on one side of the point in the one text, on the other side in the other.
    """
    sides = [[_words(line) for line in lines] for lines in (source, target)]
    source_alone, target_alone = ([_alone(words, at) for at in range(len(words) + 1)] for words in sides)
    found = np.zeros(band.inside.shape, dtype=np.float32)
    for i in range(1, band.n):
        before, after = source_alone[i]
        low, high = np.searchsorted(band.centre, (i - band.half, i + band.half + 1))
        for d in range(max(int(low), i + 1), min(int(high), i + band.m)):
            before_there, after_there = target_alone[d - i]
            if not (before.isdisjoint(after_there) and after.isdisjoint(before_there)):
                crossed = (1 + len(before & after_there)) * (1 + len(after & before_there))
                found[d, i - band.centre[d] + band.half] = np.log(crossed)
    return found


def _words(line: str) -> frozenset[str]:
    words = WORD.findall(line.casefold())
    return frozenset(
        word for word in words if word.isdigit() or (len(word) >= WORD_LENGTH and word.isalpha())
    )


def _alone(words: Sequence[frozenset[str]], at: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words within REACH sentences before a boundary and not after it, and the reverse."""
    before = frozenset[str]().union(*words[max(0, at - REACH) : at])
    after = frozenset[str]().union(*words[at : at + REACH])
    return before - after, after - before


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
