"""Tables as an Excel workbook, and back: right to left where the script is, and nothing in it runs."""

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, product
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.utils.escape import unescape
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from pipeline.errors import InputError
from pipeline.languages import LANGUAGES
from pipeline.records import Synopsis
from pipeline.tables import cells, rows
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

_LOOKS: Mapping[str, dict[str, object]] = {
    "text": {},
    "header": {"bold": True, "bottom": 1, "bg_color": "#E8EEF4"},
    "missing": {"italic": True, "font_color": "#5F6368", "align": "center"},
    "differs": {"bold": True, "underline": 1, "font_color": "#7A3E00"},
}
_WIDTHS = {"text": 44, "english": 44, "differences": 60, "phrase": 30, "cue": 24, "speaker": 24, "flags": 24}

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

Marks = Mapping[tuple[str, str, str], list[Piece]]
"""(statement, article, `text` or `english`) -> that cell's text, in pieces."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A workbook without rows, as XlsxWriter writes it, and what its rows need of it."""

    file: io.BytesIO
    styles: Mapping[tuple[str, bool, bool], int]
    """(look, right to left, literal) -> the style's number."""
    widths: Mapping[str, Sequence[int]]
    """Sheet -> its columns' widths in characters."""


def write(synopsis: Synopsis, path: Path) -> None:
    """Write the story's tables, a sheet each, and a sheet on how to read and edit them.

    Every text is a string, never a formula, a number or a link; one that is longer than a cell can be is cut,
    and says so. The same synopsis gives the same bytes.
    """
    tables = {table.name: table for table in rows.tables(synopsis)}
    marks = _marks(synopsis)
    rtl = frozenset(a.id for a in synopsis.articles if LANGUAGES[a.lang].direction == "rtl")
    frame = _frame(tables.values())
    sheets = {f"xl/worksheets/sheet{at}.xml": table for at, table in enumerate(tables.values(), 1)}
    with zipfile.ZipFile(frame.file) as parts, zipfile.ZipFile(path, "w") as whole:
        for part in parts.infolist():
            content = parts.read(part).decode()
            with (
                whole.open(copy(part), "w") as binary,
                io.TextIOWrapper(binary, encoding="utf-8", newline="") as file,
            ):
                if table := sheets.get(part.filename):
                    last = f"{xl_col_to_name(len(table.columns) - 1)}{len(table.rows) + 1}"
                    before, after = content.split("</sheetData>")
                    file.write(re.sub(r'(?<=<dimension ref=")[^"]*', f"A1:{last}", before, count=1))
                    found = marks if table.name in ("quotes", "statements") else {}
                    file.writelines(_rows(table, frame, found, rtl))
                    content = f"</sheetData>{after}"
                file.write(content)


def _frame(tables: Iterable[Table]) -> _Frame:
    """Return the workbook of these tables with headers alone, and the sheet `about`."""
    file = io.BytesIO()
    widths = {}
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": MADE, "title": "Parallel quote tables"})
        styles = {key: _style(book, *key) for key in product(_LOOKS, (False, True), (False, True))}
        for table in tables:
            widths[table.name] = _write_head(book.add_worksheet(table.name), table, styles)
        about = book.add_worksheet(ABOUT)
        about.set_column(0, 1, 70)
        for row, (what, how) in enumerate(HELP):
            about.write_string(row, 0, what, styles["header", False, False])
            about.write_string(row, 1, how, styles["text", False, False])
        # a style has a number once a cell has it, and the numbers are read off these cells
        about.set_column(2, 1 + len(styles), None, None, {"hidden": True})
        for column, style in enumerate(styles.values(), 2):
            about.write_blank(len(HELP), column, None, style)
    with zipfile.ZipFile(file) as parts:
        last = parts.read(f"xl/worksheets/sheet{len(widths) + 1}.xml").decode().rpartition("<row ")[2]
    numbers = map(int, re.findall(r' s="(\d+)"', last))
    return _Frame(file, dict(zip(styles, numbers, strict=True)), widths)


def _style(book: xlsxwriter.Workbook, kind: str, rtl: bool, literal: bool) -> Format:
    """Return the look of a cell; `literal` keeps Excel from running it even when it is typed anew."""
    look: dict[str, object] = {"valign": "top", "text_wrap": True, "quote_prefix": literal}
    look |= {"reading_order": 2, "align": "right"} if rtl else {}
    return book.add_format(look | _LOOKS[kind])


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


def _write_head(sheet: Worksheet, table: Table, styles: Mapping[tuple[str, bool, bool], Format]) -> list[int]:
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
        sheet.write_string(0, x, column, styles["header", False, guard(column) is not column])
        if part == "confidence" and table.rows:
            sheet.conditional_format(1, x, len(table.rows), x, CONFIDENCE)
    return widths


def _rows(table: Table, frame: _Frame, marks: Marks, rtl: Collection[str]) -> Iterator[str]:
    """Yield the sheet's rows after its header; `rtl` are the articles that run from the right."""
    places = [(xl_col_to_name(x), *rows.place(column)) for x, column in enumerate(table.columns)]
    own = table.columns.index("article") if "article" in table.columns else None
    plain, missing = frame.styles["text", False, False], frame.styles["missing", False, False]
    for y, row in enumerate(table.rows, 2):
        made = []
        for cell, (x, version, part) in zip(row, places, strict=True):
            if isinstance(cell, str):
                if cell:
                    article = version or (str(row[own]) if own is not None else "")
                    found = marks.get((str(row[0]), article, part), []) if part in MARKED else []
                    right = part in SOURCE and article in rtl
                    made.append(_text(f"{x}{y}", cell, found, frame.styles, rtl=right))
            elif cell is not None:
                made.append(cells.value(f"{x}{y}", cell, plain))
            elif version and part == "text":
                made.append(cells.string(f"{x}{y}", MISSING, missing))
        yield cells.row(y, _height(row, frame.widths[table.name]), made)


def _height(row: Sequence[Cell], widths: Sequence[int]) -> float:
    """Return the points that a row needs for its longest text: LibreOffice does not fit what it loads."""
    lines = 1
    for cell, width in zip(row, widths, strict=True):
        room = max(width - 3, 1)
        if isinstance(cell, str) and (len(cell) > room or "\n" in cell):
            lines = max(lines, sum(-(-max(len(line), 1) // room) for line in cell.split("\n")))
    return min(15 * lines + 3, 409)  # Excel's limit


def _text(
    place: str, text: str, found: list[Piece], styles: Mapping[tuple[str, bool, bool], int], *, rtl: bool
) -> str:
    """Return the cell of a text that `found`, if it is not empty, cuts into pieces."""
    literal = guard(text) is not text
    fitted = fit(text)
    if len(found) > 1 and fitted is text and not cells.LOOKS_ESCAPED.search(text):  # which a run could cut
        runs = [(cells.PLAIN if piece.slot is None else cells.DIFFERS, piece.text) for piece in found]
        return cells.rich(place, runs, styles["text", rtl, literal])
    kind = "differs" if any(piece.slot is not None for piece in found) else "text"
    return cells.string(place, fitted, styles[kind, rtl, literal])


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
