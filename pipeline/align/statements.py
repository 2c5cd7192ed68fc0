"""n versions of a story in, its statements out: the rows of every table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipeline.align.agreement import FLOOR, Pair, agreed
from pipeline.align.comparable import LEAD, Passages, Side, evidence, local, log_odds, passages, sides
from pipeline.align.groups import groups
from pipeline.align.spans import SPEECH, pieces, runs, token_ranges, units
from pipeline.engines.ports import TokenStates
from pipeline.records import Article, Member, Quote, Sentence, Span, Statement, StatementKind

LONE = 1.5
"""The log-odds that a pair needs which no third version joins."""


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
    """Return what at least two versions say, and the speech that only one has, in the order of a reader.

    The same whatever the order of the versions, apart from the order of members.
    """
    known = sorted(versions, key=lambda version: version.article.id)
    spans, compared = _units(known)
    owner = [number for number, theirs in enumerate(spans) for _ in theirs]
    flat = [span for theirs in spans for span in theirs]
    odds, leads = _odds(compared)
    settled = agreed(odds, owner)
    order = {version.article.id: place for place, version in enumerate(versions)}
    rows: list[tuple[tuple[Member, ...], float | None]] = []
    taken: dict[int, list[Span]] = {}
    for group in groups(settled, owner):
        pairs = [pair for pair in combinations(group, 2) if pair in settled]
        worth = float(np.mean([settled[pair] for pair in pairs]))
        if len(group) == 2 and worth < LONE:
            continue
        members = []
        for unit in group:
            taken.setdefault(owner[unit], []).append(flat[unit])
            similarity = float(np.mean([leads[pair] for pair in pairs if unit in pair]))
            members.append(_member(known[owner[unit]], flat[unit], similarity))
        members.sort(key=lambda member: order[member.article])
        rows.append((tuple(members), float(1 / (1 + np.exp(-worth)))))
    for number, version in enumerate(known):
        rows += [((_member(version, s, None),), None) for s in _unmatched(version, taken.get(number, []))]
    rows.sort(key=lambda row: _place(row[0], known))
    return tuple(
        Statement(f"s{number:03}", _kind(members), members, confidence)
        for number, (members, confidence) in enumerate(rows, start=1)
    )


def _units(known: Sequence[Version]) -> tuple[list[list[Span]], list[Passages]]:
    """Return each version's passages that can be members: its sentences and speech, cut where others end.

    All runs of clauses are compared, two versions at a time; where the best of them begin and end, all
    are cut, so that what one version says in two sentences is two passages in all.
    """
    parts = sides([version.states for version in known], [version.article.lang for version in known])
    cuttable = [pieces(version.article, version.sentences, version.quotes) for version in known]
    every = [[run for piece in theirs for run in runs(piece)] for theirs in cuttable]
    whole = [_passages(*each) for each in zip(known, parts, every, strict=True)]
    starts: list[set[int]] = [set() for _ in known]
    ends: list[set[int]] = [set() for _ in known]
    for a, b in combinations(range(len(known)), 2):
        for i, j in local(evidence(whole[a], whole[b]), whole[a].ranges, whole[b].ranges):
            for number, run in ((a, every[a][i]), (b, every[b][j])):
                starts[number].add(run.start)
                ends[number].add(run.end)
    spans = [
        [unit for piece in theirs for unit in units(version.article.text, piece, starts[n], ends[n])]
        for n, (version, theirs) in enumerate(zip(known, cuttable, strict=True))
    ]
    return spans, [_passages(*each) for each in zip(known, parts, spans, strict=True)]


def _passages(version: Version, side: Side, spans: Sequence[Span]) -> Passages:
    return passages(side, token_ranges(version.sentences, version.states, spans))


def _odds(compared: Sequence[Passages]) -> tuple[dict[Pair, float], dict[Pair, float]]:
    """Return the log-odds and the lead of every pair of passages of two versions that has a chance."""
    first = np.cumsum([0, *(len(theirs.ranges) for theirs in compared)])
    odds: dict[Pair, float] = {}
    leads: dict[Pair, float] = {}
    for a, b in combinations(range(len(compared)), 2):
        found = evidence(compared[a], compared[b])
        scores = log_odds(found.measures)
        for i, j in np.argwhere(scores > FLOOR):
            pair = int(first[a] + i), int(first[b] + j)
            odds[pair], leads[pair] = float(scores[i, j]), float(found.measures[i, j, LEAD])
    return odds, leads


def _member(version: Version, span: Span, similarity: float | None) -> Member:
    """Return the member with the quotation that most of it lies in: speech before names and titles."""
    article = version.article
    size = span.end - span.start
    holds = [q for q in version.quotes if min(q.end, span.end) - max(q.start, span.start) > size / 2]
    quote = min(holds, key=lambda q: (q.kind == "scare", q.start, q.end), default=None)
    text = article.text[span.start : span.end]
    return Member(article.id, article.lang, span.start, span.end, text, quote, similarity)


def _unmatched(version: Version, taken: Sequence[Span]) -> list[Span]:
    """Return the parts of speech with which no member shares a word."""
    parts = [part for quote in version.quotes if quote.kind in SPEECH for part in quote.parts]
    return [part for part in parts if all(t.end <= part.start or part.end <= t.start for t in taken)]


def _kind(members: Sequence[Member]) -> StatementKind:
    return "quote" if any(m.quote is not None and m.quote.kind in SPEECH for m in members) else "statement"


def _place(members: Sequence[Member], known: Sequence[Version]) -> tuple[float, str, int]:
    """Return where a reader of all versions would meet the row: at its members' mean share of their articles."""
    length = {version.article.id: len(version.article.text) for version in known}
    first = min(members, key=lambda member: member.article)
    mean = np.mean(sorted(member.start / length[member.article] for member in members))
    return float(mean), first.article, first.start
