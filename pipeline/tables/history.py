"""The English that earlier runs wrote into a folder: by it, an edit is told from an old translation."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipeline.errors import InputError
from pipeline.tables import delimited
from pipeline.tables.edits import Unit
from pipeline.tables.rows import Table

FILE = "history.json"
TABLES = ("statements.csv", "sentences.csv")

History = Mapping[Unit, tuple[str, ...]]
"""(language, text) -> what earlier runs made of it and the last did not, sorted."""


def load(out: Path) -> dict[Unit, tuple[str, ...]]:
    """Return what a folder remembers; nothing if it has no memory, or one that cannot be read."""
    try:
        kept = json.loads((out / FILE).read_text(encoding="utf-8"))
        return {(unit["lang"], unit["text"]): tuple(unit["english"]) for unit in kept}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def extended(out: Path, now: Iterable[Table]) -> dict[Unit, tuple[str, ...]]:
    """Return the memory of `out` with the English that its tables have and those of `now` do not."""
    written = dict(english(now))
    found = {unit: set(before) for unit, before in load(out).items()}
    for unit, before in english(_tables(out)):
        if before and before != written.get(unit, before):
            found.setdefault(unit, set()).add(before)
    return {unit: tuple(sorted(before)) for unit, before in sorted(found.items())}


def dump(history: History) -> str:
    """Return the memory as JSON."""
    units = [{"lang": lang, "text": text, "english": english} for (lang, text), english in history.items()]
    return json.dumps(units, ensure_ascii=False, indent=1) + "\n"


def english(tables: Iterable[Table]) -> Iterator[tuple[Unit, str]]:
    """Yield every text that the tables translate, with its English."""
    for table in tables:
        if {"lang", "text", "english"} <= set(table.columns):
            lang, text, column = (table.columns.index(name) for name in ("lang", "text", "english"))
            yield from (((str(row[lang]), str(row[text])), str(row[column])) for row in table.rows)


def _tables(out: Path) -> Iterator[Table]:
    for name in TABLES:
        try:
            yield delimited.read(out / name)
        except InputError:  # the first run, or a user's file: there is nothing to remember
            continue
