"""A version as its tokens: cleaned, and with what they resemble anyway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.align.margins import NEIGHBOURS, background, clean
from pipeline.align.ranges import Ranges, best, consecutive
from pipeline.engines.ports import Floats, TokenStates

SAMPLE = 64
"""Sentences of a language that stand for all of it where a story is too large to look at each."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One version as tokens: (T, width) unit rows, and the token ranges of its sentences.

    `base` is, for each language, how well each token is matched by versions in it at large; where there is
    none, each version of the language tells for itself.
    """

    lang: str
    tokens: Floats
    sentences: Ranges
    base: Mapping[str, Floats] = field(default_factory=dict)

    def only(self, sentences: Sequence[int]) -> "Side":
        """Return the side with some of its sentences."""
        chosen = self.sentences[list(sentences)]
        at = np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(*each) for each in chosen)])
        base = {lang: rows[at] for lang, rows in self.base.items()}
        return Side(self.lang, self.tokens[at], consecutive(chosen[:, 1] - chosen[:, 0]), base)


def sides(versions: Sequence[Sequence[TokenStates]], langs: Sequence[str]) -> list[Side]:
    """Return a `Side` a version, from a `TokenStates` a sentence; one language is cleaned as one."""
    width = max((state.states.shape[1] for version in versions for state in version), default=1)
    empty = np.zeros((0, width), dtype=np.float32)
    ranges = [consecutive(len(state.states) for state in version) for version in versions]
    sizes = [sum(len(state.states) for state in version) for version in versions]
    tokens: dict[int, Floats] = {}
    for lang in dict.fromkeys(langs):
        kin = [number for number, theirs in enumerate(langs) if theirs == lang]
        rows = np.concatenate([empty, *(state.states for number in kin for state in versions[number])])
        tokens |= zip(kin, np.split(clean(rows), np.cumsum([sizes[n] for n in kin])[:-1]), strict=True)
    return [Side(langs[n], tokens[n], each) for n, each in enumerate(ranges)]


def sampled(parts: Sequence[Side]) -> list[Side]:
    """Return the sides with a `base`, taken from `SAMPLE` sentences of other versions in each language.

    Of a sample the best are fewer than of a version, in the ratio of their sizes.
    """
    result = []
    for own in parts:
        base = {}
        for lang in dict.fromkeys(side.lang for side in parts):
            others = [side for side in parts if side.lang == lang and side is not own]
            every = [(side, start, end) for side in others for start, end in side.sentences]
            if every:
                few = min(len(every), SAMPLE)
                chosen = [every[n] for n in np.linspace(0, len(every) - 1, few).astype(int)]
                tokens = np.concatenate([side.tokens[start:end] for side, start, end in chosen])
                found = best(tokens @ own.tokens.T, consecutive(end - start for _, start, end in chosen))
                count = round(NEIGHBOURS * len(chosen) * len(others) / len(every))
                base[lang] = background(found, 0, max(1, count))
        result.append(replace(own, base=base))
    return result
