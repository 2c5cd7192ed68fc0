"""CSV that opens right, runs nothing, and comes back as it was."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.records import Synopsis
from pipeline.tables import delimited
from pipeline.tables.rows import Table, tables
from tests.tables.stories import NASTY, club, nasty

ANY = st.text(st.characters(exclude_categories=["Cs"]))
HARMFUL = st.text(st.sampled_from("'=+-@\t\r\n\",;a =ا"), max_size=6)


@given(ANY | HARMFUL)
def test_guard_is_undone(text: str) -> None:
    """Nothing is lost by guarding, whatever the text, guards in it included."""
    assert delimited.unguard(delimited.guard(text)) == text


@given(ANY | HARMFUL)
def test_no_cell_runs(text: str) -> None:
    """No guarded cell starts with what a spreadsheet takes for a formula."""
    assert not delimited.guard(text).startswith(tuple("=+-@\t\r"))


def test_numbers_are_not_guarded() -> None:
    """A negative number stays a number."""
    assert delimited.shown(-0.5) == "-0.5"
    assert delimited.shown("-0.5") == "'-0.5"
    assert delimited.shown(None) == ""


@given(st.lists(st.tuples(ANY | HARMFUL, ANY | HARMFUL), max_size=5))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    """Every cell comes back, with newlines, lone returns, quotes and separators in it."""
    table = Table("t", ("one", "=two"), tuple(cells))
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    delimited.write(table, path)
    assert delimited.read(path) == table


@pytest.mark.parametrize("story", [club(), nasty()], ids=["club", "nasty"])
def test_tables_come_back(tmp_path: Path, story: Synopsis) -> None:
    """Every table of a story is read as it was written; numbers as they are shown."""
    for table in tables(story):
        path = tmp_path / f"{table.name}.csv"
        delimited.write(table, path)
        assert delimited.read(path).rows == tuple(
            tuple(cell if isinstance(cell, str) else delimited.shown(cell) for cell in row)
            for row in table.rows
        )


def test_bytes_are_as_promised(tmp_path: Path) -> None:
    """A byte order mark that can be dropped, every field quoted, lines that end in a newline."""
    table = Table("t", ("a", "b"), (('x"y', None), (1, -0.5)))
    delimited.write(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b'\xef\xbb\xbf"a","b"\n"x""y",""\n"1","-0.5"\n'
    delimited.write(table, tmp_path / "t.csv", bom=False)
    assert (tmp_path / "t.csv").read_bytes().startswith(b'"a"')


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_spreadsheet_saved_it(tmp_path: Path, separator: str) -> None:
    """What Excel makes of it in any locale is read: its separator, its line ends, only needed quotes."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows([["a", "b"], *([text, "x"] for text in NASTY)])
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbf" + file.getvalue().encode())
    back = delimited.read(path)
    assert back.columns == ("a", "b")
    assert [row[0] for row in back.rows] == [delimited.unguard(text) for text in NASTY]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty, expected a header"),
        (b"a,b\n\xff\n", "not UTF-8 at byte 4"),
        (b"a,b\n1,2\n1\n", ":3: 1 fields, expected 2"),
        (b'a,b\n"1,2\n', "unexpected end of data"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    """One line says which file, and what is wrong with it."""
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"t\.csv") as error:
        delimited.read(path)
    assert reason in str(error.value)
