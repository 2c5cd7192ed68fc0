"""Renderings: where members part, in their own words, and nothing where they do not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from pipeline.align.renderings import renderings
from pipeline.align.statements import Version
from pipeline.engines import embedded
from pipeline.engines.ports import Encoder
from pipeline.records import Article, Block, Member, Sentence, Statement

CASES = Path(__file__).parents[1] / "cases" / "renderings.txt"
SEEDS = Path(__file__).parents[2] / "seeds"
MARK = re.compile(r"\{(\d+) (\w+):([^}]*)\}")

Row = tuple[int, str, str, int, int]
"""Slot, article, class, and where in the member the phrase begins and ends."""


@dataclass(frozen=True)
class Case:
    """Versions of one statement, (article, language, text), and the rows that are expected."""

    name: str
    members: tuple[tuple[str, str, str], ...]
    rows: frozenset[Row]


def cases() -> list[Case]:
    """Read the cases file."""
    found = []
    for block in CASES.read_text(encoding="utf-8").split("\n## ")[1:]:
        name, *lines = [line for line in block.splitlines() if line.strip()]
        members, rows = [], set()
        for line in lines:
            whose, lang, marked = line.split(" ", 2)
            text, done = "", 0
            for mark in MARK.finditer(marked):
                text += marked[done : mark.start()]
                rows.add((int(mark[1]), whose, mark[2], len(text), len(text) + len(mark[3])))
                text += mark[3]
                done = mark.end()
            members.append((whose, lang, text + marked[done:]))
        found.append(Case(name, tuple(members), frozenset(rows)))
    return found


def story(
    told: Sequence[Sequence[tuple[str, str, str]]], encoder: Encoder
) -> tuple[list[Statement], list[Version]]:
    """Make a story whose n-th statement has the n-th members; an article is its members, one a line."""
    texts: dict[tuple[str, str], str] = {}
    found: dict[str, list[Sentence]] = {}
    statements = []
    for number, members in enumerate(told):
        made = []
        for whose, lang, text in members:
            before = texts.get((whose, lang), "")
            start, end = len(before), len(before) + len(text)
            texts[whose, lang] = before + text + "\n"
            own = found.setdefault(whose, [])
            own.append(Sentence(whose, len(own), start, end, text, "body"))
            made.append(Member(whose, lang, start, end, text))
        statements.append(Statement(f"s{number:03}", "statement", tuple(made)))
    versions = [
        Version(
            Article(whose, lang, text, (Block(0, len(text), "body"),)),
            tuple(found[whose]),
            (),
            tuple(encoder.encode([s.text for s in found[whose]])),
        )
        for (whose, lang), text in texts.items()
    ]
    return statements, versions


@cache
def e5() -> embedded.E5Encoder:
    return embedded.load(threads=2)


@cache
def answers() -> dict[str, frozenset[Row]]:
    """Return what is reported for each case."""
    told = cases()
    statements, versions = story([case.members for case in told], e5())
    name_of = {statement.id: case for statement, case in zip(statements, told, strict=True)}
    start_of = {(s.id, m.article): m.start for s in statements for m in s.members}
    rows: dict[str, set[Row]] = {case.name: set() for case in told}
    for r in renderings(statements, versions, {}, e5()):
        first = start_of[r.statement, r.article]
        rows[name_of[r.statement].name].add((r.slot, r.article, r.kind, r.start - first, r.end - first))
    return {name: frozenset(found) for name, found in rows.items()}


def shown(case: Case, rows: frozenset[Row]) -> list[str]:
    """Return rows as a linguist reads them."""
    texts = {whose: text for whose, _, text in case.members}
    return [f"{slot} {whose} {kind}: {texts[whose][a:b]} @{a}" for slot, whose, kind, a, b in sorted(rows)]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_members_part_where_a_reader_says(case: Case, request: pytest.FixtureRequest) -> None:
    """The slots of a case are those marked in it, with these classes and offsets, and no others."""
    if case.name.startswith("unsolved"):
        request.applymarker(pytest.mark.xfail(strict=True, reason="wanted, not yet there"))
    assert shown(case, answers()[case.name]) == shown(case, case.rows)
