"""Words of a third language left standing in English: what a text brought along on its way through it."""

import gzip
import json
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
    if not (word.isascii() and word.isalpha() and len(word) >= 4) or word in _words("en", _RARE):
        return False
    return any(word in _words(lang, _COMMON) for lang in THIRD)


@cache
def _words(lang: str, least: float) -> frozenset[str]:
    """Return the words that make up at least this share of the package's corpus of the language.

    Read from its files: its own class takes ten times as long and keeps all the rare words too.
    """
    path = files("spellchecker") / "resources" / f"{lang}.json.gz"
    counts: dict[str, int] = json.loads(gzip.decompress(path.read_bytes()))
    total = sum(counts.values())
    return frozenset(word for word, count in counts.items() if count >= least * total)
