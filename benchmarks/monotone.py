"""How well translations of each other are aligned, beside `galechurch` and `sentalign` where those install.

`python -m benchmarks.monotone --data DIR [--head N] [--made DIR] [--scale N] [--no-peers]` prints a table on
stderr and the same numbers as JSON on stdout: strict and lax F1, seconds including encoding, tokens encoded
for each token of the input, and how far scores are from shares of right beads. DIR holds published documents
in Vecalign's layout, of which `--head` takes the first N source lines; `--made` takes a folder of
line-aligned texts (`monotone_documents`) and reports the half that weights are not fitted to; `--scale`
aligns N by N sentences of noise, once encoded. `benchmarks.monotone_fit` tells what holds of texts that
weights were not fitted to.

`sentalign` has every run of up to eight sentences encoded: 35 tokens for each token of Text+Berg dev, which
takes the embedded encoder 11 minutes on two cores. `--head 100` gives its row in a few.
"""

import argparse
import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.monotone_documents import Document, head, made, published
from pipeline.align import ladder, monotone
from pipeline.engines import embedded
from pipeline.engines.ports import Encoder, Floats, TokenStates
from pipeline.evaluate import pooled
from pipeline.records import Bead

Aligner = Callable[[Sequence[str], Sequence[str]], list[Bead]]

BINS = 10
WORDS = (8, 40)  # tokens of a sentence of noise: 24 in the mean, as in news
LETTERS, CLAUSE = 5, 8  # of a token of noise; tokens up to a comma


@dataclass(frozen=True, slots=True)
class Row:
    """One aligner on one set of documents; `tokens` is encoded tokens a token of the input."""

    aligner: str
    documents: str
    strict: float
    strict_precision: float
    strict_recall: float
    lax: float
    seconds: float
    tokens: float | None = None
    calibration_error: float | None = None

    def line(self) -> str:
        tokens = "" if self.tokens is None else f"{self.tokens:.2f}"
        error = "" if self.calibration_error is None else f"{self.calibration_error:.3f}"
        return (
            f"{self.documents:10} {self.aligner:10} {self.strict:.4f}  {self.strict_precision:.4f}  "
            f"{self.strict_recall:.4f}  {self.lax:.4f}  {self.seconds:7.1f}  {tokens:>6}  {error:>6}"
        )


class Counting:
    """An encoder that counts the tokens it gave states for."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.tokens = encoder, 0
        self.signature, self.width = encoder.signature, encoder.width

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        found = self._encoder.encode(texts)
        self.tokens += sum(len(text.states) for text in found)
        return found


def measured(
    name: str, label: str, documents: Sequence[Document], aligner: Aligner, encoder: Counting
) -> Row:
    """Align every document and score the beads of all together."""
    before = encoder.tokens
    for document in documents:
        encoder.encode([*document.source, *document.target])
    plain, before = encoder.tokens - before, encoder.tokens
    begun = time.perf_counter()
    found = [aligner(document.source, document.target) for document in documents]
    seconds, encoded = time.perf_counter() - begun, encoder.tokens - before
    scores = pooled(
        (document.gold, [(bead.source, bead.target) for bead in beads])
        for document, beads in zip(documents, found, strict=True)
    )
    judged = [
        (bead.score, (bead.source, bead.target) in set(document.gold))
        for document, beads in zip(documents, found, strict=True)
        for bead in beads
        if bead.score is not None
    ]
    return Row(
        name,
        label,
        strict=round(scores.strict.f1, 4),
        strict_precision=round(scores.strict.precision, 4),
        strict_recall=round(scores.strict.recall, 4),
        lax=round(scores.lax.f1, 4),
        seconds=round(seconds, 1),
        tokens=round(encoded / plain, 3) if encoded else None,
        calibration_error=round(calibration_error(judged), 4) if judged else None,
    )


def calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error over bins of equal width (Guo et al. 2017)."""
    score, right = np.array([s for s, _ in judged]), np.array([float(r) for _, r in judged])
    at = np.minimum((score * BINS).astype(int), BINS - 1)
    bins = [at == k for k in np.unique(at)]
    return float(sum(abs(score[one].mean() - right[one].mean()) * one.mean() for one in bins))


def peers(encoder: Encoder) -> dict[str, Aligner]:
    """Return the peers that are installed; say on stderr which are not."""
    found: dict[str, Aligner] = {}
    for name, wrap in (
        ("galechurch", _galechurch),
        ("sentalign", lambda module: _sentalign(module, encoder)),
    ):
        try:
            found[name] = wrap(importlib.import_module(name))
        except ImportError as error:
            print(f"{name}: not installed ({error}), no row", file=sys.stderr)
    return found


def _galechurch(module: Any) -> Aligner:  # a peer that need not be there has no types
    def aligned(source: Sequence[str], target: Sequence[str]) -> list[Bead]:
        lines = module.align(list(source), list(target)).to_pharaoh_lines()
        return ladder.load("\n".join(lines), "galechurch")

    return aligned


def _sentalign(module: Any, encoder: Encoder) -> Aligner:
    """Vecalign's dynamic programme with our encoder, with a pass for every run of sentences."""

    def vectors(texts: Iterable[str]) -> Floats:
        return np.stack([text.states.mean(axis=0) for text in encoder.encode(list(texts))])

    def aligned(source: Sequence[str], target: Sequence[str]) -> list[Bead]:
        result = module.sentalign(list(source), list(target), vectors)
        return [Bead(tuple(one.src_indices), tuple(one.tgt_indices), None) for one in result.alignments]

    return aligned


def noise(count: int, seed: int = 1) -> tuple[list[TokenStates], list[str]]:
    """Return `count` sentences of random states, and a line for each."""
    chance = np.random.default_rng(seed)
    texts, lines = [], []
    for tokens in chance.integers(*WORDS, size=count, endpoint=True):
        states = chance.standard_normal((tokens, embedded.E5Encoder.width), dtype=np.float32)
        starts = LETTERS * np.arange(tokens, dtype=np.int32)
        texts.append(TokenStates(states, starts, starts + LETTERS))
        words = ["xxxx," if at % CLAUSE == CLAUSE - 1 else "xxxxx" for at in range(tokens)]
        lines.append("X" + "".join(words)[1:-1] + ".")
    return texts, lines


def scaled(count: int) -> dict[str, float]:
    """Align a text of noise with itself, less every tenth sentence and with its states blurred."""
    source, lines = noise(count)
    chance = np.random.default_rng(2)
    kept = [i for i in range(count) if i % 10]
    target = [_blurred(source[i], chance) for i in kept]
    before = _peak_mb()
    begun = time.perf_counter()
    beads = monotone.beads(source, target, lines, [lines[i] for i in kept])
    seconds = time.perf_counter() - begun
    right = {((i,), (j,)) for j, i in enumerate(kept)}
    found = {(bead.source, bead.target) for bead in beads}
    return {
        "source": count,
        "target": len(kept),
        "seconds": round(seconds, 1),
        "states_mb": before,
        "peak_mb": _peak_mb(),
        "recall": round(len(right & found) / len(right), 4),
    }


def _blurred(text: TokenStates, chance: np.random.Generator) -> TokenStates:
    shift = chance.standard_normal(text.states.shape, dtype=np.float32)
    return TokenStates(text.states + shift, text.starts, text.ends)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="published documents")
    parser.add_argument("--made", type=Path, help="line-aligned texts")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--head", type=int, help="source lines of a published document, the first ones")
    parser.add_argument("--scale", type=int, help="sentences a side")
    options = parser.parse_args()
    found: dict[str, object] = {}
    if options.scale:
        found["scale"] = scaled(options.scale)
        print(found["scale"], file=sys.stderr)
    sets: dict[str, list[Document]] = {}
    if options.data:
        documents = published(options.data)
        sets[options.data.name] = (
            [head(one, options.head) for one in documents] if options.head else documents
        )
    if options.made:
        for half, document in made(options.made):
            if half:
                sets[document.name] = [document]
    if sets:
        encoder = Counting(embedded.load())
        ours: dict[str, Aligner] = {
            "synoptic": lambda source, target: monotone.align(source, target, encoder)
        }
        others = peers(encoder) if options.peers else {}
        print(
            "documents  aligner    strict  precis.  recall  lax     seconds  tokens  calib.", file=sys.stderr
        )
        rows = []
        for label, documents in sets.items():
            for name, aligner in (ours | others).items():
                rows.append(measured(name, label, documents, aligner, encoder))
                print(rows[-1].line(), file=sys.stderr)
        found["rows"] = [asdict(row) for row in rows]
    print(json.dumps(found))


def _peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


if __name__ == "__main__":
    main()
