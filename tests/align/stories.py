"""Stories in toy languages: a token is a word, its vector the meaning and a direction of the language."""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.align.statements import Version
from pipeline.engines.ports import TokenStates
from pipeline.records import Article, Block, Quote, Sentence

WIDTH = 512


def encode(text: str, lang: str) -> TokenStates:
    """Return states in which a word is the same in all languages but for a direction of each."""
    words = list(re.finditer(r"\w+", text))
    rows = [_meaning(word[0].lower()) + 2 * _meaning(f"language {lang}") for word in words]
    return TokenStates(
        np.array(rows, dtype=np.float32).reshape(-1, WIDTH),
        np.array([word.start() for word in words], dtype=np.int32),
        np.array([word.end() for word in words], dtype=np.int32),
    )


def version(
    name: str, sentences: Sequence[str], quotes: Sequence[Quote] = (), lang: str | None = None
) -> Version:
    """Return a version of these sentences, a space between."""
    text = " ".join(sentences)
    cut, start = [], 0
    for index, sentence in enumerate(sentences):
        cut.append(Sentence(name, index, start, start + len(sentence), sentence, "body"))
        start += len(sentence) + 1
    blocks = (Block(0, len(text), "body"),) if text else ()
    article = Article(name, lang or name, text, blocks)
    return Version(article, tuple(cut), tuple(quotes), tuple(encode(s, lang or name) for s in sentences))


def _meaning(word: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(list(word.encode())).normal(size=WIDTH)
