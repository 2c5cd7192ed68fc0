"""Files and folders of articles, read one record at a time: JSONL, Parquet, and stories as folders."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.articles import MAX_BYTES, decode
from pipeline.batch.entries import FIELDS, Entry, Reject, entry
from pipeline.errors import InputError
from pipeline.hashes import sha256

JSONL = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
PARQUET = (".parquet", ".pq")
EXTRA = "pip install 'synoptic[batch]'"

MAX_LINE = 8 * MAX_BYTES
"""Bytes of a line of JSONL: a text of `MAX_BYTES` with every character escaped, and room for the rest."""

AT_ONCE = 256  # rows of Parquet in memory


def files(path: Path) -> list[Path]:
    """Return the files that a batch's input consists of, in the order in which they are read.

    A file is itself. A folder is its files of JSONL and Parquet, its `*.txt` (articles whose stories are to
    be found) and those of its folders (stories), by name; what begins with a dot is passed over. Raises
    InputError where there is nothing.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(path, "no such file or folder")
    found: list[Path] = []
    for one in sorted(path.iterdir()):
        if one.name.startswith("."):
            continue
        if one.is_dir():
            found += sorted(text for text in one.glob("*.txt") if not text.name.startswith("."))
        elif one.name.endswith((*JSONL, *PARQUET, ".txt")):
            found.append(one)
    if not found:
        raise InputError(path, "has no *.jsonl, *.parquet or *.txt, and no folders with *.txt")
    return found


def fingerprint(path: Path) -> str:
    """Return one SHA-256 over the names and contents of all files."""
    whole = hashlib.sha256()
    for file in files(path):
        whole.update(f"{_place(path, file)}\n{sha256(file)}\n".encode())
    return whole.hexdigest()


def read(path: Path) -> Iterator[Entry | Reject]:
    """Yield every record of the input in order, as an article or as a reject with its reason.

    One file and one record are in memory at a time. Raises InputError for a file that is not what its name
    says, so that nothing of it can be told.
    """
    position = 0
    for file in files(path):
        for record in _records(path, file, position):
            yield record
            position += 1


def _records(path: Path, file: Path, position: int) -> Iterator[Entry | Reject]:
    place = _place(path, file)
    if file.name.endswith(JSONL):
        return _jsonl(file, place, position)
    if file.name.endswith(PARQUET):
        return _parquet(file, place, position)
    if file.suffix == ".txt":
        return iter([_text(path, file, position)])
    raise InputError(file, f"expected {', '.join((*JSONL, *PARQUET))} or a folder")


def _place(path: Path, file: Path) -> str:
    place = file.relative_to(path).as_posix() if file != path else file.name
    return place.encode("utf-8", "replace").decode()  # a name need not be UTF-8


def _text(path: Path, file: Path, position: int) -> Entry | Reject:
    story = file.parent.name if file.parent != path else ""
    place = _place(path, file)
    try:
        return entry(position, place, {"id": file.stem, "story": story, "text": decode(file)})
    except InputError as error:
        return Reject(position, place, error.what, story, file.stem)


def _jsonl(file: Path, place: str, position: int) -> Iterator[Entry | Reject]:
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as lines:
            for number, line in enumerate(_lines(lines), start=1):
                if line is not None and not line.strip():
                    continue
                yield _parsed(line, f"{place}:{number}", position)
                position += 1
    except (OSError, EOFError) as error:
        raise InputError(file, str(error) or "ends early") from error


def _lines(file: BinaryIO | gzip.GzipFile) -> Iterator[bytes | None]:
    """Yield the lines; None for one that is longer than `MAX_LINE`, which is never in memory whole."""
    while line := file.readline(MAX_LINE):
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _parsed(line: bytes | None, place: str, position: int) -> Entry | Reject:
    if line is None:
        return Reject(position, place, f"line has more than {MAX_LINE:,} bytes")
    try:
        return entry(position, place, json.loads(line))
    except UnicodeDecodeError as error:
        return Reject(position, place, f"byte {error.start} is 0x{line[error.start]:02x}, expected UTF-8")
    except json.JSONDecodeError as error:
        return Reject(position, place, f"not JSON at column {error.colno}: {error.msg}")
    except RecursionError:
        return Reject(position, place, "not an article: nested too deep")


def _parquet(file: Path, place: str, position: int) -> Iterator[Entry | Reject]:
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise InputError(file, f"reading Parquet needs {EXTRA}") from error
    try:
        with parquet.ParquetFile(file) as opened:
            columns = [name for name in FIELDS if name in opened.schema_arrow.names]
            if missing := {"id", "text"}.difference(columns):
                raise InputError(file, f"has no column {' or '.join(sorted(missing))}")
            number = 0
            for batch in opened.iter_batches(batch_size=AT_ONCE, columns=columns):
                for row in batch.to_pylist():
                    yield entry(position + number, f"{place}:{number + 1}", row)
                    number += 1
    except (ArrowException, OSError) as error:
        raise InputError(file, f"not Parquet, or damaged: {str(error).splitlines()[0]}") from error
