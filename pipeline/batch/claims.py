"""Who works on which shard: a lock a shard, that the system takes back from a process however it ends.

Claims save work and decide nothing: where a file system does not keep locks between machines, two may make
the same shard, with the same bytes, and the later replaces the earlier whole.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import OutputError

CLAIMS = ".claims"


@contextmanager
def claim(out: Path, name: str, *, wait: bool) -> Iterator[bool]:
    """Hold the claim on `name`, and say whether it is ours; with `wait` its holder's end is waited for.

    Whoever gets a claim has to look whether the work was done meanwhile: when a block ends without an error
    its claim's file goes, and one who waited for it may then hold it beside one who came later. Raises
    OutputError.
    """
    path = out / CLAIMS / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        except OSError as error:
            raise OutputError(f"{path}: cannot be locked: {error.strerror}") from error
        yield True
        path.unlink(missing_ok=True)
    finally:
        os.close(handle)
