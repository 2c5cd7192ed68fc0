"""Measures: their published definitions, on examples that can be counted by hand."""

import json
from pathlib import Path

import pytest

from pipeline import evaluate
from pipeline.errors import InputError
from pipeline.evaluate import Scores

REFERENCE = ["the cat sat on the mat today .", "a dog ran home very fast indeed .", "birds fly in the sky ."]
WORSE = ["the cat is on the mat", "a dog ran", "fish swim"]


def test_a_perfect_translation_scores_a_hundred() -> None:
    """And says how it was measured."""
    found = evaluate.quality(REFERENCE, REFERENCE)
    assert (found.bleu, found.chrf2, found.sentences) == (100.0, 100.0, 3)
    assert "tok:13a" in found.bleu_signature
    assert "nc:6|nw:0" in found.chrf2_signature


def test_a_worse_translation_scores_less() -> None:
    """Both measures fall, and neither to zero."""
    found = evaluate.quality(WORSE, REFERENCE)
    assert 0 < found.bleu < 50
    assert 0 < found.chrf2 < 60


def test_a_clear_difference_is_no_luck_and_none_is() -> None:
    """Paired bootstrap: the better of two very different systems wins, a copy of a system does not."""
    apart = evaluate.compared(WORSE * 30, REFERENCE * 30, REFERENCE * 30, resamples=200)
    same = evaluate.compared(WORSE * 30, WORSE * 30, REFERENCE * 30, resamples=200)
    assert [one.metric for one in apart] == ["BLEU", "chrF2"]
    assert all(one.p_value < 0.05 and one.system > one.baseline for one in apart)
    assert all(one.p_value > 0.5 for one in same)


def test_report_and_table_say_the_same() -> None:
    """JSON for machines, lines for people."""
    measured = {"he": evaluate.quality(WORSE, REFERENCE)}
    told = json.loads(evaluate.report(measured))["he"]
    assert f"{told['bleu']:.2f}" in evaluate.table(measured)
    assert told["bleu_signature"].startswith("nrefs:1")


GOLD = [([0], [0]), ([1, 2], [1]), ([3], []), ([4], [2])]


def test_alignment_by_hand() -> None:
    """Four tested beads: one right, one touching, one null bead right, one null bead wrong."""
    test = [([0], [0]), ([1], [1]), ([3], []), ([2], [])]
    found = evaluate.alignment_f1(GOLD, test)
    assert found.strict == Scores(2 / 4, 1 / 3)
    assert found.lax == Scores(3 / 4, 2 / 3)
    assert found.strict.f1 == pytest.approx(0.4)


def test_the_gold_itself_is_perfect_and_nothing_is_nothing() -> None:
    """Scores lie between 0 and 1 and reach both."""
    assert evaluate.alignment_f1(GOLD, GOLD) == evaluate.Alignment(Scores(1, 1), Scores(1, 1))
    assert evaluate.alignment_f1(GOLD, []) == evaluate.Alignment(Scores(0, 0), Scores(0, 0))
    assert evaluate.alignment_f1([], []).strict.f1 == 0


def test_beads_of_all_documents_weigh_the_same() -> None:
    """Pooling adds counts, it does not average scores."""
    found = evaluate.pooled([(GOLD, GOLD), ([([0], [0])], [([0], [1])])])
    assert found.strict == Scores(4 / 5, 3 / 4)


def test_lines_must_pair(tmp_path: Path) -> None:
    """A source and a reference of different lengths are no pair; a last line without end is a line."""
    (tmp_path / "s").write_text("a\nb", encoding="utf-8")
    (tmp_path / "r").write_text("a\nb\n", encoding="utf-8")
    assert evaluate.paired(tmp_path / "s", tmp_path / "r") == (["a", "b"], ["a", "b"])
    (tmp_path / "r").write_text("a\n", encoding="utf-8")
    with pytest.raises(InputError, match="1 lines, expected 2"):
        evaluate.paired(tmp_path / "s", tmp_path / "r")
