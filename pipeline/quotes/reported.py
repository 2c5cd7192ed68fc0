"""Reported speech: which words of a sentence are the content that a cue reports without marks."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from pipeline.quotes.cues import Cue
from pipeline.quotes.lore import Lore
from pipeline.quotes.words import QUOTATION, Row, is_word
from pipeline.records import Span

_DASHES = frozenset("-–—")
_TRIM = frozenset("\u200e\u200f.,;:!?؟،؛…-–—")
_LEAST = 2
"""A clause of one word reports nothing that could be compared."""
_TAIL = 8
"""A cue at a sentence's end may be followed by so many words ("in a statement on Monday")."""


class Clause(NamedTuple):
    """What a cue reports, as slices of the article."""

    cue: Cue
    spans: tuple[Span, ...]


def asides(row: Row, cues: Sequence[Cue]) -> Iterator[Clause]:
    """Yield speech that a dash and a cue mark: "We will win - Rossi wrote.", "We – said Rossi – will win".

    After the dash nothing may stand but the cue with its source, up to the sentence's end or the next dash.
    """
    words = row.words
    dashes = _dashes(row, 0, len(words)) if cues else []
    begins = 1 if dashes[:1] == [0] else 0  # a dialogue's dash
    for cue in cues if dashes else ():
        if cue.begins - 1 not in dashes or cue.begins - 1 <= begins or cue.subject is None:
            continue
        if cue.that is not None or QUOTATION in words[cue.begins : cue.finishes]:
            continue
        end = cue.finishes
        while end < len(words) and is_word(words[end]) and end - cue.finishes < _TAIL:
            end += 1
        first = Span(row.starts[begins], row.ends[cue.begins - 2])
        if end == len(words) or (words[end] == "." and end + 1 == len(words)):
            yield Clause(cue, (first,))
        elif end in dashes:
            rest = _trimmed(row, end + 1, len(words))
            yield Clause(cue, (first, rest) if rest else (first,))


def _dashes(row: Row, first: int, last: int) -> list[int]:
    """The places of the dashes that stand between spaces."""
    words = row.words[first:last]
    if _DASHES.isdisjoint(words):
        return []
    return [at for at, word in enumerate(words, first) if word in _DASHES and _is_spaced(row, at)]


def _is_spaced(row: Row, at: int) -> bool:
    left = at == 0 or row.ends[at - 1] < row.starts[at]
    return left and at + 1 < len(row.words) and row.ends[at] < row.starts[at + 1]


def _trimmed(row: Row, first: int, last: int) -> Span | None:
    while first < last and row.words[first] in _TRIM:
        first += 1
    while last > first and row.words[last - 1] in _TRIM:
        last -= 1
    return Span(row.starts[first], row.ends[last - 1]) if first < last else None


def clauses(row: Row, cues: Sequence[Cue], direct: Sequence[tuple[int, int]], lore: Lore) -> Iterator[Clause]:
    """Yield the reported clauses of one sentence in order, without overlap.

    A clause ends before the next cue that does not depend on it, before a single dash, before a colon that
    direct speech follows, and at the sentence's end. A clause that direct speech completes is not reported:
    the direct speech stands for it. `direct` are the edges of the direct speech in the sentence.
    """
    words, edges = row.words, {start for start, _ in direct}
    spoken = [at for at, word in enumerate(words) if word == QUOTATION and row.starts[at] in edges]
    taken = 0
    for place, cue in enumerate(cues):
        first, last = _bounds(row, cues, place, bool(spoken), lore)
        if first < taken or first >= last:
            continue
        cut = next((at for at in spoken if first <= at < last), last)
        if cut < last and (cut == first or words[cut - 1] != ":"):
            continue
        span = _trimmed(row, first, cut)
        said = islice((word for word in words[first:cut] if word == QUOTATION or is_word(word)), _LEAST)
        if span is not None and len(list(said)) == _LEAST:
            taken = cut
            yield Clause(cue, (span,))


def _bounds(row: Row, cues: Sequence[Cue], place: int, is_spoken: bool, lore: Lore) -> tuple[int, int]:
    """The items of the clause that the cue at `place` reports, an empty range where it reports none."""
    cue = cues[place]
    if cue.kind == "according":
        return _sourced(row, cues, place, lore)
    if cue.that is not None:
        return cue.that, _clause_end(row, cues, place, cue.that, lore)
    is_trailing = cue.kind == "verb" and cue.subject is not None and not place and not is_spoken
    return (0, cue.begins - 1) if is_trailing and _is_last(row.words, cue) else (0, 0)


def _sourced(row: Row, cues: Sequence[Cue], place: int, lore: Lore) -> tuple[int, int]:
    """The clause that "according to" frames: at a sentence's head what follows, else what stands before."""
    cue = cues[place]
    low = max((other.finishes for other in cues[:place]), default=0)
    if cue.first <= low + 1:
        first = cue.finishes
        while first < len(row.words) and row.words[first] not in (",", "،"):
            first += 1
        return first + 1, _clause_end(row, cues, place, first + 1, lore)
    if any(other.that is not None for other in cues[:place]):
        return 0, 0
    is_last = not any(map(is_word, row.words[cue.finishes :]))
    return low, cue.first if is_last else _clause_end(row, cues, place, cue.finishes, lore)


def _is_last(words: Sequence[str], cue: Cue) -> bool:
    """Whether a cue ends its sentence after a comma: "Talks go on, the ministry said on Monday." """
    if (
        cue.begins < _LEAST + 1
        or words[cue.begins - 1] not in (",", "،")
        or words[cue.begins - 2] == QUOTATION
    ):
        return False
    rest = words[cue.finishes :]
    return len(rest) <= _TAIL and QUOTATION not in rest and ":" not in rest


def _clause_end(row: Row, cues: Sequence[Cue], place: int, first: int, lore: Lore) -> int:
    words, last = row.words, len(row.words)
    for other in cues[place + 1 :]:
        if other.begins > first and (words[other.begins - 1] in lore.joints or _is_joined(words, other)):
            last = other.begins
            while last > first and words[last - 1] in lore.joints:
                last -= 1
            break
    dashes = _dashes(row, first, last)
    return dashes[-1] if len(dashes) % 2 else last


def _is_joined(words: Sequence[str], cue: Cue) -> bool:
    """Whether a cue is written together with an "and"."""
    return words[cue.begins][0] in "\u05d5\u0648" and cue.subject is None
