"""One sitting of training: box and checkpoint in, checkpoint and curve out."""

import json
import signal
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from pipeline.engines.e5 import E5
from pipeline.evaluate import quality
from training import box, checkpoint
from training.batches import Stream
from training.checkpoint import Checkpoint
from training.dev import Dev
from training.greedy import greedy
from training.loop import Hooks, Mark, Plan, Run, train
from training.network import Memory, from_e5, trained_memory
from training.priming import prime
from training.recut import recut
from training.shipped import shipped
from training.vocabulary import SPECIAL, joined, source_tokenizer

Device = Literal["cpu", "cuda"]

CHECKPOINT, CURVE = "checkpoint.pt", "curve.jsonl"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a sitting is besides its plan."""

    device: Device
    decoder_layers: int
    dropout: float
    tokens: int
    mix: Mapping[str, float]
    threads: int = 2
    compiled: bool = False
    recut: float = 0.0


def learn(
    folder: Path,
    run_folder: Path,
    plan: Plan,
    setting: Setting,
    *,
    dev: Dev | None = None,
    begin: Path | None = None,
    say: Callable[[str], None],
) -> Run:
    """Train until the plan ends or SIGTERM comes, going on from the run's checkpoint where it has one.

    Without one the run begins from `begin`, another run's checkpoint or an exported folder, or from e5. The
    checkpoint is kept in `run_folder`, and every mark and look at the dev set is a line of its `curve.jsonl`;
    a run that was killed says some steps twice.
    """
    torch.set_num_threads(setting.threads)
    torch.set_float32_matmul_precision("high")  # what little is not bf16 on a GPU
    model, outputs = box.read_model(folder)
    before = run_folder / CHECKPOINT if (run_folder / CHECKPOINT).exists() else begin
    found = _found(before, model) if before else None
    layers = found.decoder_layers if found else setting.decoder_layers
    torch.manual_seed(plan.seed)
    network = from_e5(model, outputs, layers, setting.dropout).to(setting.device)
    pairs = {lang: box.read_pairs(folder, lang) for lang in setting.mix}
    if not found:
        prime(network, pairs, setting.mix)
    run = Run(network, plan, found)
    if before:
        say(f"going on from {before}: step {run.progress.step}, {run.progress.tokens} tokens")
    if setting.compiled:
        for layer in nn.ModuleList([*network.encoder.layers, *network.decoder.layers]):
            layer.compile(dynamic=True)  # layers are alike: each kind is compiled once
    stream = Stream(
        pairs,
        setting.mix,
        setting.tokens,
        plan.seed,
        multiple=8 if setting.device == "cuda" else 1,  # what tensor cores want
        recut=recut(model.pieces, model.scores, SPECIAL, setting.recut) if setting.recut else None,
    )
    run_folder.mkdir(parents=True, exist_ok=True)
    curve = run_folder / CURVE

    def mark(at: Mark) -> None:
        _append(curve, asdict(at))
        say(f"step {at.step} {at.tokens} tokens loss {at.loss} rate {at.rate:.2e} {at.tokens_per_s} tokens/s")

    def look(run: Run) -> None:
        if dev is None:
            return
        at = run.progress
        line = {
            "step": at.step,
            "tokens": at.tokens,
            "seconds": round(at.seconds),
            "lines": len(dev.english),
            "dev": looked(run, model, dev),
        }
        _append(curve, line)
        say(f"dev {json.dumps(line)}")

    def save(run: Run) -> None:
        checkpoint.save(run_folder / CHECKPOINT, run.checkpoint())

    stopped: list[int] = []
    earlier = signal.signal(signal.SIGTERM, lambda number, frame: stopped.append(number))
    try:
        hooks = Hooks(save, mark, look, lambda: bool(stopped))
        train(run, stream, memory(run, model, folder, setting), hooks)
    finally:
        signal.signal(signal.SIGTERM, earlier)
    return run


def _found(path: Path, model: E5) -> Checkpoint:
    """Read a checkpoint, or the folder of a model that was exported."""
    return shipped(path, model.pieces, model.width) if path.is_dir() else checkpoint.read(path)


def looked(run: Run, model: E5, dev: Dev) -> dict[str, dict[str, float]]:
    """Return BLEU and chrF2 by language of what the averaged network says greedily."""
    tokenizer = source_tokenizer(model)
    found = {}
    with run.averaged() as network, torch.autocast("cuda", torch.bfloat16, enabled=network.bias.is_cuda):
        for lang, sources in dev.sources.items():
            rows = tokenizer.encode_batch(list(sources), add_special_tokens=False)
            said = greedy(network, [row.ids[:200] for row in rows])
            got = quality([joined(model.pieces[i] for i in ids) for ids in said], dev.english)
            found[lang] = {"bleu": got.bleu, "chrf2": got.chrf2}
    return found


def memory(run: Run, model: E5, folder: Path, setting: Setting) -> Memory:
    """Return the encoder: int8 where it is e5's own and the CPU runs it, the network's otherwise."""
    own = any(name.startswith("encoder.") for name in run.kept)
    if setting.device == "cuda" or own:
        return trained_memory(run.network)
    from training.frozen import frozen_memory  # noqa: PLC0415  # a GPU box needs no CTranslate2

    return frozen_memory(model, folder / "encoder-int8", setting.threads)


def _append(path: Path, line: Mapping[str, object]) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(line) + "\n")
