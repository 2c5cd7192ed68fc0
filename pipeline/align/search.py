"""Which passages of a story say the same thing: cutting, grouping and tightening in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.align.agreement import FLOOR, agreed
from pipeline.align.groups import groups
from pipeline.align.spans import enough, units
from pipeline.align.story import Passage, Story
from pipeline.align.tighten import tightened
from pipeline.records import Span

LEAST = 2.0
"""What the links of a member to the others of its group add up to at least, in log-odds."""

ROUNDS = 6
"""The seeds settle in three or four."""


@dataclass(frozen=True, slots=True)
class Group:
    """Passages of two or more versions, and for each what its links to the others add up to."""

    members: tuple[Passage, ...]
    worth: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where the clauses of one version are parted: before those at `starts`, after those at `ends`."""

    starts: set[int] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)

    def add(self, span: Span) -> None:
        self.starts.add(span.start)
        self.ends.add(span.end)


def alike(story: Story) -> list[Group]:
    """Return the groups of passages that say the same thing; no passages overlap.

    Pieces are cut where the best pairs of runs begin and end, so that what one version says in two sentences
    is two units in all; grouped; and cut again at the words that each group needs, until nothing moves.
    """
    cuts = [_Cuts() for _ in story.versions]
    for passage in story.local():
        cuts[passage.version].add(passage.span)
    for _ in range(ROUNDS):
        before = sum(len(cut.starts) + len(cut.ends) for cut in cuts)
        found, settled = _grouped(story, cuts)
        for group in found:
            for version, span in tightened(
                group, lambda p: _inside(story, p, story.clause_runs(p)), story.gain
            ):
                cuts[version].add(span)
        if sum(len(cut.starts) + len(cut.ends) for cut in cuts) == before:
            break
    trusted = [group for group in (_trusted(members, settled) for members in found) if group]
    return _fitted(story, trusted)


def _grouped(
    story: Story, cuts: Sequence[_Cuts]
) -> tuple[list[list[Passage]], dict[tuple[Passage, Passage], float]]:
    """Return the groups of units, and the log-odds of the pairs that were scored."""
    every = [
        Passage(number, unit)
        for number, (version, theirs) in enumerate(zip(story.versions, story.pieces, strict=True))
        for piece in theirs
        for unit in units(version.article.text, piece, cuts[number].starts, cuts[number].ends)
    ]
    owners = [unit.version for unit in every]
    settled = agreed(story.log_odds(every), owners)
    found = [[every[unit] for unit in group] for group in groups(settled, owners)]
    return found, {(every[u], every[v]): odds for (u, v), odds in settled.items()}


def _trusted(members: Sequence[Passage], settled: Mapping[tuple[Passage, Passage], float]) -> Group | None:
    """Return the group without the members whose links do not add up, weakest first; None if less than two stay."""
    kept = list(members)
    while len(kept) > 1:
        worth = [sum(settled.get((min(m, o), max(m, o)), FLOOR) for o in kept if o != m) for m in kept]
        if min(worth) >= LEAST:
            return Group(tuple(kept), tuple(worth))
        kept.pop(worth.index(min(worth)))
    return None


def _fitted(story: Story, trusted: Sequence[Group]) -> list[Group]:
    """Return the groups with their last spans: parts of clauses, and neighbours that no group has taken."""
    taken = {member for group in trusted for member in group.members}
    result = []
    for group in trusted:

        def options(passage: Passage, own: Group = group) -> list[Span]:
            others = [m.span for m in taken - set(own.members) if m.version == passage.version]
            return [
                span
                for span in story.part_runs(passage)
                if enough(story.versions[passage.version].article.text, span)
                and all(span.end <= other.start or other.end <= span.start for other in others)
            ]

        members = tightened(group.members, options, story.gain)
        taken = (taken - set(group.members)) | set(members)
        result.append(Group(tuple(members), group.worth))
    return result


def _inside(story: Story, passage: Passage, spans: Sequence[Span]) -> list[Span]:
    text, own = story.versions[passage.version].article.text, passage.span
    return [s for s in spans if own.start <= s.start and s.end <= own.end and enough(text, s)]
