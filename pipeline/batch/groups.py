"""Groups of stories that are done before their shard is: kept until they are put together."""

import json
import shutil
from pathlib import Path

from pipeline.batch import COLUMNS, Made, joined
from pipeline.batch.entries import Reject
from pipeline.batch.files import written
from pipeline.errors import OutputError
from pipeline.tables.rows import Table

FOLDER = "groups"


def place(out: Path, shard: int, group: int) -> Path:
    """Return the group's file."""
    return out / FOLDER / f"{shard:06}-{group}.json"


def write(made: Made, out: Path, shard: int, group: int, models: str) -> None:
    """Write the group whole or not at all. Raises OutputError."""
    path = place(out, shard, group)
    record = {
        "models": models,
        "tables": {table.name: table.rows for table in made.tables},
        "rejects": [reject.dump() for reject in made.rejects],
        "counts": made.counts,
    }
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path.parent}: {error.strerror}") from error
    with written(path) as file:
        json.dump(record, file, ensure_ascii=False)


def read(out: Path, shard: int, group: int, models: str) -> Made | None:
    """Return the group, or None where it is missing, damaged or was made by other models."""
    try:
        record = json.loads(place(out, shard, group).read_text(encoding="utf-8"))
        if record["models"] != models:
            return None
        return Made(
            tuple(
                Table(name, columns, tuple(map(tuple, record["tables"][name])))
                for name, columns in COLUMNS.items()
            ),
            tuple(map(Reject.parse, record["rejects"])),
            record["counts"],
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None


def together(out: Path, shard: int, groups: int, models: str) -> Made | None:
    """Return the shard that its groups make, or None where one of them cannot be read."""
    found = [made for group in range(groups) if (made := read(out, shard, group, models))]
    return joined(found) if len(found) == groups else None


def clear(out: Path, shard: int, groups: int) -> None:
    """Remove the groups of a finished shard."""
    for group in range(groups):
        place(out, shard, group).unlink(missing_ok=True)


def clear_all(out: Path) -> None:
    """Remove what killed processes left of shards that are all finished."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)
