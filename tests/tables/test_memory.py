"""What translators' tools read."""

from pathlib import Path

import pytest
from translate.storage.tmx import tmxfile
from translate.storage.xliff import xlifffile

from pipeline.errors import InputError
from pipeline.records import Synopsis
from pipeline.tables import memory
from pipeline.tables.rows import sentences
from tests.tables.stories import ALONE, CLUB, ENGLISH, club, nasty


def test_units_have_all_versions() -> None:
    """A statement is one unit, a variant a version; a text with English is one, with what made it."""
    first, second, arabic, *_ = memory.units(club())
    assert [variant.text for variant in first.variants] == [
        text for name, text in CLUB.items() if name != "000_it"
    ]
    assert first.properties == (("kind", "quote"), ("confidence", "0.9123"))
    assert second.id == "s003"
    assert arabic.variants == (memory.Variant("it", CLUB["000_it"]), memory.Variant("en", ENGLISH["000_it"]))
    assert arabic.properties == (("engine", "opus-mt-tc-big"), ("score", "-0.5"))


def test_nothing_without_english() -> None:
    """A text that has no English is in no unit of its own."""
    texts = {unit.variants[0].text for unit in memory.units(club()) if unit.id[0] != "s"}
    assert ALONE not in texts
    assert texts == {CLUB[name] for name in ENGLISH}


@pytest.mark.parametrize("story", [club(), nasty()], ids=["club", "nasty"])
def test_translate_toolkit_reads_the_memory(tmp_path: Path, story: Synopsis) -> None:
    """Every unit comes back with its languages and words; what XML cannot hold is U+FFFD."""
    memory.write_tmx(story, tmp_path / "memory.tmx")
    found = tmxfile.parsefile(str(tmp_path / "memory.tmx"))  # type: ignore[no-untyped-call]
    expected = [
        [(v.lang, v.text.replace("\x01", "\ufffd").replace("\ufffe", "\ufffd")) for v in unit.variants]
        for unit in memory.units(story)
    ]
    seg, lang = "seg", "{http://www.w3.org/XML/1998/namespace}lang"
    assert [
        [(tuv.get(lang), tuv.find(seg).text) for tuv in unit.xmlelement.iter("tuv")] for unit in found.units
    ] == expected
    assert [unit.xmlelement.get("tuid") for unit in found.units] == [unit.id for unit in memory.units(story)]


def test_same_bytes(tmp_path: Path) -> None:
    """No dates: the same story gives the same memory."""
    memory.write_tmx(club(), tmp_path / "one")
    memory.write_tmx(club(), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_review_goes_out_and_comes_back(tmp_path: Path) -> None:
    """Sentences go out with their English to be reviewed; a corrected target comes back in its place."""
    path = tmp_path / "review.xlf"
    memory.write_xliff(sentences(club()), "he-en", path)
    tool = xlifffile.parsefile(str(path))  # type: ignore[no-untyped-call]
    assert [unit.source for unit in tool.units] == ["Head", CLUB["004_he"], "And more."]
    assert [unit.target for unit in tool.units] == [None, ENGLISH["004_he"], None]
    assert tool.units[1].isfuzzy()
    tool.units[1].target = "Better <i>English</i> & more"
    path.write_bytes(bytes(tool))
    back = memory.read_xliff(path)
    row = dict(zip(back.columns, back.rows[1], strict=True))
    assert (row["article"], row["sentence"], row["lang"]) == ("004_he", "1", "he")
    assert (row["text"], row["english"]) == (CLUB["004_he"], "Better <i>English</i> & more")


@pytest.mark.parametrize(
    ("pair", "reason"),
    [("en-he", "no such pair"), ("xx-en", "no such pair"), ("he", "no such pair"), ("en-en", "no such pair")],
)
def test_no_such_pair(tmp_path: Path, pair: str, reason: str) -> None:
    """One line says which pairs there are."""
    with pytest.raises(InputError, match=reason):
        memory.write_xliff(sentences(club()), pair, tmp_path / "x")


def test_a_pair_without_sentences(tmp_path: Path) -> None:
    """A language that the story does not have is named."""
    with pytest.raises(InputError, match="no version in Hebrew"):
        memory.write_xliff(sentences(nasty()), "he-en", tmp_path / "x")


@pytest.mark.parametrize("content", ["", "<a", "<a/>"])
def test_no_xliff(tmp_path: Path, content: str) -> None:
    """One line names the file."""
    (tmp_path / "x.xlf").write_text(content)
    with pytest.raises(InputError, match=r"x\.xlf: not "):
        memory.read_xliff(tmp_path / "x.xlf")
