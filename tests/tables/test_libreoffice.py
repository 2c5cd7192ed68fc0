"""The workbook in LibreOffice."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.tables import workbook
from pipeline.tables.delimited import shown
from pipeline.tables.rows import Cell, tables
from tests.tables.stories import nasty

SOFFICE = shutil.which("soffice")
ALL_SHEETS = (
    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1"  # UTF-8, all quoted
)

pytestmark = pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice: apt install libreoffice-calc")


def converted(folder: Path, to: str) -> None:
    assert SOFFICE is not None
    command = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", to, "--outdir", str(folder), str(folder / "t.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def as_shown(cell: Cell) -> str:
    """LibreOffice shows a lone return as a line's end; nothing else differs."""
    return cell.replace("\r", "\n") if isinstance(cell, str) else shown(cell)


def test_nothing_is_lost(tmp_path: Path) -> None:
    """Every cell of every sheet comes out as CSV, and the sheets as PDF; formulas are not run."""
    workbook.write(nasty(), tmp_path / "t.xlsx")
    converted(tmp_path, ALL_SHEETS)
    for table in tables(nasty()):
        with (tmp_path / f"t-{table.name}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert tuple(header) == table.columns
        assert rows == [[as_shown(cell) for cell in row] for row in table.rows]
    converted(tmp_path, "pdf")
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF")
