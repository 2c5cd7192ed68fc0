"""Tables as CSV, and back: every field quoted, and no cell that a spreadsheet would run."""

import csv
import io
import re
from pathlib import Path

from pipeline.errors import InputError
from pipeline.tables.rows import Cell, Table

_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet may take for a formula, after any number of our own guards (OWASP, "CSV Injection")."""
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def guard(text: str) -> str:
    """Return the text with an apostrophe before it where a spreadsheet could run it; `unguard` takes it away.

    >>> guard("=1+1"), guard("'=1+1"), guard("'tis")
    ("'=1+1", "''=1+1", "'tis")
    """
    return f"'{text}" if _RUNS.match(text) else text


def unguard(cell: str) -> str:
    """Return the text that `guard` made the cell from: `unguard(guard(text)) == text` for every text."""
    return cell[1:] if _GUARDED.match(cell) else cell


def shown(cell: Cell) -> str:
    """Return the cell as CSV shows it: a number is never guarded, and what is missing is empty."""
    if isinstance(cell, str):
        return guard(cell)
    return "" if cell is None else repr(cell).removesuffix(".0")


def write(table: Table, path: Path, *, bom: bool = True) -> None:
    """Write the table as UTF-8, `\\n` line ends, all fields quoted; by `bom` Excel knows that it is UTF-8."""
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(map(shown, table.columns))
        writer.writerows(map(shown, row) for row in table.rows)


def read(path: Path) -> Table:
    """Read a table back, by us or saved by a spreadsheet, guards taken away: all cells are strings.

    The separator may be a comma, a semicolon or a tab (Excel's choice hangs on the locale). Raises
    `InputError` for what is not UTF-8 or has a row of another length than the header.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, f"not UTF-8 at byte {error.start}; save it as 'CSV UTF-8'") from error
    except OSError as error:
        raise InputError(path, error.strerror or str(error)) from error
    separator = max(",;\t", key=text.partition("\n")[0].count)
    limit = csv.field_size_limit(max(len(text), 131072))  # the default refuses long cells
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows: list[tuple[str, ...]] = []
        for row in filter(None, reader):
            rows.append(tuple(map(unguard, row)))
            if len(row) != len(rows[0]):
                raise InputError(path, f"{len(row)} fields, expected {len(rows[0])}", reader.line_num)
    except csv.Error as error:
        raise InputError(path, str(error), reader.line_num) from error
    finally:
        csv.field_size_limit(limit)
    if not rows:
        raise InputError(path, "empty, expected a header")
    return Table(path.stem, rows[0], tuple(rows[1:]))
