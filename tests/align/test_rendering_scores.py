"""How the places where versions part are held against the gold of the seeds."""

import json
from typing import get_args

from benchmarks.renderings import Phrase, Score, Slot, grouped, judged, paired, score, slots
from benchmarks.seeds import SEEDS, Gold
from pipeline.records import Rendering, RenderingClass, Span

CLUB = Slot(
    "club",
    1,
    False,
    {
        "a": (Phrase(10, 20, "relay"),),
        "b": (Phrase(10, 20, "paraphrase"), Phrase(50, 60, "paraphrase")),
        "c": (Phrase(5, 5, "omitted"),),
    },
)
DATE = Slot("club", 2, False, {"a": (Phrase(30, 34, "number"),), "b": (Phrase(30, 34, "number"),)})


def test_a_slot_is_found_by_two_of_its_versions_words() -> None:
    """Any right phrase is right; one version's words, or only what two leave out, find no slot."""
    both = {"a": Phrase(12, 20, "relay"), "b": Phrase(52, 70, "same")}
    one = {"a": Phrase(10, 20, "relay"), "b": Phrase(0, 9, "paraphrase")}
    beside = {"a": Phrase(10, 20, "added"), "c": Phrase(0, 0, "omitted")}
    assert [CLUB.is_found(found) for found in (both, one, beside, {"a": both["a"]})] == [
        True,
        False,
        True,
        False,
    ]


def test_each_slot_is_in_one_pair() -> None:
    """Of two found slots in the place of one gold slot the nearer is right, and the other is wrong."""
    near = {"a": Phrase(10, 20, "relay"), "b": Phrase(10, 20, "paraphrase")}
    far = {"a": Phrase(18, 30, "relay"), "b": Phrase(18, 30, "paraphrase")}
    assert paired([CLUB, DATE], [far, near]) == [(CLUB, near)]


def test_the_score_counts_slots_then_words_then_classes() -> None:
    """One of two slots found, with two of its three versions, one of them in half the words and misnamed."""
    found = [{"a": Phrase(10, 20, "relay"), "b": Phrase(10, 15, "same")}]
    assert score([CLUB, DATE], found) == Score(1, 2, 1.0, 0.5, 1.0, 0.6667, 0.75, 0.5)


def test_only_slots_of_the_golds_statements_are_judged() -> None:
    """What the program reports of a statement that the gold does not know is neither right nor wrong."""
    entry = Gold("one", "quote", "f", False, {"a": (Span(0, 10),), "b": (Span(0, 10),)})
    rows = [
        Rendering("s1", slot, article, "en", start, start + 3, "xyz", "xyz", "paraphrase")
        for slot, start in ((1, 2), (2, 20))
        for article in "ab"
    ]
    assert judged([entry], grouped(rows)) == [grouped(rows)[0]]


def test_the_gold_renderings_are_verbatim() -> None:
    """Every phrase is the text that it names, inside its statement's member, and no slot has one version."""
    texts = {path.stem: path.read_bytes().decode() for path in SEEDS.glob("*.txt")}
    entries = json.loads((SEEDS / "gold.json").read_text(encoding="utf-8"))["statements"]
    assert len(slots()) == sum(len(entry["renderings"]) for entry in entries) > len(entries)
    for entry in entries:
        assert [slot["slot"] for slot in entry["renderings"]] == list(range(1, len(entry["renderings"]) + 1))
        for slot in entry["renderings"]:
            assert len(slot["members"]) > 1
            for article, phrases in slot["members"].items():
                for p in phrases:
                    assert texts[article][p["start"] : p["end"]] == p["text"] == p["text"].strip()
                    assert p["class"] in get_args(RenderingClass)
                    assert (p["text"] == "") == (p["class"] == "omitted")
                    assert any(
                        o["start"] <= p["start"] <= p["end"] <= o["end"] for o in entry["members"][article]
                    )
