"""A folder is written whole or not at all, whatever happens meanwhile."""

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.tables import folder

OURS = ("a.csv", "b.csv", "c.csv", "run.json")

WRITER = """
import itertools, sys
from pathlib import Path
from pipeline.tables import folder
if sys.argv[2] == "in place":
    folder._exchange = lambda one, other: False
for turn in itertools.count(int(sys.argv[3])):
    with folder.whole(Path(sys.argv[1]), ("a.csv", "b.csv", "c.csv", "run.json")) as part:
        for name in ("a.csv", "b.csv", "c.csv", "run.json"):
            (part / name).write_text(str(turn))
    print("written", flush=True)
"""


def write(out: Path, content: str, *names: str) -> None:
    with folder.whole(out, OURS) as part:
        for name in names or OURS:
            (part / name).write_text(content)


def content(out: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in out.iterdir() if path.is_file()} if out.exists() else {}


def test_first_and_second_time(tmp_path: Path) -> None:
    """The folder and those above it are made; the second time the old files go, and nothing else is left."""
    out = tmp_path / "a" / "out"
    write(out, "1")
    assert content(out) == dict.fromkeys(OURS, "1")
    write(out, "2", "a.csv", "run.json")
    assert content(out) == {"a.csv": "2", "run.json": "2"}
    assert os.listdir(tmp_path / "a") == ["out"]


@pytest.mark.parametrize("exchange", [True, False])
def test_what_is_not_ours_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool) -> None:
    """A user's files, links and folders in the output folder stay, with their content."""
    if not exchange:
        monkeypatch.setattr(folder, "_exchange", lambda one, other: False)
    out = tmp_path / "out"
    write(out, "1")
    (out / "notes.txt").write_text("mine")
    (out / "more").mkdir()
    (out / "more" / "deep.txt").write_text("mine too")
    (out / "link").symlink_to("nowhere")
    out.chmod(0o750)
    write(out, "2")
    assert content(out) == {**dict.fromkeys(OURS, "2"), "notes.txt": "mine"}
    assert (out / "more" / "deep.txt").read_text() == "mine too"
    assert (out / "link").readlink() == Path("nowhere")
    assert out.stat().st_mode & 0o777 == 0o750
    assert os.listdir(tmp_path) == ["out"]


def test_an_error_changes_nothing(tmp_path: Path) -> None:
    """If writing fails in the middle, the old files are as they were and no other is left."""
    out = tmp_path / "out"
    write(out, "1")
    with pytest.raises(OutputError, match="missing"):
        write(out, "2", "a.csv", "missing/b.csv")
    assert content(out) == dict.fromkeys(OURS, "1")
    assert os.listdir(tmp_path) == ["out"]


def killed_before(operation: int, out: Path) -> bool:
    """Write in a process that is killed before its n-th opening, moving or removing; False if it was done."""
    child = os.fork()
    if child == 0:
        left = itertools.count(operation, -1)

        def hook(event: str, _: object) -> None:
            if event.startswith(("os.", "shutil.", "open", "ctypes.")) and next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            write(out, "new")
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("mode", ["exchange", "in place"])
def test_killed_before_any_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """After kill -9 the files are the old or the new ones, never both; a user's file is always in sight.

    Exchanged folders are always complete. Where files are moved in one by one, they are if the last is there.
    The next writer gives back a user's folder that was on its way, and clears away what is left.
    """
    if mode == "in place":
        monkeypatch.setattr(folder, "_exchange", lambda one, other: False)
    seen = set()
    for operation in itertools.count():
        out = tmp_path / "all" / "out"
        write(out, "old")
        (out / "notes.txt").write_text("mine")
        (out / "more").mkdir()
        killed = killed_before(operation, out)
        found = content(out)
        assert found.pop("notes.txt") == "mine", operation
        assert len(set(found.values())) <= 1, operation
        if mode == "exchange" or "run.json" in found:
            assert set(found) == set(OURS), operation
        seen |= set(found.values())
        write(out, "last")
        assert content(out) == {**dict.fromkeys(OURS, "last"), "notes.txt": "mine"}
        assert (out / "more").is_dir(), operation
        assert os.listdir(tmp_path / "all") == ["out"], operation
        shutil.rmtree(out)
        if not killed:
            break
    assert operation > 20
    assert seen == {"old", "new"}


@pytest.mark.parametrize("mode", ["exchange", "in place"])
def test_killed_at_any_moment(tmp_path: Path, mode: str) -> None:
    """The same for a kill that comes from outside, in the middle of whatever the system is doing."""
    out, chance, turn = tmp_path / "out", random.Random(0), 1
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    seen = set()
    for _ in range(4):
        command = [sys.executable, "-c", WRITER, str(out), mode, str(turn)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"written\n"
            time.sleep(chance.uniform(0, 0.06))
            writer.send_signal(signal.SIGKILL)
        found = content(out)
        assert found.pop("notes.txt") == "mine"
        assert len(set(found.values())) <= 1
        if mode == "exchange" or "run.json" in found:
            assert set(found) in (set(), set(OURS))
        seen |= set(found.values())
        turn += 1000
    assert len(seen) > 1
    write(out, "last")
    assert content(out) == {**dict.fromkeys(OURS, "last"), "notes.txt": "mine"}
    assert os.listdir(tmp_path) == ["out"], "what killed writers left is cleared away"


def test_a_killed_writer_gives_back(tmp_path: Path) -> None:
    """What a killed writer had not yet moved back is moved back by the next; a living one is left alone."""
    out = tmp_path / "out"
    write(out, "1")
    dead, alive = tmp_path / ".out.part-dead", tmp_path / ".out.part-alive"
    (dead / "more").mkdir(parents=True)
    (dead / "a.csv").write_text("0")
    alive.mkdir()
    with folder._locked(alive):
        write(out, "2")
    assert (out / "more").is_dir()
    assert content(out) == dict.fromkeys(OURS, "2")
    assert sorted(os.listdir(tmp_path)) == [".out.part-alive", "out"]


def test_through_a_link(tmp_path: Path) -> None:
    """A link to a folder stays a link; the folder has the files."""
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    write(tmp_path / "out", "1")
    assert (tmp_path / "out").is_symlink()
    assert content(tmp_path / "real") == dict.fromkeys(OURS, "1")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """One line names the place, before any work: a file, something under it, a file system not for us."""
    (tmp_path / "file").write_text("")
    for out in (
        tmp_path / "file",
        tmp_path / "file" / "out",
        tmp_path / "file" / "deep" / "out",
        Path("/proc/out"),
    ):
        with pytest.raises(OutputError, match=r"file|/proc") as error:
            folder.check_writable(out)
        assert "\n" not in str(error.value)
        with pytest.raises(OutputError), folder.whole(out, OURS):
            pass


def test_checking_leaves_nothing(tmp_path: Path) -> None:
    """A check makes no folder that stays, and no file."""
    folder.check_writable(tmp_path / "a" / "b")
    (tmp_path / "out").mkdir()
    folder.check_writable(tmp_path / "out")
    assert os.listdir(tmp_path) == ["out"]
    assert os.listdir(tmp_path / "out") == []


@pytest.mark.skipif(not Path("/dev/shm").is_mount(), reason="no mount point that anyone may write")
def test_a_mount_point_is_written_in_place() -> None:
    """A folder that is a mount point cannot be exchanged: it can be checked, its parent left alone."""
    before = os.listdir("/dev")
    folder.check_writable(Path("/dev/shm"))
    assert os.listdir("/dev") == before
