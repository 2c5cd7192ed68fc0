"""Which files a run leaves in its folder."""

import hashlib
from dataclasses import replace
from pathlib import Path

from pipeline.records import Synopsis
from pipeline.tables import delimited, folder, history, memory, report, rows, workbook
from pipeline.tables.provenance import Run, dump

RECORD = "run.json"
TABLES = (
    "statements.csv",
    "quotes.csv",
    "sentences.csv",
    "renderings.csv",
    "tables.xlsx",
    "memory.tmx",
    "report.html",
)
FILES = (*TABLES, history.FILE, RECORD)
"""Ours. The record is last: where a folder cannot be exchanged, it says that the others are complete."""


def write(synopsis: Synopsis, run: Run, out: Path, *, bom: bool = True) -> None:
    """Write all tables into `out`, whole or not at all; files there that are not ours stay.

    The same synopsis gives the same bytes in every table. The record differs in its `timings` alone, and is
    left as it is where nothing else changed. Where the English of a text is not what an earlier run wrote
    here, that is remembered in a file of its own. Raises `OutputError`.
    """
    with folder.whole(out, FILES) as part:
        tables = rows.tables(synopsis)
        for table in tables:
            delimited.write(table, part / f"{table.name}.csv", bom=bom)
        workbook.write(synopsis, part / "tables.xlsx")
        memory.write_tmx(synopsis, part / "memory.tmx")
        report.write(synopsis, run, part / "report.html")
        files = {name: hashlib.sha256((part / name).read_bytes()).hexdigest() for name in TABLES}
        record = dump(replace(run, files=files), before=_text(out / RECORD))
        (part / RECORD).write_text(record, encoding="utf-8", newline="\n")
        if before := history.extended(out, tables):
            (part / history.FILE).write_text(history.dump(before), encoding="utf-8", newline="\n")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
