"""A shard's files: written whole with a marker last, held against it when they are found again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.batch import COLUMNS, Made
from pipeline.batch.entries import Reject
from pipeline.batch.reading import EXTRA
from pipeline.errors import OutputError
from pipeline.hashes import sha256
from pipeline.tables import delimited, folder
from pipeline.tables.rows import Table

if TYPE_CHECKING:
    import pyarrow

Format = Literal["parquet", "csv", "both"]

MARKER = "done.json"
REJECTS = "rejects.jsonl"
SUFFIXES: Mapping[Format, tuple[str, ...]] = {
    "parquet": (".parquet",),
    "csv": (".csv",),
    "both": (".parquet", ".csv"),
}
FILES = (*(f"{name}{suffix}" for name in COLUMNS for suffix in SUFFIXES["both"]), REJECTS, MARKER)

WHOLE_NUMBERS = frozenset({"start", "end", "sentence", "slot", "versions", "characters"})
REAL_NUMBERS = frozenset({"similarity", "confidence", "score"})
"""All other columns are strings."""


@dataclass(frozen=True, slots=True)
class Marker:
    """What a finished shard holds: articles in tables and in rejects, counts, each file's SHA-256."""

    number: int
    articles: int
    rejects: int
    models: str
    counts: Mapping[str, int]
    files: Mapping[str, str]


def place(out: Path, number: int) -> Path:
    """Return the shard's folder."""
    return out / "shards" / f"{number:06}"


def check(format: Format) -> None:
    """Raise OutputError, with the command that helps, where this format cannot be written here."""
    if format != "csv":
        try:
            import pyarrow.parquet  # noqa: F401, PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise OutputError(f"--format {format} needs {EXTRA}; --format csv does not") from error


def write(made: Made, out: Path, number: int, models: str, format: Format) -> Marker:
    """Write the shard whole or not at all; the marker is its last file. Raises OutputError."""
    articles = next(table for table in made.tables if table.name == "articles")
    with folder.whole(place(out, number), FILES) as part:
        for table in made.tables:
            for suffix in SUFFIXES[format]:
                path = part / f"{table.name}{suffix}"
                if suffix == ".csv":
                    delimited.write(table, path, bom=False)
                else:
                    _parquet(table, path)
        write_rejects(part / REJECTS, made.rejects)
        files = {path.name: sha256(path) for path in sorted(part.iterdir())}
        marker = Marker(number, len(articles.rows), len(made.rejects), models, made.counts, files)
        (part / MARKER).write_text(dump(asdict(marker)), encoding="utf-8", newline="\n")
    return marker


def finished(out: Path, number: int, *, verify: bool = True) -> Marker | None:
    """Return the shard's marker if the shard is there; with `verify` only if all its files are as written."""
    where = place(out, number)
    try:
        marker = Marker(**json.loads((where / MARKER).read_text(encoding="utf-8")))
        whole = not verify or all(sha256(where / name) == digest for name, digest in marker.files.items())
    except (OSError, ValueError, TypeError):
        return None
    return marker if whole and marker.number == number else None


def rejects(out: Path, number: int) -> list[Reject]:
    """Return what the finished shard could not take."""
    lines = (place(out, number) / REJECTS).read_text(encoding="utf-8").split("\n")
    return [Reject.parse(line) for line in lines if line]


def write_rejects(path: Path, found: Sequence[Reject]) -> None:
    """Write a line of JSON a reject."""
    path.write_text("".join(f"{reject.dump()}\n" for reject in found), encoding="utf-8", newline="\n")


def dump(record: Mapping[str, object]) -> str:
    """Return a record as JSON, the same bytes for the same content."""
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _parquet(table: Table, path: Path) -> None:
    import pyarrow  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    schema = pyarrow.schema([(name, _type(name)) for name in table.columns])
    arrays = [pyarrow.array(cells, type=field.type) for cells, field in zip(columns, schema, strict=True)]
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), path, compression="zstd")


def _type(column: str) -> "pyarrow.DataType":
    import pyarrow  # noqa: PLC0415

    if column in WHOLE_NUMBERS:
        return pyarrow.int64()
    return pyarrow.float64() if column in REAL_NUMBERS else pyarrow.string()
