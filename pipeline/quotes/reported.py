"""Reported speech: which words of a sentence are the content that a cue reports without marks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.quotes.cues import Cue
from pipeline.quotes.lore import Lore
from pipeline.quotes.words import Item
from pipeline.records import Span

_DASHES = frozenset("-–—")
_TRIM = " \t\u00a0\u200e\u200f.,;:!?؟،؛…-–—"
_LEAST = 2
"""A clause of one word reports nothing that could be compared."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What the cue at place `cue` reports, as slices of the article."""

    cue: int
    spans: tuple[Span, ...]


def asides(row: Sequence[Item], cues: Sequence[Cue], lore: Lore) -> Iterator[Clause]:
    """Yield speech that only a dash and a cue mark: "We will win - Rossi wrote.", "We – said Rossi – will win".

    After the dash nothing may stand but the cue and its source, up to the sentence's end or the next dash.
    """
    dashes = [
        at for at, item in enumerate(row) if item.word in _DASHES and item.quote < 0 and _is_spaced(row, at)
    ]
    for dash in dashes:
        for place, cue in enumerate(cues):
            if cue.begins != dash + 1 or cue.that is not None or cue.kind not in ("verb", "according"):
                continue
            if cue.subject is None or any(item.quote >= 0 for item in row[cue.begins : cue.finishes]):
                continue
            end = cue.finishes
            while end < len(row) and row[end].is_word and end - cue.finishes < 8:
                end += 1
            begins = 1 if dashes[0] == 0 and dash > 0 else 0
            if dash <= begins:
                continue
            first = Span(row[begins].start, row[dash - 1].end)
            if end == len(row) or row[end].word == "." and end + 1 >= len(row):
                yield Clause(place, (first,))
            elif end in dashes and end + 1 < len(row):
                rest = _trimmed(row, end + 1, len(row))
                yield Clause(place, (first, rest) if rest else (first,))


def _is_spaced(row: Sequence[Item], at: int) -> bool:
    left = at == 0 or row[at - 1].end < row[at].start
    return left and at + 1 < len(row) and row[at].end < row[at + 1].start


def _trimmed(row: Sequence[Item], first: int, last: int) -> Span | None:
    while first < last and row[first].quote < 0 and row[first].word in _TRIM:
        first += 1
    while last > first and row[last - 1].quote < 0 and row[last - 1].word in _TRIM:
        last -= 1
    return Span(row[first].start, row[last - 1].end) if first < last else None


def clauses(
    text: str,
    row: Sequence[Item],
    cues: Sequence[Cue],
    end: int,
    direct: Sequence[tuple[int, int]],
    lore: Lore,
) -> Iterator[Clause]:
    """Yield the reported clauses of one sentence in order, without overlap.

    A clause ends before the next cue that does not depend on it, before a single dash, before a colon that
    direct speech follows, and at the sentence's end. A clause that direct speech completes is not reported:
    the direct speech stands for it. `direct` are the edges of the direct speech in the sentence.
    """
    spoken = (
        {at for at, item in enumerate(row) if any(a <= item.start < b for a, b in direct)}
        if direct
        else set()
    )
    taken = 0
    for place, cue in enumerate(cues):
        bounds = _bounds(row, cues, place, spoken, lore)
        if bounds is None or bounds[0] < taken:
            continue
        first, last = bounds
        if spoken & set(range(first, last)):
            cut = min(spoken & set(range(first, last)))
            if cut == first or row[cut - 1].word != ":":
                continue
            last = cut - 1
        span = _trimmed(row, first, last)
        if span is not None and sum(item.is_word or item.quote >= 0 for item in row[first:last]) >= _LEAST:
            taken = last
            yield Clause(place, (span,))


def _bounds(row: Sequence[Item], cues: Sequence[Cue], place: int, spoken: set[int], lore: Lore) -> tuple[int, int] | None:
    cue = cues[place]
    if cue.kind == "according":
        return _sourced(row, cues, place, lore)
    if cue.that is not None:
        return cue.that, _clause_end(row, cues, place, cue.that, lore)
    if cue.kind == "verb" and cue.subject is not None:
        return _trailing(row, cues, place, spoken)
    return None


def _sourced(row: Sequence[Item], cues: Sequence[Cue], place: int, lore: Lore) -> tuple[int, int] | None:
    """The clause that "according to" frames: what follows it at a sentence's head, else what stands before."""
    cue = cues[place]
    low = max((other.finishes for other in cues[:place]), default=0)
    if cue.first <= low + 1:
        first = cue.finishes
        while first < len(row) and row[first].word not in (",", "،"):
            first += 1
        return (first + 1, _clause_end(row, cues, place, first + 1, lore)) if first + 1 < len(row) else None
    if any(other.that is not None for other in cues[:place]):
        return None
    after = [item for item in row[cue.finishes :] if item.is_word]
    return (low, cue.first) if not after else (low, _clause_end(row, cues, place, cue.finishes, lore))


def _trailing(
    row: Sequence[Item], cues: Sequence[Cue], place: int, spoken: set[int]
) -> tuple[int, int] | None:
    """The clause before a cue that ends the sentence: "Talks go on, the ministry said." """
    cue = cues[place]
    if (
        place
        or cue.begins < 3
        or row[cue.begins - 1].word not in (",", "،")
        or row[cue.begins - 2].quote >= 0
    ):
        return None
    rest = row[cue.finishes :]
    if len(rest) > 8 or any(item.quote >= 0 or item.word == ":" for item in rest) or spoken:
        return None
    return 0, cue.begins - 1


def _clause_end(row: Sequence[Item], cues: Sequence[Cue], place: int, first: int, lore: Lore) -> int:
    last = len(row)
    joints = lore.conjunctions - lore.that - lore.relatives | {",", "،", ";"}
    for other in cues[place + 1 :]:
        if other.begins > first and (row[other.begins - 1].word in joints or _is_joined(row, other)):
            last = other.begins
            while last > first and row[last - 1].word in joints:
                last -= 1
            break
    dashes = [
        at
        for at in range(first, last)
        if row[at].word in _DASHES and row[at].quote < 0 and _is_spaced(row, at)
    ]
    return dashes[-1] if len(dashes) % 2 else last


def _is_joined(row: Sequence[Item], cue: Cue) -> bool:
    """Whether a cue is written together with an "and"."""
    return row[cue.begins].word[0] in "וو" and cue.subject is None
