"""An exported folder read back as a checkpoint, so that a run goes on from the model that ships."""

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

from pipeline.engines.ports import Floats
from pipeline.errors import InputError
from training.checkpoint import Checkpoint
from training.network import tie

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
"""CTranslate2's numbers of types (`ctranslate2/specs/model_spec.py`, 4.8); the last is bfloat16."""


def shipped(folder: Path, pieces: Sequence[str], width: int) -> Checkpoint:
    """Return what `export` wrote: all layers and the decoder, each within half a step of int8.

    Vectors of source pieces and places are left to the box, whose pieces must be the folder's: InputError,
    as for a file that is no model.
    """
    try:
        own = json.loads((folder / "source_vocabulary.json").read_text(encoding="utf-8"))
        stored = _stored(folder / "model.bin")
        average = {name: torch.from_numpy(np.array(value)) for name, value in _named(stored, width)}
    except (OSError, ValueError, KeyError, struct.error) as error:
        raise InputError(folder, f"not an exported model: {error}") from error
    if list(own) != list(pieces):
        raise InputError(folder, "made with other pieces than the box's: prepare the box from the same data")
    return Checkpoint(dict(average), average)


def _stored(path: Path) -> dict[str, Floats]:
    """Return the file's arrays by name, quantised ones as what they stand for."""
    with path.open("rb") as file:
        _numbers(file, "I")  # the format's version
        _string(file)
        _numbers(file, "I")  # the spec's
        arrays = dict(_array(file) for _ in range(_numbers(file, "I")[0]))
        same = {_string(file): _string(file) for _ in range(_numbers(file, "I")[0])}
    found = {
        name: value.astype(np.float32) / arrays[f"{name}_scale"].reshape(-1, 1)
        if f"{name}_scale" in arrays
        else value.astype(np.float32)
        for name, value in arrays.items()
    }
    return found | {name: found[other] for name, other in same.items()}


def _array(file: BinaryIO) -> tuple[str, Floats]:
    name = _string(file)
    shape = _numbers(file, "I" * _numbers(file, "B")[0])
    kind, size = _numbers(file, "B")[0], _numbers(file, "I")[0]
    return name, np.frombuffer(file.read(size), _TYPES[kind]).reshape(shape)


def _numbers(file: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(f"<{form}", file.read(struct.calcsize(f"<{form}")))


def _string(file: BinaryIO) -> str:
    return file.read(_numbers(file, "H")[0]).rstrip(b"\0").decode()


def _named(stored: Mapping[str, Floats], width: int) -> Iterator[tuple[str, Floats]]:
    """Yield the network's weights by its own names: the way of `export` back."""
    yield "decoder.pieces.weight", stored["decoder/projection/weight"] / np.float32(tie(width))
    yield "bias", stored["decoder/projection/bias"]
    yield "decoder.places.weight", stored["decoder/position_encodings/encodings"]
    yield from _norm(stored, "decoder/layernorm_embedding", "decoder.norm")
    ends = [
        name.removesuffix("/ffn/linear_0/bias").split("/")
        for name in stored
        if name.endswith("/ffn/linear_0/bias")
    ]
    for side, layer in ends:
        i = layer.removeprefix("layer_")
        theirs, ours = f"{side}/{layer}", f"{side}.layers.{i}"
        at, own = f"{theirs}/self_attention", f"{ours}.attention"
        yield from _linear(stored, f"{at}/linear_0", [f"{own}.{part}" for part in ("query", "key", "value")])
        yield from _linear(stored, f"{at}/linear_1", [f"{own}.output"])
        yield from _norm(stored, f"{at}/layer_norm", f"{own}.norm")
        if side == "decoder":
            at, own = f"{theirs}/attention", f"{ours}.cross"
            yield from _linear(stored, f"{at}/linear_0", [f"{own}.query"])
            yield from _linear(stored, f"{at}/linear_1", [f"{own}.key", f"{own}.value"])
            yield from _linear(stored, f"{at}/linear_2", [f"{own}.output"])
            yield from _norm(stored, f"{at}/layer_norm", f"{own}.norm")
        at, own = f"{theirs}/ffn", f"{ours}.feed_forward"
        yield from _linear(stored, f"{at}/linear_0", [f"{own}.input"])
        yield from _linear(stored, f"{at}/linear_1", [f"{own}.output"])
        yield from _norm(stored, f"{at}/layer_norm", f"{own}.norm")


def _linear(stored: Mapping[str, Floats], theirs: str, ours: Sequence[str]) -> Iterator[tuple[str, Floats]]:
    """Yield the matrices and biases that CTranslate2 keeps in one."""
    for kind in ("weight", "bias"):
        for name, part in zip(ours, np.split(stored[f"{theirs}/{kind}"], len(ours)), strict=True):
            yield f"{name}.{kind}", part


def _norm(stored: Mapping[str, Floats], theirs: str, ours: str) -> Iterator[tuple[str, Floats]]:
    yield f"{ours}.weight", stored[f"{theirs}/gamma"]
    yield f"{ours}.bias", stored[f"{theirs}/beta"]
