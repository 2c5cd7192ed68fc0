"""Names across scripts: the same person or state, however Arabic, Hebrew or Latin letters spell it.

Well-known names are in `pipeline/data/names.tsv`. For all others, names are compared by their consonants:
each letter is written as a class of sounds that its script can tell apart from the others (Arabic has no
p or v, Hebrew writes f and p alike), vowels and the letters that stand for them are left out, and two
skeletons are the same name when their edit distance is small. The idea is that of Soundex and of
Freeman, Condon and Ackerman, "Cross linguistic name matching in English and Arabic" (NAACL 2006).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, cast
from unicodedata import combining, normalize

from rapidfuzz.distance import Levenshtein

from pipeline.languages import LANGUAGES
from pipeline.quotes.lore import fold
from pipeline.records import Article, Quote

_CLASSES = {
    "P": "bpfvwبفپڤوבפףו",  # Arabic has no p and no v, Hebrew one letter for p and f
    "T": "tdتطدضثذטתדץ",
    "K": "kqgcjقكغجגקכך",
    "S": "szسصزشظסשזצץ",
    "R": "rرר",
    "L": "lلל",
    "M": "mمמם",
    "N": "nنנן",
}
_CLASS = {letter: sound for sound, letters in _CLASSES.items() for letter in letters}
_SPELLINGS = (
    *(
        ("chr", "kr"),
        ("sch", "s"),
        ("tch", "s"),
        ("sh", "s"),
        ("ch", "s"),
        ("kh", ""),
        ("gh", "g"),
        ("ph", "f"),
    ),
    *(
        ("th", "t"),
        ("zh", "s"),
        ("ts", "s"),
        ("tz", "s"),
        ("cz", "s"),
        ("ck", "k"),
        ("ce", "se"),
        ("ci", "si"),
    ),
    *(("x", "ks"), ("ß", "s"), ("تش", "ش"), ("טש", "ש")),
)
_LEAST = 0.75
"""Least similarity of two skeletons of one name: ארדואן has one consonant less than Erdoğan, of four."""


def skeleton(word: str) -> str:
    """Return the consonant classes of one word in any of the three scripts, doubled ones once; "" for none.

    >>> skeleton("Tokayev"), skeleton("توكاييف"), skeleton("טוקאייב")
    ('TKP', 'TKP', 'TKP')
    """
    plain = "".join(c for c in normalize("NFD", fold(word)) if not combining(c))
    for letters, sound in _SPELLINGS:
        plain = plain.replace(letters, sound)
    sounds = [_CLASS.get(letter, "") for letter in plain]
    return "".join(
        sound
        for at, sound in enumerate(sounds)
        if at == 0 or (plain[at] not in "\u05d5\u0648" and sound != sounds[at - 1])
    )


def alike(one: str, other: str) -> bool:
    """Whether two names, a word or several each, can be one person's in two scripts.

    The last words must be alike, and the first names where both have them. A skeleton of fewer than three
    consonants says too little on its own.
    """
    left, right = (
        [skeleton(word) for word in re.split(r"[\s־-]+", name) if skeleton(word)] for name in (one, other)
    )
    if not left or not right or len(left[-1]) + len(right[-1]) + 2 * min(len(left) - 1, len(right) - 1) < 6:
        return False
    if len(left) > 1 and len(right) > 1 and not _sound_alike(left[0], right[0]):
        return False
    return _sound_alike(left[-1], right[-1])


def _sound_alike(left: str, right: str) -> bool:
    return left[0] == right[0] and Levenshtein.normalized_similarity(left, right) >= _LEAST


Kind = Literal["person", "epithet", "state", "capital", "body"]


@dataclass(frozen=True, slots=True)
class Known:
    """A line of names.tsv, one form of it; `is_small` where that is written with a small letter ("greco")."""

    kind: Kind
    english: str
    words: tuple[str, ...]
    is_small: bool = False


@cache
def known() -> dict[str, tuple[Known, ...]]:
    """Return the forms of the well-known names by their first word, longest first."""
    table = (files("pipeline") / "data" / "names.tsv").read_text(encoding="utf-8")
    found: dict[str, list[Known]] = {}
    for line in table.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        kind, english, forms = line.split("\t")
        for form in forms.split("|"):
            words = tuple(fold(form).replace("-", " ").split())
            found.setdefault(words[0], []).append(Known(cast(Kind, kind), english, words, form[0].islower()))
    return {first: tuple(sorted(forms, key=lambda form: -len(form.words))) for first, forms in found.items()}


@cache
def people_forms() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return every form of a well-known person's name, folded, with the name in English.

    They are under the shortest form that they hold: a text without that holds none of them.
    """
    people = [form for forms in known().values() for form in forms if form.kind == "person"]
    forms = [(" ".join(form.words), form.english) for form in people]
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for form, english in forms:
        core = min((other for other, _ in forms if other in form), key=len)
        found[core] = (*found.get(core, ()), (form, english))
    return found


_JOINED = {"ar": ("وال", "و", "ل", "ب", "ف", "ك"), "he": ("וה", "ו", "ל", "ב", "מ", "ש", "כ", "ה")}


def names(words: Sequence[str], lang: str) -> list[tuple[int, int, Known]]:
    """Return the well-known names in a row of folded words, each with where it begins and ends in the row."""
    found: list[tuple[int, int, Known]] = []
    for place, word in enumerate(words):
        if found and place < found[-1][1]:
            continue
        for form in _beginning(word, lang):
            if tuple(words[place + 1 : place + len(form.words)]) == form.words[1:]:
                found.append((place, place + len(form.words), form))
                break
    return found


@lru_cache(maxsize=100_000)
def _beginning(word: str, lang: str) -> tuple[Known, ...]:
    """The forms that a word can begin, as it is or without the letters that the language writes before it."""
    table = known()
    bare = (word.removeprefix(prefix) for prefix in _JOINED.get(lang, ()) if word.startswith(prefix))
    return tuple(form for first in (word, *bare) for form in table.get(first, ()))


_CAPITALS = re.compile(
    r"(?:[A-Z][\w’'.-]*[^\W.]\s+)+(?:(?:von|van|der|de|di|bin|al|el)\s+)*[A-Z][\w’-]*[^\W\d]"
)


def printed(articles: Iterable[Article]) -> frozenset[str]:
    """Return the names of two words and more that the Latin-script versions print."""
    return frozenset(
        re.sub(r"\s+", " ", match.group()).removesuffix("’s")
        for article in articles
        if LANGUAGES[article.lang].script == "Latn"
        for block in article.blocks
        if block.role == "body"
        for match in _CAPITALS.finditer(article.text, block.start, block.end)
    )


def unify(quotes: Sequence[Quote], articles: Sequence[Article]) -> tuple[Quote, ...]:
    """Return a story's quotes with one name for one speaker, the fullest that a Latin-script version prints.

    A speaker that no version names in Latin script keeps the name that the article gives.
    """
    latin = sorted(
        {quote.speaker for quote in quotes if quote.speaker.isascii() and " " in quote.speaker}
        | printed(articles)
    )
    well_known = {form.english for forms in known().values() for form in forms if form.kind == "person"}
    renamed: dict[str, str] = {}
    for quote in quotes:
        if quote.speaker and quote.speaker not in renamed:
            renamed[quote.speaker] = (
                quote.speaker if quote.speaker in well_known else _full(quote.speaker, latin)
            )
    return tuple(replace(quote, speaker=renamed.get(quote.speaker, "")) for quote in quotes)


def _full(name: str, latin: Sequence[str]) -> str:
    """The one name among `latin` that `name` can be, else `name`."""
    if name.isascii():
        longer = [full for full in latin if full != name and full.endswith(" " + name) and " " not in name]
    else:
        words = re.split(r"[\s]+", name)
        longer = [
            full
            for full in latin
            if any(
                alike(" ".join(words[-size:]), full)
                for size in {1 if len(words) == 1 else 2, len(full.split())}
            )
        ]
    ends = {full.split()[-1] for full in longer}
    return max(longer, key=len) if len(ends) == 1 else name
