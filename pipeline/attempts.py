"""What an engine makes of texts, and what the checks make of that; both are kept between runs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline import cache as keep
from pipeline import checks
from pipeline.cache import Cache
from pipeline.engines.ports import Decoding, Encoder, Hypothesis, Translator
from pipeline.parts import rejoined


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


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks engines, and asks none twice: what the cache has is not asked again."""

    cache: Cache
    encoder: Encoder | None = None

    def attempts(
        self, translator: Translator, sources: Sequence[str], cut: Sequence[Sequence[str]], decoding: Decoding
    ) -> list[Attempt]:
        """Return one attempt a source, made from the parts that it was cut into; the checks see it whole."""
        flat = list(dict.fromkeys(part for parts in cut for part in parts))
        known = dict(zip(flat, self._hypotheses(translator, flat, decoding), strict=True))
        whole = [rejoined([known[part] for part in parts]) for parts in cut]
        far = self._far(sources, whole, translator.lang)
        return [
            Attempt(
                hypothesis,
                translator.name,
                checks.ordered([*checks.failures(source, hypothesis, translator.lang), flag]),
            )
            for source, hypothesis, flag in zip(sources, whole, far, strict=True)
        ]

    def _hypotheses(
        self, translator: Translator, texts: Sequence[str], decoding: Decoding
    ) -> list[Hypothesis]:
        """Return a hypothesis a text, asking the engine only for those that the cache has not."""
        decoding = keep.effective(decoding)
        signature = translator.signature
        keys = [keep.translation_key(signature, decoding, text) for text in texts]
        found = {key: keep.parse(line) for key, line in self.cache.get(keys).items()}
        missing = [i for i, key in enumerate(keys) if key not in found]
        if missing:
            made = translator.translate([texts[i] for i in missing], decoding)
            found |= {keys[i]: hypothesis for i, hypothesis in zip(missing, made, strict=True)}
            self.cache.put((keys[i], keep.dump(found[keys[i]])) for i in missing)
        return [found[key] for key in keys]

    def _far(self, sources: Sequence[str], hypotheses: Sequence[Hypothesis], lang: str) -> list[str]:
        """Return the cosine's flag for every text: none without an encoder, or where there is no English."""
        flags = [""] * len(sources)
        if self.encoder is None:
            return flags
        name = self.encoder.signature.split(":")[0]
        rows = [i for i, hypothesis in enumerate(hypotheses) if hypothesis.text.strip() and sources[i]]
        pairs = [(sources[i], hypotheses[i].text) for i in rows]
        for i, cosine in zip(rows, self._cosines(pairs, self.encoder), strict=True):
            flags[i] = checks.meaning_far(cosine, lang, name)
        return flags

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
