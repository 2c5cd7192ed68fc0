"""Where models lie on this machine, and how one gets there: fetched, verified, converted once, tried."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline import hub
from pipeline.engines import canary, ct2, folders
from pipeline.engines.ports import Translator
from pipeline.errors import ModelError
from pipeline.hashes import sha256, verified
from pipeline.manifests import Manifest, manifest_folder, manifests
from pipeline.places import cache_folder

LAYOUT = "1"
"""Of a converted folder: another number has every model converted anew."""

Say = Callable[[str], None]

State = Literal["converted", "fetched", "included", "absent"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where models are: the manifests, our cache, the hub's cache (None: the user's), the hub's address."""

    manifests: Mapping[str, Manifest]
    cache: Path
    hub: Path | None = None
    address: str = "https://huggingface.co"

    def named(self, name: str) -> Manifest:
        """ModelError: the catalogue has no such model."""
        if name not in self.manifests:
            raise ModelError(f"{name}: no such model; the catalogue has {', '.join(self.manifests)}")
        return self.manifests[name]


def shelf() -> Shelf:
    """Return the catalogue that came with the program and the user's own caches."""
    return Shelf(manifests(manifest_folder()), cache_folder(), None, hub.endpoint())


def fetched(name: str, *, offline: bool, say: Say, on: Shelf | None = None) -> Path:
    """Return the folder with a catalogue model's own files, fetched and held against its hashes.

    ModelError: no such model, not here and not to be fetched, or not what was pinned.
    """
    place = on or shelf()
    manifest = place.named(name)
    if not manifest.hub:
        folder = manifest.path.parent / manifest.name
        if not folder.is_dir():
            raise ModelError(f"{manifest.name}: {folder} is not there; it comes with the program")
    else:
        folder = _fetched(place, manifest, offline, say)
    hub.verify(folder, manifest.files, say)
    return folder


def snapshot(place: Shelf, manifest: Manifest, revision: str = "") -> Path:
    """Fetch the model's files; return their folder, not verified. ModelError: they are not to be had."""
    return hub.snapshot(
        manifest.hub,
        revision or manifest.revision,
        manifest.files,
        address=place.address,
        folder=place.hub,
    )


def cannot_fetch() -> str:
    """Return why this installation cannot fetch and convert; nothing if it can."""
    needed = ("torch", "transformers", "huggingface_hub")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    return f"{', '.join(missing)} not installed: {hub.EXTRA}" if missing else ""


def state(place: Shelf, manifest: Manifest) -> State:
    """Tell what of the model is on this machine."""
    if not manifest.hub:
        return "included" if (manifest.path.parent / manifest.name).is_dir() else "absent"
    if converted(place, manifest):
        return "converted"
    return "fetched" if _cached(place, manifest) else "absent"


def converted(place: Shelf, manifest: Manifest) -> list[Path]:
    """Return the folders that the model was converted to."""
    paths = (_converted_path(place, manifest, kind) for kind in ("int8", "float16"))
    return [path for path in paths if path.is_dir()]


def _converted_path(place: Shelf, manifest: Manifest, quantisation: str) -> Path:
    return place.cache / "models" / f"{manifest.name}-{manifest.revision[:12]}-{quantisation}-{LAYOUT}"


def _cached(place: Shelf, manifest: Manifest) -> Path | None:
    return hub.cached(manifest.hub, manifest.revision, manifest.files, place.hub)


def _fetched(place: Shelf, manifest: Manifest, offline: bool, say: Say) -> Path:
    here = _cached(place, manifest)
    if here is not None:
        return here
    if offline:
        command = f"synoptic models fetch {manifest.name}"
        raise ModelError(f"{manifest.name}: not on this machine; with a network: {command}")
    why = cannot_fetch() or hub.reachable(place.address)
    if why:
        raise ModelError(f"{manifest.name}: not on this machine, and cannot be fetched: {why}")
    say(f"{manifest.name}: fetching {manifest.hub}@{manifest.revision[:12]} ({manifest.licence})")
    return snapshot(place, manifest)


class Opener:
    """Opens models, each folder once."""

    def __init__(self, place: Shelf, hardware: ct2.Hardware, offline: bool, say: Say) -> None:
        self.shelf, self.hardware, self.offline, self.say = place, hardware, offline, say
        self._loaded: dict[Path, folders.Loaded] = {}
        self._said: set[str] = set()

    def translator(self, manifest: Manifest, lang: str) -> Translator:
        """Return the model as a translator that has sung its canaries. ModelError: it is not to be had."""
        source = manifest.languages[lang]
        folder = self._ready(manifest)
        if "NC" in manifest.licence:
            self.say_once(f"{manifest.name}: licence {manifest.licence}, not for commercial use")
        if not manifest.pinned:
            self.say_once(f"{manifest.name}: unpinned, so its files are not verified")
        loaded = self.load(folders.looked_at(folder))
        made = folders.translator(loaded, lang, name=manifest.name, prefix=source.prefix, code=source.code)
        canary.check(made, source.canaries, self.shelf.cache / "canaries")
        return made

    def _ready(self, manifest: Manifest) -> Path:
        """Return the converted folder, fetching and converting where that was not done or is damaged."""
        if not manifest.hub:
            return fetched(manifest.name, offline=self.offline, say=self.say, on=self.shelf)
        folder = _converted_path(self.shelf, manifest, self._quantisation())
        if verified(folder) is not None:
            return folder
        if folder.exists():
            self.say(f"{folder}: damaged, made anew")
        checkpoint = fetched(manifest.name, offline=self.offline, say=self.say, on=self.shelf)
        self._convert(folders.looked_at(checkpoint), folder, manifest.name)
        return folder

    def converted_folder(self, folder: folders.Folder) -> folders.Folder:
        """Return the folder itself, or what a hub checkpoint was converted to in the cache."""
        if folder.converted:
            return folder
        weights = next(folder.path / name for name in folders.WEIGHTS if (folder.path / name).is_file())
        name = f"{folder.path.name}-{sha256(weights)[:12]}-{self._quantisation()}-{LAYOUT}"
        converted = self.shelf.cache / "models" / name / folder.path.name
        if verified(converted) is None:
            self._convert(folder, converted, folder.path.name)
        found = folders.looked_at(converted)
        return folders.Folder(found.path, found.family, True, folder.langs)

    def _convert(self, checkpoint: folders.Folder, folder: Path, name: str) -> None:
        why = cannot_fetch()
        if why:
            raise ModelError(f"{name}: converting it needs {hub.EXTRA}")
        from pipeline.engines.convert import convert  # noqa: PLC0415  # torch takes seconds to import

        self.say(f"{name}: converting to {self._quantisation()} (once)")
        folder.parent.mkdir(parents=True, exist_ok=True)
        convert(checkpoint, folder, self._quantisation())

    def load(self, folder: folders.Folder) -> folders.Loaded:
        if folder.path not in self._loaded:
            self._loaded[folder.path] = folders.load(folder, self.hardware)
        return self._loaded[folder.path]

    def _quantisation(self) -> str:
        return "int8" if ct2.on(self.hardware.device) == "cpu" else "float16"

    def say_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self.say(line)
