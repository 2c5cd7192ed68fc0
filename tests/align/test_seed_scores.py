"""How statements are held against the gold of the seeds."""

import json

from benchmarks.seeds import SEEDS, Gold, gold, score
from pipeline.records import Member, Span, Statement


def member(article: str, start: int, end: int) -> Member:
    return Member(article, "en", start, end, "x" * (end - start))


GOLD = (
    Gold(
        "one",
        "quote",
        "f",
        False,
        {"a": (Span(0, 10),), "b": (Span(0, 10), Span(50, 60)), "c": (Span(0, 10),)},
    ),
    Gold("two", "statement", "f", False, {"a": (Span(20, 30),), "b": (Span(20, 30),)}),
    Gold("three", "statement", "g", True, {"a": (Span(40, 50),), "b": (Span(40, 45),)}),
)


def test_any_right_span_is_right_and_a_missing_member_costs_its_links() -> None:
    """Two of three versions are one of three links; another place where a version says it is as good."""
    found = score(GOLD, [Statement("s1", "quote", (member("a", 0, 10), member("b", 50, 60)))])
    assert (found.quote_recall, found.statement_recall, found.pair_precision, found.span_iou) == (
        1 / 3,
        0,
        1,
        1,
    )
    assert [(link.gold, link.first, link.second) for link in found.missed] == [
        ("one", "a", "c"),
        ("one", "b", "c"),
        ("two", "a", "b"),
    ]


def test_a_pair_of_two_statements_is_wrong_unless_they_shade_into_each_other() -> None:
    """Within a family a pair counts as neither; across families, or with what is in no gold, it is wrong."""
    family = Statement("s1", "statement", (member("a", 0, 10), member("b", 20, 30)))
    across = Statement("s2", "statement", (member("a", 40, 50), member("b", 20, 30)))
    nowhere = Statement("s3", "statement", (member("a", 0, 10), member("b", 80, 90)))
    right = Statement("s4", "statement", (member("a", 20, 30), member("b", 20, 30)))
    assert score(GOLD, [family, right]).pair_precision == 1
    assert score(GOLD, [right, across, nowhere]).pair_precision == 1 / 3


def test_a_span_that_is_too_wide_is_found_but_not_strictly() -> None:
    """A whole sentence around the right clause is a match; its overlap says how tight."""
    found = score(GOLD, [Statement("s1", "statement", (member("a", 10, 40), member("b", 20, 30)))])
    assert (found.statement_recall, found.statement_recall_strict) == (1, 0)
    assert found.span_iou == (1 / 3 + 1) / 2


def test_the_gold_is_verbatim() -> None:
    """Every span of the gold file is the text that it names, and every statement has two versions."""
    texts = {path.stem: path.read_bytes().decode() for path in SEEDS.glob("*.txt")}
    entries = json.loads((SEEDS / "gold.json").read_text(encoding="utf-8"))["statements"]
    assert [entry.id for entry in gold()] == [entry["id"] for entry in entries]
    for entry in entries:
        assert len(entry["members"]) > 1
        for article, options in entry["members"].items():
            assert all(texts[article][o["start"] : o["end"]] == o["text"] for o in options)
