"""What a program can tell is wrong with a translation.

Each check takes a source and its English and answers a word of `FLAGS` or nothing. They look for the
published failures of neural translators: loops and output torn loose from the source on short or odd input
(Raunak et al. 2021, arXiv 2104.06683; Guerreiro et al. 2023, arXiv 2303.16104), the second of two sentences
left out by NLLB, text that vanishes at foreign quotation marks, sources copied through. A check that cannot
tell says nothing: what is flagged should be wrong nine times in ten.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from pipeline.engines.ports import Hypothesis
from pipeline.figures import numbers_added, numbers_lost
from pipeline.segment import split

FLAGS: dict[str, str] = {
    "no-engine": "no model for this language was at hand, so there is no English",
    "empty-output": "the model returned nothing",
    "cut": "the English ran into the model's length limit and may end too early",
    "hard-split": "longer than the model takes and without clauses: translated in parts, cut between words",
    "joined": "longer than the model takes well: its clauses were translated one by one",
    "unknown-word": "the model had no pieces for a word and left it out",
    "wrong-script": "letters that are not Latin are left in the English",
    "copied": "most of the English is the source's own words",
    "repeats": "the English repeats itself where the source does not",
    "too-short": "far shorter than English for such a source is",
    "too-long": "far longer than English for such a source is",
    "number-lost": "a number of the source is not in the English",
    "number-added": "the English has a number that the source has not",
    "sentence-lost": "fewer sentences than the source has, and too little English for all of them",
    "quotes-unbalanced": "quotation marks that the source pairs are not paired in the English",
    "meaning-far": "source and English are further apart in the encoder than translations usually are",
    "term-missing": "a term of the glossary is in the source and its English is not in the translation",
    "term-repaired": "a name was spelled another way and now is as the glossary has it",
    "retried": "the first translation failed a check; this is the better of several",
}
"""Every word that a translation's `flags` can hold, with what it means to a reader."""

REMARKS = frozenset({"no-engine", "hard-split", "joined", "term-missing", "term-repaired", "retried"})
FAILURES = frozenset(FLAGS) - REMARKS
"""The words that say a translation is likely wrong: each is reason enough to try again."""

LENGTH_RATIOS = {"ar": (0.6, 2.0), "he": (0.8, 2.4), "it": (0.6, 1.5)}
"""English characters a source character: beyond the 0.1st and 99.9th percentile of 1,000 NTREX-128 lines."""

COSINES = {"multilingual-e5-small": {"ar": 0.83, "he": 0.8, "it": 0.83}}
"""By encoder, the 0.1st percentile of cosines between 1,000 NTREX-128 lines and their English: nearly all
translations reach it, nine in ten unrelated pairs (eight in Hebrew) do not. No other encoder is judged."""

_SLACK = 12  # characters that a short text may be off: "OK" for a word of ten


def failures(source: str, hypothesis: Hypothesis, lang: str) -> tuple[str, ...]:
    """Return what is wrong with the English of `source`, in the order of `FLAGS`; nothing for no source."""
    if not source.strip():
        return ()
    english = hypothesis.text
    if not english.strip():
        return ("empty-output",)
    found = {
        *hypothesis.flags,
        wrong_script(english),
        copied(source, english),
        repeats(source, english),
        length(source, english, lang),
        "number-lost" if numbers_lost(source, english) else "",
        "number-added" if numbers_added(source, english) else "",
        sentence_lost(source, english, lang, hypothesis.coverage),
        quotes_unbalanced(source, english),
    }
    return ordered(found & FAILURES)


def ordered(flags: Iterable[str]) -> tuple[str, ...]:
    """Return the flags once each, in the order of `FLAGS`."""
    present = set(flags)
    return tuple(flag for flag in FLAGS if flag in present)


def wrong_script(english: str) -> str:
    """Two letters in a row that are not Latin: a word was left standing. One may be a symbol (β, Ω)."""
    if english.isascii():
        return ""
    run = 0
    for char in english:
        foreign = char.isalpha() and not unicodedata.name(char, "LATIN").startswith(("LATIN", "MODIFIER"))
        run = run + 1 if foreign else 0
        if run == 2:
            return "wrong-script"
    return ""


def copied(source: str, english: str) -> str:
    """Half of the words in small letters, and at least three, are the source's. Names may be the same."""
    own = {word for word in re.findall(r"[^\W\d_]{2,}", english) if word.islower()}
    same = len(own & set(re.findall(r"[^\W\d_]+", source)))
    return "copied" if same >= 3 and same >= 0.5 * len(own) else ""


def repeats(source: str, english: str) -> str:
    """The English says something more often in a row than the source, and often enough to be a loop."""
    loop = _loop(english)
    return "repeats" if loop and loop > _loop(source, least=2) else ""


def _loop(text: str, least: int = 0) -> int:
    """Return how many times in a row the text says one thing: words, or one letter; 0 if too few to count.

    With `least`, that many count; without, three for a word or two, two for four words or more, and six
    for a letter.
    """
    words = re.findall(r"\w+", text.casefold())
    most = 0
    if len(set(words)) == len(words) and not re.search(r"(\w)\1{5}", text):
        return 0
    for size in range(1, min(12, len(words) // 2) + 1):
        enough = least or (3 if size < 4 else 2)
        run = 0
        for at in range(size, len(words)):
            run = run + 1 if words[at] == words[at - size] else 0
            times = run // size + 1
            if times >= enough:
                most = max(most, times)
    letters = [len(same[0]) for same in re.finditer(r"(\w)\1{5,}", text)]
    return max([most, *letters])


def length(source: str, english: str, lang: str) -> str:
    """The English is shorter or longer than nearly all translations from the language."""
    low, high = LENGTH_RATIOS.get(lang, (0.4, 2.5))
    if len(english) + _SLACK < low * len(source):
        return "too-short"
    return "too-long" if len(english) > high * len(source) + _SLACK else ""


def sentence_lost(source: str, english: str, lang: str, coverage: Sequence[float] | None = None) -> str:
    """Fewer sentences than the source, and so little English or so little attention to a run of words."""
    if not _INNER_END.search(source):  # splitting costs a thousand times this
        return ""
    theirs, ours = len(split(source, lang)), len(split(english, "en"))
    if ours >= theirs:
        return ""
    low, high = LENGTH_RATIOS.get(lang, (0.4, 2.5))
    usual = (low * high) ** 0.5
    short = len(english) < usual * len(source) * (ours + 0.5) / theirs
    return "sentence-lost" if short or (coverage is not None and unattended(coverage)) else ""


def unattended(coverage: Sequence[float]) -> bool:
    """Tell whether a run of source tokens, at least five and a quarter of all, got next to no attention.

    Next to none is 0.15 of the mean: a choice, not yet measured on losses of real models.
    """
    mean = sum(coverage) / max(len(coverage), 1)
    run = longest = 0
    for share in coverage:
        run = run + 1 if share < 0.15 * mean else 0
        longest = max(longest, run)
    return longest >= max(5, len(coverage) / 4)


_INNER_END = re.compile(r"[.!?…؟۔]\W*\s\W*\w")
_DOUBLE_MARKS = re.compile(r"[\"“”„‟«»״]|''|``")
_GERSHAYIM = re.compile(r"(?<=[א-ת])[\"״“”](?=[א-ת])")


def quotes_unbalanced(source: str, english: str) -> str:
    """The source pairs its marks, and the English has an odd number of them, or none."""
    theirs = len(_DOUBLE_MARKS.findall(_GERSHAYIM.sub("", source)))
    ours = len(_DOUBLE_MARKS.findall(english))
    if theirs % 2:
        return ""
    if not ours and theirs:
        # single marks do for a pair; an apostrophe stands between letters
        ours = len(re.findall(r"(?<!\w)['‘]|['’](?!\w)", english))
        return "quotes-unbalanced" if ours < 2 else ""
    return "quotes-unbalanced" if ours % 2 else ""


def meaning_far(cosine: float, lang: str, encoder: str) -> str:
    """The cosine is below what nearly all translations from the language reach in that encoder."""
    return "meaning-far" if cosine < COSINES.get(encoder, {}).get(lang, -1.0) else ""
