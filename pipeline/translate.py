"""Strings in, checked translations out, the better of several where a check fails."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline import checks
from pipeline.attempts import Asker, Attempt
from pipeline.cache import Cache
from pipeline.engines.ports import Decoding, Encoder, Translator
from pipeline.errors import ModelError
from pipeline.glossary import Glossary
from pipeline.parts import cleaned, halves, pieces
from pipeline.records import Translation

Unit = tuple[str, str]
"""(language, text)"""

WINDOW = 4096  # distinct texts in hand at once: enough to sort by length, little to hold
CALL = 512  # texts a call: what is lost when a run is killed, and how often progress is told


def translate(
    units: Iterable[Unit],
    translators: Mapping[str, Translator],
    *,
    cache: Cache | None = None,
    encoder: Encoder | None = None,
    glossary: Glossary | None = None,
    others: Mapping[str, Translator] | None = None,
    decoding: Decoding = Decoding(),
    retry: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> dict[Unit, Translation]:
    """Return one translation a distinct unit, in the order of first appearance.

    English passes through with engine `none`; a language without a translator gets no English and the flag
    `no-engine`. `others` are second engines to ask when a check fails. `progress` is told (units done, units
    in all). The same units in another order, or in other company, get the same translations.
    """
    distinct = list(dict.fromkeys(units))
    done: dict[Unit, Translation] = {}
    for unit, translation in stream(
        distinct,
        translators,
        cache=cache,
        encoder=encoder,
        glossary=glossary,
        others=others,
        decoding=decoding,
        retry=retry,
        progress=None if progress is None else lambda count: progress(count, len(distinct)),
    ):
        done[unit] = translation
    return {unit: done[unit] for unit in distinct}


def stream(
    units: Iterable[Unit],
    translators: Mapping[str, Translator],
    *,
    cache: Cache | None = None,
    encoder: Encoder | None = None,
    glossary: Glossary | None = None,
    others: Mapping[str, Translator] | None = None,
    decoding: Decoding = Decoding(),
    retry: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Iterator[tuple[Unit, Translation]]:
    """Yield every unit with its translation, a window at a time: memory does not grow with their number."""
    stage = _Stage(Asker(cache or Cache(), encoder), glossary, decoding, retry)
    count = 0
    for window in _windows(units):
        for unit in window:
            if unit[0] not in translators or not unit[1].strip():
                count += 1
                yield unit, passed(unit)
        if progress is not None:
            progress(count)
        for lang in dict.fromkeys(lang for lang, _ in window):
            if lang not in translators:
                continue
            texts = [text for of, text in window if of == lang and text.strip()]
            texts.sort(key=len, reverse=True)
            other = others.get(lang) if others else None
            for at in range(0, len(texts), CALL):
                for text, translation in stage.translations(texts[at : at + CALL], translators[lang], other):
                    count += 1
                    yield (lang, text), translation
                if progress is not None:
                    progress(count)


def passed(unit: Unit) -> Translation:
    """Return what a unit gets without an engine: English is its own translation, white space has none."""
    lang, text = unit
    if lang == "en":
        return Translation(text, text, "none")
    return Translation(text, "", "none", flags=("no-engine",) if text.strip() else ())


@dataclass(frozen=True, slots=True)
class _Stage:
    asker: Asker
    glossary: Glossary | None
    decoding: Decoding
    retry: bool

    def translations(
        self, texts: Sequence[str], translator: Translator, other: Translator | None
    ) -> Iterator[tuple[str, Translation]]:
        """Yield each text with its translation, in order."""
        lang = translator.lang
        sources = [cleaned(text) for text in texts]
        cut = [pieces(source, lang) for source in sources]
        attempts = self.asker.attempts(translator, sources, cut, self.decoding)
        if self.retry:
            attempts = self._retried(sources, attempts, translator, other)
        for text, source, attempt, parts in zip(texts, sources, attempts, cut, strict=True):
            remarks = [*attempt.remarks, *attempt.hypothesis.flags, *(["joined"] if len(parts) > 1 else [])]
            english = attempt.hypothesis.text
            if self.glossary is not None:
                english, words = self.glossary.applied(lang, source, english)
                remarks += words
            flags = checks.ordered({*attempt.failures, *remarks})
            yield text, Translation(text, english, attempt.engine, attempt.hypothesis.score, flags)

    def _retried(
        self,
        sources: Sequence[str],
        attempts: Sequence[Attempt],
        translator: Translator,
        other: Translator | None,
    ) -> list[Attempt]:
        """Return the better of several attempts for every text that failed a check."""
        lang = translator.lang
        best = list(attempts)
        greedy = replace(self.decoding, beam=1 if self.decoding.beam > 1 else 4)
        no_loop = replace(self.decoding, no_repeat=3)
        rungs: list[tuple[Translator, Decoding, Callable[[str, Attempt], list[str]]]] = [
            (translator, greedy, lambda source, _: pieces(source, lang)),
            (translator, no_loop, lambda source, found: pieces(source, lang) if _loops(found) else []),
            (translator, self.decoding, lambda source, _: halves(source, lang)),
        ]
        if other is not None:
            rungs.append((other, self.decoding, lambda source, _: pieces(source, lang)))
        for engine, decoding, parts_of in rungs:
            failed = [
                (i, parts)
                for i, one in enumerate(best)
                if one.failures
                if (parts := parts_of(sources[i], one))
            ]
            try:
                tried = self.asker.attempts(
                    engine, [sources[i] for i, _ in failed], [parts for _, parts in failed], decoding
                )
            except ModelError:
                if engine is translator:
                    raise
                break  # the second engine is a help, not a need
            for (i, _), attempt in zip(failed, tried, strict=True):
                if attempt.over(best[i]):
                    best[i] = replace(attempt, remarks=("retried",))
        return best


def _loops(attempt: Attempt) -> bool:
    """Tell whether forbidding repeated n-grams could change what is wrong."""
    return not {"repeats", "cut", "too-long"}.isdisjoint(attempt.failures)


def _windows(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    window: dict[Unit, None] = {}
    for unit in units:
        window[unit] = None
        if len(window) == WINDOW:
            yield list(window)
            window = {}
    if window:
        yield list(window)
