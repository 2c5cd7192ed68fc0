"""Which passages of a story say the same thing: cutting, grouping and tightening in turn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean as mean
from statistics import median

from pipeline.align.agreement import FLOOR, agreed
from pipeline.align.groups import groups
from pipeline.align.join import joined
from pipeline.align.spans import units
from pipeline.align.story import Group, Passage, Story
from pipeline.align.tighten import tightened
from pipeline.align.trust import LEAST, MOST_LINKS, SHARED, trust
from pipeline.records import Span

Judge = Callable[[float, float, float], float]
"""(mean log-odds of the links, familiarity, what is usual in the story) -> trust"""
Odds = Mapping[tuple[Passage, Passage], float]

ROUNDS = 6
"""The seeds settle in three or four."""


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where the clauses of one version are parted: before those at `starts`, after those at `ends`."""

    starts: set[int] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)

    def add(self, span: Span) -> None:
        self.starts.add(span.start)
        self.ends.add(span.end)


def alike(story: Story, judge: Judge = trust, least: float = LEAST) -> list[Group]:
    """Return the groups of passages that say the same thing; no passages overlap.

    Pieces are cut where the best pairs of runs begin and end, so that what one version says in two sentences
    is two units in all; grouped; and cut again at the words that each group needs, until nothing moves. A
    group keeps the members that `judge` trusts by `least`.
    """
    cuts = [_Cuts() for _ in story.versions]
    for passage in story.local():
        cuts[passage.version].add(passage.span)
    for _ in range(ROUNDS):
        before = sum(len(cut.starts) + len(cut.ends) for cut in cuts)
        found, every = _grouped(story, cuts)
        for group in found:
            for version, span in tightened(group, partial(_shorter, story), story.gain):
                cuts[version].add(span)
        if sum(len(cut.starts) + len(cut.ends) for cut in cuts) == before:
            break
    whole = joined(story, found)
    grouped = {member for members in found for member in members}
    odds = _settled(
        story, [*(m for members in whole for m in members), *(u for u in every if u not in grouped)]
    )
    usual = _usual(story, whole, odds)
    trusted = (_trusted(story, members, odds, lambda x, y: judge(x, y, usual), least) for members in whole)
    return _fitted(story, [group for group in trusted if group is not None])


def _grouped(story: Story, cuts: Sequence[_Cuts]) -> tuple[list[list[Passage]], list[Passage]]:
    """Return the groups of the units that these cuts make, and all units."""
    every = [
        Passage(number, unit)
        for number, (version, theirs) in enumerate(zip(story.versions, story.pieces, strict=True))
        for piece in theirs
        for unit in units(version.article.text, piece, cuts[number].starts, cuts[number].ends)
    ]
    owners = [unit.version for unit in every]
    found = groups(agreed(story.log_odds(every), owners), owners)
    return [[every[unit] for unit in group] for group in found], every


def _settled(story: Story, passages: Sequence[Passage]) -> Odds:
    passages = sorted(passages, key=lambda passage: (passage.version, passage.span.start))
    odds = agreed(story.log_odds(passages), [passage.version for passage in passages])
    return {(passages[u], passages[v]): value for (u, v), value in odds.items()}


def _usual(story: Story, groups: Sequence[Sequence[Passage]], settled: Odds) -> float:
    """Return the links of the middle group; `MOST_LINKS` where too little is shared to tell."""
    if not groups or sum(map(len, groups)) < SHARED * sum(map(len, story.pieces)):
        return MOST_LINKS
    return median(mean(_links(member, members, settled) for member in members) for members in groups)


def _links(member: Passage, members: Sequence[Passage], settled: Odds) -> float:
    """Return the mean log-odds of the links of one member to the others."""
    return mean(settled.get((min(member, o), max(member, o)), FLOOR) for o in members if o != member)


def _trusted(
    story: Story,
    members: Sequence[Passage],
    settled: Odds,
    judge: Callable[[float, float], float],
    least: float,
) -> Group | None:
    """Return the group without members that are not trusted, weakest first; None if one is left."""
    kept = list(members)
    while len(kept) > 1:
        sure = []
        for member in kept:
            familiar = mean(story.familiar(member, other) for other in kept if other != member)
            sure.append(judge(_links(member, kept, settled), familiar))
        if min(sure) >= least:
            return Group(tuple(kept), tuple(sure))
        kept.pop(sure.index(min(sure)))
    return None


def _fitted(story: Story, trusted: Sequence[Group]) -> list[Group]:
    """Return the groups with their last spans: parts of clauses, and neighbours that no group has taken."""
    result = list(trusted)
    for place, group in enumerate(trusted):
        others = [member for other in result if other is not result[place] for member in other.members]
        members = tightened(group.members, partial(_free, story, others), story.gain)
        result[place] = Group(tuple(members), group.trust)
    return result


def _shorter(story: Story, passage: Passage) -> list[Span]:
    """Return the runs of clauses inside the passage."""
    own = passage.span
    return [
        span
        for span in story.clause_runs(passage)
        if own.start <= span.start and span.end <= own.end and story.enough(passage.version, span)
    ]


def _free(story: Story, others: Sequence[Passage], passage: Passage) -> list[Span]:
    """Return the runs of parts in the passage's piece that no other passage shares."""
    taken = [other.span for other in others if other.version == passage.version]
    return [
        span
        for span in story.part_runs(passage)
        if story.enough(passage.version, span)
        and all(span.end <= other.start or other.end <= span.start for other in taken)
    ]
