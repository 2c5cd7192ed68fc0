"""What `models/*.toml` say of the models that the program knows."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines.canary import Canary
from pipeline.errors import ModelError
from pipeline.hub import UNPINNED


@dataclass(frozen=True, slots=True)
class Source:
    """How a model is told its source language, what it must be able to say, and how well it does.

    `quality` is a measured figure in words, for a model whose English nobody should take for a translator's.
    """

    code: str = ""
    prefix: str = ""
    canaries: tuple[Canary, ...] = ()
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One model of the catalogue, as its TOML file says it.

    `group` is what `--engine` calls it and its like, in the order of `rank`. `revision` and the values of
    `files` (SHA-256) are `unpinned` until `synoptic models pin` writes them. An empty `hub` means that the
    files lie beside the manifest, in a folder of its name.
    """

    path: Path
    name: str
    kind: str
    group: str
    rank: int
    hub: str
    revision: str
    licence: str
    note: str
    files: Mapping[str, str]
    languages: Mapping[str, Source]

    @property
    def pinned(self) -> bool:
        """Tell whether the same files come tomorrow."""
        return UNPINNED not in self.files.values()


def manifest_folder() -> Path:
    """Return where the manifests are: package data when installed, beside the package in a checkout."""
    package = Path(__file__).parent
    return package / "models" if (package / "models").is_dir() else package.parent / "models"


def manifests(folder: Path) -> dict[str, Manifest]:
    """Read every `*.toml` of a folder, by name. ModelError names the file and what is wrong with it."""
    found = (read_manifest(path) for path in sorted(folder.glob("*.toml")))
    return {manifest.name: manifest for manifest in sorted(found, key=lambda m: (m.group, m.rank, m.name))}


def read_manifest(path: Path) -> Manifest:
    """Read one manifest. ModelError: not TOML, a field is missing or not of its kind."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        languages = {
            lang: Source(
                str(entry.get("code", "")),
                str(entry.get("prefix", "")),
                tuple(
                    Canary(str(one["source"]), tuple(tuple(map(str, words)) for words in one["words"]))
                    for one in entry.get("canaries", [])
                ),
                str(entry.get("quality", "")),
            )
            for lang, entry in table.get("languages", {}).items()
        }
        return Manifest(
            path,
            name=str(table["name"]),
            kind=str(table["kind"]),
            group=str(table["group"]),
            rank=int(table["rank"]),
            hub=str(table.get("hub", "")),
            revision=str(table["revision"]),
            licence=str(table["licence"]),
            note=str(table.get("note", "")),
            files={str(name): str(digest) for name, digest in table["files"].items()},
            languages=languages,
        )
    except KeyError as error:
        raise ModelError(f"{path}: missing field {error.args[0]}") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: not a manifest: {error}") from error
