"""What a folder's files hash to, written when it is made and held against it when it is used."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "hashes.json"


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path) -> None:
    """Write `hashes.json` over the folder's files; from now on `verified` tells whether they are whole."""
    hashes = {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.name != NAME}
    (folder / NAME).write_text(json.dumps(hashes, indent=1, sort_keys=True) + "\n", encoding="utf-8")


@contextmanager
def sealed(folder: Path) -> Iterator[Path]:
    """Give a new folder to fill; put it, with its hashes, in `folder`'s place, or leave all as it was."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=folder.name + ".", suffix=".part", dir=folder.parent))
    try:
        yield part
        seal(part)
        if folder.exists():  # damaged, or another process was quicker with the same bytes
            shutil.rmtree(folder)
        os.replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def verified(folder: Path) -> str | None:
    """Return one hash over a sealed folder if each file is what was sealed, otherwise None."""
    try:
        hashes = json.loads((folder / NAME).read_text(encoding="utf-8"))
        found = {name: sha256(folder / name) for name in hashes}
    except (OSError, ValueError, TypeError):
        return None
    if not found or found != hashes:
        return None
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
