"""The words of each version that say a statement, no more and no fewer."""

from collections.abc import Callable, Sequence

from pipeline.align.story import Passage
from pipeline.records import Span

ROUNDS = 4


def tightened(
    group: Sequence[Passage],
    options: Callable[[Passage], Sequence[Span]],
    gain: Callable[[Passage, Passage], float],
) -> list[Passage]:
    """Return the group with every member's span the one that gains most from the others.

    `options` are the spans that a member may take, its own among them. Members change one at a time, so what
    all gain together never falls, until none does better.
    """
    members = list(group)
    for _ in range(ROUNDS):
        before = list(members)
        for place, member in enumerate(before):
            others = members[:place] + members[place + 1 :]
            worth = {
                span: sum(gain(Passage(member.version, span), other) for other in others)
                for span in dict.fromkeys([member.span, *options(member)])
            }
            members[place] = Passage(member.version, max(worth, key=worth.__getitem__))
        if members == before:
            break
    return members
