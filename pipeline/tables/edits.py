"""What people changed in a story's tables, kept beside them and used by the next run."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.errors import InputError, OutputError
from pipeline.records import Member, Statement, Translation, Translations

FILE = "edits.json"
FLAGS = {"edited": "a person corrected this English, or put these versions together or apart"}

Unit = tuple[str, str]
"""(language, text)"""


@dataclass(frozen=True, slots=True, order=True)
class Words:
    """What one version says, as the person saw it."""

    article: str
    text: str

    def are(self, member: Member) -> bool:
        """Tell whether the member is these words: the same, or one more than half of the other."""
        if member.article != self.article:
            return False
        short, long = sorted((member.text.strip(), self.text.strip()), key=len)
        return short in long and 2 * len(short) > len(long)


Pair = tuple[Words, Words]
"""Two versions' words, the smaller first."""


def pair(one: Words, other: Words) -> Pair:
    """Return the two in order, so that a pair is the same whichever of them came first."""
    return (one, other) if one < other else (other, one)


@dataclass(frozen=True, slots=True)
class Edits:
    """All that was ever changed by hand: English, pairs that say not the same, and pairs that do."""

    translations: Mapping[Unit, str] = field(default_factory=dict)
    rejected: frozenset[Pair] = frozenset()
    joined: frozenset[Pair] = frozenset()


def load(out: Path) -> Edits:
    """Return the edits kept in a folder, none if it has none. Raises `InputError` if they cannot be read."""
    path = out / FILE
    if not path.exists():
        return Edits()
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Edits(
            {(unit["lang"], unit["text"]): unit["english"] for unit in kept["translations"]},
            frozenset(_pair(found) for found in kept["rejected"]),
            frozenset(_pair(found) for found in kept["joined"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(path, f"not the edits that `synoptic merge` keeps: {error}") from error


def _pair(found: Sequence[Mapping[str, str]]) -> Pair:
    one, other = found
    return pair(Words(one["article"], one["text"]), Words(other["article"], other["text"]))


def dump(edits: Edits) -> str:
    """Return the edits as JSON, sorted: the same edits give the same bytes in whatever order they came."""
    pairs = {
        name: [[{"article": words.article, "text": words.text} for words in found] for found in sorted(group)]
        for name, group in (("rejected", edits.rejected), ("joined", edits.joined))
    }
    units = [
        {"lang": lang, "text": text, "english": english}
        for (lang, text), english in sorted(edits.translations.items())
    ]
    return json.dumps({"translations": units, **pairs}, ensure_ascii=False, indent=2) + "\n"


def save(edits: Edits, out: Path) -> None:
    """Keep the edits in a folder, whole or not at all. Raises `OutputError`."""
    part = out / f".{FILE}.part"
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(dump(edits))
            file.flush()
            os.fsync(file.fileno())
        part.replace(out / FILE)
    except OSError as error:
        raise OutputError(f"{out / FILE}: {error.strerror or error}") from error


def corrected(units: Iterable[Unit], edits: Edits) -> dict[Unit, Translation]:
    """Return the translations that a person made, of those asked for: they need no engine."""
    return {
        unit: Translation(unit[1], edits.translations[unit], "person", None, ("edited",))
        for unit in units
        if unit in edits.translations
    }


def over(translations: Translations, edits: Edits) -> Translations:
    """Return the translations with a person's English in the place of a machine's."""
    return {**translations, **corrected(translations, edits)}


def regroup(statements: Sequence[Statement], edits: Edits, articles: Sequence[str]) -> tuple[Statement, ...]:
    """Return the statements as people put them together and apart; without such edits, as they are.

    Rejected pairs are never in one statement. Joined pairs are, unless two members of one article would be.
    A statement that changed is flagged `edited`; it keeps its confidence as far as all its members were in it
    before (that is then a lower bound), otherwise it has none. Members stay in the order of `articles`; what
    is split off follows its statement with a suffixed id; a single member stays only if it is a quotation.
    """
    rows = [part for statement in statements for part in _split(statement, edits.rejected)]
    for one, other in sorted(edits.joined):
        first, second = _holder(rows, one), _holder(rows, other)
        if first is None or second is None or first == second:
            continue
        first, second = sorted((first, second))
        members = rows[first].members + rows[second].members
        if len({member.article for member in members}) == len(members):
            members = tuple(sorted(members, key=lambda member: articles.index(member.article)))
            quoted = "quote" in (rows[first].kind, rows[second].kind)
            rows[first] = replace(
                _edited(rows[first]),
                members=members,
                confidence=None,
                kind="quote" if quoted else "statement",
            )
            del rows[second]
    return tuple(row for row in rows if len(row.members) > 1 or row.kind == "quote")


def _split(statement: Statement, rejected: frozenset[Pair]) -> list[Statement]:
    groups: list[list[Member]] = []
    for member in statement.members:
        fitting = (g for g in groups if not any(_has(rejected, member, other) for other in g))
        group = next(fitting, None)
        if group is None:
            groups.append([member])
        else:
            group.append(member)
    if len(groups) == 1:
        return [statement]
    return [
        replace(
            _edited(statement),
            id=statement.id if place == 0 else f"{statement.id}.{place + 1}",
            kind="quote" if any(member.quote for member in group) else "statement",
            members=tuple(group) if len(group) > 1 else (replace(group[0], similarity=None),),
            confidence=statement.confidence if len(group) > 1 else None,
        )
        for place, group in enumerate(groups)
    ]


def _has(pairs: frozenset[Pair], one: Member, other: Member) -> bool:
    return any((a.are(one) and b.are(other)) or (a.are(other) and b.are(one)) for a, b in pairs)


def _holder(rows: Sequence[Statement], words: Words) -> int | None:
    return next((i for i, row in enumerate(rows) if any(words.are(member) for member in row.members)), None)


def _edited(statement: Statement) -> Statement:
    return replace(statement, flags=tuple(dict.fromkeys((*statement.flags, "edited"))))
