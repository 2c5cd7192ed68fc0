"""A workbook that shows what the CSV says, in the right direction, and runs nothing."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock

from pipeline.errors import InputError
from pipeline.records import Synopsis
from pipeline.tables import workbook
from pipeline.tables.delimited import shown, unguard
from pipeline.tables.highlights import Piece, english_pieces, pieces
from pipeline.tables.rows import Cell, tables
from tests.tables.stories import CLUB, NASTY, article, club, member, nasty, texts


def as_read(cell: Cell) -> str:
    return unguard(shown(cell))


@pytest.mark.parametrize("story", [club(), nasty()], ids=["club", "nasty"])
def test_every_cell_comes_back(tmp_path: Path, story: Synopsis) -> None:
    """openpyxl reads every cell of every sheet as the tables have it, harmful strings included."""
    workbook.write(story, tmp_path / "t.xlsx")
    found = workbook.read(tmp_path / "t.xlsx")
    assert [table.name for table in found] == ["quotes", "statements", "sentences", "renderings"]
    for table, back in zip(tables(story), found, strict=True):
        assert back.columns == table.columns
        assert back.rows == tuple(tuple(map(as_read, row)) for row in table.rows)


@settings(deadline=None, max_examples=12)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12), min_size=20))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> None:
    """Whatever characters a text has, control characters and what looks like their escapes included."""
    path = tmp_path_factory.mktemp("xlsx") / "t.xlsx"
    workbook.write(texts(*said), path)
    assert [row[6] for row in workbook.read(path)[1].rows] == [text for text in said for _ in range(2)]


def test_nothing_runs(tmp_path: Path) -> None:
    """No cell is a formula or a link, and one that looks like a formula stays text when it is typed anew."""
    workbook.write(nasty(), tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as parts:
        sheets = b"".join(parts.read(name) for name in parts.namelist() if "worksheets" in name)
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets.lower()
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "t.xlsx")["statements"] for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    literal = [cell for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]
    assert len(literal) > 10
    assert all(cell.quotePrefix for cell in literal if isinstance(cell.value, str))


def test_right_to_left(tmp_path: Path) -> None:
    """Arabic and Hebrew run from the right, their English and the others from the left."""
    workbook.write(club(), tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["quotes"]
    order = {cell.value: sheet.cell(2, cell.column).alignment.readingOrder for cell in sheet[1]}
    right = {name for name, reading_order in order.items() if reading_order == 2}
    assert right == {"001_ar text", "004_he text"}


def test_differing_words_are_marked(tmp_path: Path) -> None:
    """The words in which versions part are bold and underlined inside their cell, the rest is not."""
    workbook.write(club(), tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx", rich_text=True)["quotes"]
    cells = {sheet.cell(1, cell.column).value: cell.value for cell in sheet[2]}
    marked = {}
    for name, cell in cells.items():
        if isinstance(cell, CellRichText):
            blocks = [part for part in cell if isinstance(part, TextBlock) and part.font.b and part.font.u]
            marked[name] = [block.text for block in blocks]
            assert len(blocks) < len(cell)
    assert marked == {
        "001_ar text": ["النادي القوي"],
        "001_ar english": ["strong club"],
        "002_en text": ["Fortaleza club"],
        "002_en english": ["Fortaleza club"],
        "003_en text": ["club of power"],
        "003_en english": ["club of power"],
        "004_he text": ["למועדון העוצמתי"],
        "004_he english": ["powerful club"],
    }


def test_a_sheet_is_ready_to_use(tmp_path: Path) -> None:
    """Header and first column stay, filters are on, confidence has colour and number, a gap says so."""
    workbook.write(club(), tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet = book["quotes"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:O3"
    assert [str(area.sqref) for area in sheet.conditional_formatting] == ["C2:C3"]
    assert sheet["C2"].value == 0.9123
    assert (sheet["E2"].value, sheet["F2"].value) == (workbook.MISSING, None)
    assert "about" in book.sheetnames


def test_same_bytes(tmp_path: Path) -> None:
    """No date, no chance: the same story gives the same file."""
    workbook.write(club(), tmp_path / "one.xlsx")
    workbook.write(club(), tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_what_does_not_fit_is_cut_and_says_so(tmp_path: Path) -> None:
    """A text longer than a cell keeps its beginning, in whole characters; it is never dropped."""
    workbook.write(texts("𝔸" * 40_000), tmp_path / "t.xlsx")
    cell = workbook.read(tmp_path / "t.xlsx")[1].rows[0][6]
    assert isinstance(cell, str)
    assert cell.endswith(workbook.CUT)
    assert cell.startswith("𝔸" * 16_000)
    assert len(cell.encode("utf-16-le")) <= 2 * workbook.LIMIT


@pytest.mark.parametrize("content", [b"", b"PK", b"a,b\n"])
def test_no_workbook(tmp_path: Path, content: bytes) -> None:
    """One line names the file and says that it is no workbook."""
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=r"t\.xlsx: not an Excel workbook"):
        workbook.read(tmp_path / "t.xlsx")


def test_pieces_join_to_the_text() -> None:
    """Marked or not, overlapping or out of reach, the pieces are the text."""
    story = club()
    for one in story.statements[0].members:
        assert "".join(piece.text for piece in pieces(one, story.renderings)) == one.text
    moved = member(article("002_en", "en", CLUB["002_en"][:-5]), CLUB["002_en"][:-5], None, None)
    assert pieces(moved, story.renderings) == [Piece(moved.text)]
    english = english_pieces(
        "a strong club is a strong club", story.statements[0].members[0], story.renderings
    )
    assert english == [Piece("a "), Piece("strong club", 0), Piece(" is a strong club")]


def test_stories_are_harmful() -> None:
    """The strings these tests are about are in the workbook's story."""
    assert {row[6] for row in tables(nasty())[1].rows} == set(NASTY)
