"""Edits come back from CSV, XLSX and XLIFF, and the next run has them."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import InputError
from pipeline.records import Statement, Synopsis, Translation
from pipeline.tables import delimited, edits, memory, merge
from pipeline.tables.edits import Edits, Words, pair
from pipeline.tables.provenance import Run
from pipeline.tables.rows import Table
from pipeline.tables.write import TABLES, write
from tests.tables.stories import ALONE, CLUB, ENGLISH, club, nasty

RUN = Run(versions={})
HEBREW = ("he", CLUB["004_he"])
WORDS = {name: Words(name, text) for name, text in CLUB.items()}
CELLS = ("article", "statement")

Change = Callable[[dict[str, str]], None]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    write(club(), RUN, tmp_path / "out")
    return tmp_path / "out"


def edited(path: Path, to: Path, *changes: Change, more: tuple[dict[str, str], ...] = ()) -> Path:
    """Save a copy of a CSV as a spreadsheet would, every row given to every change."""
    table = delimited.read(path)
    rows = [dict(zip(table.columns, map(str, row), strict=True)) for row in table.rows]
    for row in rows:
        for change in changes:
            change(row)
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, table.columns, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows(
            {name: delimited.guard(cell) for name, cell in row.items()} for row in [*rows, *more]
        )
    return to


def put(column: str, value: str, **where: str) -> Change:
    """Return a change of one cell in the rows whose other cells are as given."""

    def change(row: dict[str, str]) -> None:
        if all(row[name] == expected for name, expected in where.items()):
            row[column] = value

    return change


def bytes_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


def next_run(story: Synopsis, out: Path) -> Synopsis:
    """Write the story again, with the edits that the folder keeps."""
    kept = edits.load(out)
    order = [article.id for article in story.articles]
    again = replace(
        story,
        translations=edits.over(story.translations, kept),
        statements=edits.regroup(story.statements, kept, order),
    )
    write(again, RUN, out)
    return again


@pytest.mark.parametrize("story", [club(), nasty()], ids=["club", "nasty"])
@pytest.mark.parametrize("name", [name for name in TABLES if name.endswith((".csv", ".xlsx"))])
def test_no_edits_change_nothing(tmp_path: Path, story: Synopsis, name: str) -> None:
    """What was written, merged as it is, gives no edit and no conflict, and no byte changes."""
    write(story, RUN, tmp_path)
    before = bytes_of(tmp_path)
    found = merge.merge(tmp_path, tmp_path / name)
    assert found == merge.Merged(Edits(), 0, 0, 0, ())
    assert bytes_of(tmp_path) == before


def test_a_spreadsheet_saved_it_without_edits(out: Path, tmp_path: Path) -> None:
    """Other quotes, separators and line ends, decimal commas and shown returns are no edits."""

    def german(row: dict[str, str]) -> None:
        for column in ("similarity", "confidence"):
            row[column] = row[column].replace(".", ",")
        row["text"] = row["text"].replace("\r", "\n")

    write(nasty(), RUN, tmp_path / "nasty")
    for folder in (out, tmp_path / "nasty"):
        found = merge.merge(folder, edited(folder / "statements.csv", tmp_path / "e.csv", german))
        assert found == merge.Merged(Edits(), 0, 0, 0, ())


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("statements", "english", {"statement": "s001", "article": "004_he"}),
        ("quotes", "004_he english", {"statement": "s001"}),
        ("sentences", "english", {"article": "004_he", "sentence": "1"}),
    ],
)
def test_corrected_english_wins_next_time(
    out: Path, tmp_path: Path, table: str, column: str, where: dict[str, str]
) -> None:
    """From whichever table, it stands in all of them after the next run, and says that a person made it."""
    path = edited(out / f"{table}.csv", tmp_path / "e.csv", put(column, "=Better, more countries", **where))
    found = merge.merge(out, path)
    assert (found.corrected, found.conflicts) == (1, ())
    assert found.edits.translations == {HEBREW: "=Better, more countries"}
    again = next_run(club(), out)
    assert again.translations[HEBREW] == Translation(
        HEBREW[1], "=Better, more countries", "person", None, ("edited",)
    )
    for name, cell in (("statements", "english"), ("quotes", "004_he english"), ("sentences", "english")):
        back = delimited.read(out / f"{name}.csv")
        assert any(row[back.columns.index(cell)] == "=Better, more countries" for row in back.rows)
    assert merge.merge(out, path).corrected == 0, "taking it again changes nothing"


def test_edits_in_a_workbook(out: Path, tmp_path: Path) -> None:
    """English typed over on any sheet, and a match marked wrong, are taken; the other sheets undo nothing."""
    book = openpyxl.load_workbook(out / "tables.xlsx")
    names = [cell.value for cell in book["quotes"][1]]
    book["quotes"].cell(2, names.index("001_ar english") + 1).value = "the mighty club"
    flags = [cell.value for cell in book["statements"][1]].index("flags") + 1
    row = next(cell.row for cell in book["statements"]["C"] if cell.value == "004_he")
    book["statements"].cell(row, flags).value = "cut wrong"
    book.save(tmp_path / "e.xlsx")
    found = merge.merge(out, tmp_path / "e.xlsx")
    assert found.conflicts == ()
    assert found.edits.translations == {("ar", CLUB["001_ar"]): "the mighty club"}
    assert found.edits.rejected == {pair(WORDS["004_he"], WORDS[n]) for n in ("001_ar", "002_en", "003_en")}


def test_a_reviewed_xliff(out: Path, tmp_path: Path) -> None:
    """A target that a CAT tool changed is a correction."""
    memory.write_xliff(delimited.read(out / "sentences.csv"), "he-en", tmp_path / "r.xlf")
    text = (tmp_path / "r.xlf").read_text()
    (tmp_path / "r.xlf").write_text(text.replace(ENGLISH["004_he"], "Reviewed"))
    assert merge.merge(out, tmp_path / "r.xlf").edits.translations == {HEBREW: "Reviewed"}


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("statements", put("flags", "wrong", statement="s001", article="004_he")),
        ("statements", put("statement", "s900", statement="s001", article="004_he")),
        ("quotes", put("004_he text", "", statement="s001")),
    ],
)
def test_a_rejected_match_stays_rejected(out: Path, tmp_path: Path, table: str, change: Change) -> None:
    """Marked wrong, given another row's name, or emptied: that version leaves the row, now and next time."""
    found = merge.merge(out, edited(out / f"{table}.csv", tmp_path / "e.csv", change))
    assert found.conflicts == ()
    assert (found.rejected, found.joined) == (3, 0)
    for _ in range(2):
        first, left, *_ = next_run(club(), out).statements
        assert [member.article for member in first.members] == ["001_ar", "002_en", "003_en"]
        assert (first.flags, first.confidence) == (("edited",), 0.912345)
        assert ([m.article for m in left.members], left.id, left.confidence) == (["004_he"], "s001.2", None)


def test_a_row_is_split(out: Path, tmp_path: Path) -> None:
    """A row copied, each copy keeping some versions, is two rows."""
    keep = [
        put(f"{name} {part}", "", statement="s001")
        for name in ("001_ar", "004_he")
        for part in ("text", "english")
    ]
    copy = {"statement": "s001"} | {f"{name} text": CLUB[name] for name in ("001_ar", "004_he")}
    path = edited(out / "quotes.csv", tmp_path / "e.csv", *keep, more=(copy,))
    found = merge.merge(out, path)
    assert found.conflicts == ()
    groups = [[m.article for m in statement.members] for statement in next_run(club(), out).statements]
    assert groups[:2] == [["001_ar", "004_he"], ["002_en", "003_en"]]


def test_rows_are_joined(out: Path, tmp_path: Path) -> None:
    """A quotation that stood alone, put into the row where it belongs, is in that row next time."""
    path = edited(out / "quotes.csv", tmp_path / "e.csv", put("000_it text", ALONE, statement="s001"))
    found = merge.merge(out, path)
    assert (found.joined, found.rejected, found.conflicts) == (4, 0, ())
    first, *others = next_run(club(), out).statements
    assert [member.article for member in first.members] == sorted(CLUB)
    assert (first.confidence, first.flags) == (None, ("edited",))
    assert ALONE not in [member.text for statement in others for member in statement.members]


def test_a_row_has_one_member_a_version(out: Path, tmp_path: Path) -> None:
    """Joining rows that share a version is refused, and said."""
    path = edited(out / "statements.csv", tmp_path / "e.csv", put("statement", "s001", statement="s003"))
    found = merge.merge(out, path)
    assert {conflict.what for conflict in found.conflicts} == {
        "two members of 001_ar: a row can have one",
        "two members of 002_en: a row can have one",
    }


def test_later_edits_undo_earlier_ones(out: Path, tmp_path: Path) -> None:
    """A pair that was rejected and is then put together is joined, and no more rejected."""
    apart = pair(WORDS["001_ar"], WORDS["004_he"])
    edits.save(Edits(rejected=frozenset({apart})), out)
    next_run(club(), out)
    path = edited(
        out / "quotes.csv", tmp_path / "e.csv", put("004_he text", CLUB["004_he"], statement="s001")
    )
    found = merge.merge(out, path)
    assert apart in found.edits.joined
    assert not found.edits.rejected
    assert len(next_run(club(), out).statements[0].members) == 4


def test_an_old_copy_is_no_edit(out: Path, tmp_path: Path) -> None:
    """What an earlier run wrote is not taken for a correction after a later run translated anew."""
    old = edited(
        out / "sentences.csv", tmp_path / "e.csv", put("english", "By hand", article="001_ar", sentence="1")
    )
    anew = {key: replace(found, english=f"New {found.english}") for key, found in club().translations.items()}
    write(replace(club(), translations=anew), RUN, out)
    found = merge.merge(out, old)
    assert found.edits.translations == {("ar", CLUB["001_ar"]): "By hand"}
    assert found.conflicts == ()


def test_a_copy_from_before_a_correction(out: Path, tmp_path: Path) -> None:
    """A copy without English, or with what a machine made of it, can be given back after the next run."""
    bare = replace(club(), translations={})
    write(bare, RUN, out)
    old = edited(out / "quotes.csv", tmp_path / "e.csv", put("004_he english", "By hand", statement="s001"))
    merge.merge(out, old)
    for story in (bare, club()):
        next_run(story, out)
        again = merge.merge(out, old)
        assert (again.corrected, again.conflicts) == (0, ())


def test_two_people_disagree(out: Path, tmp_path: Path) -> None:
    """The first correction stays, the second is listed and wins if told to; a second thought is taken."""
    where = {"article": "004_he", "sentence": "1"}
    one = edited(out / "sentences.csv", tmp_path / "1.csv", put("english", "One", **where))
    two = edited(out / "sentences.csv", tmp_path / "2.csv", put("english", "Two", **where))
    merge.merge(out, one)
    found = merge.merge(out, two)
    assert found.edits.translations == {HEBREW: "One"}
    assert [c.place for c in found.conflicts] == ["2 row 16"]
    assert "'One' already, here 'Two'" in found.conflicts[0].what
    assert merge.merge(out, two, overwrite=True).edits.translations == {HEBREW: "Two"}
    next_run(club(), out)
    three = edited(out / "sentences.csv", tmp_path / "3.csv", put("english", "Three", **where))
    assert merge.merge(out, three).edits.translations == {HEBREW: "Three"}
    assert merge.merge(out, two).edits.translations == {HEBREW: "Three"}, "the old copy does not undo it"


def test_a_row_that_changed_since(out: Path, tmp_path: Path) -> None:
    """If a later run aligned anew, moves in an old copy are listed and not taken; its English still is."""
    old = edited(
        out / "statements.csv",
        tmp_path / "e.csv",
        put("flags", "wrong", statement="s001", article="004_he"),
        put("english", "By hand", statement="s001", article="004_he"),
    )
    first, *others = club().statements
    write(replace(club(), statements=(replace(first, confidence=0.4), *others)), RUN, out)
    found = merge.merge(out, old)
    assert not found.edits.rejected
    assert found.edits.translations == {HEBREW: "By hand"}
    assert [conflict.place for conflict in found.conflicts] == ["e row 5"]
    assert "changed since" in found.conflicts[0].what


def test_what_cannot_be_taken_is_listed(out: Path, tmp_path: Path) -> None:
    """Words that are not there, English of English, other columns: all of it is said."""
    path = edited(
        out / "statements.csv",
        tmp_path / "e.csv",
        put("text", "other words", statement="s001", article="001_ar"),
        put("english", "new words", statement="s001", article="002_en"),
        put("speaker", "Nobody", statement="s001", article="003_en"),
    )
    found = merge.merge(out, path)
    assert found.edits == Edits()
    assert [(conflict.place, conflict.what.partition(":")[0]) for conflict in found.conflicts] == [
        ("e row 2", "001_ar"),
        ("e row 3", "002_en"),
        ("e row 4", "a change of 'speaker' is not taken"),
    ]


def test_part_of_a_table(out: Path, tmp_path: Path) -> None:
    """Rows and columns that are not in the file are no edits."""
    path = tmp_path / "e.csv"
    path.write_text(
        'article,text,english,sentence\n004_he,"' + CLUB["004_he"] + '",Better\n'.replace("\n", ",1\n")
    )
    assert merge.merge(out, path).edits == Edits({HEBREW: "Better"})
    path.write_text(f"statement,versions,004_he text\ns001,4,{CLUB['004_he']}\n")
    assert merge.merge(out, path).corrected == 0


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("e.doc", "x", "expected .csv, .xlsx"),
        ("e.csv", "a,b\n1,2\n", "no table of ours"),
        ("none.csv", None, "No such file"),
        ("e.xlsx", "x", "not an Excel workbook"),
    ],
)
def test_a_file_that_is_no_table(
    out: Path, tmp_path: Path, name: str, content: str | None, reason: str
) -> None:
    """One line names it, and nothing changes."""
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=name) as error:
        merge.merge(out, tmp_path / name)
    assert reason in str(error.value)
    assert not (out / edits.FILE).exists()


def test_edits_are_kept_sorted(tmp_path: Path) -> None:
    """Kept and loaded they are the same; damaged, they are named."""
    pairs = [pair(WORDS["004_he"], WORDS["001_ar"]), pair(WORDS["002_en"], WORDS["001_ar"])]
    one = Edits({HEBREW: "a", ("ar", "x"): "b"}, frozenset(pairs), frozenset(pairs[:1]))
    two = Edits({("ar", "x"): "b", HEBREW: "a"}, frozenset(reversed(pairs)), frozenset(pairs[:1]))
    assert edits.dump(one) == edits.dump(two)
    edits.save(one, tmp_path)
    assert edits.load(tmp_path) == one
    assert edits.load(tmp_path / "nowhere") == Edits()
    (tmp_path / edits.FILE).write_text("[]")
    with pytest.raises(InputError, match=r"edits\.json"):
        edits.load(tmp_path)


def test_words_are_known_again() -> None:
    """A member is still the one that a person meant if its borders moved a little, not if it is another."""
    member = club().statements[0].members[0]
    assert WORDS["001_ar"].are(member)
    assert WORDS["001_ar"].are(replace(member, text=member.text[:-10]))
    assert not WORDS["001_ar"].are(replace(member, text=member.text[:10]))
    assert not WORDS["001_ar"].are(replace(member, article="002_en"))


def test_without_edits_rows_stay_as_they_are() -> None:
    """No edit, no change."""
    story = club()
    assert edits.regroup(story.statements, Edits(), list(CLUB)) == story.statements


def test_table_names_do_not_matter() -> None:
    """A table is known by its columns."""
    table = Table("anything", ("statement", "article"), ())
    assert merge.compared([], [table], Edits(), {}) == merge.Merged(Edits(), 0, 0, 0, ())
    assert isinstance(club().statements[0], Statement)
