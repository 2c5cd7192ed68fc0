"""The narrator's words: a sentence as a row of words, stops and quotations that stand as one item each."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pipeline.quotes.lore import fold
from pipeline.quotes.marks import Marked

_POINTS = "\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u0640"
_LETTER = rf"[\w{_POINTS}]"


class Item(NamedTuple):
    """A word, folded; a stop; or a quotation, whose `quote` is its place among the paragraph's, else -1."""

    word: str
    start: int
    end: int
    quote: int = -1

    @property
    def is_word(self) -> bool:
        return self.quote < 0 and (self.word[0].isalnum() or len(self.word) > 1)


@cache
def _pattern(lang: str) -> re.Pattern[str]:
    elided = r"[^\W\d_]+['’](?=\w)|" if lang == "it" else ""
    # U.S. and e.g. keep their full stop; an apostrophe, gershayim, a point or a hyphen may join letters
    return re.compile(rf"{elided}(?:[A-Z]\.){{2,}}|{_LETTER}+(?:['’\"״.\-‑־+&]{_LETTER}+)*['’]?|[^\w\s]")


def items(text: str, start: int, end: int, lang: str, quotations: Sequence[Marked] = ()) -> list[Item]:
    """Return the items of `text[start:end]` in order; `quotations` lie inside it, in order."""
    found: list[Item] = []
    pattern = _pattern(lang)
    for place, quotation in enumerate(quotations):
        found += _plain(text, start, max(start, quotation.outer), pattern, lang)
        found.append(Item('"', quotation.outer, quotation.after, place))
        start = quotation.after
    return found + _plain(text, start, end, pattern, lang)


def _plain(text: str, start: int, end: int, pattern: re.Pattern[str], lang: str) -> list[Item]:
    found = []
    for match in pattern.finditer(text, start, end):
        word = fold(match.group())
        if lang == "en" and word.endswith("'s"):
            word = word[:-2]
        found.append(Item(word or match.group(), match.start(), match.end()))
    return found
