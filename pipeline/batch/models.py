"""The models of one process, one call at a time, with what they took."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import catalogue, shelf, translate
from pipeline.engines.ct2 import Device
from pipeline.engines.encoders import encoder
from pipeline.engines.ports import Encoder, TokenStates, Translator
from pipeline.glossary import Glossary, read_glossary
from pipeline.languages import LANGUAGES
from pipeline.records import Translations
from pipeline.translate import Unit


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which models to open, and where. All but `device`, `threads` and `offline` decides the tables."""

    engine: str = "auto"
    encoder: str = "embedded"
    offline: bool = False
    device: Device = "auto"
    threads: int = 2
    glossary: Path | None = None


@dataclass(slots=True)
class Load:
    """Work that models did: seconds of wall time in which one was busy, tokens encoded, units translated."""

    busy_s: float = 0.0
    tokens: int = 0
    units: int = 0

    def add(self, other: "Load") -> None:
        self.busy_s += other.busy_s
        self.tokens += other.tokens
        self.units += other.units


@dataclass(slots=True)
class LocalModels:
    """`lockstep.Models` in this process; threads that ask take turns."""

    vectors: Encoder
    translators: Mapping[str, Translator] = field(default_factory=dict)
    others: Mapping[str, Translator] = field(default_factory=dict)
    glossary: Glossary | None = None
    terms: str = ""
    _load: Load = field(default_factory=Load)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def signature(self) -> str:
        engines = (f"{lang}={self.translators[lang].signature}" for lang in sorted(self.translators))
        return " ".join(filter(None, (self.vectors.signature, *engines, self.terms)))

    @property
    def width(self) -> int:
        return self.vectors.width

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        with self._busy():
            states = self.vectors.encode(texts)
            self._load.tokens += sum(len(one.starts) for one in states)
        return states

    def english(self, units: Sequence[Unit]) -> Translations:
        """Return the units' translations; nothing is kept between calls."""
        with self._busy():
            found = translate.translate(
                units, self.translators, encoder=self.vectors, glossary=self.glossary, others=self.others
            )
            self._load.units += sum(unit[0] in self.translators for unit in units)
        return found

    def spent(self) -> Load:
        """Return what was done since this was last asked."""
        with self._turn:
            load, self._load = self._load, Load()
        return load

    @contextmanager
    def _busy(self) -> Iterator[None]:
        with self._turn:
            begun = time.perf_counter()
            try:
                yield
            finally:
                self._load.busy_s += time.perf_counter() - begun


def opened(chosen: Chosen, say: Callable[[str], None]) -> LocalModels:
    """Open the models that the options mean. Raises ModelError, or InputError for the glossary."""
    choice = catalogue.choose(
        chosen.engine,
        LANGUAGES.keys() - {"en"},
        offline=chosen.offline,
        device=chosen.device,
        threads=chosen.threads,
        say=say,
    )
    say(f"engine: {choice.chosen}")
    vectors = encoder(
        chosen.encoder,
        device=chosen.device,
        threads=chosen.threads,
        say=say,
        fetched=lambda name: shelf.fetched(name, offline=chosen.offline, say=say),
    )
    if chosen.glossary is None:
        return LocalModels(vectors, choice.translators, choice.others)
    terms = hashlib.sha256(chosen.glossary.read_bytes()).hexdigest()[:16]
    return LocalModels(
        vectors, choice.translators, choice.others, read_glossary(chosen.glossary), f"glossary={terms}"
    )
