"""The story as one web page that needs nothing else: no network, no other file."""

import base64
import hashlib
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.languages import LANGUAGES
from pipeline.records import Article, Member, Rendering, Statement, Synopsis
from pipeline.tables import rows
from pipeline.tables.highlights import Piece, english_pieces, pieces
from pipeline.tables.provenance import Run

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202d\u202e]")
_STEP = 40  # from bar to bar of the map, in its own units


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the page names it."""

    label: str
    lang: str
    language: str
    dir: str
    title: str


@dataclass(frozen=True, slots=True)
class Said:
    """One cell: a version's words in pieces, and where they stand, in UTF-16 units as a browser counts."""

    index: int
    label: str
    lang: str
    language: str
    dir: str
    start: int
    end: int
    text: list[Piece]
    english: list[Piece]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words of some versions in a place where they part; `kind` is empty for a plain paraphrase."""

    text: str
    lang: str
    dir: str
    gloss: str
    who: str
    kind: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where the versions part."""

    number: int
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A statement; `cells` has one entry a version, None where it has no counterpart."""

    id: str
    kind: str
    speaker: str
    confidence: float | None
    count: int
    langs: str
    own_flags: tuple[str, ...]
    flags: tuple[str, ...]
    cells: tuple[Said | None, ...]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A statement in the map: an SVG path through its members."""

    id: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Map:
    """Which version has which statement, and where in its text."""

    height: int
    bars: tuple[int, ...]
    lines: tuple[Line, ...]


def write(synopsis: Synopsis, run: Run, path: Path) -> None:
    """Write the page. What a text says is never markup, and only the page's own script can run.

    The same synopsis and run give the same bytes: the run's timings are not in it.
    """
    versions = _versions(synopsis)
    table = _rows(synopsis, versions)
    flags = tuple(dict.fromkeys(flag for row in table for flag in row.flags))
    own = files("pipeline.tables") / "templates"
    page = _environment().get_template("report.html")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(
            page.generate(
                style=Markup(
                    f":root {{ --versions: {len(versions)} }}\n"
                    + (own / "report.css").read_text(encoding="utf-8")
                ),
                script=Markup((own / "report.js").read_text(encoding="utf-8")),
                versions=versions,
                rows=table,
                together=sum(row.count > 1 for row in table),
                map=_map(synopsis),
                speakers=sorted({row.speaker for row in table} - {""}),
                languages=[(v.lang, v.language) for v in {v.lang: v for v in versions}.values()],
                flags=flags,
                meanings=run.flags,
                run=run,
                articles=[
                    {"label": f"{v.label} {v.language}", "lang": v.lang, "dir": v.dir, "text": a.text}
                    for v, a in zip(versions, synopsis.articles, strict=True)
                ],
            )
        )
        file.write("\n")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.tables"), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    environment.filters["seen"] = _seen
    environment.filters["hash"] = _hash
    return environment


def _seen(text: str) -> Markup:
    """Escape a text, and show the characters in it that would hide, or turn what follows around."""
    if not _UNSEEN.search(text):
        return escape(text)
    parts = _UNSEEN.split(text)
    found = _UNSEEN.findall(text)
    shown = [Markup('<span class="control">U+%s</span>') % f"{ord(character):04X}" for character in found]
    return Markup("").join(
        part for pair in zip(map(escape, parts), [*shown, Markup("")], strict=True) for part in pair
    )


def _hash(content: str) -> str:
    """Return what a content security policy calls an inline script or style sheet."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _versions(synopsis: Synopsis) -> tuple[Version, ...]:
    names = rows.labels([article.id for article in synopsis.articles])
    return tuple(
        Version(names[a.id], a.lang, LANGUAGES[a.lang].name, LANGUAGES[a.lang].direction, _title(a))
        for a in synopsis.articles
    )


def _title(article: Article) -> str:
    """Return the article's title, or its first words where it has none."""
    titles = [block for block in article.blocks if block.role == "title"]
    first = (titles or [block for block in article.blocks if block.role == "body"] or article.blocks)[:1]
    words = " ".join(article.text[first[0].start : first[0].end].split()) if first else ""
    return words if len(words) <= 140 else f"{words[:139]}…"


def _rows(synopsis: Synopsis, versions: Sequence[Version]) -> tuple[Row, ...]:
    found = rows.by_statement(synopsis.renderings)
    names = rows.labels([article.id for article in synopsis.articles])
    wide = [[i for i, c in enumerate(article.text) if c > "\uffff"] for article in synopsis.articles]
    table = []
    for statement in synopsis.statements:
        renderings = found.get(statement.id, [])
        members = {member.article: member for member in statement.members}
        cells = tuple(
            _said(synopsis, members[a.id], renderings, i, versions[i], wide[i]) if a.id in members else None
            for i, a in enumerate(synopsis.articles)
        )
        flags = dict.fromkeys([*statement.flags, *(flag for cell in cells if cell for flag in cell.flags)])
        table.append(
            Row(
                statement.id,
                statement.kind,
                rows.speaker(statement),
                rows.number(statement.confidence),
                len(members),
                " ".join(dict.fromkeys(member.lang for member in statement.members)),
                statement.flags,
                tuple(flags),
                cells,
                _slots(renderings, names),
            )
        )
    return tuple(table)


def _said(
    synopsis: Synopsis,
    member: Member,
    renderings: Sequence[Rendering],
    index: int,
    version: Version,
    wide: Sequence[int],
) -> Said:
    found = rows.translation(synopsis, member.lang, member.text)
    foreign = member.lang != "en"
    return Said(
        index,
        version.label,
        member.lang,
        version.language,
        version.dir,
        member.start + bisect_left(wide, member.start),
        member.end + bisect_left(wide, member.end),
        pieces(member, renderings),
        english_pieces(found.english, member, renderings) if foreign else [],
        tuple(dict.fromkeys(member.flags + found.flags)),
    )


def _slots(renderings: Sequence[Rendering], names: dict[str, str]) -> tuple[Slot, ...]:
    slots = []
    for slot in rows.by_slot(renderings):
        if all(rendering.kind == "same" for rendering in slot):
            continue
        who: dict[tuple[str, str, str, str], list[str]] = {}
        for r in slot:
            gloss = r.english if r.lang != "en" and r.phrase else ""
            kind = r.kind if r.kind not in ("same", "paraphrase", "omitted") else ""
            who.setdefault((r.phrase, r.lang if r.phrase else "en", gloss, kind), []).append(names[r.article])
        phrases = tuple(
            Phrase(text, lang, LANGUAGES[lang].direction, gloss, ", ".join(versions), kind)
            for (text, lang, gloss, kind), versions in who.items()
        )
        slots.append(Slot(slot[0].slot, phrases))
    return tuple(slots)


def _map(synopsis: Synopsis) -> Map:
    heights = {article.id: _STEP // 2 + _STEP * i for i, article in enumerate(synopsis.articles)}
    lengths = {article.id: max(len(article.text), 1) for article in synopsis.articles}

    def path(statement: Statement) -> str:
        points = [
            (1000 * (m.start + m.end) / 2 / lengths[m.article], heights[m.article]) for m in statement.members
        ]
        (x, y), *_ = points
        if len(points) == 1:
            return f"M{x:.1f} {y - _STEP / 4}v{_STEP / 2}"
        bends = (
            f"C{x:.1f} {(y + v) / 2} {u:.1f} {(y + v) / 2} {u:.1f} {v}" for (x, y), (u, v) in pairwise(points)
        )
        return f"M{x:.1f} {y}{''.join(bends)}"

    return Map(
        _STEP * len(heights),
        tuple(heights.values()),
        tuple(Line(statement.id, statement.kind, path(statement)) for statement in synopsis.statements),
    )
