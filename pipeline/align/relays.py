"""Words of a third language left standing in English: what a text brought along on its way through it."""

import gzip
import re
from functools import cache
from importlib.resources import files

THIRD = ("es", "fr", "it", "pt")
"""Languages that news reaches English through, of those whose words the `pyspellchecker` package counts."""
_COMMON = 2e-6
"""Share of running words from which a word is common: Spanish fortaleza has 2e-5."""
_RARE = 1e-7
"""Share below which a word is no English, or only a name in it: impetus has 2e-7, Fortaleza 3e-8."""


def foreign(word: str) -> bool:
    """Tell whether a lower-case word is no English but common in a third language.

    It may still be a name, Costa or Rossi: that takes a look at what other versions have in its place.

    >>> foreign("fortaleza"), foreign("power"), foreign("tokayev")
    (True, False, False)
    """
    if not (word.isascii() and word.isalpha() and len(word) >= 4) or _share(word, "en") >= _RARE:
        return False
    return any(_share(word, lang) >= _COMMON for lang in THIRD)


@cache
def _share(word: str, lang: str) -> float:
    """Return the word's share of the running words of the package's corpus of the language.

    Looked up in the text of its file, a line a word: parsing all five takes seconds, few words are asked.
    """
    counts = _counts(lang)
    line = b'\n"%b": ' % word.encode()
    at = counts.find(line)
    if at < 0:
        return 0.0
    end = counts.index(b"\n", at + len(line))
    return int(counts[at + len(line) : end].rstrip(b",")) / _total(lang)


@cache
def _counts(lang: str) -> bytes:
    path = files("spellchecker") / "resources" / f"{lang}.json.gz"
    return gzip.decompress(path.read_bytes())


@cache
def _total(lang: str) -> int:
    return sum(map(int, re.findall(rb'": (\d+)', _counts(lang))))
