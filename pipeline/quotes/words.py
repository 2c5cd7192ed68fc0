"""The narrator's words: a sentence as a row of words, stops and quotations that stand as one item each."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pipeline.quotes.lore import POINTS, spell
from pipeline.quotes.marks import Marked


class Item(NamedTuple):
    """A word, folded; a stop; or a quotation, whose `quote` is its place among the sentence's, else -1."""

    word: str
    start: int
    end: int
    quote: int = -1

    @property
    def is_word(self) -> bool:
        """Whether it is neither a stop nor a quotation."""
        return self.quote < 0 and (self.word[0].isalnum() or len(self.word) > 1)


class Folded:
    """A text beside its folded copy, which is as long: a place in one is the same place in the other."""

    def __init__(self, text: str, lang: str) -> None:
        lower = text.lower()
        if len(lower) != len(text):  # a capital dotted I becomes two characters
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        self.text, self.lang, self.lower = text, lang, spell(lower)
        self._pointed = POINTS.search(text) is not None

    def words(self, start: int, end: int) -> list[str]:
        """Return the words and stops of a slice."""
        found = _pattern(self.lang).findall(self.lower, start, end)
        return [self._plain(word) for word in found] if self._pointed else found

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
        matches = _pattern(self.lang).finditer(self.lower, start, end)
        if self._pointed or self.lang == "en":
            found += [Item(self._plain(m[0]), m.start(), m.end()) for m in matches]
        else:
            found += [Item(m[0], m.start(), m.end()) for m in matches]

    def _plain(self, word: str) -> str:
        word = word.removesuffix("'s") if self.lang == "en" else word
        return POINTS.sub("", word) or word if self._pointed else word


_TITLES = {
    "en": "dr|mr|mrs|ms|prof|gen|sen|rep|gov|lt|col|capt|sgt|rev|st|jr|sr",
    "it": "dott|prof|sig|avv|ing|on|sen|gen|mons|dr",
    "ar": "د|أ|م",
    "he": "",
}


@cache
def _pattern(lang: str) -> re.Pattern[str]:
    """What is one item: an elided article, an abbreviation with its full stop, a word with what joins its
    letters (an apostrophe, gershayim, a point, a hyphen), or any other sign."""
    letter = rf"[\w{POINTS.pattern[1:-1]}]"
    elided = r"[^\W\d_]+'(?=\w)|" if lang == "it" else ""
    titles = rf"\b(?:{_TITLES[lang]})\.(?=\s)|" if _TITLES.get(lang) else ""
    return re.compile(rf"{elided}{titles}(?:\b[a-z]\.){{2,}}|{letter}+(?:['\"._+&-]{letter}+)*'?|[^\w\s]")
