"""Neighbours that belong together: one group that goes on where another ends."""

from collections.abc import Sequence
from itertools import combinations, permutations

from pipeline.align.story import Passage, Story
from pipeline.records import Span

Members = Sequence[Passage]


def joined(story: Story, groups: Sequence[Members]) -> list[Members]:
    """Return the groups, those that only go on with another now part of it.

    A group goes on with another if each of its members is next to the other's in one piece, so that no
    version ends a sentence between them, and if all words together gain no less than the two groups do apart.
    """
    result = list(groups)
    while pair := next((p for p in permutations(result, 2) if _goes_on(story, *p)), None):
        result[result.index(pair[0])] = _union(*pair)
        result.remove(pair[1])
    return result


def _goes_on(story: Story, group: Members, other: Members) -> bool:
    own = {member.version: member for member in group}
    return all(m.version in own and story.adjacent(own[m.version], m) for m in other) and _gain(
        story, _union(group, other)
    ) >= _gain(story, group) + _gain(story, other)


def _union(group: Members, other: Members) -> Members:
    more = {member.version: member.span for member in other}
    spans = [(version, span, more.get(version, span)) for version, span in group]
    return [Passage(v, Span(min(a.start, b.start), max(a.end, b.end))) for v, a, b in spans]


def _gain(story: Story, group: Members) -> float:
    return sum(story.gain(one, other) for one, other in combinations(group, 2))
