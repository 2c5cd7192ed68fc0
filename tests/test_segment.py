"""Sentences and clauses are slices, and linguists' cases split as they wrote them."""

from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.languages import LANGUAGES
from pipeline.records import Article, Block, Span
from pipeline.segment import MIN_CLAUSE_WORDS, clauses, sentences, split

CASES = Path(__file__).parent / "cases"


def texts(lang: str) -> list[list[str]]:
    """Return the case file's texts, each as its sentences."""
    lines = (CASES / f"segment.{lang}.txt").read_text(encoding="utf-8").splitlines()
    blocks = "\n".join(line for line in lines if not line.startswith("#")).split("\n\n")
    return [
        text for block in blocks if (text := block.split("\n")) != [""] if (text := [s for s in text if s])
    ]


def slices(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("lang", "lines"),
    [pytest.param(lang, lines, id=f"{lang}: {lines[0]}") for lang in LANGUAGES for lines in texts(lang)],
)
def test_case(lang: str, lines: list[str]) -> None:
    """The sentences of a text are the lines that a linguist wrote."""
    text = " ".join(lines)

    assert slices(text, split(text, lang)) == lines
