"""Sentences and clauses are slices that lose nothing, and linguists' cases split as they are written."""

from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.languages import LANGUAGES
from pipeline.records import Article, Block, Span
from pipeline.segment import MIN_CLAUSE_WORDS, clauses, sentences, split

CASES = Path(__file__).parent / "cases"


def case_texts(lang: str) -> list[list[str]]:
    """Return the case file's texts, each as its sentences."""
    lines = (CASES / f"segment.{lang}.txt").read_text(encoding="utf-8").splitlines()
    paragraphs = "\n".join(line for line in lines if not line.startswith("#")).split("\n\n")
    return [paragraph.split("\n") for paragraph in (text.strip("\n") for text in paragraphs) if paragraph]


def slices(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def without_space(text: str) -> str:
    return "".join(text.split())


languages = st.sampled_from(sorted(LANGUAGES))
marks = ". ! ? … ؟ , ، ; ؛ : - – — \" “ ” « » „ ‘ ’ ' ״ ׳ ( ) [ ] .. 😀".split()
words = 'Mr. U.S. dott. ארה"ב א. د. 3.5 1. but word Word كلمة מילה'.split()
spaces = [" ", "  ", "\n", "\n\n", "\r\n", "\t", "\xa0", "\u2029", "\u200f", "\ufeff"]
pieces = st.sampled_from([*marks, *words, *spaces])
printed = st.lists(pieces | st.text(max_size=3), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("lang", "lines"),
    [pytest.param(lang, lines, id=f"{lang}-{lines[0]}") for lang in LANGUAGES for lines in case_texts(lang)],
)
def test_case(lang: str, lines: list[str]) -> None:
    """The sentences of a text are the lines that a linguist wrote."""
    text = " ".join(lines)

    assert slices(text, split(text, lang)) == lines


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cases_are_many(lang: str) -> None:
    """Every language has at least 25 sentences of its own."""
    assert sum(map(len, case_texts(lang))) >= 25


@given(text=printed, lang=languages)
def test_sentences_lose_nothing(text: str, lang: str) -> None:
    """The sentences joined are the text without its white space."""
    assert without_space("".join(slices(text, split(text, lang)))) == without_space(text)


@given(text=printed, lang=languages)
def test_sentences_are_ordered_and_stripped(text: str, lang: str) -> None:
    """No sentence is empty, has white space around it or overlaps the next."""
    spans = split(text, lang)

    assert all(one.end <= next_one.start for one, next_one in pairwise(spans))
    assert all(sentence == sentence.strip() != "" for sentence in slices(text, spans))


@given(text=printed, lang=languages)
def test_an_empty_line_ends_a_sentence(text: str, lang: str) -> None:
    """What lies on the two sides of an empty line is split as if the other side were not there."""
    spans = split(f"{text}\n\nEnd", lang)

    assert slices(f"{text}\n\nEnd", spans) == [*slices(text, split(text, lang)), "End"]


@given(text=printed, lang=languages)
def test_clauses_lose_nothing(text: str, lang: str) -> None:
    """A sentence's clauses joined are the sentence without its white space."""
    for sentence in slices(text, split(text, lang)):
        assert without_space("".join(slices(sentence, clauses(sentence, lang)))) == without_space(sentence)


@given(text=printed, lang=languages)
def test_clauses_are_ordered(text: str, lang: str) -> None:
    """No clause is empty or overlaps the next."""
    spans = clauses(text, lang)

    assert all(span.start < span.end for span in spans)
    assert all(one.end <= next_one.start for one, next_one in pairwise(spans))


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "en",
            ["She left at 10:30,", "because 3,500 people came,", "and then he said:", '"the club is open";'],
        ),
        (
            "en",
            [
                "“This builds bridges around the world,”",
                "the U.S. president wrote",
                "– and many others agreed.",
            ],
        ),
        (
            "it",
            [
                "Il prezzo, 3,5 euro, è salito",
                "ma nessuno lo sa:",
                "«siamo un club aperto»,",
                "dice il ministro.",
            ],
        ),
        ("he", ['בכיר בארה"ב אמר אתמול', "כי ההסכם נחתם בבוקר,", 'אבל המנכ"ל לא אישר זאת.']),
        ("ar", ["أعلن الرئيس الانضمام اليوم،", "لكن الوزير قال لاحقاً:", '"هذا هو (النادي القوي)".']),
    ],
)
def test_clause_case(lang: str, expected: list[str]) -> None:
    """A clause ends at a mark or before a word that opens the next, not inside a number or a word."""
    text = " ".join(expected)

    assert slices(text, clauses(text, lang)) == expected


def test_short_clauses_join() -> None:
    """No clause of a longer sentence has fewer words than the least."""
    text = "Yes, no, perhaps, said the old president of the club, then, at last, he left."

    assert min(len(clause.split()) for clause in slices(text, clauses(text, "en"))) >= MIN_CLAUSE_WORDS


@pytest.mark.parametrize("mark", ['"', "“", "«", "„", "(", "‘", "[", "״"])
def test_an_unclosed_mark_swallows_nothing(mark: str) -> None:
    """A mark that is never closed does not keep the sentences after it together."""
    text = f"He spoke of {mark}the club. It is open. They left."

    assert len(split(text, "en")) == 3


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("unit", ["word ", "a", '"a. B', ".” ", "( a. ", "...", "» ", '." - '])
def test_time_is_linear(unit: str, lang: str) -> None:
    """A line of 50,000 characters without an end takes a time that its characters explain."""
    line = (unit * 50_000)[:50_000]
    start = process_time()

    split(line, lang)
    clauses(line, lang)

    assert process_time() - start < 5  # measured 0.05-0.5 s


def test_sentences_carry_place_and_role() -> None:
    """A sentence is a slice of its article, counted over all blocks, in its block's role."""
    text = "Title\n\nOne here. Two here."
    article = Article("x", "en", text, (Block(0, 5, "title"), Block(7, len(text), "body")))

    found = sentences(article)

    assert [(s.index, s.text, s.role) for s in found] == [
        (0, "Title", "title"),
        (1, "One here.", "body"),
        (2, "Two here.", "body"),
    ]
    assert all(text[s.start : s.end] == s.text and s.article == "x" for s in found)
