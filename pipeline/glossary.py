"""Terms whose English is settled: held against a translation, and put right where that is sure."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz

from pipeline.errors import InputError
from pipeline.languages import LANGUAGES

COLUMNS = ("source", "english", "lang")

_PREFIXES = {"ar": "[وف]?(?:[بك]?ال|لل|[بكل])?", "he": "[ושהבכלמ]{0,3}"}
"""What is written in one with the next word: conjunctions, prepositions, articles."""

_ALIKE = (
    ("kh", "k"),
    ("gh", "g"),
    ("ph", "f"),
    ("ck", "k"),
    ("sch", "sh"),
    ("tch", "ch"),
    ("ou", "u"),
    ("oo", "u"),
)
_VOWELS = re.compile("[aeiou]")
_LETTERS = str.maketrans(
    {"q": "k", "c": "k", "y": "i", "j": "i", "w": "v", "z": "s", "'": None, "’": None, "-": None}
)


@dataclass(frozen=True, slots=True)
class Term:
    """A source term and its English, in one language."""

    source: str
    english: str
    lang: str


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms in the order of their file."""

    terms: tuple[Term, ...]

    def applied(self, lang: str, source: str, english: str) -> tuple[str, list[str]]:
        """Return the English with misspelled names put right, and the flags that this earns.

        A name is put right where exactly one run of capitalised words in the English spells it differently
        and is not itself another term's English. A term of which no trace is found is flagged and left.
        """
        present = [term for term in self.terms if term.lang == lang and occurs(term, source)]
        flags: list[str] = []
        settled = {term.english.casefold() for term in present}
        for term in present:
            if _exact(term.english).search(english):
                continue
            spellings = {
                words
                for words in _names(english, term)
                if words.casefold() not in settled and alike(words, term.english)
            }
            if len(spellings) == 1:
                english = _exact(spellings.pop()).sub(term.english.replace("\\", r"\\"), english)
                flags.append("term-repaired")
            else:
                flags.append("term-missing")
        return english, flags


def read_glossary(path: Path) -> Glossary:
    """Read a CSV file with the columns `source,english,lang`. InputError names the line that is wrong."""
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except OSError as error:
        raise InputError(path, error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise InputError(path, f"byte {error.start} is not UTF-8") from error
    if not rows or tuple(name.strip().casefold() for name in rows[0]) != COLUMNS:
        raise InputError(
            path, f"{', '.join(rows[0]) if rows else 'nothing'}, expected {','.join(COLUMNS)}", 1
        )
    return Glossary(tuple(_terms(path, rows[1:])))


def occurs(term: Term, source: str) -> bool:
    """Tell whether the source has the term as words of their own, what is written in one with them aside."""
    prefix = _PREFIXES.get(term.lang, "")
    words = r"\s+".join(map(re.escape, _bare(term.source).split()))
    return bool(words) and re.search(rf"(?<!\w){prefix}{words}(?!\w)", _bare(source)) is not None


def alike(one: str, other: str) -> bool:
    """Tell whether two spellings are surely one name: they sound alike, with the same consonants.

    Who sounds alike with another consonant is somebody else.

    >>> alike("Toqaev", "Tokayev"), alike("Obama", "Osama"), alike("Iran", "Oran")
    (True, False, False)
    """
    left, right = _skeleton(one), _skeleton(other)
    same = _VOWELS.sub("", left) == _VOWELS.sub("", right) and left[:1] == right[:1]
    return same and fuzz.ratio(left, right) >= 75  # of 100


def _terms(path: Path, rows: Iterable[Sequence[str]]) -> Iterable[Term]:
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(COLUMNS):
            raise InputError(path, f"{len(row)} fields, expected {len(COLUMNS)}", line)
        source, english, lang = (cell.strip() for cell in row)
        if lang not in LANGUAGES or lang == "en":
            known = ", ".join(code for code in LANGUAGES if code != "en")
            raise InputError(path, f"language {lang}, expected one of {known}", line)
        if not source or not english:
            raise InputError(path, "an empty term, expected words in both languages", line)
        yield Term(source, english, lang)


def _exact(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)


def _names(english: str, term: Term) -> list[str]:
    """Return the runs of as many capitalised words as the term's English has, where that is a name."""
    if not term.english[:1].isupper():
        return []
    word = r"[^\W\d_a-z][\w'’-]*"
    size = len(term.english.split())
    pattern = rf"(?<!\w)(?=({word}(?: {word}){{{size - 1}}}))"
    return [re.sub(r"['’]s$", "", found[1]) for found in re.finditer(pattern, english)]


def _skeleton(name: str) -> str:
    """Return what different ways of writing a foreign name in Latin letters have in common."""
    text = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
    for written, sound in _ALIKE:
        text = text.replace(written, sound)
    return re.sub(r"(.)\1+", r"\1", text.translate(_LETTERS)).replace("aie", "ae")  # Tokayev, Tokaev


def _bare(text: str) -> str:
    """Return the text without vowel marks and stretched letters, alef and yeh in one form."""
    plain = "".join(
        c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) and c != "ـ"
    )
    return plain.translate(str.maketrans("ى", "ي"))
