"""What `synoptic models` does: list, fetch, verify and pin the models of the catalogue."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline import hub
from pipeline.engines import ct2
from pipeline.errors import ModelError, OutputError
from pipeline.hashes import sha256, verified
from pipeline.manifests import Manifest
from pipeline.shelf import Opener, Say, Shelf, converted, fetched, shelf, snapshot, state


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of `synoptic models list`; `state` is converted, fetched, included or absent."""

    name: str
    group: str
    langs: tuple[str, ...]
    licence: str
    revision: str
    pinned: bool
    state: str


def listed(on: Shelf | None = None) -> list[Listed]:
    """Return the catalogue with what of it is on this machine."""
    place = on or shelf()
    return [
        Listed(m.name, m.group, tuple(m.languages), m.licence, m.revision, m.pinned, state(place, m))
        for m in place.manifests.values()
    ]


def fetch(
    names: Iterable[str], *, device: ct2.Device, threads: int, say: Say, on: Shelf | None = None
) -> list[str]:
    """Fetch, verify, convert and try the models of these names or groups; return the models' names.

    ModelError: one of them cannot be had, is not what was pinned, or is refused by its canary.
    """
    place = on or shelf()
    opener = Opener(place, ct2.Hardware(device, threads), False, say)
    done = []
    for manifest in _selected(place, names):
        if manifest.kind != "translator":
            fetched(manifest.name, offline=False, say=say, on=place)
        for lang in manifest.languages if manifest.kind == "translator" else ():
            opener.translator(manifest, lang)
        done.append(manifest.name)
    return done


def verify(names: Iterable[str], *, say: Say, on: Shelf | None = None) -> list[str]:
    """Hold what is on this machine against its hashes; return the names of the models that are whole.

    ModelError names the first file that is missing, truncated or another.
    """
    place = on or shelf()
    whole = []
    for manifest in _selected(place, names):
        found = state(place, manifest)
        if found == "absent":
            say(f"{manifest.name}: not on this machine")
            continue
        if found in ("fetched", "included"):
            fetched(manifest.name, offline=True, say=say, on=place)
        for folder in converted(place, manifest):
            if verified(folder) is None:
                raise ModelError(f"{folder}: damaged; synoptic models fetch {manifest.name} makes it anew")
        whole.append(manifest.name)
    return whole


def pin(names: Iterable[str], *, say: Say, on: Shelf | None = None) -> list[str]:
    """Write into the manifests what the hub has now: the commit, and the hash of every file fetched from it.

    OutputError: a manifest cannot be written.
    """
    place = on or shelf()
    done = []
    for manifest in _selected(place, names):
        commit = (
            hub.resolved(manifest.hub, manifest.revision, place.address)
            if manifest.hub
            else manifest.revision
        )
        folder = snapshot(place, manifest, commit) if manifest.hub else manifest.path.parent / manifest.name
        text = manifest.path.read_text(encoding="utf-8")
        for name in manifest.files:
            text = _replaced(text, f'"{name}"', sha256(folder / name))
        try:
            manifest.path.write_text(_replaced(text, "revision", commit), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{manifest.path}: cannot be written: {error.strerror}") from error
        say(f"{manifest.name}: pinned to {commit}")
        done.append(manifest.name)
    return done


def _selected(place: Shelf, names: Iterable[str]) -> list[Manifest]:
    """Return the models of these names or groups; all for no name."""
    wanted = list(names)
    for name in wanted:
        if not any(name in (m.name, m.group) for m in place.manifests.values()):
            place.named(name)
    return [m for m in place.manifests.values() if not wanted or m.name in wanted or m.group in wanted]


def _replaced(text: str, key: str, value: str) -> str:
    return re.sub(rf'^({re.escape(key)} = )"[^"]*"', rf'\g<1>"{value}"', text, count=1, flags=re.MULTILINE)
