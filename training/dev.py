"""The dev set: the same lines in every language, never learnt from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from training.corpus import SOURCES, lines_of


@dataclass(frozen=True, slots=True)
class Dev:
    """Line i of `sources[lang]` says what line i of `english` says."""

    sources: Mapping[str, tuple[str, ...]]
    english: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(text for lines in (*self.sources.values(), self.english) for text in lines)


def read_dev(folder: Path, lines: int = 0) -> Dev:
    """Read `ar.txt he.txt it.txt en.txt`, the first `lines` of each (0: all). InputError: lengths differ."""
    texts = {lang: lines_of(folder / f"{lang}.txt") for lang in (*SOURCES, "en")}
    for lang in SOURCES:
        if len(texts[lang]) != len(texts["en"]):
            what = f"{len(texts[lang])} lines, expected {len(texts['en'])} as in en.txt"
            raise InputError(folder / f"{lang}.txt", what)
    first = {lang: found[: lines or None] for lang, found in texts.items()}
    return Dev({lang: first[lang] for lang in SOURCES}, first["en"])
