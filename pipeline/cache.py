"""What engines said before, in SQLite, so that they need not be asked again."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.engines.ports import Decoding, Hypothesis
from pipeline.errors import OutputError
from pipeline.places import cache_folder

SCHEMA = 1
"""Another number in a file's `user_version` has it made anew."""

_AT_ONCE = 500  # keys a query: SQLite before 3.32 takes 999 variables
_BUSY_S = 60  # how long to wait for another process that writes

Key = bytes


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """How many answers the file holds, and its bytes on disk, the write-ahead log included."""

    path: Path
    entries: int
    size: int


def cache_path() -> Path:
    """Return where the user's translations are kept."""
    return cache_folder() / "translations.sqlite"


def key(*parts: str) -> Key:
    """Return the key for what decides an answer: different for different parts, however they are cut."""
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=20).digest()


def translation_key(signature: str, decoding: Decoding, text: str) -> Key:
    """Return the key of a translation. Options that cannot change the output are not in it."""
    return key("translation", signature, json.dumps(asdict(effective(decoding)), sort_keys=True), text)


def effective(decoding: Decoding) -> Decoding:
    """Return the same search with what does not matter at its default: greedy has nothing to weigh."""
    return replace(decoding, length_penalty=1.0) if decoding.beam == 1 else decoding


def dump(hypothesis: Hypothesis) -> str:
    """Return a hypothesis as a line of JSON; `parse` is its inverse."""
    return json.dumps(
        [hypothesis.text, hypothesis.score, hypothesis.flags, hypothesis.coverage], ensure_ascii=False
    )


def parse(line: str) -> Hypothesis:
    """Return the hypothesis that `dump` wrote."""
    text, score, flags, coverage = json.loads(line)
    return Hypothesis(text, score, tuple(flags), None if coverage is None else tuple(coverage))


class Cache:
    """A map from keys to lines that outlives the process. Several processes may share its file.

    Every `put` is one transaction in a write-ahead log: after `kill -9` it is there whole or not at all. A
    damaged file is moved aside to `NAME.damaged` and begun anew; `repaired` then says so. Without a path
    the map lives in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        """OutputError: the file cannot be made or written."""
        self.path = path
        self.repaired = False
        self._connection = self._opened()

    def get(self, keys: Sequence[Key]) -> dict[Key, str]:
        """Return what is known of the keys."""
        try:
            return self._found(keys)
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
            return {}

    def put(self, rows: Iterable[tuple[Key, str]]) -> None:
        """Keep the rows, all or none. A key that is already there keeps the newer line."""
        kept = list(rows)
        try:
            self._write(kept)
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
            self._write(kept)

    def entries(self) -> int:
        """Return how many keys are known."""
        (count,) = self._connection.execute("SELECT count(*) FROM answer").fetchone()
        return int(count)

    def empty(self) -> None:
        """Forget everything and give the disk back."""
        with self._connection:
            self._connection.execute("DELETE FROM answer")
        self._connection.execute("VACUUM")

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _found(self, keys: Sequence[Key]) -> dict[Key, str]:
        found: dict[Key, str] = {}
        for at in range(0, len(keys), _AT_ONCE):
            some = keys[at : at + _AT_ONCE]
            marks = ",".join("?" * len(some))
            found.update(
                self._connection.execute(f"SELECT key, line FROM answer WHERE key IN ({marks})", some)
            )
        return found

    def _write(self, rows: Sequence[tuple[Key, str]]) -> None:
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO answer VALUES (?, ?)", rows)

    def _opened(self) -> sqlite3.Connection:
        try:
            return _open(self.path)
        except sqlite3.OperationalError as error:
            raise OutputError(f"{self.path}: translations cannot be kept here: {error}") from error
        except sqlite3.DatabaseError:
            self._move_aside()
            return _open(self.path)

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        if self.path is None or isinstance(error, sqlite3.OperationalError):
            raise OutputError(f"{self.path}: translations cannot be kept here: {error}") from error
        self._connection.close()
        self._move_aside()
        self._connection = _open(self.path)

    def _move_aside(self) -> None:
        assert self.path is not None
        self.path.replace(self.path.with_name(self.path.name + ".damaged"))
        for log in ("-wal", "-shm"):
            self.path.with_name(self.path.name + log).unlink(missing_ok=True)
        self.repaired = True


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path.parent}: cannot be made: {error.strerror}") from error
    connection = sqlite3.connect(":memory:" if path is None else path, timeout=_BUSY_S)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "PRAGMA synchronous=NORMAL"
        )  # a lost machine may lose the last rows, never the file
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            (schema,) = connection.execute("PRAGMA user_version").fetchone()
            if schema != SCHEMA:
                connection.execute("DROP TABLE IF EXISTS answer")
                connection.execute(
                    "CREATE TABLE answer (key BLOB PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID"
                )
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def info(path: Path) -> CacheInfo:
    """Return what the cache file holds, nothing where there is none."""
    logs = [path, *(path.with_name(path.name + log) for log in ("-wal", "-shm"))]
    if not path.exists():
        return CacheInfo(path, 0, 0)
    with Cache(path) as cache:
        entries = cache.entries()
        return CacheInfo(path, entries, sum(log.stat().st_size for log in logs if log.exists()))


def clear(path: Path) -> int:
    """Forget every answer, and give the disk back; return how many there were."""
    if not path.exists():
        return 0
    with Cache(path) as cache:
        entries = cache.entries()
        cache.empty()
    return entries
