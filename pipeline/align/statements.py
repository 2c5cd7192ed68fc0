"""n versions of a story in, its statements out: the rows of every table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from pipeline.align.comparable import Ranges, Side, evidence, log_odds, sides
from pipeline.align.groups import Pair, groups
from pipeline.engines.ports import Floats, TokenStates
from pipeline.records import Article, Member, Quote, Sentence, Span, Statement, StatementKind

SPEECH = ("direct", "dash")
"""Kinds of quotations whose words are somebody's own: they make a statement a quote."""


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """What the aligner knows of one version: the body's sentences, a `TokenStates` each, and quotations.

    `english` has the translations of the sentences, "" where there is none; it may be empty.
    """

    article: Article
    sentences: tuple[Sentence, ...]
    quotes: tuple[Quote, ...]
    states: tuple[TokenStates, ...]
    english: tuple[str, ...] = ()


def statements(versions: Sequence[Version]) -> tuple[Statement, ...]:
    """Return what at least two versions say, and the speech that only one has.

    Independent of the order of the versions, apart from the order of members.
    """
    known = sorted(versions, key=lambda version: version.article.id)
    parts = sides([version.states for version in known], [version.article.lang for version in known])
    pieces = [_pieces(version) for version in known]
    ranges = [_ranges(version, spans) for version, spans in zip(known, pieces, strict=True)]
    kept = [[i for i, (start, end) in enumerate(r) if end - start > 1] for r in ranges]
    pieces = [[spans[i] for i in keep] for spans, keep in zip(pieces, kept, strict=True)]
    units = [(number, span) for number, spans in enumerate(pieces) for span in spans]
    odds = _odds(parts, [r[keep] for r, keep in zip(ranges, kept, strict=True)])
    found = groups({pair: z for pair, (z, _) in odds.items()}, [number for number, _ in units])
    order = {version.article.id: place for place, version in enumerate(versions)}
    rows: list[tuple[tuple[Member, ...], float | None]] = []
    taken: dict[int, list[Span]] = {}
    for group in found:
        pairs = [odds[pair] for pair in combinations(group, 2) if pair in odds]
        members = []
        for unit in group:
            number, span = units[unit]
            margins = [
                odds[min(unit, o), max(unit, o)][1] for o in group if (min(unit, o), max(unit, o)) in odds
            ]
            taken.setdefault(number, []).append(span)
            members.append(_member(known[number], span, float(np.mean(margins)) if margins else None))
        members.sort(key=lambda member: order[member.article])
        confidence = float(1 / (1 + np.exp(-np.mean([z for z, _ in pairs]))))
        rows.append((tuple(members), confidence))
    for number, version in enumerate(known):
        for span in _unmatched(version, taken.get(number, [])):
            rows.append(((_member(version, span, None),), None))
    rows.sort(key=lambda row: _place(row[0], versions))
    return tuple(
        Statement(f"s{number:03}", _kind(members), members, confidence)
        for number, (members, confidence) in enumerate(rows, start=1)
    )


def _odds(parts: Sequence[Side], ranges: Sequence[Ranges]) -> dict[Pair, tuple[float, float]]:
    """Return log-odds and margin of every pair of units of two versions that has a chance."""
    first = np.cumsum([0, *map(len, ranges)])
    odds: dict[Pair, tuple[float, float]] = {}
    for a, b in combinations(range(len(parts)), 2):
        if len(ranges[a]) and len(ranges[b]):
            measures = evidence(parts[a], parts[b], ranges[a], ranges[b])
            z: Floats = log_odds(measures)
            for i, j in np.argwhere(z > -5):
                pair = int(first[a] + i), int(first[b] + j)
                odds[pair] = float(z[i, j]), float(measures[i, j, 2])
    return odds


def _pieces(version: Version) -> list[Span]:
    """Return the version's sentences, cut where a part of speech begins or ends."""
    edges = {
        edge
        for q in version.quotes
        if q.kind in SPEECH
        for part in q.parts
        for edge in (part.start, part.end)
    }
    spans = []
    for sentence in version.sentences:
        inside = sorted(edge for edge in edges if sentence.start < edge < sentence.end)
        for start, end in pairwise([sentence.start, *inside, sentence.end]):
            piece = version.article.text[start:end]
            if piece.strip():
                first = start + len(piece) - len(piece.lstrip())
                spans.append(Span(first, first + len(piece.strip())))
    return spans


def _ranges(version: Version, spans: Sequence[Span]) -> Ranges:
    """Return the tokens of each span, counted through the version's sentences."""
    middles = [
        sentence.start + (state.starts + state.ends) / 2
        for sentence, state in zip(version.sentences, version.states, strict=True)
    ]
    middle = np.concatenate(middles) if middles else np.zeros(0)
    edges = [[span.start, span.end] for span in spans]
    return np.searchsorted(middle, np.array(edges, dtype=np.float64).reshape(-1, 2)).astype(np.int64)


def _member(version: Version, span: Span, similarity: float | None) -> Member:
    article = version.article
    inside = [
        q
        for q in version.quotes
        if min(q.end, span.end) - max(q.start, span.start) > (span.end - span.start) / 2
    ]
    quote = min(inside, key=lambda q: (q.kind == "scare", q.start, q.end), default=None)
    text = article.text[span.start : span.end]
    return Member(article.id, article.lang, span.start, span.end, text, quote, similarity)


def _unmatched(version: Version, taken: Sequence[Span]) -> list[Span]:
    """Return the parts of speech of which no member says anything."""
    parts = [part for quote in version.quotes if quote.kind in SPEECH for part in quote.parts]
    return [p for p in parts if all(t.end <= p.start or p.end <= t.start for t in taken)]


def _kind(members: Sequence[Member]) -> StatementKind:
    return "quote" if any(m.quote is not None and m.quote.kind in SPEECH for m in members) else "statement"


def _place(members: Sequence[Member], versions: Sequence[Version]) -> tuple[float, str, int]:
    """Return where a row stands: the mean place of its members, each as a share of its article."""
    length = {version.article.id: len(version.article.text) for version in versions}
    return (
        float(np.mean([m.start / length[m.article] for m in members])),
        min(m.article for m in members),
        members[0].start,
    )
