"""What a batch takes for an article, from whatever file, and what it says of the rest."""

import gzip
import json
from pathlib import Path

import pytest

from pipeline.batch.entries import Entry, Reject, entry
from pipeline.batch.reading import fingerprint, read
from pipeline.errors import InputError
from tests.batch import toy


def test_one_article_is_the_same_from_every_kind_of_file(tmp_path: Path) -> None:
    """JSONL, zipped JSONL and Parquet give the same articles in the same order."""
    parquet = pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    records = list(toy.records(3))
    lines = toy.write(tmp_path / "a.jsonl", records)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines.read_bytes()))
    parquet.write_table(pyarrow.Table.from_pylist(records), tmp_path / "a.parquet")

    def fields(name: str) -> list[tuple[str, ...]]:
        found = list(read(tmp_path / name))
        assert [one.position for one in found] == list(range(9))
        return [(e.id, e.story, e.lang, e.date, e.title, e.text) for e in found if isinstance(e, Entry)]

    assert fields("a.jsonl") == fields("a.jsonl.gz") == fields("a.parquet")
    assert fields("a.jsonl")[4] == tuple(
        records[4][f] for f in ("id", "story", "lang", "date", "title", "text")
    )


def test_a_folder_holds_stories_and_loose_articles(tmp_path: Path) -> None:
    """Folders are stories, text files beside them are articles whose story is to be found, bytes kept."""
    (tmp_path / "flood").mkdir()
    (tmp_path / "flood" / "ansa.txt").write_bytes("\ufeffPiove.\r\n".encode())
    (tmp_path / "flood" / ".hidden.txt").write_text("no")
    (tmp_path / "loose.txt").write_text("It rains.")
    toy.write(tmp_path / "more.jsonl", list(toy.records(1, 1)))
    found = [(one.place, one.story, one.text) for one in read(tmp_path) if isinstance(one, Entry)]
    assert found[:2] == [("flood/ansa.txt", "flood", "\ufeffPiove.\r\n"), ("loose.txt", "", "It rains.")]
    assert [place for place, _, _ in found[2:]] == ["more.jsonl:1"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON at column"),
        (b"[1]", "is a list, expected an object"),
        (b'{"id": "a"}', "has no text"),
        (b'{"text": "a"}', "has no id"),
        (b'{"id": "a", "text": ["b"]}', "text is a list, expected a string"),
        (b'{"id": "a", "text": "b", "date": "yesterday"}', "date is 'yesterday', expected YYYY-MM-DD"),
        (b'{"id": "a", "text": "\\ud800"}', "half a surrogate"),
        (b'{"id": "a", "text": "\xff"}', "is 0xff, expected UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b'"' + b"a" * 8_000_001 + b'"', "more than 8,000,000 bytes"),
    ],
)
def test_a_bad_line_is_one_reject_and_the_next_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    """Whatever a line holds, it is a reject with its place and reason, and costs no other line."""
    good = json.dumps(next(toy.records(1))).encode()
    (tmp_path / "in.jsonl").write_bytes(b"\n".join((good, line, good)))
    first, bad, last = read(tmp_path / "in.jsonl")
    assert isinstance(bad, Reject)
    assert reason in bad.reason
    assert (bad.position, bad.place) == (1, "in.jsonl:2")
    assert Reject.parse(bad.dump().encode().decode()) == bad
    assert isinstance(first, Entry)
    assert isinstance(last, Entry)


def test_numbers_serve_as_names_and_a_time_as_a_date() -> None:
    """An id may be a number; of a time only the day counts."""
    found = entry(0, "x", {"id": 7, "story": 3, "date": "2025-11-07T10:00Z", "text": "t"})
    assert isinstance(found, Entry)
    assert (found.id, found.story, found.date) == ("7", "3", "2025-11-07")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("in.docx", b"x", "expected .jsonl"),
        ("in.jsonl.gz", b"x", "Not a gzipped file"),
        ("in.parquet", b"PAR1", "not Parquet, or damaged"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_an_error(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    """Nothing in such a file can be told, so the run does not begin."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=reason):
        list(read(tmp_path / name))


def test_the_fingerprint_changes_with_a_byte(tmp_path: Path) -> None:
    """It is over contents, wherever they lie."""
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        toy.write(tmp_path / place / "in.jsonl", toy.records(1))
    before = fingerprint(tmp_path / "a")
    assert before == fingerprint(tmp_path / "b")
    with (tmp_path / "a" / "in.jsonl").open("ab") as file:
        file.write(b"\n")
    assert before != fingerprint(tmp_path / "a")
