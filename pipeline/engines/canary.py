"""Whether a model still translates: two sentences a language, and words that their English must have."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pipeline.engines.ports import Translator
from pipeline.errors import ModelError

LIBRARIES = ("ctranslate2", "sentencepiece", "sacremoses", "tokenizers")
"""A new version of one of these has every canary sing again: an upgrade of transformers once turned a model
that is in the catalogue into gibberish without an error."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A sentence, and what its English must have: of each tuple at least one word, in small letters."""

    source: str
    words: tuple[tuple[str, ...], ...]


def check(translator: Translator, canaries: Sequence[Canary], folder: Path) -> None:
    """Translate the canaries, unless this model passed with these libraries before; `folder` remembers it.

    ModelError names the sentence, what came out, and the word that is missing.
    """
    passed = folder / f"{_state(translator, canaries)}.json"
    if passed.is_file() or not canaries:
        return
    outputs = [hypothesis.text for hypothesis in translator.translate([canary.source for canary in canaries])]
    for canary, output in zip(canaries, outputs, strict=True):
        missing = next((words for words in canary.words if not _has(output, words)), None)
        if missing is not None:
            raise ModelError(
                f"{translator.name}: refused, its canary is silent: {canary.source} gave "
                f"{output[:80] or 'nothing'}, expected {' or '.join(missing)} in it"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        passed.write_text(json.dumps(outputs, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError:
        pass  # it will sing again next time, which costs a second and harms nothing


def _has(english: str, words: Sequence[str]) -> bool:
    return any(word in english.casefold() for word in words)


def _state(translator: Translator, canaries: Sequence[Canary]) -> str:
    parts = [translator.name, translator.signature, repr(list(canaries))]
    parts += [f"{library} {version(library)}" for library in LIBRARIES]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
