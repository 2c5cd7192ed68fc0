"""Which files a run leaves in its folder."""

import hashlib
from dataclasses import replace
from pathlib import Path

from pipeline.records import Synopsis
from pipeline.tables import delimited, folder, rows
from pipeline.tables.provenance import Run, dump

RECORD = "run.json"
FILES = ("statements.csv", "quotes.csv", "sentences.csv", "renderings.csv", RECORD)
"""Ours. The record is last: where a folder cannot be exchanged, it says that the others are complete."""


def write(synopsis: Synopsis, run: Run, out: Path, *, bom: bool = True) -> None:
    """Write all tables into `out`, whole or not at all; files there that are not ours stay.

    The same synopsis gives the same bytes in every file. The record differs in its `timings` alone, and
    is left as it is where nothing else changed. Raises `OutputError`.
    """
    with folder.whole(out, FILES) as part:
        for table in rows.tables(synopsis):
            delimited.write(table, part / f"{table.name}.csv", bom=bom)
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in part.iterdir()}
        record = dump(replace(run, files=files), before=_text(out / RECORD))
        (part / RECORD).write_text(record, encoding="utf-8", newline="\n")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
