"""Corpus to box: counts pieces, prunes e5, then filters and tokenises on all cores."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from pipeline.engines.e5 import E5
from pipeline.engines.e5_pieces import tokenizer
from training import box, corpus, names
from training.box import LONGEST, Tokenised
from training.corpus import SOURCES, Pair, Tally
from training.vocabulary import (
    UNKNOWN,
    Speller,
    chosen,
    count,
    english_tokenizer,
    pruned,
    source_tokenizer,
)

_VARIANTS = 6  # of a sentence with a name: a country of two hundred then comes some dozens of times
_AT_ONCE = 20_000  # pairs a task: some seconds of work


def prune(model: E5, data: Path, total: int, outputs: int, layers: int) -> E5:
    """Return e5's first layers with the `total` pieces that the corpus needs, `outputs` for English first."""
    whole = tokenizer(model.pieces, model.scores.tolist(), model.unknown)
    source: Counter[int] = Counter()
    english: Counter[int] = Counter()
    for lang in SOURCES:
        for batch in _batches(corpus.read(corpus.corpus_file(data, lang))):
            count(batch, whole, source, english)
    return pruned(model, chosen(model, source, english, total, outputs), layers)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what becomes of a pair: small, so that it travels to every process."""

    box: Path
    lang: str
    held_out: tuple[str, ...] = ()
    written: Path | None = None


def tokenise(recipe: Recipe, data: Path, workers: int) -> tuple[Tokenised, Tally]:
    """Return the language's pairs that may be learnt from, tokenised, and the count of the others.

    Two reasons to reject are known only here: `unspellable` English, and more `pieces` a side than LONGEST.
    """
    batches = _batches(_pairs(recipe, corpus.corpus_file(data, recipe.lang)))
    if workers <= 1:
        work = _worker(recipe)
        return _gathered(map(work, batches))
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(recipe,)) as pool:
        return _gathered(pool.map(_work, batches))


def _pairs(recipe: Recipe, collected: Path) -> Iterator[Pair]:
    """Yield what was collected, what was written, and what becomes of both when names change places."""
    written = list(corpus.read_written(recipe.written, recipe.lang)) if recipe.written else []
    useful = []
    for pair in corpus.read(collected):
        yield pair
        if pair.origin.startswith(names.CARRIERS + names.GAZETTEERS):
            useful.append(pair)
    yield from written
    yield from names.names(recipe.lang, written, useful).varied(chain(written, useful), _VARIANTS)


class _Tokenizers:
    def __init__(self, model: E5, outputs: int) -> None:
        self.source = source_tokenizer(model)
        self.english = english_tokenizer(model, outputs)
        self.speller = Speller(model.pieces[:outputs])


def _tokenised_batch(
    pairs: Sequence[Pair], chosen_filters: corpus.Filters, tokenizers: _Tokenizers
) -> tuple[Tokenised, Tally]:
    tally = Tally()
    kept: list[tuple[str, str, float]] = []
    for pair in pairs:
        why = corpus.reason(pair, chosen_filters)
        english = None if why else tokenizers.speller.spelled(pair.english)
        if english is None:
            tally.rejected[why or "unspellable"] += 1
        else:
            kept.append((pair.foreign, english, corpus.weight(pair)))
    sources, targets, weights = [], [], []
    source_rows = tokenizers.source.encode_batch(
        [foreign for foreign, _, _ in kept], add_special_tokens=False
    )
    english_rows = tokenizers.english.encode_batch(
        [english for _, english, _ in kept], add_special_tokens=False
    )
    for (_, _, weight), source, english_row in zip(kept, source_rows, english_rows, strict=True):
        if not (0 < len(source.ids) <= LONGEST and 0 < len(english_row.ids) <= LONGEST):
            tally.rejected["pieces"] += 1
            continue
        assert UNKNOWN not in english_row.ids, "what the speller returns can be spelled"
        sources.append(source.ids)
        targets.append(english_row.ids)
        weights.append(weight)
    tally.kept = len(weights)
    lengths = np.array([[len(s), len(t)] for s, t in zip(sources, targets, strict=True)], dtype=np.uint8)
    return (
        box.tokenised(
            np.fromiter(chain.from_iterable(sources), dtype=np.uint16),
            np.fromiter(chain.from_iterable(targets), dtype=np.uint16),
            lengths.reshape(-1, 2),
            np.array(weights, dtype=np.float32),
        ),
        tally,
    )


_own: list[
    Callable[[Sequence[Pair]], tuple[Tokenised, Tally]]
] = []  # one a worker process, made when it starts


def _start(recipe: Recipe) -> None:
    _own[:] = [_worker(recipe)]


def _work(pairs: Sequence[Pair]) -> tuple[Tokenised, Tally]:
    return _own[0](pairs)


def _worker(recipe: Recipe) -> Callable[[Sequence[Pair]], tuple[Tokenised, Tally]]:
    model, outputs = box.read_model(recipe.box)
    return partial(
        _tokenised_batch,
        chosen_filters=corpus.filters(recipe.lang, recipe.held_out),
        tokenizers=_Tokenizers(model, outputs),
    )


def _gathered(done: Iterable[tuple[Tokenised, Tally]]) -> tuple[Tokenised, Tally]:
    parts, tally = [], Tally()
    for part, its in done:
        parts.append(part)
        tally.add(its)
    return box.joined(parts), tally


def _batches(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    rest = iter(pairs)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
