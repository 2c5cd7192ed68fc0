"""The main job on the five seed articles, without a translation model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import articles, run, translate
from pipeline.engines import embedded
from pipeline.engines.toy import ToyTranslator
from pipeline.records import Article, Synopsis
from pipeline.tables import delimited, provenance, rows, write

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def versions() -> tuple[Article, ...]:
    return articles.read([SEEDS])


@pytest.fixture(scope="module")
def encoder() -> embedded.E5Encoder:
    return embedded.load()


@pytest.fixture(scope="module")
def story(versions: tuple[Article, ...], encoder: embedded.E5Encoder) -> Synopsis:
    return run.synopsis(versions, encoder, lambda units: translate.translate(units, {}))


def quoted(story: Synopsis) -> Iterator[dict[str, str]]:
    """Yield the members of every row of quotes.csv, three digits of the article's id -> words."""
    table = rows.quotes(story)
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=True))
        yield {
            name.split("_")[0]: str(cell or "")
            for name, cell in cells.items()
            if name.endswith(" text") and cell
        }


@pytest.mark.parametrize(
    "words",
    [
        {"001": "النادي القوي", "002": "Fortaleza club", "003": "club of power", "004": "למועדון העוצמתי"},
        {"001": "مراسم التوقيع", "002": "signing ceremony", "003": "signing ceremony", "004": "טקס חתימה"},
        {"000": "costruzione di ponti", "001": "بناء جسور", "002": "building bridges"},
        {"001": "استمراراً طبيعياً", "002": "natural and logical continuation"},
    ],
    ids=["club", "ceremony", "bridges", "kazakh-government"],
)
def test_a_quote_of_the_story_is_one_row(story: Synopsis, words: dict[str, str]) -> None:
    """Every version that has the quote is in its row with these words, every other cell is empty."""
    found = [
        row for row in quoted(story) if row.keys() == words.keys() and all(words[v] in row[v] for v in words)
    ]
    assert len(found) == 1


def test_every_row_is_a_slice(story: Synopsis, versions: tuple[Article, ...]) -> None:
    """`text[start:end] == text` in every table that has offsets."""
    text = {article.id: article.text for article in versions}
    for table in (rows.statements(story), rows.sentences(story), rows.renderings(story)):
        words = "phrase" if "phrase" in table.columns else "text"
        for row in table.rows:
            cells = dict(zip(table.columns, row, strict=True))
            start, end = cells["start"], cells["end"]
            assert isinstance(start, int)
            assert isinstance(end, int)
            assert text[str(cells["article"])][start:end] == cells[words]


def test_nothing_of_an_article_is_lost(story: Synopsis, versions: tuple[Article, ...]) -> None:
    """Every character that is not white space is in a sentence, and in one only."""
    for article in versions:
        kept = [s for s in story.sentences if s.article == article.id]
        joined = "".join(s.text for s in kept)
        assert "".join(joined.split()) == "".join(article.text.lstrip("\ufeff").split())


def test_foreign_cells_say_why_they_are_empty(story: Synopsis) -> None:
    """Without an engine the English of foreign versions is empty and flagged; English stands for itself."""
    table = rows.sentences(story)
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=True))
        if cells["lang"] == "en":
            assert cells["english"] == cells["text"]
        else:
            assert not cells["english"]
            assert "no-engine" in str(cells["flags"])


def test_a_second_run_gives_the_same_bytes(
    story: Synopsis, versions: tuple[Article, ...], encoder: embedded.E5Encoder, tmp_path: Path
) -> None:
    """The same input, models and options: the same files."""
    again = run.synopsis(versions, encoder, lambda units: translate.translate(units, {}))
    made = provenance.Run(versions=provenance.versions())
    for name, synopsis in (("one", story), ("two", again)):
        write.write(synopsis, made, tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted((*write.TABLES, write.RECORD))
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_members_are_translated_as_their_own_units(
    versions: tuple[Article, ...], encoder: embedded.E5Encoder
) -> None:
    """With engines at hand, every member of every statement has the English of its own words."""
    toys = {lang: ToyTranslator(lang) for lang in ("ar", "he", "it")}
    story = run.synopsis(versions, encoder, lambda units: translate.translate(units, toys))
    for statement in story.statements:
        for member in statement.members:
            assert story.translations[member.lang, member.text].source == member.text


def test_csv_opens_with_a_mark_that_excel_needs(story: Synopsis, tmp_path: Path) -> None:
    """UTF-8 with a byte order mark, and pandas-like readers get the columns that the contract names."""
    delimited.write(rows.statements(story), tmp_path / "statements.csv")
    raw = (tmp_path / "statements.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.splitlines()[0].decode("utf-8-sig") == ",".join(
        f'"{name}"'
        for name in (
            *("statement", "kind", "article", "lang", "start", "end", "text", "english"),
            *("speaker", "cue", "similarity", "confidence", "flags"),
        )
    )
