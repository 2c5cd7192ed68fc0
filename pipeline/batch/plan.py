"""Which articles make up which shard: decided once for a job, from the order of its input alone."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pipeline.batch.entries import Entry, Reject
from pipeline.errors import InputError, OutputError

_TABLES = """
CREATE TABLE story (ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE entry (
    ordinal INTEGER, position INTEGER, line TEXT, PRIMARY KEY (ordinal, position)
) WITHOUT ROWID;
CREATE TABLE loose (position INTEGER PRIMARY KEY, line TEXT);
CREATE TABLE reject (position INTEGER PRIMARY KEY, line TEXT);
"""

GROUPS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """A job's articles on disk, a story at a time whatever the order of the input; read by many at once.

    Stories are numbered by their first article. Shard `k` is stories `k * size` to `(k + 1) * size - 1`. It
    is made in groups of stories, `GROUPS` or fewer: only two stories together show that an engine is broken.
    """

    path: Path
    size: int
    stories: int
    articles: int
    rejected: int

    @classmethod
    def opened(cls, path: Path, size: int) -> Self:
        """InputError: there is no plan, or it is damaged."""
        try:
            with _reading(path) as rows:
                counts = [rows.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in _COUNTED]
        except sqlite3.DatabaseError as error:
            raise InputError(path, f"damaged ({error}); remove it and run again") from error
        return cls(path, size, *counts)

    @property
    def shards(self) -> int:
        return -(-self.stories // self.size)

    @property
    def together(self) -> int:
        """How many stories a group has, but for the last of a shard."""
        return max(-(-self.size // GROUPS), min(self.size, 2))

    def groups(self, shard: int) -> int:
        """Return how many groups the shard has."""
        return -(-min(self.size, self.stories - shard * self.size) // self.together)

    def places(self, shards: Iterable[int]) -> list[tuple[int, int]]:
        """Return the shard's number and its own for every group of these shards, in order."""
        return [(shard, group) for shard in shards for group in range(self.groups(shard))]

    def group(self, shard: int, number: int) -> list[list[Entry]]:
        """Return the group's stories, each with its articles in the order of the input."""
        first = shard * self.size + number * self.together
        last = min(first + self.together, (shard + 1) * self.size) - 1
        stories: dict[int, list[Entry]] = {}
        with _reading(self.path) as rows:
            for ordinal, line in rows.execute(
                "SELECT ordinal, line FROM entry WHERE ordinal BETWEEN ? AND ? ORDER BY ordinal, position",
                (first, last),
            ):
                stories.setdefault(ordinal, []).append(Entry.parse(line))
        return list(stories.values())

    def rejects(self) -> Iterator[Reject]:
        """Yield, in the order of the input, what could not be read as an article."""
        with _reading(self.path) as rows:
            for (line,) in rows.execute("SELECT line FROM reject ORDER BY position"):
                yield Reject.parse(line)


_COUNTED = ("story", "entry", "reject")


class Draft:
    """A plan that is being made, in a file that only a finished one gets the name of."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._rows: sqlite3.Connection

    def __enter__(self) -> Self:
        """OutputError: it cannot be written."""
        with _written(self._path):
            self._part.unlink(missing_ok=True)
            self._rows = sqlite3.connect(self._part, isolation_level=None)
            # nobody reads a draft, so a crash may take it
            self._rows.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_TABLES} BEGIN")
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()
        self._part.unlink(missing_ok=True)

    def add(self, records: Iterable[Entry | Reject]) -> None:
        """Take the records in; those without a story wait in `loose`."""
        for record in records:
            with _written(self._path):
                if isinstance(record, Reject):
                    row = (record.position, record.dump())
                    self._rows.execute("INSERT INTO reject VALUES (?, ?)", row)
                elif record.story:
                    self._place(record)
                else:
                    self._rows.execute("INSERT INTO loose VALUES (?, ?)", (record.position, record.dump()))

    def waiting(self) -> int:
        """Return how many articles have no story."""
        return int(self._rows.execute("SELECT count(*) FROM loose").fetchone()[0])

    def loose(self) -> Iterator[Entry]:
        """Yield the articles without a story, in the order of the input."""
        for (line,) in self._rows.execute("SELECT line FROM loose ORDER BY position"):
            yield Entry.parse(line)

    def finish(self) -> None:
        """Make it the plan."""
        with _written(self._path):
            self._rows.execute("DROP TABLE loose")
            self._rows.execute("COMMIT")
            self._rows.close()
            with self._part.open("rb") as file:
                os.fsync(file.fileno())
            self._part.replace(self._path)

    def _place(self, entry: Entry) -> None:
        self._rows.execute(
            "INSERT OR IGNORE INTO story SELECT coalesce(max(ordinal) + 1, 0), ? FROM story", (entry.story,)
        )
        self._rows.execute(
            "INSERT INTO entry SELECT ordinal, ?, ? FROM story WHERE name = ?",
            (entry.position, entry.dump(), entry.story),
        )


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    rows = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield rows
    finally:
        rows.close()


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise OutputError(f"{path}: cannot be written: {error}") from error
