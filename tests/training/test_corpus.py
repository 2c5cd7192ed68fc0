"""What may be learnt from, and how often."""

import lzma
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import InputError
from training.corpus import SOURCES, WRITTEN, Pair, filters, read, read_written, reason, weight
from training.vocabulary import DOUBLE, SINGLE

HELD_OUT = ["The minister said: no.", "أعلن الرئيس الحرب"]

REJECTED = [
    ("empty", "it", " ", "No."),
    ("long", "it", "parola " * 90, "word " * 100),
    ("lopsided", "it", "Si.", "Yes, and there is a great deal more that has to be said."),
    ("copied", "it", "Left as it was in the English", "Left as it was in the English"),
    ("markup", "it", "Apri il <b>file</b> adesso", "Open the <b>file</b> now"),
    ("markup", "it", "Trovati %d file nuovi", "Found %d new files"),
    ("markup", "it", "Ciao {name}, benvenuto", "Hello {name}, welcome"),
    ("wordless", "it", "→±∞≠≈ x", "→±∞≠≈ x"),
    ("other script", "he", "Firefox Sync הגדרות", "Firefox Sync settings"),
    ("not English", "ar", "اللغة الروسية", "Русский язык"),
    ("other numbers", "it", "Nel 1994 furono 200", "In 1995 there were 300"),
    ("held out", "it", "Il ministro disse di no.", "the minister said — No!"),
    ("held out", "ar", "أعلن الرئيس الحرب", "The president announced war"),
]
KEPT = [
    ("it", "parola " * 50, "word " * 60),
    ("it", "Si.", "Yes, sir."),
    ("it", "Santa Cruz de la Sierra", "Santa Cruz de la Sierra"),
    ("it", "Il 50% dei voti & poi niente", "50% of the votes & then nothing"),
    ("he", "הגדרות Firefox של המשתמש", "The user's Firefox settings"),
    (
        "ar",
        "موسكو عاصمة البلاد التي يكتبها الروس (Москва)",
        "Moscow, the capital of the country, which the Russians themselves write Москва",
    ),
    ("it", "Il 9 maggio 2004, 1.500 euro", "On May 9, 2004, 1,500 euros"),
    ("ar", "في عام ١٩٩٤", "In 1994"),
    ("it", "Alle 14.30", "At half past two"),
    ("it", "Il ministro disse: sì.", "The minister said: yes."),
    ("ar", "فر 40 ألف شخص", "Some 40,000 people fled"),
    ("it", "Costa 3.500 miliardi", "It costs $3.5 trillion"),
    ("it", "I seggi chiudono alle 22", "Polls close at 10 p.m."),
    ("he", "הרכבת של 17:42", "The 17.42 train"),
    ("it", "Finì 21-14", "It ended 21:14"),
    ("he", "מאז שנות ה-90", "Since the 1990s"),
]


@pytest.mark.parametrize(("why", "lang", "foreign", "english"), REJECTED)
def test_a_filter_rejects_what_it_is_for(why: str, lang: str, foreign: str, english: str) -> None:
    """Every pair that teaches something wrong goes, for the reason that is true of it."""
    assert reason(Pair("x", foreign, english), filters(lang, HELD_OUT)) == why


@pytest.mark.parametrize(("lang", "foreign", "english"), KEPT)
def test_its_neighbour_is_kept(lang: str, foreign: str, english: str) -> None:
    """A pair that only resembles what a filter is for is learnt from."""
    assert reason(Pair("x", foreign, english), filters(lang, HELD_OUT)) is None


def test_every_filter_has_a_case() -> None:
    """No filter is there that was never seen to reject."""
    assert {name for name, _ in filters("it")} == {why for why, *_ in REJECTED}


def test_the_longest_prefix_gives_the_weight() -> None:
    """A list of terms is not prose, although a collection of prose has the same beginning."""
    prose, terms = (weight(Pair(origin, "x", "y")) for origin in ("tico19", "tico19-terms"))
    assert prose == 15 * terms


def test_a_sentence_of_an_unknown_program_weighs_more_than_its_label() -> None:
    """Interface text teaches by its sentences."""
    label, sentence = "Save", "Do you want to save the file before closing?"
    assert weight(Pair("newprogram", "x", sentence)) > weight(Pair("newprogram", "x", label))


def test_long_winded_proceedings_weigh_less() -> None:
    """News is translated with a seventh fewer letters; what is as long as the Italian teaches to ramble."""
    italian = "La relazione è stata approvata ieri dal Parlamento."
    tight, wordy = (
        "Parliament adopted the report yesterday.",
        "The report in question was adopted yesterday here.",
    )
    weights = [weight(Pair("europarl", italian, english)) for english in (tight, wordy)]
    assert weights[1] < weights[0] / 2
    assert weight(Pair("ud-pud", italian, wordy)) == weight(Pair("ud-pud", italian, tight))


def test_written_tables_are_read_by_their_columns(tmp_path: Path) -> None:
    """One table serves every language that it has; a line that lost a field or the English is named."""
    (tmp_path / "sport.tsv").write_text("en\tit\the\nThe club\tIl club\tהמועדון\n", encoding="utf-8")
    assert list(read_written(tmp_path, "he")) == [Pair("written-sport", "המועדון", "The club")]
    assert list(read_written(tmp_path, "ar")) == []
    (tmp_path / "war.tsv").write_text("en\the\nThe war\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"war\.tsv:2: 1 fields, expected 2"):
        list(read_written(tmp_path, "he"))
    (tmp_path / "sport.tsv").write_text("it\nIl club\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sport\.tsv:1: no column en"):
        list(read_written(tmp_path, "it"))


def test_every_written_line_may_be_learnt_from() -> None:
    """What we wrote passes the filters that others' data must pass, in every language."""
    for lang in SOURCES:
        chosen = filters(lang)
        found = Counter(reason(pair, chosen) for pair in read_written(WRITTEN, lang))
        assert set(found) == {None}, lang
        assert found[None] > 1000


def test_no_written_line_knows_the_seeds() -> None:
    """The seeds say how good the model is, so six words in a row of theirs stand in no line of ours."""
    seeds = Path(__file__).parents[2] / "seeds"
    told = {run for path in seeds.glob("*.txt") for run in _runs(path.read_text(encoding="utf-8"))}
    for lang in SOURCES:
        for pair in read_written(WRITTEN, lang):
            assert told.isdisjoint(_runs(pair.english)), pair.english
            assert told.isdisjoint(_runs(pair.foreign)), pair.foreign


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return (tuple(words[at : at + 6]) for at in range(len(words) - 5))


def test_written_quotation_marks_are_straight() -> None:
    """Both sides, so that a mark has one spelling wherever it stands."""
    for path in WRITTEN.glob("*.tsv"):
        assert not set(SINGLE + DOUBLE) & set(path.read_text(encoding="utf-8")), path.name


def test_a_line_with_two_fields_is_named(tmp_path: Path) -> None:
    """An error says file and line."""
    path = tmp_path / "it.tsv.xz"
    path.write_bytes(lzma.compress(b"a\tb\tc\na\tb\n"))
    with pytest.raises(InputError, match=r"it\.tsv\.xz:2: 2 fields, expected 3"):
        list(read(path))


def test_a_file_that_ends_early_is_not_read_as_whole(tmp_path: Path) -> None:
    """A download that broke off raises, after whatever lines it held."""
    path = tmp_path / "it.tsv.xz"
    path.write_bytes(lzma.compress(b"a\tb\tc\n" * 5000)[:-40])
    with pytest.raises(InputError, match="not xz"):
        list(read(path))
