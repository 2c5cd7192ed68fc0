"""One file that is written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipeline.errors import OutputError


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """Yield a file of UTF-8 that takes `path`'s place when the block ends; if it raises, none does.

    Raises OutputError.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error
