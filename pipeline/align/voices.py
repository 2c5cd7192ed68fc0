"""Whose words a passage is, and whether two passages are told as the words of different people."""

from collections.abc import Sequence

from pipeline.quotes.names import alike
from pipeline.records import Quote, Span

COMPANIES = frozenset(
    "administration army government ministry official officials police source sources spokespeople".split()
)
"""Last words, in English, of speakers who are no one person."""


def voice(quotes: Sequence[Quote], span: Span) -> str:
    """Return the speaker of the speech that most of a passage lies in; "" where none is known."""
    half = (span.end - span.start) / 2
    holds = [
        q for q in quotes if q.kind != "scare" and min(q.end, span.end) - max(q.start, span.start) > half
    ]
    return min(holds, key=lambda quote: (quote.end - quote.start, quote.start)).speaker if holds else ""


def apart(one: str, other: str) -> bool:
    """Tell whether two speakers are surely two: people of different names, or a person and a company.

    >>> apart("Donald Trump", "JD Vance"), apart("Donald Trump", "Two American officials")
    (True, True)
    >>> apart("Donald Trump", "Trump"), apart("", "JD Vance"), apart("American source", "American officials")
    (False, False, False)
    """
    if not one or not other or one == other:
        return False
    people, companies = _person(one) + _person(other), _company(one) + _company(other)
    return (people == 2 and not alike(one, other)) or (people == companies == 1)


def _person(speaker: str) -> bool:
    return bool(speaker) and speaker.isascii() and all(word[0].isupper() for word in speaker.split())


def _company(speaker: str) -> bool:
    return speaker.rpartition(" ")[2] in COMPANIES
