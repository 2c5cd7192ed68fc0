"""How links between versions are held against those that are known."""

from pathlib import Path

from benchmarks.comparable import Paragraphs, Story, calibration, score, twins

LINES = {"en": ("One.", "Two.", "Three."), "it": ("Uno.", "Due.", "Tre.")}
TEXTS = {"en": "One.\n\nTwo.\n\nThree.", "it": "Due.\n\nUno."}
PARAGRAPHS: dict[str, Paragraphs] = {
    "en": ((0, 4, 0), (6, 10, None), (12, 18, None)),
    "it": ((0, 4, None), (6, 10, 0)),
}


def lines(folder: Path) -> Path:
    for lang, theirs in LINES.items():
        (folder / f"{lang}.txt").write_text("\n".join(theirs) + "\n", encoding="utf-8")
    return folder


def test_intruders_that_translate_each_other_are_linked(tmp_path: Path) -> None:
    """A number below 0 tells them from the story's lines; an intruder of one version stays one."""
    found = twins(TEXTS, PARAGRAPHS, lines(tmp_path))
    assert [line for *_, line in found["en"]] == [0, -2, None]
    assert [line for *_, line in found["it"]] == [-2, 0]
    story = Story("s", (), found)
    assert story.links == {("en", 0, "it", 1), ("en", 1, "it", 0)}
    assert story.lines == {0}


def test_links_are_scored_and_intruders_counted(tmp_path: Path) -> None:
    """Of two links one is right, of two known ones one is found, and the only intruder was matched."""
    story = Story("s", (), twins(TEXTS, PARAGRAPHS, lines(tmp_path)))
    result = score([story], [{("en", 0, "it", 1), ("en", 2, "it", 0)}])
    assert (result.precision, result.recall, result.f1, result.intruders) == (0.5, 0.5, 0.5, 1.0)


def test_calibration_is_the_distance_of_promise_and_truth() -> None:
    """Half of what was promised with 0.9 holds: the error is 0.4."""
    error, curve = calibration([(0.9, True), (0.9, False)])
    assert round(error, 6) == 0.4
    assert [(round(p, 6), share, count) for p, share, count in curve] == [(0.9, 0.5, 2)]
