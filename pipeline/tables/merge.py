"""Edited tables compared with those that a run wrote: what the person changed, and what cannot be told."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from pipeline.errors import InputError
from pipeline.tables import delimited, edits, history, memory, workbook
from pipeline.tables.edits import Edits, Pair, Unit, Words, pair
from pipeline.tables.history import History
from pipeline.tables.rows import Table, place

WRONG = "wrong"
"""The word that, in a `flags` cell of `statements`, says that the line does not belong to its statement."""

BASE = ("quotes.csv", "statements.csv", "sentences.csv")
_UNTAKEN = ("kind", "speaker", "cue")
_UNFIT_FOR_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Line = Mapping[str, str]
"""A row by its columns."""
Node = tuple[str, str]
"""(statement, article): one member of one row, as the run wrote it."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change that was not taken: `place` is a sheet and its row, `what` says why."""

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Merged:
    """All edits, those before included; how many of each kind are new; and what was not taken."""

    edits: Edits
    corrected: int
    rejected: int
    joined: int
    conflicts: tuple[Conflict, ...]


def merge(out: Path, edited: Path, *, overwrite: bool = False) -> Merged:
    """Take the edits of a CSV, XLSX or XLIFF file into the folder that it came from, and keep them there.

    The next run into that folder uses them. `overwrite` lets the file win where a text was already corrected
    to something else. Without new edits nothing is written. Raises `InputError` for files that are no
    tables, `OutputError` if the folder cannot be written.
    """
    kept = edits.load(out)
    found = compared(
        [delimited.read(out / name) for name in BASE],
        read(edited),
        kept,
        history.load(out),
        overwrite=overwrite,
    )
    if found.edits != kept:
        edits.save(found.edits, out)
    return found


def read(path: Path) -> list[Table]:
    """Return the tables of a file that a person edited, whatever its format. Raises `InputError`."""
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        found = workbook.read(path)
    elif suffix in (".xlf", ".xliff"):
        found = [memory.read_xliff(path)]
    elif suffix == ".csv":
        found = [delimited.read(path)]
    else:
        raise InputError(path, f"{suffix or 'no suffix'}, expected .csv, .xlsx, .xlf or .xliff")
    if not any(map(_is_ours, found)):
        raise InputError(
            path, "no table of ours: the header has no `statement`, or no `article` and `sentence`"
        )
    return found


def _is_ours(table: Table) -> bool:
    return "statement" in table.columns or {"article", "sentence"} <= set(table.columns)


def compared(
    base: Sequence[Table], edited: Sequence[Table], kept: Edits, before: History, *, overwrite: bool = False
) -> Merged:
    """Return what a person changed between the tables `base` of a run and the tables `edited`.

    An English cell counts as changed if it is neither empty, nor the run's, nor what an earlier run wrote
    (`before`).
    A member counts as moved only if the numbers of its row are still those of the run: otherwise the row
    changed since, and a conflict says so. Rows and cells that are not in `edited` are no edits.
    """
    known = _Known.of(base)
    lines = [(table, where, line) for table in edited if _is_ours(table) for where, line in _lines(table)]
    found = [*_corrections(lines, known, kept, before, overwrite=overwrite), *_moves(lines, known, kept)]
    corrections = {change.unit: change.english for change in found if isinstance(change, _Correction)}
    moves = [change for change in found if isinstance(change, _Move)]
    rejected, joined, clashes = _pairs(known, moves)
    return Merged(
        Edits(
            {**kept.translations, **corrections},
            (kept.rejected | rejected) - joined,
            (kept.joined | joined) - rejected,
        ),
        len(corrections),
        len(rejected - kept.rejected),
        len(joined - kept.joined),
        (*(change for change in found if isinstance(change, Conflict)), *clashes),
    )


@dataclass(frozen=True, slots=True)
class _Correction:
    unit: Unit
    english: str


@dataclass(frozen=True, slots=True)
class _Move:
    """A member goes to another row, or, if `to` is empty, out of its own."""

    node: Node
    to: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What a run wrote. Texts are found by their `_plain` form, which spreadsheets do not change."""

    langs: Mapping[str, str]
    texts: Mapping[tuple[str, str], str]
    """(article, plain text) -> text"""
    english: Mapping[Unit, str]
    rows: Mapping[str, Mapping[str, str]]
    """statement -> article -> text"""
    homes: Mapping[tuple[str, str], Sequence[str]]
    """(article, text) -> the statements that it is in"""
    lines: Mapping[Node, Line]
    """A line of `statements`, or, with an empty article, of `quotes`."""

    @classmethod
    def of(cls, base: Iterable[Table]) -> "_Known":
        langs: dict[str, str] = {}
        texts: dict[tuple[str, str], str] = {}
        english: dict[Unit, str] = {}
        rows: dict[str, dict[str, str]] = defaultdict(dict)
        lines: dict[Node, Line] = {}
        tables = sorted(base, key=lambda table: "versions" in table.columns)  # languages before wide rows
        for table in tables:
            for _, line in _lines(table):
                if "lang" in line:
                    langs[line["article"]] = line["lang"]
                if "statement" in line:
                    lines[line["statement"], line.get("article", "")] = line
                for article, text, said in _said(line):
                    if text:
                        texts[article, _plain(text)] = text
                        english[langs.get(article, ""), text] = said or ""
                        if "statement" in line:
                            rows[line["statement"]][article] = text
        homes: dict[tuple[str, str], list[str]] = defaultdict(list)
        for statement, members in rows.items():
            for member in members.items():
                homes[member].append(statement)
        return cls(langs, texts, english, dict(rows), dict(homes), lines)

    def find(self, article: str, text: str) -> str | None:
        """Return the article's words as the run wrote them, or None if it did not."""
        return self.texts.get((article, _plain(text)))


Lines = Sequence[tuple[Table, str, Line]]


def _corrections(
    lines: Lines, known: _Known, kept: Edits, before: History, *, overwrite: bool
) -> Iterator[_Correction | Conflict]:
    """Yield the English that a person changed."""
    again = {
        (known.langs.get(line.get("article", ""), ""), text)
        for _, _, line in lines
        for article, text, _ in _said(line)
        if "edited" in line.get("flags", "").split()
    }  # in a copy that shows a correction, another English for it is a second thought
    new: dict[Unit, str] = {}
    for _, where, line in lines:
        for article, text, said in _said(line):
            found = known.find(article, text)
            if said is None or not (text.strip() or said.strip()):
                continue
            if not text.strip() and line.get("statement") in known.rows:
                continue  # taken out of its row, which is no matter of its English
            if found is None:
                yield Conflict(
                    where, f"{article}: no such words in the tables (any more): {_clip(text or said)}"
                )
                continue
            unit = known.langs[article], found
            done = kept.translations.get(unit)
            machine = [known.english[unit], *before.get(unit, ())]
            if not said.strip() or _plain(said) in map(_plain, machine if done is None else [*machine, done]):
                continue
            other = new.get(unit) or (None if overwrite or unit in again else done)
            if unit[0] == "en":
                yield Conflict(where, f"{article}: is English, and stays as printed: {_clip(said)}")
            elif other is not None and _plain(other) != _plain(said):
                yield Conflict(where, f"{article}: corrected to {_clip(other)} already, here {_clip(said)}")
            else:
                new[unit] = said
                yield _Correction(unit, said)


def _moves(lines: Lines, known: _Known, kept: Edits) -> Iterator[_Move | Conflict]:
    """Yield the members that a person put into another row, or out of theirs."""
    seen: set[str] = set()
    for table, where, line in lines:
        if "versions" in table.columns:
            yield from _moves_wide(where, line, known, again=line["statement"] in seen)
            seen.add(line["statement"])
        elif {"statement", "text"} <= set(table.columns):
            yield from _moves_long(where, line, known, kept)


def _moves_long(where: str, line: Line, known: _Known, kept: Edits) -> Iterator[_Move | Conflict]:
    article, to = line["article"], line["statement"]
    text = known.find(article, line["text"])
    if text is None:
        return  # said already, with its English
    homes = known.homes.get((article, text), ())
    wrong = WRONG in line.get("flags", "").split()
    if not homes:
        if not any(Words(article, text) in found for found in kept.rejected):
            yield Conflict(where, f"{article}: in no statement any more: {_clip(text)}")
        return
    home = to if to in homes else homes[0]
    was = known.lines.get((home, article))
    if not _fresh(line, was):
        if wrong or to != home:
            yield Conflict(where, f"{article}: the row changed since this copy was made: {_clip(text)}")
        return
    yield from _untaken(where, line, was)
    if wrong or to != home:
        yield _Move((home, article), "" if wrong else to)


def _moves_wide(where: str, line: Line, known: _Known, *, again: bool) -> Iterator[_Move | Conflict]:
    to = line["statement"]
    own = {} if again else known.rows.get(to, {})
    name = f"{to} of {where}" if again or not to else to
    said = {article: text for article, text, _ in _said(line)}
    changed = {a: text for a, text in said.items() if _plain(text) != _plain(own.get(a, ""))}
    was = known.lines.get((to, ""))
    if own and (not _fresh(line, was) or len(changed) == len(said)):
        if changed:
            yield Conflict(where, f"{to}: the row changed since this copy was made")
        return
    if own:
        yield from _untaken(where, line, was)
    for article, text in changed.items():
        if article in own:
            yield _Move((to, article), "")
        found = known.find(article, text) if text.strip() else None
        homes = known.homes.get((article, found), ()) if found is not None else ()
        if homes:
            yield _Move((homes[0], article), name)
        elif found is not None:
            yield Conflict(where, f"{article}: in no statement: {_clip(found)}")


def _pairs(known: _Known, moves: Iterable[_Move]) -> tuple[frozenset[Pair], frozenset[Pair], list[Conflict]]:
    """Return the pairs that the moves part, those that they join, and why some join nothing."""
    final = {move.node: "/".join(move.node) for move in moves if not move.to}
    final |= {move.node: move.to for move in moves if move.to}
    nodes = [(statement, article) for statement, members in known.rows.items() for article in members]
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        groups[final.get(node, node[0])].append(node)

    def words(one: Node, other: Node) -> Pair:
        return pair(*(Words(article, known.rows[s][article]) for s, article in (one, other)))

    rejected = {
        words((statement, one), (statement, other))
        for statement in {statement for statement, _ in final}
        for one, other in combinations(known.rows[statement], 2)
        if final.get((statement, one), statement) != final.get((statement, other), statement)
    }
    joined: set[Pair] = set()
    clashes = []
    for group in dict.fromkeys(final.values()):
        for one, other in combinations(groups[group], 2):
            if one[0] != other[0] and one[1] == other[1]:
                clashes.append(Conflict(group, f"two members of {one[1]}: a row can have one"))
            elif one[0] != other[0]:
                joined.add(words(one, other))
    return frozenset(rejected), frozenset(joined), clashes


def _lines(table: Table) -> Iterator[tuple[str, Line]]:
    """Yield the rows as mappings, each with where it is as a person counts: the header is row 1."""
    for number, row in enumerate(table.rows, 2):
        yield f"{table.name} row {number}", {c: str(cell) for c, cell in zip(table.columns, row, strict=True)}


def _said(line: Line) -> Iterator[tuple[str, str, str | None]]:
    """Yield article, text and English of all versions in a row; None if there is no such column."""
    if "text" in line:
        yield line["article"], line["text"], line.get("english")
    for column, text in line.items():
        article, part = place(column)
        if article and part == "text":
            yield article, text, line.get(f"{article} english")


def _fresh(line: Line, was: Line | None) -> bool:
    """Tell whether a row's numbers are those that the run wrote: then nothing changed it since."""
    numbers = ("start", "end", "similarity", "confidence")
    return was is not None and all(
        _number(line[column]) == _number(was[column])
        for column in numbers
        if column in line and column in was
    )


def _number(cell: str) -> float | str:
    try:
        return float(cell.replace(",", "."))  # a German Excel writes 0,5
    except ValueError:
        return cell


def _untaken(where: str, line: Line, was: Line | None) -> Iterator[Conflict]:
    for column in _UNTAKEN:
        if was and column in line and column in was and _plain(line[column]) != _plain(was[column]):
            yield Conflict(where, f"a change of '{column}' is not taken: {_clip(line[column])}")


def _plain(text: str) -> str:
    """Return the text as it is after any way through a spreadsheet or XML."""
    fitted = workbook.fit(_UNFIT_FOR_XML.sub("\ufffd", text))
    return fitted.replace("\r\n", "\n").replace("\r", "\n").strip()


def _clip(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= 60 else f"{words[:59]}…")
