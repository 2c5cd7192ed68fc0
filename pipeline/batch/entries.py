"""One article of a batch as its input gives it, and one that cannot be taken, with the reason."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Self

FIELDS = ("id", "story", "lang", "date", "title", "text")


@dataclass(frozen=True, slots=True)
class Entry:
    """An article before anything is known of its text; `position` counts the input's records from 0.

    `place` says where it came from (`file:line`). An empty `story` is to be found; an empty `lang` detected.
    """

    position: int
    place: str
    id: str
    story: str
    text: str
    lang: str = ""
    date: str = ""
    title: str = ""

    def dump(self) -> str:
        """Return the entry as a line of JSON; `parse` is its inverse."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def parse(cls, line: str) -> Self:
        return cls(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Reject:
    """An article that is in no table, and why. Fields that are not known are empty."""

    position: int
    place: str
    reason: str
    story: str = ""
    article: str = ""

    def dump(self) -> str:
        """Return the line of `rejects.jsonl`; `parse` is its inverse."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def parse(cls, line: str) -> Self:
        return cls(**json.loads(line))


def rejected(entry: Entry, reason: str) -> Reject:
    """Return the entry as a reject."""
    return Reject(entry.position, entry.place, reason, entry.story, entry.id)


def entry(position: int, place: str, record: object) -> Entry | Reject:
    """Return what a record of the input says, or why it cannot be an article.

    A number serves as an id or a story; fields that are not ours are passed over.
    """
    if not isinstance(record, Mapping):
        return Reject(position, place, f"is {_kind(record)}, expected an object with id, story, text")
    cells = {name: _cell(record.get(name)) for name in FIELDS}
    for name, cell in cells.items():
        if cell is None:
            return Reject(position, place, f"{name} is {_kind(record[name])}, expected a string")
    found = {name: cell for name, cell in cells.items() if cell is not None}
    made = Entry(position, place, **found)
    for name in ("id", "text"):
        if not found[name].strip():
            return rejected(made, f"has no {name}")
    if any("\ud800" <= character <= "\udfff" for character in "".join(found.values())):
        clean = {name: cell.encode("utf-8", "replace").decode() for name, cell in found.items()}
        return rejected(Entry(position, place, **clean), "has half a surrogate pair, expected text")
    try:
        return replace(made, date=date.fromisoformat(made.date[:10]).isoformat()) if made.date else made
    except ValueError:
        return rejected(made, f"date is {made.date!r}, expected YYYY-MM-DD")


def _cell(value: object) -> str | None:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.isoformat() if isinstance(value, date) else None  # what Parquet gives for dates and times


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), f"a {type(value).__name__}")
