"""Where the passages of a version may begin and end."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from pipeline import segment
from pipeline.align.ranges import Ranges
from pipeline.engines.ports import TokenStates
from pipeline.records import Article, Quote, Sentence, Span

SPEECH = ("direct", "dash")
"""Kinds of quotations whose words are somebody's own."""

MIN_WORDS = 4
"""What is shorter and neither speech nor a sentence, such as "he added" or a name, is no statement."""

LONG = 12
"""A clause of more words may also be cut before the words that open a part of it."""

OPENERS = {
    "ar": "التي الذي الذين أن بأن بعد قبل خلال بهدف منذ مع",
    "en": "that which who whose after before with to since during for from",
    "he": "אשר לאחר אחרי לפני במהלך כדי לפי עם",
    "it": "che dopo prima con per come da dal dalla tra durante",
}

MAX_PARTS = 12
"""Longer runs are only taken from clause to clause; a run of more clauses only if it is the whole piece."""

_ITEM = re.compile(r"[,،;؛]")
_WORD = re.compile(r"\w[\w'’\"״׳+-]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence that passages do not cross: its clauses, and their parts."""

    clauses: tuple[Span, ...]
    parts: tuple[Span, ...]


def pieces(article: Article, sentences: Sequence[Sentence], quotes: Sequence[Quote]) -> list[Piece]:
    """Return the sentences, cut where speech begins or ends, in order.

    Words of a speaker and of the reporter are never one passage. What introduces speech in fewer than
    `MIN_WORDS` words is left out.
    """
    speech = [quote for quote in quotes if quote.kind in SPEECH]
    edges = {edge for q in speech for edge in (q.start, q.end)} | {
        edge for q in speech for part in q.parts for edge in (part.start, part.end)
    }
    spoken = {(part.start, part.end) for q in speech for part in q.parts}
    found = []
    for sentence in sentences:
        inside = sorted(edge for edge in edges if sentence.start < edge < sentence.end)
        for start, end in pairwise([sentence.start, *inside, sentence.end]):
            whole = not inside or (start, end) in spoken
            span = Span(start, end) if whole else _trimmed(article.text, start, end)
            if span is not None and (whole or enough(article.text, span)):
                found.append(_piece(article, span))
    return found


def runs(piece: Piece) -> Iterator[Span]:
    """Yield every run of neighbouring clauses, and of neighbouring parts of clauses, each once."""
    seen = {Span(piece.clauses[0].start, piece.clauses[-1].end)}
    for atoms in (piece.clauses, piece.parts):
        for place, first in enumerate(atoms):
            seen |= {Span(first.start, last.end) for last in atoms[place : place + MAX_PARTS]}
    yield from sorted(seen, key=lambda span: (span.start, span.end))


def units(text: str, piece: Piece, starts: Container[int], ends: Container[int]) -> Iterator[Span]:
    """Yield the piece in order, cut before clauses that begin at `starts` and after those that end at `ends`.

    A unit that has not `enough` words is left out, unless it is the whole piece.
    """
    first, last = 0, len(piece.clauses) - 1
    for place, clause in enumerate(piece.clauses):
        if place == last or clause.end in ends or piece.clauses[place + 1].start in starts:
            span = Span(piece.clauses[first].start, clause.end)
            if (first == 0 and place == last) or enough(text, span):
                yield span
            first = place + 1


def enough(text: str, span: Span) -> bool:
    """Tell whether a part of a piece has the words to say something: a few, and not just a list's items."""
    words = [len(_WORD.findall(item)) for item in _ITEM.split(text[span.start : span.end])]
    return sum(words) >= MIN_WORDS and max(words) > 2


def token_ranges(
    sentences: Sequence[Sentence], states: Sequence[TokenStates], spans: Sequence[Span]
) -> Ranges:
    """Return the tokens of each span, counted through the sentences; a token belongs where its middle is."""
    middles = [s.start + (state.starts + state.ends) / 2 for s, state in zip(sentences, states, strict=True)]
    edges = np.array([[span.start, span.end] for span in spans], dtype=np.float64).reshape(-1, 2)
    middle = np.concatenate(middles) if middles else np.zeros(0)
    return np.searchsorted(middle, edges).astype(np.int64)


def _piece(article: Article, span: Span) -> Piece:
    text = article.text[span.start : span.end]
    clauses = segment.clauses(text, article.lang) or [Span(0, len(text))]
    parts = [part for clause in clauses for part in _parts(text, clause, article.lang)]
    return Piece(
        tuple(Span(span.start + c.start, span.start + c.end) for c in clauses),
        tuple(Span(span.start + p.start, span.start + p.end) for p in parts),
    )


def _parts(text: str, clause: Span, lang: str) -> Iterator[Span]:
    """Yield a clause, a long one in parts that each have `enough` words."""
    start = clause.start
    if len(_WORD.findall(text, clause.start, clause.end)) > LONG:
        for opener in _openers(lang).finditer(text, clause.start, clause.end):
            at = opener.start()
            if enough(text, Span(start, at)) and enough(text, Span(at, clause.end)):
                yield Span(start, start + len(text[start:at].rstrip()))
                start = at
    yield Span(start, clause.end)


@cache
def _openers(lang: str) -> re.Pattern[str]:
    words = OPENERS.get(lang, "").split()
    return re.compile(rf"(?<=\s)(?:{'|'.join(words)})(?=\s)", re.IGNORECASE) if words else re.compile(r"(?!)")


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return what is left of a sentence that lost its speech, without the marks and spaces around it."""
    words = list(_WORD.finditer(text, start, end))
    if not words:
        return None
    tail = len(text[start:end].rstrip(' \t\r\n"“”«»„״'))
    return Span(words[0].start(), max(start + tail, words[-1].end()))
