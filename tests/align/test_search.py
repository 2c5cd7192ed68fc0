"""Cutting, grouping and tightening, on toy vectors."""

import pytest

from pipeline.align.join import joined
from pipeline.align.search import alike
from pipeline.align.statements import Version
from pipeline.align.story import Passage, compared
from pipeline.align.trust import LEAST, trust
from pipeline.records import Span
from tests.align.stories import version
from tests.align.test_statements import FACTS

BOTH = f"{FACTS[0][:-1]}, and farmers{FACTS[1][7:]}"
CUT = BOTH.index("and farmers")


def halves(number: int) -> tuple[Passage, Passage]:
    return Passage(number, Span(0, CUT - 1)), Passage(number, Span(CUT, len(BOTH)))


def test_groups_that_all_versions_put_side_by_side_are_one() -> None:
    """Two clauses that only ever come together are one statement."""
    story = compared([version("a", [BOTH, *FACTS[3:8]]), version("b", [BOTH, *FACTS[2:6]])])
    (a, more_a), (b, more_b) = halves(0), halves(1)
    whole = Span(0, len(BOTH))
    assert joined(story, [[a, b], [more_a, more_b]]) == [[Passage(0, whole), Passage(1, whole)]]


def test_groups_between_which_a_sentence_ends_stay_two() -> None:
    """What one version says in two sentences is two statements in all."""
    split = [FACTS[0], f"And farmers{FACTS[1][7:]}", *FACTS[2:6]]
    story = compared([version("a", [BOTH, *FACTS[3:8]]), version("b", split)])
    a, more_a = halves(0)
    start = len(FACTS[0]) + 1
    b, more_b = Passage(1, Span(0, start - 1)), Passage(1, Span(start, start + len(split[1])))
    assert joined(story, [[a, b], [more_a, more_b]]) == [[a, b], [more_a, more_b]]


def test_words_that_a_third_version_lacks_stay_apart() -> None:
    """A clause is not taken into a statement of which one version has only the rest."""
    versions = [version("a", [BOTH, *FACTS[3:8]]), version("b", [BOTH, *FACTS[2:6]])]
    third: Version = version("c", [FACTS[0], *FACTS[4:8]])
    story = compared([*versions, third])
    (a, more_a), (b, more_b) = halves(0), halves(1)
    groups = [[a, b, Passage(2, Span(0, len(FACTS[0])))], [more_a, more_b]]
    assert joined(story, groups) == groups


def test_a_long_clause_is_cut_to_the_words_that_belong() -> None:
    """The last word on a member's span goes to the parts of its clause."""
    told = "after police arrested two men near the old harbour"
    long = f"Nobody slept well that night {told}"
    story = compared([version("en", [*FACTS[3:9], long]), version("b", FACTS[:6])])
    members = {m for group in alike(story) for m in group.members}
    text = story.versions[0].article.text
    assert Passage(0, Span(text.index(told), len(text))) in members


@pytest.mark.parametrize(("verdict", "expected"), [(0.0, 0), (1.0, 3)])
def test_members_that_are_not_trusted_leave(verdict: float, expected: int) -> None:
    """A group whose members all are doubted is none."""
    story = compared([version("a", FACTS[:6]), version("b", FACTS[3:])])
    assert len(alike(story, lambda links, familiar, usual: verdict)) == expected


def test_trust_grows_with_links_and_with_the_subject() -> None:
    """A weak link on the story's subject is trusted sooner than the same link on another."""
    assert trust(-3, 0.33, 4) > LEAST > trust(-3, 0.22, 4)
    assert trust(6, 0.22, 4) > trust(1, 0.22, 4)
    assert trust(100, 0.9, 4) == trust(9, 0.4, 4) < 1


def test_trust_is_in_the_measure_of_the_story() -> None:
    """A link that is usual among reports is weak where all others are translations."""
    assert trust(2, 0.24, 4) > LEAST > trust(2, 0.24, 9)
