"""Whether words in quotation marks are speech, or a name, a title, a distanced word."""

import re
from itertools import islice

from pipeline.quotes.cues import Cue
from pipeline.quotes.lore import Lore
from pipeline.quotes.units import Unit
from pipeline.quotes.words import QUOTATION

FRAGMENT = 3
"""Fewer words in marks, inside an attributed sentence, are taken for a name or a distanced word."""
FREE = 7
"""So many words in marks are speech even where the sentence has no cue."""
TITLE = 8
"""The longest title that is looked for after a word like "film"."""
_INTRODUCTION = 8
"""A colon after more words than these, none of them a cue, introduces no short quotation."""
_COMMAS = frozenset(",،")
_GAPS = frozenset(",،-–—")
_STOPS = frozenset(".!?؟…,،")
_WORD = re.compile(r"[^\W_]+(?:['’\"״.-][^\W_]+)*")
_LATIN_WORD = re.compile(r"[^\W\d_][\w’'-]*")


def governor(unit: Unit, at: int, before: Cue | None, after: Cue | None) -> Cue | None:
    """Return the cue of the quotation at place `at`: one that introduces it, else one that follows at once.

    `before` and `after` are its neighbours.
    """
    if before is not None and (unit.word(at - 1) == ":" or before.finishes == at):
        return before
    if after is not None and follows(unit, at, after):
        return after
    return before if before is not None else after


def follows(unit: Unit, at: int, cue: Cue) -> bool:
    """Whether a cue follows a quotation at once and does not introduce the next one."""
    words = unit.row.words
    gap = words[at + 1 : min(cue.begins, at + 3)]
    introduces = cue.finishes < len(words) and words[cue.finishes] in (":", QUOTATION)
    is_next = not gap or (len(gap) == 1 and gap[0] in _GAPS)
    return cue.kind != "gerund" and cue.begins > at and not introduces and is_next


def is_speech(
    words: str, is_prefixed: bool, unit: Unit, at: int, cue: Cue | None, before: Cue | None, lore: Lore
) -> bool:
    """Whether the words in marks at place `at` of a sentence are speech.

    They are after a colon; before or after a cue that leans on them, with a comma or nothing between; from
    three words on in a sentence with a cue (four, where a preposition's letter is written together with
    them), and from seven in one without. They are not after a word that names ("film", "so-called"), and
    not where every long word has a capital. `cue` is the quotation's, `before` the last one before it.
    """
    size = sum(1 for _ in islice(_WORD.finditer(words), TITLE + 1))  # more words are all the same
    if unit.word(at - 1) == ":":
        return size > 0 and (before is not None or size >= FREE or (size >= FRAGMENT and at <= _INTRODUCTION))
    if size == 0 or (size <= TITLE and _is_named(unit, at, lore)):
        return False
    if unit.word(at - 1) in _COMMAS and _is_named(unit, at - 1, lore) and _is_title(words):
        return False
    is_stopped = words[-1] in _STOPS or unit.word(at + 1) in _COMMAS
    if cue is not None and cue is not before and follows(unit, at, cue) and (is_stopped or size >= FRAGMENT):
        return size > 1 or words[-1] in _STOPS
    is_introduced = cue is not None and cue is before and size > 1
    if is_introduced and cue is not None and unit.word(at - 1) in _COMMAS and at <= cue.finishes + 2:
        return True
    if lore.lang in ("en", "it") and _is_title(words):
        return False
    if is_introduced and cue is not None and cue.last == at:
        return True
    return size >= (FREE if cue is None else FRAGMENT + is_prefixed)


def _is_named(unit: Unit, at: int, lore: Lore) -> bool:
    pair = f"{unit.word(at - 2)} {unit.word(at - 1)}"
    return unit.word(at - 1) in lore.naming or pair in lore.naming


def _is_title(words: str) -> bool:
    """Whether words in Latin script are written as a name: every long word with a capital, no full stop."""
    long = [word for word in _LATIN_WORD.findall(words) if len(word) > 3]
    return words[-1] not in ".!?" and bool(long) and all(word[0].isupper() for word in long)
