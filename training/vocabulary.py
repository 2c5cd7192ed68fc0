"""What of e5 the model keeps, and how text becomes its pieces so that English can always be spelled."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from pipeline.engines.e5 import E5
from pipeline.engines.e5_pieces import tokenizer
from training.corpus import Pair

SPECIAL: Final = 4  # <s> <pad> </s> <unk>: e5's first four pieces, and the pruned model's
START, PAD, END, UNKNOWN = range(SPECIAL)

LETTERS: Final = "".join(chr(code) for code in range(0x21, 0x180)) + "▁–—‘’“”„•€£₪™"
"""What English text in a newspaper is written in; each that is a piece of e5's is an output piece."""

SOURCE_LETTERS: Final = "".join(
    chr(code) for code in (*range(0x5D0, 0x5EB), *range(0x620, 0x64B), *range(0x660, 0x66A))
)

DROPPED: Final = (
    "[\u0610-\u061a\u0640\u064b-\u0652\u0670"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
"""Arabic vowel marks and tatweel, Hebrew points and accents (not maqaf), bidirectional controls.

The training text has none; the source tokenizer passes over them, so that a vocalised name is the same name.
"""

SINGLE, DOUBLE = "‘’‚‛׳", "“”„‟«»״"
"""Quotation marks and apostrophes that are read, and in English written, as ' and ": most of the corpus has
straight ones, and a newspaper's `l’accordo` is not another word than its `l'accordo`."""

_STRAIGHT: Final = str.maketrans({**dict.fromkeys(SINGLE, "'"), **dict.fromkeys(DOUBLE, '"')})

_FOLDS: Final = str.maketrans(
    dict(zip("ðÐøØłŁđĐıħĦəƏʻʼʾʿ′″‐‑‒−―⁄∙μ", "dDoOlLdDihHeE'''''\"----—/•u", strict=True))
    | {"þ": "th", "Þ": "Th", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ŋ": "ng", "Ŋ": "Ng"}
)
"""What has no decomposition in Unicode, and the nearest that newspapers print."""


class Speller:
    """Writes English in the letters that a model has pieces for."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._letters = frozenset(piece for piece in pieces if len(piece) == 1) | {" "}

    def spelled(self, text: str) -> str | None:
        """Return the text in the model's letters, accents dropped where it must be; None where it cannot be.

        Its quotation marks are straight. No Latin letter with a decomposition is lost: `Ĕ` becomes `E`.
        """
        text = " ".join(unicodedata.normalize("NFKC", text).translate(_STRAIGHT).split())
        if self._letters.issuperset(text):
            return text
        folded = " ".join("".join(c if c in self._letters else self._folded(c) for c in text).split())
        return folded if self._letters.issuperset(folded) else None

    def _folded(self, letter: str) -> str:
        plain = unicodedata.normalize("NFD", letter.translate(_FOLDS))
        return "".join(c for c in plain if not unicodedata.combining(c)).translate(_FOLDS)


def count(pairs: Iterable[Pair], whole: Tokenizer, source: Counter[int], english: Counter[int]) -> None:
    """Add to the counters how often each of e5's pieces comes on each side."""
    batch = list(pairs)
    for counter, texts in (
        (source, [pair.foreign for pair in batch]),
        (english, [pair.english for pair in batch]),
    ):
        for encoding in whole.encode_batch(texts, add_special_tokens=False):
            counter.update(encoding.ids)


def chosen(model: E5, source: Counter[int], english: Counter[int], total: int, outputs: int) -> list[int]:
    """Return the pieces to keep, by index: special ones, `outputs` - 4 for English, the rest for sources.

    English first takes every single letter it may need, then its most frequent pieces in Latin script;
    so any name can be spelled, at worst letter by letter.
    """
    index = {piece: i for i, piece in enumerate(model.pieces)}
    writable = frozenset(LETTERS)
    out = [index[letter] for letter in LETTERS if letter in index]
    out += (i for i, _ in _by_count(english) if writable.issuperset(model.pieces[i]))
    out = [i for i in dict.fromkeys(out) if i >= SPECIAL][: outputs - SPECIAL]
    rest = [index[letter] for letter in SOURCE_LETTERS if letter in index]
    rest += (i for i, _ in _by_count(source + english))
    taken = {*range(SPECIAL), *out}
    rest = [i for i in dict.fromkeys(rest) if i not in taken][: total - SPECIAL - len(out)]
    return [*range(SPECIAL), *out, *rest]


def _by_count(counter: Counter[int]) -> list[tuple[int, int]]:
    """Return counts, highest first, ties by index: the same for any order of counting."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def pruned(model: E5, kept: list[int], layers: int) -> E5:
    """Return the model with these pieces alone, in this order, and its first `layers` layers."""
    names = [
        name for name in model.tensors if name.startswith("emb.") or int(_LAYER.findall(name)[0]) < layers
    ]
    tensors = {name: model.tensors[name] for name in names}
    tensors["emb.word"] = tensors["emb.word"][kept]
    return E5(
        model.width, min(layers, model.layers), model.heads, model.ffn,
        tuple(model.pieces[i] for i in kept), np.round(model.scores[kept], 4), UNKNOWN, tensors,
    )  # fmt: skip


_LAYER = re.compile(r"^l(\d+)\.")


def source_tokenizer(model: E5) -> Tokenizer:
    """Return the tokenizer of what is translated, over all pieces."""
    reads = ((DROPPED, ""), (f"[{SINGLE}]", "'"), (f"[{DOUBLE}]", '"'))
    return tokenizer(model.pieces, model.scores.tolist(), UNKNOWN, reads)


def english_tokenizer(model: E5, outputs: int) -> Tokenizer:
    """Return the tokenizer of English, over the output pieces: a spelled text never gives `<unk>`."""
    return tokenizer(model.pieces[:outputs], model.scores[:outputs].tolist(), UNKNOWN)


def joined(pieces: Iterable[str]) -> str:
    """Return the text that pieces spell."""
    return "".join(pieces).replace("▁", " ").strip()
