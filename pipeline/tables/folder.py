"""A folder of files that is written whole or not at all."""

import contextlib
import ctypes
import fcntl
import os
import secrets
import shutil
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from pipeline.errors import OutputError

_PART = ".part-"


def check_writable(out: Path) -> None:
    """Raise `OutputError` if `whole(out)` could not write: for before the work starts. Leaves no trace."""
    out = out.resolve()
    with _said(out):
        while not out.parent.exists():
            out = out.parent
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out}: not a folder")
        _stage(out).rmdir()


@contextlib.contextmanager
def whole(out: Path, ours: Collection[str]) -> Iterator[Path]:
    """Yield an empty folder to write into; on leaving, its files become those of `out` in one step.

    `ours` are the names that belong to us: those in `out` go, replaced or not; all else there stays. If the
    block raises, `out` is as it was. However the process ends, `out` has all the old files or all the new:
    one call of the system exchanges the two folders. Where it cannot (a mount point, a parent that is not
    ours to write, NFS) the old files are removed, the last of `ours` first, and then the new ones moved in,
    in the order of `ours`: a process killed in between leaves no mixture, and the last of `ours` is there
    only if all are.
    """
    out = out.resolve()
    with _said(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        _recover(out, ours)
        part = _stage(out)
        with _locked(part):
            try:
                yield part
                for path in part.iterdir():
                    _sync(path)
                _sync(part)
                _replace(part, out, ours)
            finally:
                shutil.rmtree(part, ignore_errors=True)


def _replace(part: Path, out: Path, ours: Collection[str]) -> None:
    """Make the content of `part` that of `out`; afterwards `part` holds nothing that anyone needs."""
    if part.parent == out or (out.exists() and not _adopt(part, out, ours)):
        _move_in(part, out, ours)
    elif not out.exists():
        part.rename(out)
    _sync(out)
    _sync(out.parent)


def _adopt(part: Path, out: Path, ours: Collection[str]) -> bool:
    """Exchange the two folders, files that are not ours always in sight; False if it cannot be done."""
    shutil.copystat(out, part)
    for name in _foreign(out, ours):
        with contextlib.suppress(OSError):  # a folder, or a link the system does not let us make: moved below
            os.link(out / name, part / name, follow_symlinks=False)
    if not _exchange(part, out):
        for name in _foreign(part, ours):
            (part / name).unlink()
        return False
    _rescue(part, out, ours)
    return True


def _rescue(part: Path, out: Path, ours: Collection[str]) -> None:
    """Move what is not ours, and not in `out` already, from a left-over folder into `out`."""
    for name in _foreign(part, ours):
        if not os.path.lexists(out / name):
            (part / name).rename(out / name)


def _move_in(part: Path, out: Path, ours: Collection[str]) -> None:
    for name in reversed(list(ours)):  # the last of ours says that a folder is whole, so it goes first
        (out / name).unlink(missing_ok=True)
    for name in ours:
        if (part / name).exists():
            shutil.move(part / name, out / name)


def _foreign(folder: Path, ours: Collection[str]) -> list[str]:
    return [n for n in os.listdir(folder) if n not in ours and not n.startswith(f".{folder.name}{_PART}")]


def _stage(out: Path) -> Path:
    """Make the folder to write into: beside `out` where the two can be exchanged, otherwise inside it."""
    name = f".{out.name}{_PART}{secrets.token_hex(4)}"
    if not out.is_mount():
        try:
            (out.parent / name).mkdir()
        except OSError:
            if not out.is_dir():
                raise
        else:
            return out.parent / name
    (out / name).mkdir()
    return out / name


def _recover(out: Path, ours: Collection[str]) -> None:
    """Clear away what killed processes left, giving back what they had not yet given back."""
    for folder in (out.parent, out):
        for part in folder.glob(f".{out.name}{_PART}*") if folder.is_dir() else ():
            with contextlib.suppress(OSError), _locked(part):  # locked: its writer is alive
                if out.is_dir():
                    _rescue(part, out, ours)
                shutil.rmtree(part)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, however it ends; `OSError` if another process holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; False where the system or the file system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    a, b = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        return bool(libc.renamex_np(a, b, 2) == 0)  # RENAME_SWAP
    try:
        here = -100  # AT_FDCWD
        return bool(libc.renameat2(here, a, here, b, 2) == 0)  # RENAME_EXCHANGE
    except AttributeError:  # a C library before 2018
        return False


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _said(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{error.filename or place}: {error.strerror or error}") from error
