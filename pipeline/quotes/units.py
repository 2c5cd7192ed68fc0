"""The narrator's sentences, each with the quotations that stand in it and the cues around them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.quotes.cues import Cue, cues
from pipeline.quotes.lore import Lore
from pipeline.quotes.marks import Marked
from pipeline.quotes.words import QUOTATION, Folded, Row, is_word

LONG = 4_000
"""Characters; a longer sentence is none, and is read in pieces, so that the time stays linear."""


class Unit(NamedTuple):
    """A sentence as a row of items; a quotation of several sentences is one item of the one it is in."""

    start: int
    end: int
    marks: Sequence[Marked]
    row: Row
    cues: Sequence[Cue]

    @property
    def is_bare(self) -> bool:
        """Whether the narrator says nothing in it."""
        return bool(self.marks) and not any(map(is_word, self.row.words))

    def word(self, at: int) -> str:
        """Return the word or stop at a place of the row, "" outside of it and for a quotation."""
        words = self.row.words
        return words[at] if 0 <= at < len(words) and words[at] != QUOTATION else ""

    def neighbours(self) -> dict[int, tuple[Cue | None, Cue | None]]:
        """For the place of every quotation: the last cue before it, and the first between it and the next."""
        places = [at for at, word in enumerate(self.row.words) if word == QUOTATION]
        found: dict[int, tuple[Cue | None, Cue | None]] = {}
        number, before = 0, None
        for at, high in pairwise([*places, len(self.row.words)]):
            while number < len(self.cues) and self.cues[number].first < at:
                before = self.cues[number]
                number += 1
            after = self.cues[number] if number < len(self.cues) and self.cues[number].first < high else None
            found[at] = before, after
        return found


def units(
    folded: Folded, lore: Lore, low: int, high: int, marks: Sequence[Marked], ends: Sequence[int]
) -> Iterator[Unit]:
    """Yield the sentences of a paragraph that hold a quotation or a word of saying, in order.

    `ends` are where the article's sentences end, ascending. A sentence that ends inside a quotation goes on
    to the quotation's end; so does one that a cue follows in the same breath: `"Really?" he asked.`
    """
    start, place, at = low, 0, bisect_left(ends, low + 1)
    while start < high:
        end = min(ends[at] if at < len(ends) else high, high)
        if end - start > LONG:
            end = _space(folded.text, start + LONG, end)
        first = place
        while end < high:
            while place < len(marks) and marks[place].outer < end:
                end = max(end, marks[place].after)
                place += 1
            if place == first or folded.text[marks[place - 1].after : end].strip(" .,"):
                break
            if end - start > LONG or not _goes_on(folded, lore, end, high):
                break
            at = bisect_left(ends, end + 1, at)
            end = min(ends[at] if at < len(ends) else high, high)
        while place < len(marks) and marks[place].outer < end:
            end = max(end, marks[place].after)
            place += 1
        here = marks[first:place]
        if here or folded.may_have(lore.signs, start, end):
            row = folded.row(start, end, here)
            found = cues(row.words, lore)
            if here or found:
                yield Unit(start, end, here, row, found)
        start, at = end, bisect_left(ends, end + 1, at)


def _space(text: str, start: int, end: int) -> int:
    found = text.find(" ", start, end)
    return end if found < 0 else found


def _goes_on(folded: Folded, lore: Lore, start: int, high: int) -> bool:
    """Whether what follows a quotation belongs to its sentence: a small letter, or a verb of saying."""
    while start < high and folded.text[start].isspace():
        start += 1
    if lore.lang in ("en", "it"):
        return folded.text[start : start + 1].islower()
    return not lore.verbs.isdisjoint(folded.words(start, min(high, start + 40))[:1])
