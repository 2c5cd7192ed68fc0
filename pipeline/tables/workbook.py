"""Tables as an Excel workbook, and back: right to left where the script is, and nothing in it runs."""

import re
import shutil
import zipfile
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from itertools import chain, islice, product
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.utils.escape import unescape
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.errors import InputError
from pipeline.languages import LANGUAGES
from pipeline.records import Synopsis
from pipeline.tables import rows
from pipeline.tables.delimited import guard
from pipeline.tables.highlights import Piece, english_pieces, pieces
from pipeline.tables.rows import Cell, Table

MISSING = "(no counterpart)"
"""What a cell of `quotes` shows for a version that lacks the statement; `read` takes it for an empty cell."""
LIMIT = 32767  # UTF-16 units a cell may hold (Microsoft, "Excel specifications and limits")
CUT = " … (cut: the CSV has all of it)"
MADE = datetime(2000, 1, 1)  # the real date would make the same tables differ
ABOUT = "about"
HELP = (
    ("Words in bold and underlined", "Here the versions differ; the column 'differences' says how."),
    (MISSING, "This version does not have the statement."),
    ("To correct English", "Type over it in a column named 'english'."),
    ("To say that a match is wrong", "On 'statements' write 'wrong' in 'flags'; on 'quotes' empty the text."),
    ("To split a row", "On 'statements' give the lines that go elsewhere a new name in 'statement'."),
    ("To join two rows", "On 'statements' give the lines of both the same name in 'statement'."),
    ("To take the edits in", "synoptic merge FOLDER THIS-FILE"),
)

_DIFFERS = {"bold": True, "underline": 1, "font_color": "#7A3E00"}
_LOOKS: Mapping[str, dict[str, object]] = {
    "text": {},
    "header": {"bold": True, "bottom": 1, "bg_color": "#E8EEF4"},
    "missing": {"italic": True, "font_color": "#5F6368", "align": "center"},
    "differs": _DIFFERS,
}
_WIDTHS = {"text": 44, "english": 44, "differences": 60, "phrase": 30, "cue": 24, "speaker": 24, "flags": 24}
_TWICE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")
"""What XlsxWriter (3.3) escapes twice in a rich string, and rightly in a plain one."""

SOURCE = frozenset({"text", "phrase", "cue"})
"""The columns with an article's own words, which run in its direction."""

MARKED = frozenset({"text", "english"})
"""The columns in which words are marked, on sheets of statements."""

CONFIDENCE = {
    "type": "3_color_scale",
    "min_type": "num",
    "mid_type": "num",
    "max_type": "num",
    "min_value": 0,
    "mid_value": 0.5,
    "max_value": 1,
    "min_color": "#F8C9C0",
    "mid_color": "#FFF3C4",
    "max_color": "#C4E5CC",
}

SHEETS = ("quotes", "statements", "sentences", "renderings")
"""The tables that a workbook has, in their order."""

Marks = Mapping[tuple[str, str, str], list[Piece]]
"""(statement, article, `text` or `english`) -> that cell's text, in pieces."""


class _Styles:
    """The formats of one workbook, each made once, the same in every workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self.plain = book.add_format()
        self.differs = book.add_format(_DIFFERS)
        self.cells = {key: self._cell(*key) for key in product(_LOOKS, (False, True), (False, True))}

    def cell(self, kind: str = "text", *, rtl: bool = False, literal: bool = False) -> Format:
        """Return the look of a cell; `literal` keeps Excel from running it even when it is typed anew."""
        return self.cells[kind, rtl, literal]

    def _cell(self, kind: str, rtl: bool, literal: bool) -> Format:
        look: dict[str, object] = {"valign": "top", "text_wrap": True, "quote_prefix": literal}
        look |= {"reading_order": 2, "align": "right"} if rtl else {}
        return self._book.add_format(look | _LOOKS[kind])


def write(synopsis: Synopsis, path: Path, filled: Collection[str] = SHEETS) -> None:
    """Write the story's tables, a sheet each, and a sheet on how to read and edit them.

    Every text is a string, never a formula, a number or a link; one that is longer than a cell can be is cut,
    and says so. The same synopsis gives the same bytes. Sheets that are not in `filled` have a header alone:
    `join` puts together what several processes filled.
    """
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        book.set_properties({"created": MADE, "title": "Parallel quote tables"})
        styles, marks = _Styles(book), _marks(synopsis)
        langs = {article.id: article.lang for article in synopsis.articles}
        sheets = {name: book.add_worksheet(name) for name in SHEETS}
        _write_about(book.add_worksheet(ABOUT), styles)
        for table in rows.tables(synopsis):
            found = marks if table.name in ("quotes", "statements") else {}
            widths = _write_head(sheets[table.name], table, styles)
            if table.name in filled:
                _write_rows(sheets[table.name], table, widths, langs, found, styles)


def join(one: Path, other: Path, path: Path) -> None:
    """Write the workbook that has the rows of two, of one story, that filled different sheets.

    It is what `write` makes when it fills all of them, byte for byte.
    """
    with zipfile.ZipFile(one) as a, zipfile.ZipFile(other) as b, zipfile.ZipFile(path, "w") as whole:
        for part in a.infolist():
            # a sheet is longer with its rows than without, and all else is the same in both
            filled = max(a, b, key=lambda half: half.getinfo(part.filename).file_size)
            with filled.open(part.filename) as source, whole.open(copy(part), "w") as target:
                shutil.copyfileobj(source, target)


def _write_about(sheet: Worksheet, styles: _Styles) -> None:
    """Write how to read and edit the tables; coming first, it numbers the styles whatever rows follow."""
    sheet.set_column(0, 1, 70)
    sheet.set_column(2, 1 + len(styles.cells), None, None, {"hidden": True})
    for column, style in enumerate(styles.cells.values(), 2):
        sheet.write_blank(0, column, None, style)
    for row, (what, how) in enumerate(HELP):
        sheet.write_string(row, 0, what, styles.cell("header"))
        sheet.write_string(row, 1, how, styles.cell())


def _marks(synopsis: Synopsis) -> Marks:
    found = rows.by_statement(synopsis.renderings)
    marks = {}
    for statement in synopsis.statements:
        parts = found.get(statement.id, ())
        for member in statement.members if parts else ():
            english = rows.translation(synopsis, member.lang, member.text).english
            own = pieces(member, parts)
            marks[statement.id, member.article, "text"] = own
            marks[statement.id, member.article, "english"] = (
                own if member.lang == "en" else english_pieces(english, member, parts)
            )
    return marks


def _write_head(sheet: Worksheet, table: Table, styles: _Styles) -> list[int]:
    """Write a sheet's header and how the sheet behaves; return the columns' widths in characters."""
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    widths = []
    for x, column in enumerate(table.columns):
        _, part = rows.place(column)
        widest = max((len(str(row[x])) for row in islice(table.rows, 200)), default=0)
        widths.append(min(max(widest, len(column)) + 3, _WIDTHS.get(part, 24)))
        sheet.set_column(x, x, widths[-1])
        sheet.write_string(0, x, column, styles.cell("header", literal=guard(column) is not column))
        if part == "confidence" and table.rows:
            sheet.conditional_format(1, x, len(table.rows), x, CONFIDENCE)
    return widths


def _write_rows(
    sheet: Worksheet,
    table: Table,
    widths: Sequence[int],
    langs: Mapping[str, str],
    marks: Marks,
    styles: _Styles,
) -> None:
    places = [rows.place(column) for column in table.columns]
    own = table.columns.index("article") if "article" in table.columns else None
    rtl = {article for article, lang in langs.items() if LANGUAGES[lang].direction == "rtl"}
    for y, row in enumerate(table.rows, 1):
        sheet.set_row(y, _height(row, widths))
        for x, (cell, (version, part)) in enumerate(zip(row, places, strict=True)):
            if isinstance(cell, str):
                article = version or (str(row[own]) if own is not None else "")
                found = marks.get((str(row[0]), article, part), []) if part in MARKED else []
                _write_text(sheet, (y, x), cell, found, styles, rtl=part in SOURCE and article in rtl)
            elif cell is not None:
                sheet.write_number(y, x, cell, styles.cell())
            elif version and part == "text":
                sheet.write_string(y, x, MISSING, styles.cell("missing"))


def _height(row: Sequence[Cell], widths: Sequence[int]) -> float:
    """Return the points that a row needs for its longest text: LibreOffice does not fit what it loads."""
    lines = 1
    for cell, width in zip(row, widths, strict=True):
        room = max(width - 3, 1)
        if isinstance(cell, str) and (len(cell) > room or "\n" in cell):
            lines = max(lines, sum(-(-max(len(line), 1) // room) for line in cell.split("\n")))
    return min(15 * lines + 3, 409)  # Excel's limit


def _write_text(
    sheet: Worksheet, place: tuple[int, int], text: str, found: list[Piece], styles: _Styles, *, rtl: bool
) -> None:
    """Write a text that `found`, if it is not empty, cuts into pieces; an empty cell needs nothing."""
    if not text:
        return
    literal = guard(text) is not text
    fitted = fit(text)
    if text.startswith("<r>") and text.endswith("</r>") and len(found) < 2:
        found = [Piece(text[:1]), Piece(text[1:])]  # XlsxWriter takes it for markup in a plain string
    if len(found) > 1 and fitted is text and not _TWICE.search(text):
        first, *others = ((styles.differs if p.slot is not None else styles.plain, p.text) for p in found)
        # a format costs XlsxWriter a fifth of the cell, and words before the first need none
        head = first[1:] if first[0] is styles.plain else first
        cell = styles.cell(rtl=rtl, literal=literal)
        sheet.write_rich_string(*place, *head, *chain.from_iterable(others), cell)
    else:
        kind = "differs" if any(piece.slot is not None for piece in found) else "text"
        sheet.write_string(*place, fitted, styles.cell(kind, rtl=rtl, literal=literal))


def fit(text: str) -> str:
    """Return the text as a cell can hold it: cut, and saying so, if it is too long."""
    if len(text) <= LIMIT // 2:  # in UTF-16 no character has more than two units
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LIMIT:
        return text
    return units[: 2 * (LIMIT - len(CUT))].decode("utf-16-le", "ignore") + CUT


def read(path: Path) -> list[Table]:
    """Read the sheets of a workbook, ours or saved by a spreadsheet: all cells are strings, as in the CSV.

    Sheets without a header are left out. Raises `InputError` for what is no workbook.
    """
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise InputError(path, error.strerror or str(error)) from error
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise InputError(path, f"not an Excel workbook: {error}") from error
    try:
        found = []
        for sheet in book.worksheets:
            lines = [tuple(map(_read_cell, row)) for row in sheet.iter_rows(values_only=True)]
            if sheet.title != ABOUT and lines and any(lines[0]):
                width = max(x for x, name in enumerate(lines[0], 1) if name)
                body = ((*line, *[""] * width)[:width] for line in lines[1:] if any(line))
                found.append(Table(sheet.title, lines[0][:width], tuple(body)))
        return found
    finally:
        book.close()


def _read_cell(value: object) -> str:
    if value is None:
        return ""
    text = (
        unescape(value) if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
    )
    return "" if text == MISSING else str(text)
