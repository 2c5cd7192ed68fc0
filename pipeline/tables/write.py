"""Which files a run leaves in its folder."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from pipeline.errors import OutputError
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

LARGE = 2_000
"""Statements from which a second process, which takes two seconds to begin, saves time."""


def write(synopsis: Synopsis, run: Run, out: Path, *, bom: bool = True) -> None:
    """Write all tables into `out`, whole or not at all; files there that are not ours stay.

    The same synopsis gives the same bytes in every table. The record differs in its `timings` alone, and is
    left as it is where nothing else changed. Where the English of a text is not what an earlier run wrote
    here, that is remembered in a file of its own. A large story is written by two processes, which both
    hold it. Raises `OutputError`.
    """
    with folder.whole(out, FILES) as part:
        tables = rows.tables(synopsis)
        with _workbook(synopsis, part / "tables.xlsx"):
            for table in tables:
                delimited.write(table, part / f"{table.name}.csv", bom=bom)
            memory.write_tmx(synopsis, part / "memory.tmx")
            report.write(synopsis, run, part / "report.html")
        files = {name: hashlib.sha256((part / name).read_bytes()).hexdigest() for name in TABLES}
        record = dump(replace(run, files=files), before=_text(out / RECORD))
        (part / RECORD).write_text(record, encoding="utf-8", newline="\n")
        if before := history.extended(out, tables):
            (part / history.FILE).write_text(history.dump(before), encoding="utf-8", newline="\n")


@contextmanager
def _workbook(synopsis: Synopsis, path: Path) -> Iterator[None]:
    """Write the workbook, most of a large one beside what the block does; it is there when the block ends."""
    if len(synopsis.statements) < LARGE:
        workbook.write(synopsis, path)
        yield
        return
    halves = path.with_suffix(".half-1"), path.with_suffix(".half-2")
    marked, plain = workbook.SHEETS[:2], workbook.SHEETS[2:]  # marks make the first two the slower
    # spawned, since a fork would copy locks that the models' threads hold
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        written = pool.submit(workbook.write, synopsis, halves[0], marked)
        workbook.write(synopsis, halves[1], plain)
        joined = pool.submit(workbook.join, *halves, path)
        yield
        try:
            written.result()
            joined.result()
        except BrokenProcessPool as error:
            raise OutputError(f"{path}: the process that wrote it was killed") from error
    for half in halves:
        half.unlink()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
