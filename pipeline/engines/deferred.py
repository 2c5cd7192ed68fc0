"""A translator that is opened when it is first asked."""

from collections.abc import Callable, Sequence

from pipeline.engines.ports import Decoding, Hypothesis, Translator


class Deferred:
    """`ports.Translator` over one that may never be needed: a second opinion costs nothing until asked."""

    def __init__(self, name: str, lang: str, opened: Callable[[], Translator]) -> None:
        self.name, self.lang = name, lang
        self._open = opened
        self._translator: Translator | None = None

    @property
    def signature(self) -> str:
        """ModelError: it cannot be opened."""
        return self._opened().signature

    def translate(self, texts: Sequence[str], decoding: Decoding = Decoding()) -> list[Hypothesis]:
        """ModelError: it cannot be opened."""
        return self._opened().translate(texts, decoding)

    def _opened(self) -> Translator:
        if self._translator is None:
            self._translator = self._open()
        return self._translator
