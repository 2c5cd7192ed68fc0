"""Where the passages of a version may begin and end."""

import re
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise

import numpy as np

from pipeline import segment
from pipeline.align.comparable import Ranges
from pipeline.engines.ports import TokenStates
from pipeline.records import Article, Quote, Sentence, Span

SPEECH = ("direct", "dash")
"""Kinds of quotations whose words are somebody's own."""

MAX_CLAUSES = 10
"""A run of more is only taken as the whole piece."""

MIN_WORDS = 4
"""What is shorter and neither speech nor a sentence, such as "he added" or a name, is no statement."""

_WORD = re.compile(r"\w[\w'’\"״׳-]*")


def pieces(article: Article, sentences: Sequence[Sentence], quotes: Sequence[Quote]) -> list[list[Span]]:
    """Return the clauses of the sentences, a list for every run that no passage may cross.

    Such runs end where a sentence or speech does: words of the speaker and of the reporter are never one
    passage. A run without a word is left out.
    """
    speech = [quote for quote in quotes if quote.kind in SPEECH]
    edges = {edge for q in speech for span in (q, *q.parts) for edge in (span.start, span.end)}
    parts = {(part.start, part.end) for q in speech for part in q.parts}
    found = []
    for sentence in sentences:
        inside = sorted(edge for edge in edges if sentence.start < edge < sentence.end)
        for start, end in pairwise([sentence.start, *inside, sentence.end]):
            text = article.text[start:end]
            whole = (start, end) in parts or not inside
            span = Span(start, end) if whole else _trimmed(article.text, start, end)
            if span and (whole or _words(article.text, span) >= MIN_WORDS):
                text = article.text[span.start : span.end]
                clauses = segment.clauses(text, article.lang)
                found.append([Span(span.start + c.start, span.start + c.end) for c in clauses])
    return [clauses for clauses in found if clauses]


def runs(piece: Sequence[Span]) -> Iterator[Span]:
    """Yield every run of neighbouring clauses of a piece."""
    for first, start in enumerate(piece):
        for end in piece[first : first + MAX_CLAUSES]:
            yield Span(start.start, end.end)
    if len(piece) > MAX_CLAUSES:
        yield Span(piece[0].start, piece[-1].end)


def units(text: str, piece: Sequence[Span], starts: Container[int], ends: Container[int]) -> Iterator[Span]:
    """Yield the piece in order, cut before the clauses that begin at `starts` and after those that end at `ends`.

    A part of fewer than `MIN_WORDS` words is left out, unless it is the whole piece.
    """
    first = 0
    for last, clause in enumerate(piece):
        if last == len(piece) - 1 or clause.end in ends or piece[last + 1].start in starts:
            span = Span(piece[first].start, clause.end)
            if (first == 0 and last == len(piece) - 1) or _words(text, span) >= MIN_WORDS:
                yield span
            first = last + 1


def token_ranges(
    sentences: Sequence[Sentence], states: Sequence[TokenStates], spans: Sequence[Span]
) -> Ranges:
    """Return the tokens of each span, counted through the sentences; a token belongs where its middle is."""
    middles = [s.start + (state.starts + state.ends) / 2 for s, state in zip(sentences, states, strict=True)]
    edges = np.array([[span.start, span.end] for span in spans], dtype=np.float64).reshape(-1, 2)
    middle = np.concatenate(middles) if middles else np.zeros(0)
    return np.searchsorted(middle, edges).astype(np.int64)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return what is left of a run that lost its speech, without the marks and spaces around it."""
    piece = text[start:end]
    words = list(_WORD.finditer(piece))
    if not words:
        return None
    tail = len(piece.rstrip(' \t\r\n"“”«»„״'))
    return Span(start + words[0].start(), start + max(tail, words[-1].end()))


def _words(text: str, span: Span) -> int:
    return len(_WORD.findall(text, span.start, span.end))
