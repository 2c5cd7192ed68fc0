"""The training loop: one network, one stream, a plan; it stops and goes on as if it had not stopped."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.errors import ModelError
from training.batches import IGNORED, Batch, Stream
from training.checkpoint import Checkpoint, Progress
from training.network import Memory, Network

Schedule = Literal["constant", "inverse-sqrt", "linear"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to learn, and when to stop: at step `steps`, or after `minutes` from now; 0 is no such limit.

    A plan in steps is the same however often it is stopped; one in minutes begins anew.
    """

    rate: float = 1e-3
    encoder_rate: float = 0.0
    """0 keeps the encoder frozen."""
    free: int = 0
    """The encoder's layers that learn, from the last down; 0 is all."""
    schedule: Schedule = "inverse-sqrt"
    warmup: int = 200
    hold: int = 8000
    """Steps after which `inverse-sqrt` begins to fall."""
    fall: float = 1.0
    """The share of the plan, its end, over which `linear` falls; before, it is constant."""
    smoothing: float = 0.1
    decay: float = 0.999
    """Of the moving average, a step."""
    seed: int = 1
    steps: int = 0
    minutes: float = 0.0
    mark_steps: int = 100
    save_minutes: float = 5.0
    look_minutes: float = 60.0


@dataclass(frozen=True, slots=True)
class Mark:
    """How a run goes: the mean loss of the steps since the last mark, in nats a piece, smoothing included."""

    step: int
    tokens: int
    seconds: int
    loss: float
    rate: float
    tokens_per_s: int


_AVERAGE_EVERY = 10  # steps: the average costs as much as a step of Adam
_FLOOR = 0.02  # of the rate: where `linear` ends


def rate(plan: Plan, progress: Progress, share: float) -> float:
    """Return the factor on the plan's rates; `share` is how much of the plan is done, in 0-1."""
    factor = min(1.0, (progress.step - progress.began + 1) / max(1, plan.warmup))
    if plan.schedule == "inverse-sqrt":
        factor *= min(1.0, math.sqrt(plan.hold / (progress.step + 1)))
    elif plan.schedule == "linear":
        factor *= min(1.0, max(_FLOOR, (1 - share) / plan.fall))
    return factor


class Run:
    """A network that learns, with its moving average and its optimiser."""

    def __init__(self, network: Network, plan: Plan, checkpoint: Checkpoint | None = None) -> None:
        """Begin from the network's weights, or go on from the checkpoint.

        Where the checkpoint lacks the optimiser's memory of a weight that is to be trained, the rate
        warms up again.
        """
        self.network, self.plan = network, plan
        self.progress = checkpoint.progress if checkpoint else Progress()
        if checkpoint:
            _, unexpected = network.load_state_dict(checkpoint.weights, strict=False)
            if unexpected:
                raise ModelError(f"checkpoint: weight {unexpected[0]} is not in the network")
        trained = dict(network.decoder_parameters())
        groups: list[dict[str, object]] = [{"params": list(trained.values()), "base": plan.rate}]
        network.encoder.requires_grad_(False)
        if plan.encoder_rate > 0:
            encoder = dict(network.encoder_parameters(plan.free))
            for weight in encoder.values():
                weight.requires_grad_(True)
            groups.append({"params": list(encoder.values()), "base": plan.encoder_rate})
            trained |= encoder
        self.trained = trained
        self.optimiser = torch.optim.AdamW(
            groups, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=network.bias.is_cuda
        )
        before = checkpoint.average if checkpoint else {}
        self.kept = [name for name, _ in network.named_parameters() if name in trained or name in before]
        values = dict(network.named_parameters())
        self.average = {
            name: (before[name] if name in before else values[name].detach()).to(
                values[name].device, copy=True
            )
            for name in self.kept
        }
        self._remember(checkpoint)

    def _remember(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is None:
            return
        for name, weight in self.trained.items():
            if name in checkpoint.memory:
                self.optimiser.state[weight] = {
                    key: value.to(weight.device, copy=True) for key, value in checkpoint.memory[name].items()
                }
            else:
                self.progress.began = self.progress.step

    def checkpoint(self) -> Checkpoint:
        """Return what goes on from here; its tensors are the run's own."""
        values = dict(self.network.named_parameters())
        return Checkpoint(
            {name: values[name].detach() for name in self.kept},
            self.average,
            self.progress,
            {name: dict(self.optimiser.state[weight]) for name, weight in self.trained.items()},
        )

    def step(self, batch: Batch, memory: Memory, factor: float) -> Tensor:
        """Learn from the batch; return its loss, (), and move the position behind it."""
        device = self.network.bias.device
        source, lengths, before, labels = (
            torch.from_numpy(array).to(device, non_blocking=True)
            for array in (batch.source, batch.lengths, batch.before, batch.labels)
        )
        for group in self.optimiser.param_groups:
            group["lr"] = group["base"] * factor
        torch.manual_seed(self.plan.seed * 1_000_003 + self.progress.step)  # dropout, the same after a stop
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            states, mask = memory(source, lengths)
            said = labels != IGNORED
            logits = self.network.logits(self.network.decode(before, states, mask)[said])
        loss = functional.cross_entropy(logits.float(), labels[said], label_smoothing=self.plan.smoothing)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(list(self.trained.values()), 1.0)
        self.optimiser.step()
        self.progress.step += 1
        self.progress.tokens += batch.tokens
        self.progress.position = batch.after
        if self.progress.step % _AVERAGE_EVERY == 0:
            self._move_average()
        return loss.detach()

    def _move_average(self) -> None:
        """Follow the weights; a young average follows fast, so that it forgets where it began."""
        step = self.progress.step
        keep = min(self.plan.decay, (1 + step) / (10 + step)) ** _AVERAGE_EVERY
        with torch.no_grad():
            for name, weight in self.trained.items():
                self.average[name].lerp_(weight, 1 - keep)

    @contextmanager
    def averaged(self) -> Iterator[Network]:
        """Lend the network with the average as its weights, not training."""
        own = {name: weight.detach().clone() for name, weight in self.network.named_parameters()}
        training = self.network.training
        self.network.load_state_dict(self.average, strict=False)
        self.network.eval()
        try:
            yield self.network
        finally:
            self.network.load_state_dict(own)
            self.network.train(training)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a run does besides learning; `stop` is asked before each step."""

    save: Callable[[Run], None]
    mark: Callable[[Mark], None]
    look: Callable[[Run], None] = lambda run: None
    stop: Callable[[], bool] = lambda: False


def train(run: Run, stream: Stream, memory: Memory, hooks: Hooks) -> None:
    """Learn until the plan ends or `stop` says so; save, and look at the dev set, now and then and last.

    ModelError: the loss is no number any more. The last checkpoint is from before that.
    """
    plan, progress = run.plan, run.progress
    run.network.train()
    if plan.encoder_rate == 0:
        run.network.encoder.eval()
    begin = saved = looked = marked = time.monotonic()
    seconds_before = progress.seconds
    losses: list[Tensor] = []
    counts: list[int] = []
    factor = 0.0

    def mark() -> None:
        nonlocal marked
        now = time.monotonic()
        speed = round(sum(counts) / (now - marked))
        mean = _mean(losses, counts, progress.step)
        hooks.mark(
            Mark(progress.step, progress.tokens, round(progress.seconds), mean, plan.rate * factor, speed)
        )
        marked = now
        losses.clear()
        counts.clear()

    for batch in _ahead(stream.batches(progress.position)):
        share = _done(plan, progress.step, time.monotonic() - begin)
        if share >= 1 or hooks.stop():
            break
        factor = rate(plan, progress, share)
        losses.append(run.step(batch, memory, factor))
        counts.append(batch.tokens)
        now = time.monotonic()
        progress.seconds = seconds_before + now - begin
        if progress.step % plan.mark_steps == 0:
            mark()
        if now - saved > plan.save_minutes * 60:
            _mean(losses, counts, progress.step)  # what is no number is not kept
            hooks.save(run)
            saved = time.monotonic()
        if now - looked > plan.look_minutes * 60:
            hooks.look(run)
            looked = marked = time.monotonic()
    if losses:
        mark()
    hooks.save(run)
    hooks.look(run)


def _done(plan: Plan, step: int, seconds: float) -> float:
    """Return how much of the plan is done: by its steps or its minutes, whichever is further."""
    by_steps = step / plan.steps if plan.steps else 0.0
    return max(by_steps, seconds / (60 * plan.minutes) if plan.minutes else 0.0)


def _mean(losses: Sequence[Tensor], counts: Sequence[int], step: int) -> float:
    if not losses:  # just marked
        return 0.0
    total = (torch.stack(list(losses)).double().cpu() * torch.tensor(counts, dtype=torch.float64)).sum()
    mean = float(total) / sum(counts)
    if not math.isfinite(mean):
        raise ModelError(f"step {step}: the loss is {mean}; go on from the last checkpoint at a lower rate")
    return round(mean, 4)


def _ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Yield the same batches, each made while the one before is learnt from."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, batches)
        while True:
            batch = following.result()
            following = pool.submit(next, batches)
            yield batch
