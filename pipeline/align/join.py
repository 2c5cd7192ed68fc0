"""Neighbours that belong together: one group that goes on where another ends."""

from collections.abc import Sequence
from itertools import combinations

from pipeline.align.spans import Piece
from pipeline.align.story import Passage, Story
from pipeline.records import Span

Members = Sequence[Passage]

ROUNDING = 1e-3
"""Sums of the same tokens' gains that differ by less are the same."""


def joined(story: Story, groups: Sequence[Members]) -> list[Members]:
    """Return the groups, those that only go on with another now part of it.

    A group goes on with another if each of its members is next to the other's in one piece, so that no
    version ends a sentence between them, and if all words together gain no less than the two groups do apart.
    """
    result = list(groups)
    while pair := next(
        (p for p in _beside(story, result) if _goes_on(story, result[p[0]], result[p[1]])), None
    ):
        place, other = pair
        result[place] = _union(result[place], result[other])
        del result[other]
    return result


def _beside(story: Story, groups: Sequence[Members]) -> list[tuple[int, int]]:
    """Return the places of two groups where the one has words in the piece of the other's first member."""
    at: dict[tuple[int, Piece], list[int]] = {}
    for place, group in enumerate(groups):
        for member in group:
            at.setdefault((member.version, story.piece(member)), []).append(place)
    firsts = ((place, (group[0].version, story.piece(group[0]))) for place, group in enumerate(groups))
    return sorted({(near, place) for place, key in firsts for near in at[key] if near != place})


def _goes_on(story: Story, group: Members, other: Members) -> bool:
    own = {member.version: member for member in group}
    return (
        all(m.version in own and story.adjacent(own[m.version], m) for m in other)
        and _gain(story, _union(group, other)) >= _gain(story, group) + _gain(story, other) - ROUNDING
    )


def _union(group: Members, other: Members) -> Members:
    more = {member.version: member.span for member in other}
    spans = [(version, span, more.get(version, span)) for version, span in group]
    return [Passage(v, Span(min(a.start, b.start), max(a.end, b.end))) for v, a, b in spans]


def _gain(story: Story, group: Members) -> float:
    return sum(story.gain(one, other) for one, other in combinations(group, 2))
