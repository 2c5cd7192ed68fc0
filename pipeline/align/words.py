"""What a member's words are: where each begins and ends, and whether it carries news.

The lists are in `pipeline/data/words.LANG.toml`. Arabic and Hebrew write prepositions and conjunctions in one
with the next word; they are no part of it, its article is.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Literal

import snowballstemmer

from pipeline.languages import LANGUAGES
from pipeline.quotes.lore import POINTS, fold

WordKind = Literal["content", "function", "negation", "number", "ordinal"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, without what is written in one with it: `text[start:end]`, never empty.

    `outer` is where its proclitics begin, `start` if it has none. `plain` is the word in lower case without
    vowel points, `stem` what it shares with its other forms. `value` is a number's. `name` says that it has a
    capital which no sentence gave it. An `opener` begins a noun phrase, a `joiner` stands inside one.
    """

    start: int
    end: int
    outer: int
    plain: str
    stem: str
    kind: WordKind
    value: float | None = None
    name: bool = False
    opener: bool = False
    joiner: bool = False


@dataclass(frozen=True, slots=True)
class Lists:
    """A language's lists, folded. `proclitics` are longest first; `weekdays` count from Monday, 1."""

    function: frozenset[str]
    negation: frozenset[str]
    calendar: frozenset[str]
    weekdays: Mapping[str, float]
    openers: frozenset[str]
    joiners: frozenset[str]
    proclitics: tuple[str, ...]
    articles: tuple[str, ...]
    numbers: Mapping[str, float]
    ordinals: Mapping[str, float]


@cache
def lists(lang: str) -> Lists:
    """Return the language's lists; a language without a file has empty ones."""
    path = files("pipeline") / "data" / f"words.{lang}.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def row(name: str) -> tuple[str, ...]:
        return _folded(found.get(name, ""))

    def table(name: str) -> dict[str, float]:
        return {form: float(n) for n, forms in found.get(name, {}).items() for form in _folded(forms)}

    return Lists(
        frozenset(row("function")),
        frozenset(row("negation")),
        frozenset(row("calendar")),
        table("weekdays"),
        frozenset(row("openers")),
        frozenset(row("joiners")),
        tuple(sorted(row("proclitics"), key=len, reverse=True)),
        row("articles"),
        table("numbers"),
        table("ordinals"),
    )


def words(text: str, lang: str, known: Callable[[str, str], bool] = lambda word, rest: False) -> list[Word]:
    """Return the text's words in order.

    `known(word, rest)` tells whether a word is its proclitics and `rest`, for those that no list tells.
    """
    found = []
    initial = True
    end = 0
    for match in _tokens(lang).finditer(text):
        initial = initial or _STOP.search(text, end, match.start()) is not None
        start, end = match.span()
        if lang == "en" and (genitive := re.search(r"['’]s?$", match[0])) and genitive.start():
            end = start + genitive.start()
        found.append(_word(text, start, end, lang, known, initial))
        initial = False
    return _scaled(found, text)


def readings(text: str, lang: str) -> Iterator[tuple[str, str]]:
    """Return (word, rest) for every word that may have proclitics and which no list tells."""
    asked: list[tuple[str, str]] = []

    def ask(word: str, rest: str) -> bool:
        asked.append((word, rest))
        return False

    words(text, lang, ask)
    return iter(asked)


_STOP = re.compile(r"[.!?:…؟“\"«(]")


@cache
def _tokens(lang: str) -> re.Pattern[str]:
    letter = rf"[\w{POINTS.pattern[1:-1]}]"
    elided = r"[^\W\d_]+['’](?=\w)|" if lang == "it" else ""
    number = r"\d+(?:[.,٫٬]\d+)*|"
    return re.compile(rf"{elided}{number}(?:[A-Z]\.){{2,}}|{letter}+(?:['’\"״.\-‑־+&]{letter}+)*['’]?")


def _folded(row: str) -> tuple[str, ...]:
    return tuple(fold(word.strip()) for word in re.split(r"[,\n]", row) if word.strip())


_STEMMING = Lock()
"""Held while a word is stemmed: a stemmer of snowballstemmer 3.1 keeps its word in itself."""


@cache
def _stemmer(lang: str) -> Callable[[str], str]:
    name = LANGUAGES[lang].name.casefold() if lang in LANGUAGES else ""
    if name in snowballstemmer.algorithms():
        stem: Callable[[str], str] = snowballstemmer.stemmer(name).stemWord
        return stem
    return lambda word: word


def _word(
    text: str, start: int, end: int, lang: str, known: Callable[[str, str], bool], initial: bool
) -> Word:
    own = lists(lang)
    printed = text[start:end]
    folded = fold(printed)
    kind, value = _kind(folded, own)
    cut = 0
    if kind == "content" and own.proclitics:
        cut = _proclitics(printed, own, known)
        if cut:
            folded = fold(printed[cut:])
            kind, value = _kind(folded, own)
    return Word(
        start + cut,
        end,
        start,
        plain(printed[cut:]),
        _stem(folded, lang),
        kind,
        value,
        printed[:1].isupper() and not initial and kind == "content" and folded not in own.calendar,
        folded in own.openers,
        folded in own.joiners,
    )


def plain(word: str) -> str:
    """Return the word in lower case and without vowel points: the form that is encoded on its own."""
    return POINTS.sub("", word.lower())


@cache
def _stem(folded: str, lang: str) -> str:
    for article in lists(lang).articles:
        if folded.startswith(article) and len(folded) - len(article) >= 3:
            folded = folded.removeprefix(article)
    with _STEMMING:
        return _stemmer(lang)(folded) or folded


def _kind(folded: str, own: Lists) -> tuple[WordKind, float | None]:
    if folded[:1].isdecimal() and not any(c.isalpha() for c in folded):
        return "number", _value(folded)
    if folded in own.negation:
        return "negation", None
    if folded in own.numbers:
        return "number", own.numbers[folded]
    ten, hyphen, unit = folded.partition("-")
    if hyphen and ten in own.numbers and unit in own.numbers:
        return "number", own.numbers[ten] + own.numbers[unit]
    if folded in own.ordinals:
        return "ordinal", own.ordinals[folded]
    return ("function" if folded in own.function else "content"), None


def _value(digits: str) -> float:
    """Return the number; a separator before three last digits parts thousands, any other a fraction.

    >>> _value("1.250"), _value("3,5"), _value("٢٠٢٥")
    (1250.0, 3.5, 2025.0)
    """
    plain_digits = "".join(str(unicodedata.digit(c)) if c.isdecimal() else "." for c in digits)
    whole, _, last = plain_digits.rpartition(".")
    if not whole:
        return float(last or 0)
    return float(whole.replace(".", "") + ("" if len(last) == 3 else ".") + last)


def _scaled(found: Sequence[Word], text: str) -> list[Word]:
    """Return the words with numbers of several words as one: 3.5 million, twenty-five, חמישים אלף."""
    joined: list[Word] = []
    for word in found:
        before = joined[-1] if joined else None
        if before and word.kind == before.kind == "number" and not text[before.end : word.start].strip(" -‑"):
            one, other = before.value or 0, word.value or 0
            scale = other in _SCALES and one < other
            if scale or (20 <= one < 100 and one % 10 == 0 and other < 10):
                value = one * other if scale else one + other
                whole = replace(before, end=word.end, value=value, plain=f"{before.plain} {word.plain}")
                joined[-1] = whole
                continue
        joined.append(word)
    return joined


_SCALES = (100, 1000, 1_000_000, 1_000_000_000)


def _proclitics(printed: str, own: Lists, known: Callable[[str, str], bool]) -> int:
    """Return how many characters of the word are proclitics."""
    for proclitic in own.proclitics:
        rest = printed[len(proclitic) :].lstrip("-‑־")
        if not printed.startswith(proclitic) or not rest:
            continue
        kind, _ = _kind(fold(rest), own)
        enough = len(POINTS.sub("", rest)) >= 3
        if kind == "number" or (enough and (kind != "content" or known(plain(printed), plain(rest)))):
            return len(printed) - len(rest)
    return 0
