"""The narrator's words: a sentence as a row of words, stops and quotations that stand as one item each."""

import re
from collections.abc import Sequence
from functools import cache, partial
from itertools import accumulate, groupby, repeat
from operator import itemgetter
from typing import NamedTuple

from pipeline.quotes.lore import POINTS, spell
from pipeline.quotes.marks import Marked

_TATWEEL = "\u0640"
"""The one of the points that is a letter for the matcher."""


class Item(NamedTuple):
    """A word, folded; a stop; or a quotation, whose `quote` is its place among the sentence's, else -1."""

    word: str
    start: int
    end: int
    quote: int = -1

    @property
    def is_word(self) -> bool:
        """Whether it is neither a stop nor a quotation."""
        return len(self.word) > 1 or self.word.isalnum()


_item = partial(tuple.__new__, Item)
"""What makes an item of its fields, in half the time of its constructor."""


class Folded:
    """A text beside its folded copy, which is as long: a place in one is the same place in the other."""

    def __init__(self, text: str, lang: str) -> None:
        lower = text.lower()
        if len(lower) != len(text):  # a capital dotted I becomes two characters
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        self.text, self.lang, self.lower = text, lang, spell(lower)
        self._pointed = POINTS.search(text) is not None
        self._is_genitive = lang == "en" and "'s" in self.lower
        self._pattern = _pattern(lang, self._pointed)

    def words(self, start: int, end: int) -> list[str]:
        """Return the words and stops of a slice."""
        return self._plain(self._pattern.findall(self.lower, start, end))

    def has(self, words: frozenset[str], start: int, end: int) -> bool:
        """Whether one of some words is in a slice: most can be told without the matcher."""
        text = self.lower[start:end]
        pieces = text.split()
        if not words.isdisjoint(pieces):
            return True
        joined = text if _TATWEEL in text else " ".join([p for p in pieces if not p.isalnum()])
        return not words.isdisjoint(self._plain(self._pattern.findall(joined)))

    def items(self, start: int, end: int, quotations: Sequence[Marked] = ()) -> list[Item]:
        """Return the items of a slice in order; `quotations` lie inside it, in order."""
        found: list[Item] = []
        for place, quotation in enumerate(quotations):
            self._extend(found, start, max(start, quotation.outer))
            found.append(Item('"', quotation.outer, quotation.after, place))
            start = quotation.after
        self._extend(found, start, end)
        return found

    def _extend(self, found: list[Item], start: int, end: int) -> None:
        pieces = self._pattern.split(self.lower[start:end])  # what is between two items, an item, ...
        edges = list(accumulate(map(len, pieces), initial=start))
        found += map(_item, zip(self._plain(pieces[1::2]), edges[1::2], edges[2::2], repeat(-1)))

    def _plain(self, words: list[str]) -> list[str]:
        """Return words without a genitive's ending and without points, all of them in one go."""
        if self._is_genitive:
            words = [word.removesuffix("'s") for word in words]
        if not self._pointed:
            return words
        plain = POINTS.sub("", "\n".join(words)).split("\n")
        return [bare or word for bare, word in zip(plain, words, strict=True)] if words else []


_TITLES = {
    "en": "dr mr mrs ms prof gen sen rep gov lt col capt sgt rev st jr sr",
    "it": "dott prof sig avv ing on sen gen mons dr",
    "ar": "د أ م",
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
    word = rf"{letter}++(?:['\"._+&-]{letter}++)*+'?+|"
    return re.compile(rf"({elided}{''.join(titles)}{initials}{word}[^\w\s])")
