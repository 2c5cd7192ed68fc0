"""How long 10,000 statements in five versions take to write, and in how much memory.

`python -m benchmarks.tables [STATEMENTS]` prints a table on stderr and the same numbers as JSON on stdout:
seconds on the clock for the whole folder and the process's peak memory, the story itself included; then the
seconds of one CPU that each format takes alone.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.records import Synopsis
from pipeline.tables import delimited, memory, report, rows, workbook
from pipeline.tables.provenance import Run
from pipeline.tables.write import write
from tests.tables.stories import large

RUN = Run(versions={})


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    story = large(count)
    found: dict[str, float] = {"statements": count, "story_mb": _peak_mb()}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        begun = time.perf_counter()
        write(story, RUN, out / "whole")
        found["wall_s"] = round(time.perf_counter() - begun, 1)
        found["peak_mb"] = _peak_mb()
        print(f"all   {found['wall_s']:6.1f} s  {found['peak_mb']:4.0f} MB", file=sys.stderr)
        formats: dict[str, Callable[[], object]] = {
            "csv": lambda: _csv(story, out),
            "xlsx": lambda: workbook.write(story, out / "tables.xlsx"),
            "tmx": lambda: memory.write_tmx(story, out / "memory.tmx"),
            "html": lambda: report.write(story, RUN, out / "report.html"),
        }
        for name, one in formats.items():
            begun = time.process_time()
            one()
            found[f"{name}_cpu_s"] = round(time.process_time() - begun, 1)
            print(f"{name:5} {found[f'{name}_cpu_s']:6.1f} s of a CPU", file=sys.stderr)
    print(json.dumps(found))


def _csv(story: Synopsis, out: Path) -> None:
    for table in rows.tables(story):
        delimited.write(table, out / f"{table.name}.csv")


def _peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


if __name__ == "__main__":
    main()
