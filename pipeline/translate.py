"""Strings in, checked translations out: cut, cached, batched, checked, tried again."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline import cache as keep
from pipeline import checks
from pipeline.cache import Cache
from pipeline.engines.ports import Decoding, Encoder, Hypothesis, Translator
from pipeline.errors import ModelError
from pipeline.glossary import Glossary
from pipeline.records import Translation
from pipeline.segment import clauses

Unit = tuple[str, str]
"""(language, text)"""

LONG = 500
"""Characters beyond which a unit is cut at clauses. Nearly no sentence of news is longer (1 in 2,000 of
NTREX-128), and models trained on sentences drop text well before they run out of positions."""

WINDOW = 4096  # distinct texts in hand at once: enough to sort by length, little to hold
CALL = 512  # texts a call: what is lost when a run is killed, and how often progress is told

_INVISIBLE = dict.fromkeys(
    map(ord, "\ufeff\u00ad\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One translation of a text, with what the checks say is wrong and what a reader should know."""

    hypothesis: Hypothesis
    engine: str
    failures: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def over(self, other: "Attempt") -> bool:
        """Tell whether this one is better: fewer failed checks. Of equals the first made is kept."""
        return len(self.failures) < len(other.failures)


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
    stage = _Stage(cache or Cache(), encoder, glossary, decoding, retry)
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


def cleaned(text: str) -> str:
    """Return what an engine gets: NFC, without direction marks and soft hyphens, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def pieces(text: str, lang: str, longest: int = LONG) -> list[str]:
    """Cut a text at clauses into pieces of at most `longest` characters, as few as go in order.

    A clause that is longer on its own stays whole.
    """
    if len(text) <= longest:
        return [text]
    spans = clauses(text, lang)
    cut: list[str] = []
    start = end = 0
    for span in spans:
        if end > start and span.end - start > longest:
            cut.append(text[start:end])
            start = span.start
        elif end == start:
            start = span.start
        end = span.end
    return [*cut, text[start:end]] if end > start else [text]


def halves(text: str, lang: str) -> list[str]:
    """Cut a text at the clause nearest to its middle; a text of one clause stays whole."""
    starts = [span.start for span in clauses(text, lang)[1:]]
    if not starts:
        return [text]
    at = min(starts, key=lambda start: abs(start - len(text) / 2))
    return [text[:at].strip(), text[at:].strip()]


def rejoined(parts: Sequence[Hypothesis]) -> Hypothesis:
    """Return the translations of a text's parts as one."""
    if len(parts) == 1:
        return parts[0]
    scores = [part.score for part in parts if part.score is not None]
    flags = dict.fromkeys(flag for part in parts for flag in part.flags)
    return Hypothesis(
        " ".join(part.text for part in parts if part.text),
        round(sum(scores) / len(scores), 4) if scores else None,
        tuple(flags),
    )


@dataclass(frozen=True, slots=True)
class _Stage:
    cache: Cache
    encoder: Encoder | None
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
        attempts = self._attempts(translator, sources, cut, self.decoding)
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
                tried = self._attempts(
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

    def _attempts(
        self, translator: Translator, sources: Sequence[str], cut: Sequence[Sequence[str]], decoding: Decoding
    ) -> list[Attempt]:
        flat = list(dict.fromkeys(part for parts in cut for part in parts))
        known = dict(zip(flat, self._hypotheses(translator, flat, decoding), strict=True))
        whole = [rejoined([known[part] for part in parts]) for parts in cut]
        far = self._far(sources, whole, translator.lang)
        return [
            Attempt(
                hypothesis,
                translator.name,
                checks.ordered(
                    {*checks.failures(source, hypothesis, translator.lang), *far[i : i + 1]} - {""}
                ),
            )
            for i, (source, hypothesis) in enumerate(zip(sources, whole, strict=True))
        ]

    def _hypotheses(
        self, translator: Translator, texts: Sequence[str], decoding: Decoding
    ) -> list[Hypothesis]:
        """Return a hypothesis a text, asking the engine only for those that the cache has not."""
        decoding = keep.effective(decoding)
        keys = [keep.translation_key(translator.signature, decoding, text) for text in texts]
        found = {key: keep.parse(line) for key, line in self.cache.get(keys).items()}
        missing = [i for i, key in enumerate(keys) if key not in found]
        if missing:
            made = translator.translate([texts[i] for i in missing], decoding)
            found |= {keys[i]: hypothesis for i, hypothesis in zip(missing, made, strict=True)}
            self.cache.put((keys[i], keep.dump(found[keys[i]])) for i in missing)
        return [found[key] for key in keys]

    def _far(self, sources: Sequence[str], hypotheses: Sequence[Hypothesis], lang: str) -> list[str]:
        """Return the cosine's flag for every text, or nothing at all without an encoder."""
        if self.encoder is None:
            return []
        pairs = [(source, hypothesis.text) for source, hypothesis in zip(sources, hypotheses, strict=True)]
        return [checks.meaning_far(cosine, lang) for cosine in self._cosines(pairs, self.encoder)]

    def _cosines(self, pairs: Sequence[tuple[str, str]], encoder: Encoder) -> list[float]:
        keys = [keep.key("cosine", encoder.signature, source, english) for source, english in pairs]
        found = {key: float(line) for key, line in self.cache.get(keys).items()}
        missing = [i for i, key in enumerate(keys) if key not in found]
        if missing:
            states = encoder.encode([side for i in missing for side in pairs[i]])
            for at, i in enumerate(missing):
                source, english = (
                    state.span(0, len(text)) for state, text in zip(states[2 * at :], pairs[i], strict=False)
                )
                found[keys[i]] = round(float(np.dot(source, english)), 4)
            self.cache.put((keys[i], str(found[keys[i]])) for i in missing)
        return [found[key] for key in keys]


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
