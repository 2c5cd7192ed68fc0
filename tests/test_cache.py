"""The cache: what was put is there, whatever happened to the process, the file or the disk."""

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import cache as keep
from pipeline.cache import Cache
from pipeline.engines.ports import Decoding, Hypothesis
from pipeline.errors import OutputError
from pipeline.places import cache_folder

floats = st.floats(-50, 0).map(lambda x: round(x, 4))


@given(st.text(), st.none() | floats, st.lists(st.text()), st.none() | st.lists(floats))
def test_a_hypothesis_comes_back_as_it_was(
    text: str, score: float | None, flags: list[str], coverage: list[float] | None
) -> None:
    """`parse` is the inverse of `dump`."""
    one = Hypothesis(text, score, tuple(flags), None if coverage is None else tuple(coverage))
    assert keep.parse(keep.dump(one)) == one


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_keys_tell_everything_apart(one: list[str], other: list[str]) -> None:
    """Two keys are the same where all their parts are: no two parts run into one."""
    assert (keep.key(*one) == keep.key(*other)) == (one == other)


def test_what_decides_the_output_decides_the_key() -> None:
    """Model, beam, n-grams and text do; a length penalty only where hypotheses are weighed."""
    keys = {
        keep.translation_key(model, Decoding(beam, no_repeat, penalty), text)
        for model in ("m", "n")
        for beam, no_repeat, penalty in ((1, 0, 1.0), (1, 0, 2.0), (4, 0, 1.0), (4, 0, 2.0), (4, 3, 1.0))
        for text in ("a", "b")
    }
    assert len(keys) == 2 * 4 * 2


def test_answers_outlive_the_process(tmp_path: Path) -> None:
    """What was put is there when the file is opened again; the newer line wins."""
    with Cache(tmp_path / "deep" / "cache") as cache:
        cache.put([(b"k", "old"), (b"l", "other")])
        cache.put([(b"k", "new")])
    with Cache(tmp_path / "deep" / "cache") as cache:
        assert cache.get([b"k", b"l", b"m"]) == {b"k": "new", b"l": "other"}


def test_many_keys_at_once() -> None:
    """More keys than SQLite takes variables."""
    cache = Cache()
    rows = [(str(n).encode(), str(n)) for n in range(3000)]
    cache.put(rows)
    assert cache.get([key for key, _ in rows]) == dict(rows)


def test_killed_in_the_middle_nothing_is_half_there(tmp_path: Path) -> None:
    """`kill -9` while rows go in: every transaction is there whole or not at all, and the file is sound."""
    path = tmp_path / "cache"
    script = (
        "import sys; from pathlib import Path; from pipeline.cache import Cache\n"
        f"cache = Cache(Path({str(path)!r}))\n"
        "for n in range(10**6):\n"
        "    cache.put([(f'{n}:{i}'.encode(), 'x' * 500) for i in range(20)])\n"
        "    print(n, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        done = [writer.stdout.readline() for _ in range(30)]
        time.sleep(0.01)
        os.kill(writer.pid, signal.SIGKILL)
        done += writer.stdout.readlines()
    with Cache(path) as cache:
        assert not cache.repaired
        entries = cache.entries()
        assert entries % 20 == 0
        assert entries >= 20 * len(done)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _fill(path: Path, name: str) -> None:
    with Cache(path) as cache:
        for n in range(50):
            cache.put([(f"{name} {n}".encode(), name)])


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    """Both open the same new file and both have all their rows in it."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_fill, args=(tmp_path / "cache", name)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    with Cache(tmp_path / "cache") as cache:
        assert cache.entries() == 100


def test_a_file_that_is_none_is_put_aside(tmp_path: Path) -> None:
    """A damaged cache is never used: it is moved away and begun anew, and that is said."""
    path = tmp_path / "cache"
    path.write_bytes(b"no database at all" * 100)
    with Cache(path) as cache:
        assert cache.repaired
        cache.put([(b"k", "v")])
        assert cache.get([b"k"]) == {b"k": "v"}
    assert (tmp_path / "cache.damaged").read_bytes().startswith(b"no database")


def test_damage_met_later_is_put_aside_too(tmp_path: Path) -> None:
    """Pages that rot under a sound head are found when they are read."""
    path = tmp_path / "cache"
    with Cache(path) as cache:
        cache.put([(n.to_bytes(20, "big"), "x" * 3000) for n in range(300)])
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)
    with Cache(path) as cache:
        assert cache.get([n.to_bytes(20, "big") for n in range(300)]) == {}
        assert cache.repaired
        cache.put([(b"k", "v")])
        assert cache.get([b"k"]) == {b"k": "v"}


def test_an_older_layout_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of another schema are not read as ours."""
    with Cache(tmp_path / "cache") as cache:
        cache.put([(b"k", "v")])
    monkeypatch.setattr(keep, "SCHEMA", 99)
    with Cache(tmp_path / "cache") as cache:
        assert cache.get([b"k"]) == {}


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder where the file should be."""
    (tmp_path / "cache").mkdir()
    with pytest.raises(OutputError, match="cache: translations cannot be kept here"):
        Cache(tmp_path / "cache")


def test_info_and_clear(tmp_path: Path) -> None:
    """How much there is; then nothing, and the disk has its space back."""
    path = tmp_path / "cache"
    assert keep.info(path) == keep.CacheInfo(path, 0, 0)
    with Cache(path) as cache:
        cache.put([(str(n).encode(), "x" * 1000) for n in range(500)])
    before = keep.info(path)
    assert before.entries == 500
    assert before.size > 500_000
    assert keep.clear(path) == 500
    assert keep.info(path).entries == 0
    assert keep.info(path).size < before.size / 10


@pytest.mark.parametrize(
    ("own", "shared", "expected"),
    [
        ("/a/b", "/x", "/a/b"),
        ("", "/x", "/x/synoptic"),
        ("", "relative", "/home/me/.cache/synoptic"),
        ("", "", "/home/me/.cache/synoptic"),
    ],
)
def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch, own: str, shared: str, expected: str) -> None:
    """Our own variable, then the XDG one where it is absolute, then the home folder."""
    monkeypatch.setenv("SYNOPTIC_CACHE", own)
    monkeypatch.setenv("XDG_CACHE_HOME", shared)
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_folder() == Path(expected)
