"""n versions of a story in, its statements out: the rows of every table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.align.neighbourhoods import LIMIT
from pipeline.align.search import alike
from pipeline.align.spans import SPEECH
from pipeline.align.story import neighbouring
from pipeline.cores import one_core
from pipeline.engines.ports import TokenStates
from pipeline.records import Article, Member, Quote, Sentence, Span, Statement, StatementKind


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """What the aligner knows of one version: the body's sentences, a `TokenStates` each, and quotations.

    `english` has the translations of the sentences, "" where there is none; alignment does not use it.
    """

    article: Article
    sentences: tuple[Sentence, ...]
    quotes: tuple[Quote, ...]
    states: tuple[TokenStates, ...]
    english: tuple[str, ...] = ()


def statements(versions: Sequence[Version], limit: int = LIMIT) -> tuple[Statement, ...]:
    """Return what at least two versions say, and the speech that only one has, in the order of a reader.

    The same whatever the order of the versions, apart from the order of members. A story of more than
    `limit` sentences is taken in neighbourhoods.
    """
    known = sorted(versions, key=lambda version: version.article.id)
    order = {version.article.id: place for place, version in enumerate(versions)}
    rows: list[tuple[tuple[Member, ...], float | None]] = []
    taken: dict[int, list[Span]] = {}
    with one_core():
        for story, group in ((part, group) for part in neighbouring(known, limit) for group in alike(part)):
            members = []
            for passage in group.members:
                taken.setdefault(passage.version, []).append(passage.span)
                leads = [story.lead(passage, other) for other in group.members if other != passage]
                members.append(_member(known[passage.version], passage.span, float(np.mean(leads))))
            members.sort(key=lambda member: order[member.article])
            rows.append((tuple(members), min(group.trust)))
    for number, version in enumerate(known):
        rows += [((_member(version, s, None),), None) for s in _unmatched(version, taken.get(number, []))]
    rows.sort(key=lambda row: _place(row[0], known))
    return tuple(
        Statement(f"s{number:03}", _kind(members), members, sure)
        for number, (members, sure) in enumerate(rows, start=1)
    )


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
    """Return where a reader would meet the row: at its members' mean share of their articles."""
    length = {version.article.id: len(version.article.text) for version in known}
    first = min(members, key=lambda member: member.article)
    mean = np.mean(sorted(member.start / length[member.article] for member in members))
    return float(mean), first.article, first.start
