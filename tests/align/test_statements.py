"""What statements promise, on toy vectors."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.align.statements import Version, statements
from pipeline.records import Quote, Span, Statement
from tests.align.stories import version

FACTS = (
    "The minister opened a long bridge over the river.",
    "Farmers expect a poor harvest of wheat after drought.",
    "Police arrested two men near the old harbour.",
    "A museum in the capital shows paintings by unknown women.",
    "Doctors warn that the vaccine reaches villages too late.",
    "The railway will close its northern line in winter.",
    "Scientists found traces of water under the red desert.",
    "Prices for coffee rose by seven percent this month.",
    "The team lost its final game against weaker opponents.",
    "Parliament votes on Tuesday about a new tax on sugar.",
)


def links(found: tuple[Statement, ...]) -> set[frozenset[tuple[str, str]]]:
    return {
        frozenset({(one.article, one.text), (other.article, other.text)})
        for statement in found
        for one, other in combinations(statement.members, 2)
    }


stories = st.lists(
    st.lists(st.sampled_from(range(len(FACTS))), unique=True, max_size=8), min_size=2, max_size=4
).map(lambda chosen: [version(f"v{n}", [FACTS[fact] for fact in facts]) for n, facts in enumerate(chosen)])


def test_what_versions_share_is_a_statement_and_the_rest_is_none() -> None:
    """Sentences are found in any order, whole, in every version that has them, and nowhere else."""
    story = [
        version("a", FACTS[:6]),
        version("b", FACTS[9:3:-1]),
        version("c", (*FACTS[6:], FACTS[5], FACTS[0])),
    ]
    found = {tuple(sorted((m.article, m.text) for m in s.members)) for s in statements(story)}
    assert found == {
        (("a", FACTS[0]), ("c", FACTS[0])),
        (("a", FACTS[4]), ("b", FACTS[4])),
        (("a", FACTS[5]), ("b", FACTS[5]), ("c", FACTS[5])),
        *((("b", fact), ("c", fact)) for fact in FACTS[6:]),
    }


@settings(max_examples=25, deadline=None)
@given(stories)
def test_members_are_slices_of_their_articles_and_one_a_version(story: list[Version]) -> None:
    """A member's text is its article's at its place, no article is in one twice, ids count the rows."""
    found = statements(story)
    texts = {v.article.id: v.article.text for v in story}
    assert [s.id for s in found] == [f"s{n:03}" for n in range(1, len(found) + 1)]
    for statement in found:
        assert len({m.article for m in statement.members}) == len(statement.members) > 1
        assert all(texts[m.article][m.start : m.end] == m.text != "" for m in statement.members)
        assert statement.confidence is not None
        assert 0 <= statement.confidence <= 1


@settings(max_examples=15, deadline=None)
@given(stories, st.randoms(use_true_random=False))
def test_the_order_of_versions_changes_the_order_of_members_only(
    story: list[Version], random: object
) -> None:
    """Groups, ids and confidence are those of the story, whichever version comes first."""
    turned = story[::-1]
    one, other = statements(story), statements(turned)
    assert [(s.id, s.confidence, sorted(m.article for m in s.members)) for s in one] == [
        (s.id, s.confidence, sorted(m.article for m in s.members)) for s in other
    ]
    assert links(one) == links(other)
    order = [v.article.id for v in turned]
    assert all(
        [m.article for m in s.members] == sorted((m.article for m in s.members), key=order.index)
        for s in other
    )


@settings(max_examples=20, deadline=None)
@given(stories)
def test_no_two_members_share_a_character(story: list[Version]) -> None:
    """What a version says belongs to one statement."""
    members = [m for s in statements(story) for m in s.members]
    for one, other in combinations(members, 2):
        assert one.article != other.article or one.end <= other.start or other.end <= one.start


@pytest.mark.parametrize(
    "texts", [[[], []], [[], [FACTS[0]]], [[FACTS[0]], [FACTS[1]]], [["..."], [FACTS[1]]], [FACTS[:1]], []]
)
def test_nothing_is_invented_for_little_input(texts: list[list[str]]) -> None:
    """Versions without sentences or letters, or with nothing in common, have no statements."""
    assert statements([version(f"v{n}", sentences) for n, sentences in enumerate(texts)]) == ()


def test_only_the_clause_that_matches_is_a_member() -> None:
    """A version that says a thing inside a longer sentence is a member with that part of it."""
    buried = "Nobody remembers such heat, police arrested two men near the old harbour, and songs rang out."
    story = [
        version("a", [*FACTS[3:9], buried]),
        version("b", FACTS[:6]),
        version("c", [*FACTS[2:4], *FACTS[6:]]),
    ]
    (statement,) = (s for s in statements(story) if any("police" in m.text for m in s.members))
    assert [m.text.rstrip(",") for m in statement.members] == [
        "police arrested two men near the old harbour",
        FACTS[2],
        FACTS[2],
    ]


def test_two_sentences_here_cut_one_sentence_there() -> None:
    """Where one version says in two sentences what another says in one, the one is cut into two members."""
    joined = f"{FACTS[0][:-1]}, and farmers{FACTS[1][7:]}"
    story = [
        version("a", [joined, *FACTS[4:8]]),
        version("b", FACTS[:6]),
        version("c", [FACTS[1], *FACTS[5:9], FACTS[0]]),
    ]
    found = [[m.text for m in s.members] for s in statements(story)]
    assert ["The minister opened a long bridge over the river,", FACTS[0], FACTS[0]] in found
    assert ["and farmers expect a poor harvest of wheat after drought.", FACTS[1], FACTS[1]] in found


def test_a_statement_with_speech_in_it_is_a_quote() -> None:
    """One member in somebody's own words makes the row a quote, and that member knows its quotation."""
    said = f"“{FACTS[0]}” He smiled."
    quote = Quote("a", 1, 1 + len(FACTS[0]), FACTS[0], "direct", (Span(1, 1 + len(FACTS[0])),), "Minister")
    story = [version("a", [said, *FACTS[2:6]], [quote]), version("b", FACTS[:5])]
    (row,) = (s for s in statements(story) if any(m.text == FACTS[0] for m in s.members))
    assert (row.kind, row.members[0].quote, row.members[1].quote) == ("quote", quote, None)
    assert {s.kind for s in statements(story) if s is not row and s.id != row.id} == {"statement"}


def test_speech_without_counterpart_stands_alone() -> None:
    """A quotation that only one version has is a row of one member, without confidence or similarity."""
    quote = Quote("a", 0, len(FACTS[9]), FACTS[9], "dash", (Span(0, len(FACTS[9])),))
    story = [version("a", [FACTS[9], *FACTS[:4]], [quote]), version("b", FACTS[:5])]
    (row,) = (s for s in statements(story) if len(s.members) == 1)
    assert (row.kind, row.confidence, row.members[0].text, row.members[0].similarity) == (
        "quote",
        None,
        FACTS[9],
        None,
    )


def test_a_scare_quote_is_not_speech() -> None:
    """Words in distancing marks make no quote, and are not kept without a counterpart."""
    quote = Quote("a", 4, 10, FACTS[9][4:10], "scare", (Span(4, 10),))
    story = [version("a", [FACTS[9], *FACTS[:4]], [quote]), version("b", FACTS[:5])]
    assert {s.kind for s in statements(story)} == {"statement"}
