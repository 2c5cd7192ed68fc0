"""Checks: what a linguist says is wrong is flagged, what is right is not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import checks
from pipeline.engines.ports import Hypothesis
from pipeline.figures import numbers_added, numbers_lost
from pipeline.translate import passed

CASES = Path(__file__).parent / "cases"


def cases() -> list[object]:
    found: list[object] = []
    for path in sorted(CASES.glob("checks.*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip() and not line.startswith("#"):
                flags, source, english = (part.strip() for part in line.split("|"))
                expected = () if flags == "-" else tuple(flags.split())
                lang = path.name.split(".")[1]
                found.append(pytest.param(lang, source, english, expected, id=f"{lang}:{number}"))
    return found


@pytest.mark.parametrize(("lang", "source", "english", "expected"), cases())
def test_cases(lang: str, source: str, english: str, expected: tuple[str, ...]) -> None:
    """Each line of `cases/checks.*.txt` earns exactly its flags."""
    assert set(checks.failures(source, Hypothesis(english), lang)) == set(expected)


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["ar", "he", "it", "en"]))
def test_no_text_breaks_a_check(source: str, english: str, lang: str) -> None:
    """Any two texts get flags that are in the vocabulary, once each, in its order."""
    found = checks.failures(source, Hypothesis(english), lang)
    assert found == checks.ordered(found)
    assert set(found) <= checks.FAILURES


@given(st.text(min_size=1, max_size=200))
def test_english_itself_passes(text: str) -> None:
    """A text that is its own translation has lost no number, added none, and is not too short or long."""
    assert not numbers_lost(text, text)
    assert not numbers_added(text, text)
    assert not checks.length(text, text, "it")


def test_what_the_engine_saw_counts() -> None:
    """An output that was cut is a failure, one that was parted a remark."""
    found = checks.failures(
        "Il club è forte.", Hypothesis("The club is strong.", flags=("cut", "hard-split")), "it"
    )
    assert found == ("cut",)


def test_a_run_without_attention_is_a_lost_sentence() -> None:
    """English of ordinary length with too few sentences is caught by the words that nothing looked at."""
    source = "Il presidente ha firmato. Molti vogliono aderire."
    english = "The president has now signed, and so it was done"
    seen = (1.0,) * 8
    assert checks.failures(source, Hypothesis(english, coverage=seen + (1.0,) * 7), "it") == ()
    assert checks.failures(source, Hypothesis(english, coverage=seen + (0.01,) * 7), "it") == (
        "sentence-lost",
    )


def test_meaning_is_judged_only_where_it_was_measured() -> None:
    """Cosines mean nothing across encoders: another encoder, or language, is not judged."""
    assert checks.meaning_far(0.7, "he", "multilingual-e5-small") == "meaning-far"
    assert checks.meaning_far(0.9, "he", "multilingual-e5-small") == ""
    assert (
        checks.meaning_far(0.1, "he", "another")
        == checks.meaning_far(0.1, "xx", "multilingual-e5-small")
        == ""
    )


def test_every_flag_has_a_meaning() -> None:
    """What a run can flag is in the vocabulary that readers are shown."""
    assert set(checks.FLAGS) == checks.REMARKS | checks.FAILURES
    assert set(passed(("he", "כן")).flags) <= set(checks.FLAGS)
