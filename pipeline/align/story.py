"""All versions of a story: every run of clauses, compared with every one of the other versions."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple, Protocol

import numpy as np

from pipeline.align.agreement import FLOOR, Pair
from pipeline.align.comparable import LEAD, Evidence, evidence, local, log_odds, passages
from pipeline.align.neighbourhoods import LIMIT, neighbourhoods
from pipeline.align.ranges import Ranges
from pipeline.align.sides import Side, sampled, sides
from pipeline.align.spans import Piece, enough, pieces, runs, token_ranges
from pipeline.align.voices import apart, voice
from pipeline.engines.ports import TokenStates
from pipeline.records import Article, Quote, Sentence, Span


class Passage(NamedTuple):
    """A span of the version with this number."""

    version: int
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """Passages of two or more versions, and the probability of each to belong."""

    members: tuple[Passage, ...]
    trust: tuple[float, ...]


class Known(Protocol):
    """What is needed of a version: body sentences, a `TokenStates` each, and quotations."""

    @property
    def article(self) -> Article: ...
    @property
    def sentences(self) -> tuple[Sentence, ...]: ...
    @property
    def quotes(self) -> tuple[Quote, ...]: ...
    @property
    def states(self) -> tuple[TokenStates, ...]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """The versions in order, their pieces, and their runs numbered by their spans.

    `found[a, b]`, `a < b`, is the evidence for each run of version `a` and each of version `b`.
    """

    versions: Sequence[Known]
    pieces: Sequence[Sequence[Piece]]
    runs: Sequence[Mapping[Span, int]]
    ranges: Sequence[Ranges]
    found: Mapping[tuple[int, int], Evidence]

    def gain(self, one: Passage, other: Passage) -> float:
        """Return what the two passages gain by being matched."""
        found, i, j = self._at(one, other)
        return float(found.gains[i, j])

    def lead(self, one: Passage, other: Passage) -> float:
        """Return by how much the pair leads its rivals, on the side where that is less."""
        found, i, j = self._at(one, other)
        return float(found.measures[i, j, LEAD])

    def familiar(self, one: Passage, other: Passage) -> float:
        """Return how well the less familiar of the two is matched by the background of the other version."""
        found, i, j = self._at(one, other)
        return float(found.familiar[i, j])

    def log_odds(self, units: Sequence[Passage]) -> dict[Pair, float]:
        """Return the log-odds of pairs of units of two versions, by places.

        Hopeless ones are left out, and the words of different people: who says a thing is part of it.
        """
        places: dict[int, list[int]] = {}
        for place, unit in enumerate(units):
            places.setdefault(unit.version, []).append(place)
        odds: dict[Pair, float] = {}
        voices = [voice(self.versions[unit.version].quotes, unit.span) for unit in units]
        for (a, b), found in self.found.items():
            first, second = places.get(a, []), places.get(b, [])
            rows = [self.runs[a][units[u].span] for u in first]
            columns = [self.runs[b][units[v].span] for v in second]
            scores = log_odds(found.measures[np.ix_(rows, columns)])
            for i, j in np.argwhere(scores > FLOOR):
                if not apart(voices[first[i]], voices[second[j]]):
                    odds[first[i], second[j]] = float(scores[i, j])
        return odds

    def local(self) -> Iterator[Passage]:
        """Yield the runs of clauses that any two versions match best."""
        coarse = [self._coarse(number) for number in range(len(self.versions))]
        for (a, b), found in self.found.items():
            rows, columns = coarse[a], coarse[b]
            spans = list(self.runs[a]), list(self.runs[b])
            part = found.among(rows, columns)
            for i, j in local(part, self.ranges[a][rows], self.ranges[b][columns]):
                yield Passage(a, spans[0][rows[i]])
                yield Passage(b, spans[1][columns[j]])

    def enough(self, version: int, span: Span) -> bool:
        """Tell whether a part of a piece has the words to say something."""
        return enough(self.versions[version].article.text, span)

    def clause_runs(self, passage: Passage) -> list[Span]:
        """Return the runs of whole clauses of the piece that the passage lies in."""
        return list(filter(_bounded(self.piece(passage).clauses), self.part_runs(passage)))

    def part_runs(self, passage: Passage) -> list[Span]:
        """Return all runs of the piece that the passage lies in."""
        return list(runs(self.piece(passage)))

    def adjacent(self, one: Passage, other: Passage) -> bool:
        """Tell whether two passages of one version are neighbours in one piece, with no clause between."""
        first, second = sorted((one.span, other.span), key=lambda span: span.start)
        union = Span(first.start, second.end)
        between = [c for c in self.piece(one).parts if first.end <= c.start and c.end <= second.start]
        return union in self.runs[one.version] and first.end <= second.start and not between

    def piece(self, passage: Passage) -> Piece:
        """Return the piece that the passage lies in."""
        theirs = self.pieces[passage.version]
        return theirs[bisect_left(theirs, passage.span.end, key=lambda piece: piece.clauses[-1].end)]

    def _at(self, one: Passage, other: Passage) -> tuple[Evidence, int, int]:
        a, b = sorted((one, other))
        return self.found[a.version, b.version], self.runs[a.version][a.span], self.runs[b.version][b.span]

    def _coarse(self, version: int) -> list[int]:
        clauses = [clause for piece in self.pieces[version] for clause in piece.clauses]
        bounded = _bounded(clauses)
        return [number for run, number in self.runs[version].items() if bounded(run)]


def _bounded(clauses: Sequence[Span]) -> Callable[[Span], bool]:
    """Return what tells whether a span begins and ends with clauses."""
    starts, ends = {clause.start for clause in clauses}, {clause.end for clause in clauses}
    return lambda span: span.start in starts and span.end in ends


@dataclass(frozen=True, slots=True, eq=False)
class _Excerpt:
    """Some sentences of a version."""

    article: Article
    sentences: tuple[Sentence, ...]
    quotes: tuple[Quote, ...]
    states: tuple[TokenStates, ...]


def compared(versions: Sequence[Known]) -> Story:
    """Return the story with all its evidence."""
    return _story(versions, _sides(versions))


def neighbouring(versions: Sequence[Known], limit: int = LIMIT) -> Iterator[Story]:
    """Yield the story in neighbourhoods of at most `limit` sentences: whole if it has no more.

    Passages keep the numbers of their versions. Nothing is compared across neighbourhoods.
    """
    every = _sides(versions)
    parts = neighbourhoods(every, limit)
    if len(parts) == 1:
        yield _story(versions, every)
        return
    every = sampled(every)
    for part in parts:
        if sum(map(bool, part)) > 1:
            chosen = [
                _Excerpt(
                    known.article,
                    tuple(known.sentences[n] for n in here),
                    known.quotes,
                    tuple(known.states[n] for n in here),
                )
                for known, here in zip(versions, part, strict=True)
            ]
            yield _story(chosen, [side.only(here) for side, here in zip(every, part, strict=True)])


def _sides(versions: Sequence[Known]) -> list[Side]:
    return sides([version.states for version in versions], [version.article.lang for version in versions])


def _story(versions: Sequence[Known], parts: Sequence[Side]) -> Story:
    cut = [pieces(version.article, version.sentences, version.quotes) for version in versions]
    every = [[run for piece in theirs for run in runs(piece)] for theirs in cut]
    ranges = [token_ranges(v.sentences, v.states, theirs) for v, theirs in zip(versions, every, strict=True)]
    whole = [passages(side, theirs) for side, theirs in zip(parts, ranges, strict=True)]
    told = [number for number, theirs in enumerate(every) if theirs]
    return Story(
        versions,
        cut,
        [{run: number for number, run in enumerate(theirs)} for theirs in every],
        ranges,
        {(a, b): evidence(whole[a], whole[b]) for a, b in combinations(told, 2)},
    )
