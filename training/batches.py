"""In what order pairs are learnt from: a stream that any position can be taken up from again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.box import Tokenised
from training.recut import Recut
from training.vocabulary import END, PAD, START

IGNORED = -100  # the label that PyTorch's cross entropy passes over
_CHUNK = 40_000  # pairs that are sorted by length together, so that a batch's rows are alike

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the stream a run is: a batch of a chunk."""

    chunk: int = 0
    batch: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Padded rows: `<s> source </s>` with its length, `</s> english` to go on from, `english </s>` to say.

    `after` is the position of the next batch.
    """

    source: Numbers
    lengths: Numbers
    before: Numbers
    labels: Numbers
    after: Position

    @property
    def tokens(self) -> int:
        """English pieces to say, the end included."""
        return int((self.labels != IGNORED).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """All languages' pairs, in shares of `mix`, in batches of at most `tokens` padded pieces of both sides.

    A pass over a language brings a pair as often as its weight says, a weight of 0.5 every other pass. The
    same seed and position give the same batches. Rows are padded to multiples of `multiple`. With `recut`
    some of the source's pieces are cut in two.
    """

    pairs: Mapping[str, Tokenised]
    mix: Mapping[str, float]
    tokens: int
    seed: int = 1
    multiple: int = 1
    chunk: int = _CHUNK
    recut: Recut | None = None

    def batches(self, start: Position) -> Iterator[Batch]:
        """Yield batches from the position on, without end."""
        at = start
        while True:
            groups = self._groups(at.chunk)
            for number in range(at.batch, len(groups)):
                last = number + 1 == len(groups)
                after = Position(at.chunk + 1) if last else Position(at.chunk, number + 1)
                random = np.random.default_rng((self.seed, 0x2EC7, at.chunk, number))
                yield self._batch(groups[number], after, random)
            at = Position(at.chunk + 1)

    def _groups(self, chunk: int) -> list[list[tuple[str, int]]]:
        """Return the chunk's batches as (language, row) lists, shuffled."""
        total = sum(self.mix.values())
        rows: list[tuple[str, int]] = []
        lengths = np.zeros((0, 2), dtype=np.int64)
        for number, (lang, share) in enumerate(self.mix.items()):
            size = round(self.chunk * share / total)
            drawn = drawn_rows(self.pairs[lang].weights, chunk * size, size, (self.seed, number))
            rows += ((lang, row) for row in drawn.tolist())
            lengths = np.concatenate([lengths, self.pairs[lang].lengths[drawn]])
        random = np.random.default_rng((self.seed, 0x0BDE, chunk))
        wider = lengths[:, 0] - lengths[:, 1]  # both sides of a batch's rows are alike: 4% of it is padding
        order = np.lexsort((random.random(len(rows)), wider, lengths.max(axis=1) // 2))
        groups = [[rows[i] for i in group] for group in cut(order, lengths, self.tokens)]
        return [groups[i] for i in random.permutation(len(groups))]

    def _batch(self, group: Sequence[tuple[str, int]], after: Position, random: np.random.Generator) -> Batch:
        sources, targets = [], []
        for lang, row in group:
            pairs = self.pairs[lang]
            source = pairs.source[pairs.source_at[row] : pairs.source_at[row + 1]]
            sources.append(self.recut.again(source, random) if self.recut else source)
            targets.append(pairs.english[pairs.english_at[row] : pairs.english_at[row + 1]])
        ends = [np.array([END])] * len(group)
        starts = [np.array([START])] * len(group)
        return Batch(
            source=self._padded([starts, sources, ends], PAD),
            lengths=np.array([len(source) + 2 for source in sources]),
            before=self._padded([ends, targets], PAD),
            labels=self._padded([targets, ends], IGNORED),
            after=after,
        )

    def _padded(self, columns: Sequence[Sequence[npt.NDArray[np.integer]]], fill: int) -> Numbers:
        rows = [np.concatenate(parts) for parts in zip(*columns, strict=True)]
        longest = max(map(len, rows))
        padded = np.full((len(rows), -(-longest // self.multiple) * self.multiple), fill, dtype=np.int64)
        for row, ids in zip(padded, rows, strict=True):
            row[: len(ids)] = ids
        return padded


def drawn_rows(
    weights: npt.NDArray[np.float32], start: int, size: int, seed: tuple[int, ...]
) -> npt.NDArray[np.int64]:
    """Return places `start` to `start + size` of the endless stream of passes over the rows."""
    length = max(1, round(float(weights.sum(dtype=np.float64))))
    taken = []
    while size > 0:
        number, offset = divmod(start, length)
        taken.append(one_pass(weights, length, (*seed, number))[offset : offset + size])
        start += len(taken[-1])
        size -= len(taken[-1])
    return np.concatenate(taken) if taken else np.zeros(0, dtype=np.int64)


def one_pass(weights: npt.NDArray[np.float32], length: int, seed: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Return `length` rows in random order, each floor or ceiling of `weight * length / sum(weights)` times.

    Systematic sampling (Madow 1949): one random offset, then even steps through the summed weights.
    """
    random = np.random.default_rng(seed)
    summed = np.cumsum(weights, dtype=np.float64)
    steps = (np.arange(length) + random.random()) * (summed[-1] / length)
    rows = np.minimum(np.searchsorted(summed, steps, side="right"), len(weights) - 1)
    return random.permutation(rows)


def cut(order: npt.NDArray[np.intp], lengths: Numbers, tokens: int) -> Iterator[npt.NDArray[np.intp]]:
    """Cut rows in order of length into groups of at most `tokens` padded pieces; a longer row is alone."""
    begin, source, english = 0, 0, 0
    for end, (s, t) in enumerate(lengths[order]):
        wider, longer = max(source, s + 2), max(english, t + 1)
        if end > begin and (wider + longer) * (end - begin + 1) > tokens:
            yield order[begin:end]
            begin, wider, longer = end, s + 2, t + 1
        source, english = wider, longer
    if begin < len(order):
        yield order[begin:]
