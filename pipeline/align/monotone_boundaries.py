"""What speaks against a boundary between beads: it cuts through what belongs together."""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.align.margins import unit
from pipeline.align.monotone_band import Band, Floats, Ints
from pipeline.engines.ports import TokenStates

REACH = 2  # sentences either side of a boundary where a word's counterpart is looked for
WORD = re.compile(r"\w+")
WORD_LENGTH = 4  # letters of a word that two languages hardly share by chance
INITIAL = r"(?<!\w)[^\W\d_a-zß-ÿ]\s*\."  # a full stop that ends no sentence
PENDING = re.compile(rf"(?:[,;:،؛–—-]|{INITIAL})[\"'»”’)\]\s]*$")
BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
MARK = re.compile(r"[.,;:،؛؟!?()«»\"–—-]")
SHORTEST = 3  # tokens of a part of a sentence, for what it says to be told
GAIN = 20.0  # a gain of 0.05 in cosine doubles the evidence
TEMPERATURE = 0.04  # of a token's choice between the sides of a boundary
SUREST = 3.0  # temperatures; a token further from its second choice is no more certain


def pending(lines: Sequence[str]) -> Floats:
    """Return (points,): 1 after a line that ends in a comma, colon, dash or initial."""
    return _inside([bool(PENDING.search(line)) for line in lines[:-1]])


def lowercase(lines: Sequence[str]) -> Floats:
    """Return (points,): 1 before a line that begins with a small letter."""
    return _inside([line.strip()[:1].islower() for line in lines[1:]])


def bracketed(lines: Sequence[str]) -> Floats:
    """Return (points,): 1 after a line that opens a bracket and leaves it open."""
    return _inside([_open(line) for line in lines[:-1]])


def astray(band: Band, source: Sequence[str], target: Sequence[str]) -> Floats:
    """Return (D, W): log(1 + words), once a direction, that stand on different sides of a point.

    A word is a number or WORD_LENGTH letters and more, the same in both texts, and it stands within REACH
    sentences on one side of the point in the one text, on the other side in the other.
    """
    sides = [[_words(line) for line in lines] for lines in (source, target)]
    source_alone, target_alone = ([_alone(words, at) for at in range(len(words) + 1)] for words in sides)
    found = np.zeros(band.inside.shape, dtype=np.float32)
    for i in range(1, band.n):
        before, after = source_alone[i]
        first, last = _points(band, i)
        for j in range(first, last):
            before_there, after_there = target_alone[j]
            if not (before.isdisjoint(after_there) and after.isdisjoint(before_there)):
                crossed = (1 + len(before & after_there)) * (1 + len(after & before_there))
                found[i + j, i - band.centre[i + j] + band.half] = np.log(crossed)
    return found


def cuts(text: TokenStates, line: str) -> Ints:
    """Return the tokens that begin a part of a sentence, at punctuation, SHORTEST from either end."""
    marks = [place for match in MARK.finditer(line) for place in match.span()]
    found = np.unique(np.searchsorted(text.starts, marks))
    return found[(found >= SHORTEST) & (found <= len(text.states) - SHORTEST)]


def clauses(band: Band, heads: Sequence[Floats], source: Floats, target: Floats) -> Floats:
    """Return (D, W): how much better two beads would fit if the point were inside a source sentence.

    `source` and `target` are sentences' vectors, `heads` (cuts, width) those of what is before each cut of a
    source sentence. The gain is in the cosines of what is before the point and of what is after it, each a
    sentence long: log(1 + GAIN times the best), of the cuts in the sentence before and of those after.
    """
    found = np.zeros(band.inside.shape, dtype=np.float32)
    other = unit(target)
    for i in range(1, band.n):
        first, last = _points(band, i)
        if first >= last or not len(heads[i - 1]) + len(heads[i]):
            continue
        one, two = source[i - 1], source[i]
        before = np.concatenate([one[None], heads[i - 1], one + heads[i]])
        after = one + two - before
        fit = unit(before) @ other[first - 1 : last - 1].T + unit(after) @ other[first:last].T
        fit[1:] -= fit[0]
        fit[0] = 0
        split = 1 + len(heads[i - 1])
        gain = np.log1p(GAIN * fit[:split].max(axis=0))
        gain += np.log1p(GAIN * fit[[0, *range(split, len(fit))]].max(axis=0))
        diagonals = i + np.arange(first, last)
        found[diagonals, i - band.centre[diagonals] + band.half] = gain
    return found


def edges(best: Floats) -> tuple[Floats, Floats]:
    """Return two (k + 1,): how many of a sentence's last tokens belong after each of k + 1 points of the
    other text, and how many of its first ones before.

    `best` is (tokens, k), the tokens' best cosines with k sentences. A token counts as many TEMPERATURES as
    its best within REACH on one side is above that on the other, at most SUREST; of all runs of tokens from
    the edge the one that counts most is taken, as log(1 + count).
    """
    padded = np.pad(best, ((0, 0), (REACH, REACH)), constant_values=-1)
    width = best.shape[1] + 1
    before = np.maximum.reduce([padded[:, k : k + width] for k in range(REACH)])
    after = np.maximum.reduce([padded[:, k : k + width] for k in range(REACH, 2 * REACH)])
    leaning = np.clip((after - before) / TEMPERATURE, -SUREST, SUREST)
    last = np.cumsum(leaning[::-1], axis=0).max(axis=0)
    first = np.cumsum(-leaning, axis=0).max(axis=0)
    return np.log1p(np.maximum(last, 0)), np.log1p(np.maximum(first, 0))


def _points(band: Band, i: int) -> tuple[int, int]:
    """Return the points (i, j) of the band that are inside both texts: the first j, and past the last."""
    low, high = np.searchsorted(band.centre, (i - band.half, i + band.half + 1))
    return max(int(low) - i, 1), min(int(high) - i, band.m)


def _open(line: str) -> bool:
    depth = 0
    for sign in line:
        depth = max(0, depth + BRACKETS.get(sign, 0))
    return depth > 0


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


def _inside(flags: Sequence[bool]) -> Floats:
    """Return flags of the points between lines as numbers over all points; a text's two ends have none."""
    return np.array([False, *flags, False], dtype=np.float32)
