"""A large file as parts that are small enough to travel, and the parts as the file again."""

import json
import os
from pathlib import Path

from pipeline.errors import InputError
from pipeline.hashes import sha256

PART = 16 * 2**20  # bytes: what hosts of files and of code take without asking
_LIST = "parts.json"


def ship(path: Path, folder: Path, size: int = PART) -> list[Path]:
    """Write the file's parts, `NAME.00` on, and `NAME.parts.json` with their hashes and the whole's."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[Path] = []
    with path.open("rb") as file:
        while content := file.read(size):
            parts.append(folder / f"{path.name}.{len(parts):02}")
            parts[-1].write_bytes(content)
    listed = {"name": path.name, "sha256": sha256(path), "parts": {part.name: sha256(part) for part in parts}}
    index = folder / f"{path.name}.{_LIST}"
    index.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    return [*parts, index]


def join(index: Path, folder: Path) -> Path:
    """Write the file that `NAME.parts.json` lists, from the parts beside it, whole or not at all.

    InputError: a part is missing, or is not what was shipped.
    """
    try:
        listed = json.loads(index.read_text(encoding="utf-8"))
        name, expected, parts = Path(str(listed["name"])).name, listed["sha256"], dict(listed["parts"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(index, f"not a list of parts: {error}") from error
    folder.mkdir(parents=True, exist_ok=True)
    whole, unfinished = folder / name, folder / f"{name}.part"
    try:
        with unfinished.open("wb") as file:
            for part, digest in parts.items():
                path = index.parent / Path(part).name
                if not path.is_file() or sha256(path) != digest:
                    raise InputError(path, "missing, or not the part that was shipped")
                file.write(path.read_bytes())
        if sha256(unfinished) != expected:
            raise InputError(index, f"the parts joined are not {name}")
        os.replace(unfinished, whole)
    finally:
        unfinished.unlink(missing_ok=True)
    return whole
