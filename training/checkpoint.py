"""What a run leaves behind: weights, their moving average, the optimiser's memory, and how far it came."""

import os
import pickle
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from pipeline.errors import InputError
from training.batches import Position

Weights = dict[str, Tensor]


@dataclass(slots=True)
class Progress:
    """How far a run came; `began` is the step at which its present optimiser started from nothing."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    chunk: int = 0
    batch: int = 0
    began: int = 0

    @property
    def position(self) -> Position:
        return Position(self.chunk, self.batch)

    @position.setter
    def position(self, position: Position) -> None:
        self.chunk, self.batch = position.chunk, position.batch


@dataclass(slots=True)
class Checkpoint:
    """A run at one step. Weights that it never trained are not in it: they are the box's.

    `memory` has, for a weight's name, what the optimiser remembers of it.
    """

    weights: Weights
    average: Weights
    progress: Progress = field(default_factory=Progress)
    memory: dict[str, Weights] = field(default_factory=dict)

    @property
    def decoder_layers(self) -> int:
        found = (re.match(r"decoder\.layers\.(\d+)\.", name) for name in self.average)
        return 1 + max(int(match[1]) for match in found if match)

    @property
    def outputs(self) -> int:
        return len(self.average["bias"])


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint, whole or not at all."""
    _write(
        path,
        {
            "weights": checkpoint.weights,
            "average": checkpoint.average,
            "progress": asdict(checkpoint.progress),
            "memory": checkpoint.memory,
        },
    )


def save_compact(path: Path, checkpoint: Checkpoint) -> None:
    """Write the moving average alone, a byte a weight: matrices as int8 with a scale a row, the rest float16.

    CTranslate2's int8 is made in the same way, so a model exported from it is the same; a run that goes on
    from it has its weights within 0.4% of a row's largest.
    """
    parts: Weights = {}
    for name, weight in checkpoint.average.items():
        if weight.ndim == 2:
            scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / 127
            parts[name + _BYTES] = (weight / scale).round().to(torch.int8)
            parts[name + _SCALE] = scale
        else:
            parts[name] = weight.half()
    _write(path, {"compact": parts, "progress": asdict(checkpoint.progress)})


_BYTES, _SCALE = "#int8", "#scale"


def read(path: Path) -> Checkpoint:
    """Read either, or the checkpoint of the recipe that came before. InputError: it is none of them."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        if "compact" in content:
            average = _expanded(content["compact"])
            return Checkpoint(dict(average), average, Progress(**content["progress"]))
        if "ema" in content:
            return _of_first_recipe(content)
        return Checkpoint(
            content["weights"], content["average"], Progress(**content["progress"]), content["memory"]
        )
    except (OSError, KeyError, TypeError, RuntimeError, pickle.UnpicklingError, EOFError) as error:
        raise InputError(path, f"not a checkpoint: {error}") from error


def _expanded(parts: Mapping[str, Tensor]) -> Weights:
    return {
        name.removesuffix(_BYTES): value.float() * parts[name.removesuffix(_BYTES) + _SCALE]
        if name.endswith(_BYTES)
        else value.float()
        for name, value in parts.items()
        if not name.endswith(_SCALE)
    }


_FIRST = {
    "te": "decoder.pieces", "tp": "decoder.places", "tln": "decoder.norm", "dec": "decoder.layers",
    "a": "attention", "c": "cross", "f": "feed_forward", "q": "query", "k": "key", "v": "value",
    "i": "input", "o": "output", "ln": "norm", "b": "bias",
}  # fmt: skip
"""The first recipe's names of weights. Its optimiser's memory is left: Adam forgets in 50 steps."""


def _of_first_recipe(content: Mapping[str, Mapping[str, Tensor]]) -> Checkpoint:
    def renamed(weights: Mapping[str, Tensor]) -> Weights:
        return {
            ".".join(_FIRST.get(part, part) for part in name.split(".")): weight
            for name, weight in weights.items()
        }

    counts = content["st"]
    step, tokens = int(counts["step"]), int(counts["tok"])
    progress = Progress(step, tokens, float(counts["sec"]), began=step)
    return Checkpoint(renamed(content["dec"]), renamed(content["ema"]), progress)


def _write(path: Path, content: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    torch.save(content, part)
    os.replace(part, path)
