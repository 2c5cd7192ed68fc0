"""Parallel text as it lies on disk: read as a stream, filtered with reasons, weighted by where it is from."""

import lzma
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.errors import InputError
from pipeline.languages import LANGUAGES

SOURCES: Final = ("ar", "he", "it")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and its English; `origin` names the collection that it is from."""

    origin: str
    foreign: str
    english: str


def corpus_file(folder: Path, lang: str) -> Path:
    """Return where a language's pairs lie: `origin TAB foreign TAB english` lines, xz."""
    return folder / f"{lang}.tsv.xz"


def read(path: Path) -> Iterator[Pair]:
    """Yield the file's pairs in order. InputError: missing, damaged, or a line has not three fields."""
    try:
        with lzma.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                fields = line.rstrip("\n").split("\t")
                if len(fields) != 3:
                    raise InputError(path, f"{len(fields)} fields, expected 3", number)
                yield Pair(*fields)
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise InputError(path, f"not xz with UTF-8 lines: {error}") from error


def lines_of(path: Path) -> tuple[str, ...]:
    """Return the lines of a text file. InputError: it cannot be read, or not as UTF-8."""
    try:
        return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, f"not a file of UTF-8 lines: {error}") from error


WRITTEN: Final = Path(__file__).parent / "written"
"""Sentences and names written for this model: `TOPIC.tsv` with a column a language."""


def read_written(folder: Path, lang: str) -> Iterator[Pair]:
    """Yield the pairs of the folder's tables in order of their names; `origin` is `written-TOPIC`.

    A table without the language has none. InputError: no column of English, or a line of another width.
    """
    for path in sorted(folder.glob("*.tsv")):
        header, *lines = lines_of(path)
        columns = header.split("\t")
        if "en" not in columns:
            raise InputError(path, "no column en", 1)
        if lang not in columns:
            continue
        for number, line in enumerate(lines, 2):
            fields = line.split("\t")
            if len(fields) != len(columns):
                raise InputError(path, f"{len(fields)} fields, expected {len(columns)}", number)
            row = dict(zip(columns, fields, strict=True))
            yield Pair(f"written-{path.stem}", row[lang], row["en"])


# --- filters: each is true for a pair that must not be learnt from ---------------------------------------

_LONGEST = 600  # characters: beyond, a pair is a paragraph, and news sentences are not
_PLACEHOLDER = re.compile(
    r"""</?[A-Za-z][^<>]*>      # tags
      | &[a-z]+;                # entities
      | %[-+0-9.$]*[A-Za-z] | %\(  # printf
      | \{[^{}]*\} | \$\{?[A-Za-z_] | \[\[ | \]\]
      | \\[ntr"] | https?:// | www\. | ^\s*[-*\#|=`~]{2,} | [_=|`]{2,}""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"\d+(?:[.,٫٬’'\u00a0\u202f]\d+)*")
_CLOCK_OR_DECADE = re.compile(r"\d ?[ap]\.?m\b|\d0s\b", re.IGNORECASE)  # elsewhere 22 for 10 p.m.
_LONG_COPY = 6  # words: a name may be the same in both languages, a clause is not


def is_empty(pair: Pair) -> bool:
    """One side says nothing."""
    return not pair.foreign.strip() or not pair.english.strip()


def is_long(pair: Pair) -> bool:
    """One side is a paragraph."""
    return max(len(pair.foreign), len(pair.english)) > _LONGEST


def is_lopsided(pair: Pair) -> bool:
    """One side is so much longer that it must say something else; short labels may differ more."""
    short, long = sorted((len(pair.foreign), len(pair.english)))
    return long > 2.2 * short + 12


def is_markup(pair: Pair) -> bool:
    """It holds a placeholder, a tag, an address: things that stand in programs, not in news."""
    return bool(_PLACEHOLDER.search(pair.english) or _PLACEHOLDER.search(pair.foreign))


def is_copied(pair: Pair) -> bool:
    """Somebody left it untranslated."""
    return len(pair.english.split()) >= _LONG_COPY and pair.english.casefold() == pair.foreign.casefold()


def is_wordless(pair: Pair) -> bool:
    """More than half of a side is neither word, figure nor space: a table, a code, a formula."""
    return any(2 * sum(c.isalnum() or c.isspace() for c in side) < len(side) for side in _sides(pair))


def has_other_numbers(pair: Pair) -> bool:
    """Both sides hold figures of two digits or more, and not one of them is the same.

    Zeros at the end do not count, since one side writes 40,000 and the other 40 thousand; English that tells
    a time of day or a decade is not judged.
    """
    if _CLOCK_OR_DECADE.search(pair.english):
        return False
    found = [_numbers(side) for side in _sides(pair)]
    return bool(found[0] and found[1] and found[0].isdisjoint(found[1]))


def is_not_english(pair: Pair) -> bool:
    """More than a tenth of the English side's letters are not Latin."""
    return _share(pair.english, "Latn") < 0.9


def _sides(pair: Pair) -> tuple[str, str]:
    return pair.foreign, pair.english


def _numbers(text: str) -> frozenset[str]:
    """Return figures of two digits or more as ASCII digits, separators and zeros at the end left out.

    9:16 is three: a time that the other side writes 9.16, or a result whose halves it parts by a dash.
    """
    found = _NUMBER.findall(text) + _NUMBER.findall(text.replace(":", "."))
    runs = ("".join(str(int(c)) for c in number if c.isdigit()) for number in found)
    return frozenset(run.rstrip("0") for run in runs if len(run) > 1)


_SCRIPTS: Final = {
    "Arab": re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]"),
    "Hebr": re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]"),
    "Latn": re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff\ufb00-\ufb06\uff21-\uff5a]"),
}


def _share(text: str, script: str) -> float:
    """Return the share of the text's letters that are in the script; 1 for a text without letters."""
    letters = "".join(c for c in text if c.isalpha())
    return len(_SCRIPTS[script].findall(letters)) / len(letters) if letters else 1.0


Filter = Callable[[Pair], bool]


def is_not(lang: str) -> Filter:
    """Return the filter for a foreign side of which less than half is in the language's script."""
    script = LANGUAGES[lang].script
    return lambda pair: _share(pair.foreign, script) < 0.5


def is_held_out(texts: Iterable[str]) -> Filter:
    """Return the filter for pairs with a side that is a line of the texts, case and punctuation aside."""
    held = {_bare(text) for text in texts} - {""}
    return lambda pair: any(_bare(side) in held for side in _sides(pair))


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


Filters = Sequence[tuple[str, Filter]]


def filters(lang: str, held_out: Iterable[str] = ()) -> Filters:
    """Return the filters of a language with the reason that each gives, cheapest first."""
    return (
        ("empty", is_empty),
        ("long", is_long),
        ("lopsided", is_lopsided),
        ("copied", is_copied),
        ("markup", is_markup),
        ("wordless", is_wordless),
        ("other script", is_not(lang)),
        ("not English", is_not_english),
        ("other numbers", has_other_numbers),
        ("held out", is_held_out(held_out)),
    )


@dataclass(slots=True)
class Tally:
    """How many pairs were kept, and how many rejected for which reason: the first that applied."""

    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.kept += other.kept
        self.rejected += other.rejected


def reason(pair: Pair, chosen: Filters) -> str | None:
    """Return why the pair must not be learnt from, None if it may."""
    return next((name for name, rejects in chosen if rejects(pair)), None)


# --- weights ---------------------------------------------------------------------------------------------

UNREAD: Final = (
    "arab-leisure", "arab-life", "opinion", "society", "sportsroom",
)  # fmt: skip
"""Written tables that were new to the last training: the others it knew by heart."""
RECENT: Final = (
    "analysis", "arab-desk", "arab-press", "business", "capitals", "conflict", "courts", "crime", "culture",
    "desk", "elections", "games", "health", "hearings", "heritage", "levant", "local", "matches", "money",
    "nature", "security", "spoken", "tech", "wires",
)  # fmt: skip
"""Written tables that it had read two to four times before."""

WEIGHTS: Final[dict[str, float]] = {
    # news, speeches and prose: what the model is for
    "written-": 3, "written-mixed": 8, "written-names": 10, "varied": 0.7,
    **{f"written-{topic}": 6 for topic in RECENT}, **{f"written-{topic}": 14 for topic in UNREAD},
    "un-": 3, "ud-pud": 4, "tico19": 3, "xquad": 3, "udhr": 2, "tatoeba": 2,
    "mozilla-www": 1.5, "opensource-guide": 1.5, "opendata": 1.5, "bitcoin-org": 1.5, "europarl": 0.45,
    "wesnoth": 1,
    # names: short, but they decide whether a news table is usable
    "names": 1, "country-names": 2, "google-translit": 0.5, "cldr": 0.6,
    # manuals: whole sentences, another world
    "debian-": 0.8, "ms-": 0.6, "react-docs": 0.6, "vue-docs": 0.6, "python-docs": 0.6, "electron": 0.6,
    "ddtp": 0.6, "gnome-help": 0.6, "moodle": 0.5, "wordpress": 0.5, "libreoffice-help": 0.5, "tldr": 0.5,
    # labels, word lists, scripture
    "wiktionary": 0.3, "bible": 0.25, "synth": 0.25, "tico19-terms": 0.2, "dict": 0.2, "freedict": 0.2,
}  # fmt: skip
"""How often a pass over the data brings a pair, by the longest prefix of its origin."""

OTHER = 0.2  # interface text of some program
_WORDY = 0.35  # of its weight: two translations of a third language, more often than not
_SENTENCE = 8  # words from which interface text is a sentence, which teaches more than a label


def weight(pair: Pair) -> float:
    """Return how many times one pass over the data brings the pair."""
    prefixes = [prefix for prefix in WEIGHTS if pair.origin.startswith(prefix)]
    own = WEIGHTS[max(prefixes, key=len)] if prefixes else OTHER
    if pair.origin == "europarl" and is_wordy(pair):
        return own * _WORDY
    return own * 1.5 if own <= OTHER and len(pair.english.split()) >= _SENTENCE else own


def is_wordy(pair: Pair) -> bool:
    """English is about as long as the Italian or longer, where translators of news need a seventh less."""
    return len(pair.english) > 0.96 * len(pair.foreign) and len(pair.foreign) >= 40
