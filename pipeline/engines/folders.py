"""What a model's folder holds, and the translator that it makes."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.engines import ct2
from pipeline.engines.tokenisers import (
    MarianPieces,
    NllbPieces,
    Tokeniser,
    UnigramPieces,
    punctuation,
    sentencepiece,
    unigram,
)
from pipeline.errors import ModelError
from pipeline.hashes import sha256
from pipeline.languages import LANGUAGES

Family = Literal["marian", "nllb", "unigram"]

TOKENISER_FILES: dict[Family, tuple[str, ...]] = {
    "marian": ("source.spm", "target.spm"),
    "nllb": ("sentencepiece.bpe.model",),
    "unigram": ("tokenizer.json",),
}
VOCABULARIES = (
    ("shared_vocabulary.json",),
    ("shared_vocabulary.txt",),
    ("source_vocabulary.json", "target_vocabulary.json"),
    ("source_vocabulary.txt", "target_vocabulary.txt"),
)
"""The names under which CTranslate2 3 and 4 save vocabularies."""

WEIGHTS = (
    "model.safetensors",
    "pytorch_model.bin",
    "model.safetensors.index.json",
    "pytorch_model.bin.index.json",
)

_ISO_639_2 = {"ara": "ar", "arb": "ar", "heb": "he", "ita": "it", "eng": "en"}
_PAIR = re.compile(r"-([a-z]{2,3})-(?:en|eng)\b")


@dataclass(frozen=True, slots=True)
class Folder:
    """A model's folder, looked at but not loaded.

    `converted` tells CTranslate2's format from a hub checkpoint. `langs` are the source languages that the
    folder itself tells, none where it does not.
    """

    path: Path
    family: Family
    converted: bool
    langs: tuple[str, ...]


def looked_at(path: Path) -> Folder:
    """Tell what the folder holds. ModelError: it is no model, or a file of it is missing."""
    if not path.is_dir():
        raise ModelError(f"{path}: no such folder, a converted model or a hub checkpoint was expected")
    config = read_json(path / "config.json")
    converted = (path / "model.bin").is_file()
    if not converted and "model_type" not in config:
        raise ModelError(f"{path}: missing file model.bin, expected beside config.json")
    if not converted and not any((path / name).is_file() for name in WEIGHTS):
        raise ModelError(f"{path}: missing file, expected one of {', '.join(WEIGHTS[:2])}")
    family = _family(path, config)
    for name in TOKENISER_FILES[family]:
        if not (path / name).is_file():
            raise ModelError(f"{path}: missing file {name}, expected in every {family} model")
    if converted:
        _vocabulary_files(path)
    return Folder(path, family, converted, _languages(path, family))


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A converted folder in memory: one engine for all its languages. `identity` is of files and format."""

    folder: Folder
    engine: ct2.Engine
    identity: str
    known: Collection[str]
    outputs: Collection[str]
    batch_tokens: int


def load(folder: Folder, hardware: ct2.Hardware, compute: str = "") -> Loaded:
    """Load a converted folder. ModelError: a file is damaged, or the device is not there."""
    known, outputs = vocabularies(folder.path)
    engine, compute = ct2.load(folder.path, hardware, compute)
    name = f"{identity(hashes(folder))} {compute}"
    return Loaded(folder, engine, name, known, outputs, ct2.BATCH_TOKENS[ct2.on(hardware.device)])


def translator(
    loaded: Loaded, lang: str, *, name: str = "", prefix: str = "", code: str = ""
) -> ct2.Ct2Translator:
    """Return the translator of one language into English. ModelError: see `tokeniser`."""
    return ct2.Ct2Translator(
        name=name or loaded.folder.path.name,
        lang=lang,
        identity=loaded.identity,
        engine=loaded.engine,
        tokeniser=tokeniser(loaded, lang, prefix=prefix, code=code),
        batch_tokens=loaded.batch_tokens,
    )


def tokeniser(loaded: Loaded, lang: str, *, prefix: str = "", code: str = "") -> Tokeniser:
    """Return a converted folder's tokeniser for one language into English.

    `prefix` is the token that asks for English and `code` the source language's, where a manifest gives
    them. ModelError: the folder is for another language, or its vocabulary has no such token.
    """
    folder, path = loaded.folder, loaded.folder.path
    if folder.langs and lang not in folder.langs:
        raise ModelError(f"{path}: wrong source language: it translates {_list(folder.langs)}, not {lang}")
    if folder.family == "unigram":
        return UnigramPieces(unigram(path / "tokenizer.json"))
    if folder.family == "nllb":
        m2m = "__en__" in loaded.outputs and "eng_Latn" not in loaded.outputs
        code = code or (f"__{lang}__" if m2m else LANGUAGES[lang].nllb)
        prefix = prefix or ("__en__" if m2m else "eng_Latn")
        if code not in loaded.known:
            raise ModelError(f"{path}: wrong source code: {code} is not in the vocabulary")
        if prefix not in loaded.outputs:
            raise ModelError(f"{path}: missing prefix token: {prefix} is not in the vocabulary")
        return NllbPieces(sentencepiece(path / "sentencepiece.bpe.model"), code, prefix)
    prefix = prefix or (">>eng<<" if any(_is_target(token) for token in loaded.known) else "")
    if prefix and prefix not in loaded.known:
        raise ModelError(f"{path}: missing prefix token: {prefix} is not in the vocabulary")
    return MarianPieces(
        sentencepiece(path / "source.spm"),
        sentencepiece(path / "target.spm"),
        punctuation(lang),
        target=prefix,
        append_end=not read_json(path / "config.json").get("add_source_eos", False),
    )


def files(folder: Folder) -> tuple[str, ...]:
    """Return the names of the files that decide a converted folder's output."""
    return ("config.json", "model.bin", *_vocabulary_files(folder.path), *TOKENISER_FILES[folder.family])


def hashes(folder: Folder) -> dict[str, str]:
    """Return the SHA-256 of every file that decides a converted folder's output."""
    return {name: sha256(folder.path / name) for name in files(folder)}


def identity(digests: Mapping[str, str]) -> str:
    """Return one short name for the files: the same for the same bytes, wherever they lie."""
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def vocabularies(path: Path) -> tuple[Collection[str], Collection[str]]:
    """Return the source's and the target's pieces of a converted folder."""
    sets = [_vocabulary(path / name) for name in _vocabulary_files(path)]
    return sets[0], sets[-1]


def _vocabulary(path: Path) -> frozenset[str]:
    if path.suffix == ".txt":
        return frozenset(path.read_text(encoding="utf-8").split("\n"))
    try:
        pieces = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path}: truncated or damaged: {error}") from error
    return frozenset(pieces)


def _vocabulary_files(path: Path) -> tuple[str, ...]:
    for names in VOCABULARIES:
        if all((path / name).is_file() for name in names):
            return names
    raise ModelError(f"{path}: missing file shared_vocabulary.json, expected beside model.bin")


def _family(path: Path, config: Mapping[str, object]) -> Family:
    by_type: dict[object, Family] = {"marian": "marian", "m2m_100": "nllb"}
    if "model_type" in config and config["model_type"] not in by_type:
        raise ModelError(f"{path}: model_type is {config['model_type']}, expected marian or m2m_100")
    if "model_type" in config:
        return by_type[config["model_type"]]
    for family, names in TOKENISER_FILES.items():
        if any((path / name).is_file() for name in names):
            return family
    raise ModelError(f"{path}: missing file source.spm, sentencepiece.bpe.model or tokenizer.json")


def _languages(path: Path, family: Family) -> tuple[str, ...]:
    if family != "marian":
        return ()
    settings = path / "tokenizer_config.json"
    said = str(read_json(settings).get("source_lang", "")) if settings.is_file() else ""
    named = _PAIR.search(path.name)
    code = said or (named[1] if named else "")
    code = _ISO_639_2.get(code, code)
    return (code,) if code in LANGUAGES else ()


def _is_target(token: str) -> bool:
    return token.startswith(">>") and token.endswith("<<")


def _list(langs: Collection[str]) -> str:
    return ", ".join(sorted(langs))


def read_json(path: Path) -> dict[str, object]:
    """Read a JSON object. ModelError: missing, truncated, or something else."""
    if not path.is_file():
        raise ModelError(f"{path.parent}: missing file {path.name}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path}: truncated or damaged: {error}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path}: a JSON object was expected")
    return content
