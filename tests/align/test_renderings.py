"""Renderings: where members part, in their own words, and nothing where they do not."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.align.renderings import renderings
from pipeline.align.statements import Version
from pipeline.engines import embedded
from pipeline.engines.ports import Encoder, TokenStates
from pipeline.records import Article, Block, Member, Rendering, Sentence, Statement, Translation
from pipeline.tables.rows import differences

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


def seed_club() -> list[tuple[str, str, str]]:
    """Return the members of the statement that the project is measured by, from its gold."""
    gold = json.loads((SEEDS / "gold.json").read_text(encoding="utf-8"))
    club = next(statement for statement in gold["statements"] if statement["id"] == "club")
    langs = {"001": "ar", "002": "en", "003": "en", "004": "he"}
    return [
        (article[:3], langs[article[:3]], members[0]["text"]) for article, members in club["members"].items()
    ]


def difference(found: Sequence[Rendering]) -> str:
    return differences(found, {r.article: r.article for r in found})


def test_the_club_parts_as_its_readers_see() -> None:
    """The seeds' statement has one slot of four phrases without a translator, and Spanish is a relay."""
    statements, versions = story([seed_club()], e5())
    found = renderings(statements, versions, {}, e5())
    assert difference(found) == (
        "club of power (003) | Fortaleza club (002) | النادي القوي (001) | מועדון העוצמתי (004)"
    )
    assert [r.kind for r in found] == ["paraphrase", "relay", "paraphrase", "paraphrase"]


def test_a_translator_gives_phrases_their_english() -> None:
    """A phrase's English is the stretch of the member's translation that its words are linked to."""
    members = seed_club()
    english = {
        "ar": "There are many other countries seeking to join this (strong club)",
        "he": "Many more countries are seeking to join this powerful club",
    }
    known = {(lang, t): Translation(t, english[lang], "toy") for _, lang, t in members if lang in english}
    statements, versions = story([members], e5())
    assert difference(renderings(statements, versions, known, e5())) == (
        'club of power (003) | Fortaleza club (002) | النادي القوي "strong club" (001)'
        ' | מועדון העוצמתי "powerful club" (004)'
    )


class Dice:
    """An encoder whose states depend on nothing but the letters of a word."""

    signature = "dice"
    width = 16

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        return [self._states(text) for text in texts]

    def _states(self, text: str) -> TokenStates:
        words = list(re.finditer(r"\S+", text))
        rows = [np.random.default_rng(crc32(w[0].encode())).normal(size=self.width) for w in words]
        return TokenStates(
            np.array(rows, dtype=np.float32).reshape(-1, self.width),
            np.array([w.start() for w in words], dtype=np.int32),
            np.array([w.end() for w in words], dtype=np.int32),
        )


WORDS = {
    "en": "not the of this Fortaleza club power big step Biden Trump 6 November seven join gobierno".split(),
    "it": "non il di questo club potere l'accordo grande 6 novembre sette firma".split(),
    "ar": "لا إلى هذا النادي القوي وبناء الدول ٦ سبع للانضمام بايدن".split(),
    "he": "לא של הזה למועדון העוצמתי מדינות 6 שבע ביידן והצטרף".split(),
}


@st.composite
def tellings(draw: st.DrawFn) -> list[tuple[str, str, str]]:
    """Return one to four members of a statement, each an article's."""
    langs = draw(st.lists(st.sampled_from(sorted(WORDS)), min_size=1, max_size=4))
    texts = [" ".join(draw(st.lists(st.sampled_from(WORDS[lang]), min_size=1, max_size=8))) for lang in langs]
    return [(f"{i:03}", lang, text) for i, (lang, text) in enumerate(zip(langs, texts, strict=True))]


@given(st.lists(tellings(), min_size=1, max_size=3))
@settings(deadline=None, max_examples=60)
def test_what_is_reported_stands_in_the_articles(told: list[list[tuple[str, str, str]]]) -> None:
    """Phrases are slices of members, empty where left out; slots count from 1 and do not overlap."""
    told = [[(f"{whose}{lang}", lang, text) for whose, lang, text in members] for members in told]
    statements, versions = story(told, Dice())
    texts = {version.article.id: version.article.text for version in versions}
    slots: dict[tuple[str, int], list[Rendering]] = {}
    for r in renderings(statements, versions, {}, Dice()):
        member = next(
            m for s in statements if s.id == r.statement for m in s.members if m.article == r.article
        )
        assert member.start <= r.start <= r.end <= member.end
        assert texts[r.article][r.start : r.end] == r.phrase == r.phrase.strip()
        assert (r.phrase == "") == (r.kind == "omitted")
        assert r.english == (r.phrase if r.lang == "en" else "")
        slots.setdefault((r.statement, r.slot), []).append(r)
    for rows in slots.values():
        assert len({r.article for r in rows}) == len(rows) > 1
    for statement in statements:
        spans = sorted(
            (r.article, r.start, r.end) for (id, _), rows in slots.items() for r in rows if id == statement.id
        )
        assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(spans))
        numbers = [slot for id, slot in slots if id == statement.id]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(statement.members) > 1 or not numbers


@given(tellings(), st.randoms())
@settings(deadline=None, max_examples=40)
def test_the_order_of_versions_does_not_matter(told: list[tuple[str, str, str]], random: Random) -> None:
    """Members and versions in another order make the same rows."""
    statements, versions = story([told], Dice())
    expected = renderings(statements, versions, {}, Dice())
    other = list(statements[0].members)
    random.shuffle(other)
    random.shuffle(versions)
    assert renderings([replace(statements[0], members=tuple(other))], versions, {}, Dice()) == expected
