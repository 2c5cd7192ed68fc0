"""The columns and cells of every table, whatever format it is then written in."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.records import Member, Rendering, Statement, Synopsis, Translation

Cell = str | int | float | None
"""What a table holds; None is a value that could not be computed, written as an empty cell."""

STATEMENTS = (
    "statement", "kind", "article", "lang", "start", "end", "text", "english",
    "speaker", "cue", "similarity", "confidence", "flags",
)  # fmt: skip
SENTENCES = ("article", "sentence", "start", "end", "lang", "text", "english", "engine", "score", "flags")
RENDERINGS = ("statement", "slot", "article", "lang", "start", "end", "phrase", "english", "class")
QUOTES = ("statement", "speaker", "confidence", "versions")

FLAGS = {
    "untranslated": "no translation of this text was made",
    "title": "not body text, kept out of alignment: the title",
    "date": "not body text, kept out of alignment: a date",
    "dateline": "not body text, kept out of alignment: place and agency",
    "caption": "not body text, kept out of alignment: a caption",
    "head": "not body text, kept out of alignment: a section's head",
    "boilerplate": "not body text, kept out of alignment: the site's own words",
    "teaser": "not body text, kept out of alignment: a line about another story",
    "repeat": "not body text, kept out of alignment: said before, word for word",
}
"""The flags that the tables add to those of the stages, and what each means."""


@dataclass(frozen=True, slots=True)
class Table:
    """A named grid: every row has one cell for every column, and column names are unique."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(synopsis: Synopsis) -> tuple[Table, Table, Table, Table]:
    """Return the story's tables: quotes, statements, sentences, renderings."""
    return quotes(synopsis), statements(synopsis), sentences(synopsis), renderings(synopsis)


def statements(synopsis: Synopsis) -> Table:
    """One row a member of every statement that has a counterpart."""
    rows: list[tuple[Cell, ...]] = []
    for statement in synopsis.statements:
        if len(statement.members) < 2:
            continue
        for member in statement.members:
            found = translation(synopsis, member.lang, member.text)
            quote = member.quote
            flags = words(statement.flags + member.flags + found.flags)
            rows.append((
                statement.id, statement.kind, member.article, member.lang, member.start, member.end,
                member.text, found.english, quote.speaker if quote else "", quote.cue if quote else "",
                number(member.similarity), number(statement.confidence), flags,
            ))  # fmt: skip
    return Table("statements", STATEMENTS, tuple(rows))


def quotes(synopsis: Synopsis) -> Table:
    """One row a quoted statement, two columns a version; a version that lacks it has two empty cells.

    `versions` counts the versions that have it.
    """
    articles = [article.id for article in synopsis.articles]
    names = labels(articles)
    columns = (*QUOTES, *(f"{a} {part}" for a in articles for part in ("text", "english")), "differences")
    slots = by_statement(synopsis.renderings)
    rows: list[tuple[Cell, ...]] = []
    for statement in synopsis.statements:
        if statement.kind != "quote":
            continue
        member_of = {member.article: member for member in statement.members}
        cells: list[Cell] = []
        for article in articles:
            member = member_of.get(article)
            cells += (
                [member.text, translation(synopsis, member.lang, member.text).english]
                if member
                else [None, None]
            )
        head = (statement.id, speaker(statement), number(statement.confidence), len(statement.members))
        rows.append((*head, *cells, differences(slots.get(statement.id, ()), names)))
    return Table("quotes", columns, tuple(rows))


def sentences(synopsis: Synopsis) -> Table:
    """One row a sentence of every version; a flag says which are not body text, and what instead."""
    lang_of = {article.id: article.lang for article in synopsis.articles}
    rows: list[tuple[Cell, ...]] = []
    for sentence in synopsis.sentences:
        lang = lang_of[sentence.article]
        found = translation(synopsis, lang, sentence.text)
        role = () if sentence.role == "body" else (sentence.role,)
        rows.append((
            sentence.article, sentence.index, sentence.start, sentence.end, lang, sentence.text,
            found.english, found.engine, number(found.score), words(role + found.flags),
        ))  # fmt: skip
    return Table("sentences", SENTENCES, tuple(rows))


def renderings(synopsis: Synopsis) -> Table:
    """One row a version's words in every place where the members of a statement part."""
    return Table(
        "renderings",
        RENDERINGS,
        tuple(
            (r.statement, r.slot, r.article, r.lang, r.start, r.end, r.phrase, r.english, r.kind)
            for r in synopsis.renderings
        ),
    )


def place(column: str) -> tuple[str, str]:
    """Return whose column it is and what of his: a version's in `quotes`, nobody's anywhere else.

    >>> place("000_it english"), place("speaker")
    (('000_it', 'english'), ('', 'speaker'))
    """
    article, _, part = column.rpartition(" ")
    return article, part


def translation(synopsis: Synopsis, lang: str, text: str) -> Translation:
    """Return the text's translation; English is its own, and a text without one has an empty, flagged one."""
    found = synopsis.translations.get((lang, text))
    if lang == "en":
        return Translation(text, text, "none", found.score if found else None, found.flags if found else ())
    return found or Translation(text, "", "", None, ("untranslated",))


def speaker(statement: Statement) -> str:
    """Return the speaker whom most versions name; among equals English wins, then the first version."""
    named = [member for member in statement.members if member.quote and member.quote.speaker]
    count = Counter(_speaker(member) for member in named)
    best = max(named, key=lambda member: (count[_speaker(member)], member.lang == "en"), default=None)
    return _speaker(best) if best else ""


def _speaker(member: Member) -> str:
    return member.quote.speaker if member.quote else ""


def by_statement(found: Iterable[Rendering]) -> dict[str, list[Rendering]]:
    """Return the renderings of every statement that has any, in their order."""
    groups: dict[str, list[Rendering]] = defaultdict(list)
    for rendering in found:
        groups[rendering.statement].append(rendering)
    return dict(groups)


def by_slot(found: Iterable[Rendering]) -> list[list[Rendering]]:
    """Return the renderings of one statement, a list a place where its members part, in order of `slot`."""
    slots: dict[int, list[Rendering]] = defaultdict(list)
    for rendering in found:
        slots[rendering.slot].append(rendering)
    return [slots[slot] for slot in sorted(slots)]


def differences(found: Iterable[Rendering], names: dict[str, str]) -> str:
    """Return a line for each place where members part, empty if there is none.

    A line is `club of power (003) | النادي القوي "strong club" (001)`. Versions with the same words share
    an entry, and a version that leaves the place out has a dash. A place where all say the same is none.
    """
    lines = []
    for slot in by_slot(found):
        if all(rendering.kind == "same" for rendering in slot):
            continue
        versions: dict[str, list[str]] = {}
        for rendering in slot:
            versions.setdefault(phrase(rendering), []).append(names[rendering.article])
        lines.append(" | ".join(f"{said} ({', '.join(who)})" for said, who in versions.items()))
    return "\n".join(lines)


def phrase(rendering: Rendering) -> str:
    """Return a version's words for a reader of English: with a gloss where they are not English."""
    if not rendering.phrase:
        return "—"
    foreign = rendering.lang != "en" and rendering.english
    return f'{rendering.phrase} "{rendering.english}"' if foreign else rendering.phrase


def labels(ids: Sequence[str]) -> dict[str, str]:
    """Return a short name for every article: its id up to the first `_`, or the shortest prefix of its own.

    >>> labels(["000_2fd7", "001_9f15"])
    {'000_2fd7': '000', '001_9f15': '001'}
    >>> labels(["ansa_1", "ansa_2"])
    {'ansa_1': 'ansa_1', 'ansa_2': 'ansa_2'}
    """
    heads = [name.split("_")[0] for name in ids]
    if all(heads) and len(set(heads)) == len(ids):
        return dict(zip(ids, heads, strict=True))
    longest = max(map(len, ids), default=0)
    length = next((n for n in range(3, longest) if len({name[:n] for name in ids}) == len(ids)), longest)
    return {name: name[:length] for name in ids}


def number(value: float | None) -> float | None:
    """Return the value to 4 decimals, without a negative zero; None for what is missing or not finite."""
    return None if value is None or not math.isfinite(value) else round(value, 4) + 0.0


def words(flags: Sequence[str]) -> str:
    """Return the flags as one cell: each once, in their order, between single spaces."""
    return " ".join(dict.fromkeys(flags))
