"""Whose words a passage is."""

import doctest

import pytest

from pipeline.align import voices
from pipeline.align.statements import statements
from pipeline.align.voices import apart, voice
from pipeline.records import Quote, QuoteKind, Span
from tests.align.stories import version
from tests.align.test_statements import FACTS


def quote(article: str, start: int, end: int, speaker: str, kind: QuoteKind = "direct") -> Quote:
    return Quote(article, start, end, "x" * (end - start), kind, (Span(start, end),), speaker)


def test_the_examples_are_as_printed() -> None:
    """The docstring's examples run."""
    assert doctest.testmod(voices).failed == 0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Marta Rinaldi", "Omar Haddad", True),
        ("Marta Rinaldi", "Rinaldi", False),
        ("Marta Rinaldi", "the mayor", False),
        ("Marta Rinaldi", "Italian government", True),
        ("Kazakh government", "Astana officials", False),
        ("Marta Rinaldi", "מרתה רינלדי", False),
        ("", "", False),
    ],
)
def test_only_what_is_sure_keeps_speakers_apart(one: str, other: str, expected: bool) -> None:
    """Two names, or a name and an office, are two; what may be one person is not held apart, either way."""
    assert apart(one, other) == apart(other, one) == expected


def test_the_voice_is_of_the_innermost_speech() -> None:
    """Speech inside reported speech is its own speaker's; a word in distancing marks is nobody's."""
    said = [quote("a", 0, 90, "Omar Haddad", "reported"), quote("a", 20, 60, "Dana Levi")]
    assert voice(said, Span(22, 58)) == "Dana Levi"
    assert voice(said, Span(0, 90)) == "Omar Haddad"
    assert voice(said, Span(85, 120)) == ""
    assert voice([quote("a", 0, 9, "Dana Levi", "scare")], Span(0, 9)) == ""


@pytest.mark.parametrize(("speaker", "linked"), [("Dana Levi", False), ("Rinaldi", True)])
def test_the_same_words_of_two_people_are_two_statements(speaker: str, linked: bool) -> None:
    """Who says a thing is part of it."""
    size = len(FACTS[0])
    story = [
        version("a", FACTS[:6], [quote("a", 0, size, "Marta Rinaldi")]),
        version("b", FACTS[:6], [quote("b", 0, size, speaker)]),
    ]
    assert any(len(s.members) == 2 and s.members[0].start == 0 for s in statements(story)) == linked
