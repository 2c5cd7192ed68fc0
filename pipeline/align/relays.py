"""Words of a third language left standing in English: what a text brought along on its way through it."""

from functools import cache

from spellchecker import SpellChecker

THIRD = ("es", "fr", "pt", "it", "de", "nl")
"""Languages that news reaches English through and whose words the `pyspellchecker` package counts."""
_COMMON = 2e-6
"""Uses a word: a word that newspapers use. Spanish fortaleza has 2e-5, English impetus 2e-7."""
_RARE = 1e-7
"""Uses a word below which a word is no English, or an English only by name: Fortaleza has 3e-8."""


def foreign(word: str) -> str:
    """Return the language of a lower-case word that is no English but common in a third language, else "".

    It may still be a name, Costa or Rossi: only who knows what other versions have in its place can tell.

    >>> foreign("fortaleza"), foreign("power"), foreign("tokayev")
    ('es', '', '')
    """
    if not word.isalpha() or not word.isascii() or len(word) < 4 or usage("en", word) > _RARE:
        return ""
    best = max(THIRD, key=lambda lang: usage(lang, word))
    return best if usage(best, word) >= _COMMON else ""


def usage(lang: str, word: str) -> float:
    """Return the share of a language's running words that are this one."""
    return float(_frequencies(lang).word_usage_frequency(word))


@cache
def _frequencies(lang: str) -> SpellChecker:
    return SpellChecker(language=lang, distance=1)
