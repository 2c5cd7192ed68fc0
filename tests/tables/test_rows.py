"""What is in which cell."""

from dataclasses import replace

import pytest

from pipeline.records import Member, Quote, Span, Statement, Synopsis
from pipeline.tables import rows
from tests.tables.stories import CLUB, ENGLISH, club, nasty

STORY = club()


def test_contract_columns() -> None:
    """The columns are those of the contract, in its order."""
    quotes, statements, sentences, renderings = rows.tables(STORY)
    assert " ".join(statements.columns) == (
        "statement kind article lang start end text english speaker cue similarity confidence flags"
    )
    assert quotes.columns == (
        *("statement", "speaker", "confidence", "versions"),
        *(f"{article} {part}" for article in CLUB for part in ("text", "english")),
        "differences",
    )
    assert " ".join(sentences.columns) == "article sentence start end lang text english engine score flags"
    assert " ".join(renderings.columns) == "statement slot article lang start end phrase english class"


@pytest.mark.parametrize("story", [club(), nasty()], ids=["club", "nasty"])
def test_every_text_is_its_slice(story: Synopsis) -> None:
    """`text[start:end]` of the article is the row's text, in every table that has offsets."""
    text_of = {article.id: article.text for article in story.articles}
    for table in rows.tables(story)[1:]:
        columns = table.columns
        said = "phrase" if "phrase" in columns else "text"
        assert table.rows
        for row in table.rows:
            cell = dict(zip(columns, row, strict=True))
            start, end = cell["start"], cell["end"]
            assert isinstance(start, int)
            assert isinstance(end, int)
            assert text_of[str(cell["article"])][start:end] == cell[said]


def test_statements_have_counterparts() -> None:
    """A quotation without counterpart is in the quotes alone."""
    assert [row[0] for row in rows.statements(STORY).rows] == ["s001"] * 4 + ["s003"] * 2
    assert [row[0] for row in rows.quotes(STORY).rows] == ["s001", "s002"]


def test_missing_version_is_empty() -> None:
    """A version without counterpart has no text and no English, and the row counts those that have one."""
    first = dict(zip(rows.quotes(STORY).columns, rows.quotes(STORY).rows[0], strict=True))
    assert (first["000_it text"], first["000_it english"], first["versions"]) == (None, None, 4)
    assert first["004_he text"] == CLUB["004_he"]
    assert first["004_he english"] == ENGLISH["004_he"]
    assert first["002_en english"] == CLUB["002_en"]


def test_differences_are_for_a_reader() -> None:
    """Every version's words, glossed where they are not English, with the version's short name."""
    assert rows.quotes(STORY).rows[0][-1] == (
        'النادي القوي "strong club" (001) | Fortaleza club (002) | '
        'club of power (003) | למועדון העוצמתי "powerful club" (004)'
    )


def test_same_words_are_no_difference() -> None:
    """A place where all say the same is not named, and a version that leaves a place out has a dash."""
    names = {article: article[:3] for article in CLUB}
    same = [replace(rendering, kind="same") for rendering in STORY.renderings]
    assert rows.differences(same, names) == ""
    gone = [replace(STORY.renderings[1], slot=1, phrase="", kind="omitted"), STORY.renderings[2]]
    assert rows.differences(gone, names) == "club of power (003)\n— (002)"


def test_numbers_are_rounded_or_missing() -> None:
    """Four decimals; what could not be computed is no zero."""
    assert rows.quotes(STORY).rows[0][2] == 0.9123
    assert rows.quotes(STORY).rows[1][2] is None
    assert rows.number(float("nan")) is None
    assert repr(rows.number(-0.00001)) == "0.0"


def test_flags_say_what_is_wrong() -> None:
    """A member has its statement's and its translation's flags too; a sentence, what it is if not body."""
    assert rows.statements(STORY).rows[3][-1] == "cut"
    assert rows.statements(STORY).rows[4][-1] == "loose untranslated"
    assert rows.sentences(STORY).rows[0][-1] == "head untranslated"


def test_speaker_is_the_one_most_versions_name() -> None:
    """The majority wins, then English, then the first version."""

    def said(lang: str, speaker: str) -> Member:
        return Member(lang, lang, 0, 1, "x", Quote(lang, 0, 1, "x", "direct", (Span(0, 1),), speaker))

    def of(*members: Member) -> str:
        return rows.speaker(Statement("s", "quote", members))

    assert of(said("ar", "ترمب"), said("he", "טראמפ"), said("en", "Trump")) == "Trump"
    assert of(said("ar", "ترمب"), said("it", "ترمب"), said("en", "Trump")) == "ترمب"
    assert of(said("ar", ""), said("it", "Tizio"), said("he", "טראמפ")) == "Tizio"
    assert of(said("ar", "")) == ""


@pytest.mark.parametrize(
    ("ids", "short"),
    [
        (["000_a", "001_b"], ["000", "001"]),
        (["reuters_1", "reuters_2"], ["reuters_1", "reuters_2"]),
        (["ansa-it", "ynet-he"], ["ansa-it", "ynet-he"]),
        (["a_1", "a_12"], ["a_1", "a_12"]),
        (["_a", "_b"], ["_a", "_b"]),
        (["x_abcdef", "x_bcdefg"], ["x_a", "x_b"]),
    ],
)
def test_labels_are_short_and_tell_apart(ids: list[str], short: list[str]) -> None:
    """A label names one article alone."""
    assert list(rows.labels(ids).values()) == short
