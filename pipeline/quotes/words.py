"""The narrator's words: a sentence as a row of words, stops and quotations that stand as one item each."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, groupby
from operator import itemgetter
from typing import NamedTuple

from pipeline.quotes.lore import POINTS, spell
from pipeline.quotes.marks import Marked

_RUN = re.compile(r"\w+")


QUOTATION = " "
"""What stands for a quotation in a row: no word and no stop is a space."""


class Item(NamedTuple):
    """A word, folded, and its place in the text."""

    word: str
    start: int
    end: int


class Row(NamedTuple):
    """The items of a slice in order: folded words, stops, quotations; and where they stand in the text."""

    words: list[str]
    starts: list[int]
    ends: list[int]

    def items(self, first: int, last: int) -> list[Item]:
        """Return some of them one by one."""
        return [*map(Item, self.words[first:last], self.starts[first:last], self.ends[first:last])]


def is_word(item: str) -> bool:
    """Whether an item is neither a stop nor a quotation."""
    return len(item) > 1 or item.isalnum()


class Folded:
    """A text beside its folded copy, which is as long: a place in one is the same place in the other."""

    def __init__(self, text: str, lang: str) -> None:
        lower = text.lower()
        if len(lower) != len(text):  # a capital dotted I becomes two characters
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        self.text, self.lang, self.lower = text, lang, spell(lower)
        self._pointed = POINTS.search(text) is not None
        self._is_english = lang == "en"
        self._pattern = _pattern(lang, self._pointed)

    def words(self, start: int, end: int) -> list[str]:
        """Return the words and stops of a slice."""
        text = self.lower[start:end]
        return self._plain(self._pattern.findall(text), text)

    def may_have(self, runs: frozenset[str], start: int, end: int) -> bool:
        """Whether one of some runs of letters is in a slice; told in a fraction of the time of its words."""
        text = self.lower[start:end]
        pieces = (POINTS.sub("", text) if self._pointed else text).split()
        if not runs.isdisjoint(pieces):
            return True
        return not runs.isdisjoint(_RUN.findall(" ".join([piece for piece in pieces if not piece.isalnum()])))

    def row(self, start: int, end: int, quotations: Sequence[Marked] = ()) -> Row:
        """Return the items of a slice in order; `quotations` lie inside it, in order."""
        row = Row([], [], [])
        for quotation in quotations:
            self._extend(row, start, max(start, quotation.outer))
            row.words.append(QUOTATION)
            row.starts.append(quotation.outer)
            row.ends.append(quotation.after)
            start = quotation.after
        self._extend(row, start, end)
        return row

    def _extend(self, row: Row, start: int, end: int) -> None:
        text = self.lower[start:end]
        pieces = self._pattern.split(text)  # what is between two items, an item, ...
        edges = [*accumulate(map(len, pieces), initial=start)]
        row.words.extend(self._plain(pieces[1::2], text))
        row.starts.extend(edges[1:-1:2])
        row.ends.extend(edges[2::2])

    def _plain(self, words: list[str], text: str) -> list[str]:
        """Return the words of a text without a genitive's ending and without points."""
        if self._is_english and "'s" in text:
            words = [word.removesuffix("'s") for word in words]
        if words and self._pointed and POINTS.search(text):
            bare = POINTS.sub("", "\n".join(words)).split("\n")  # all of them in one go
            words = [plain or word for plain, word in zip(bare, words, strict=True)]
        return words


_TITLES = {
    "en": "dr mr mrs ms prof gen sen rep gov lt col capt sgt rev st jr sr",
    "it": "dott prof sig avv ing on sen gen mons dr",
    "ar": "د ا م",  # as folded text has them: أ is ا
    "he": "",
}


@cache
def _pattern(lang: str, is_pointed: bool) -> re.Pattern[str]:
    """What is one item: an elided article, an abbreviation with its full stop, a word with what joins its
    letters (an apostrophe, gershayim, a point, a hyphen), or any other sign.

    Every branch begins with letters, by which the matcher passes over it at once.
    """
    letter = rf"[\w{POINTS.pattern[1:-1]}]" if is_pointed else r"\w"
    elided = r"[^\W\d_]++'(?=\w)|" if lang == "it" else ""
    titles = [
        rf"{first}(?:{'|'.join(title[1:] for title in group)})\.(?=\s)|"
        for first, group in groupby(sorted(_TITLES.get(lang, "").split()), itemgetter(0))
    ]
    initials = r"[a-z]\.(?:[a-z]\.)++|"
    bare = rf"{letter}++(?!['\"._+&-])|"  # most words: told first
    word = rf"{letter}++(?:['\"._+&-]{letter}++)*+'?+|"
    return re.compile(rf"(?=\S)({bare}{elided}{''.join(titles)}{initials}{word}[^\w\s])")
