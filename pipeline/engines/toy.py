"""A translator with one right answer, for tests of everything around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.engines.ports import Decoding, Hypothesis


@dataclass(slots=True)
class ToyTranslator:
    """Looks every text up in `known`; what is not there comes back word for word, in angle brackets.

    `received` keeps the texts that reached the engine, in order, so that a test can count what a cache saved.
    """

    lang: str
    known: Mapping[str, str] = field(default_factory=dict)
    received: list[str] = field(default_factory=list, compare=False)
    name: str = "toy"

    @property
    def signature(self) -> str:
        return f"toy {self.lang} {sorted(self.known.items())}"

    def translate(self, texts: Sequence[str], decoding: Decoding = Decoding()) -> list[Hypothesis]:
        self.received += texts
        return [Hypothesis(self._english(text), score=-0.1 if text.strip() else None) for text in texts]

    def _english(self, text: str) -> str:
        return self.known.get(text) or " ".join(f"<{word}>" for word in text.split())
