"""The loop: it learns, and a stop changes nothing."""

import json
import math
import os
import signal
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from pipeline.errors import InputError, ModelError
from tests.training.conftest import LAYERS, OUTPUTS, PLAN, SETTING, stream, tiny_e5
from training import box, checkpoint, learn
from training.checkpoint import Checkpoint, Progress
from training.dev import Dev
from training.learn import CHECKPOINT, CURVE
from training.loop import Hooks, Plan, Run, rate, train
from training.network import Network, from_e5, trained_memory
from training.priming import prime


def sitting(folder: Path, run: Path, plan: Plan, **extra: object) -> Run:
    return learn.learn(folder, run, plan, replace(SETTING, **extra), say=lambda line: None)  # type: ignore[arg-type]


def test_the_loss_falls_on_a_task_that_can_be_learnt(copier: tuple[Path, Run]) -> None:
    """Over a frozen random encoder the decoder learns to copy: the loss falls from a guess's to a tenth.

    A guess is by how often a piece is said: eight pieces and the end are.
    """
    folder, _ = copier
    losses = [json.loads(line)["loss"] for line in (folder / "run" / CURVE).read_text().splitlines()]
    assert 0.6 * math.log(9) < losses[0] < math.log(9)
    assert losses[-1] < 0.1 * math.log(9)


@pytest.mark.parametrize(("encoder_rate", "free"), [(0.0, 0), (1e-3, 0), (1e-3, 1)])
def test_a_stop_changes_nothing(small_box: Path, tmp_path: Path, encoder_rate: float, free: int) -> None:
    """Stopped and taken up again, a run has the very weights, average and memory of one that went through.

    With the frozen encoder that is CTranslate2's and with the network's own; dropout is on, the rate falls.
    """
    torch.use_deterministic_algorithms(True)
    plan = replace(PLAN, encoder_rate=encoder_rate, free=free, steps=12)
    sitting(small_box, tmp_path / "through", plan, dropout=0.1)
    first = sitting_until(small_box, tmp_path / "stopped", plan, 5)
    assert first.progress.step == 5
    sitting(small_box, tmp_path / "stopped", plan, dropout=0.1)
    torch.use_deterministic_algorithms(False)
    one, other = (checkpoint.read(tmp_path / name / CHECKPOINT) for name in ("through", "stopped"))
    assert one.progress.position == other.progress.position
    assert one.progress.tokens == other.progress.tokens
    for own, theirs in ((one.weights, other.weights), (one.average, other.average)):
        assert own.keys() == theirs.keys()
        assert all(torch.equal(own[name], theirs[name]) for name in own)
    assert all(torch.equal(v, other.memory[n][k]) for n, kept in one.memory.items() for k, v in kept.items())


def sitting_until(folder: Path, run_folder: Path, plan: Plan, step: int) -> Run:
    """Train with the plan, but stop at a step, as SIGTERM would."""
    model, outputs = box.read_model(folder)
    torch.manual_seed(plan.seed)
    network = from_e5(model, outputs, 2, 0.1)
    prime(network, {lang: box.read_pairs(folder, lang) for lang in SETTING.mix}, SETTING.mix)
    run = Run(network, plan)
    run_folder.mkdir()
    hooks = Hooks(
        save=lambda run: checkpoint.save(run_folder / CHECKPOINT, run.checkpoint()),
        mark=lambda mark: None,
        stop=lambda: run.progress.step == step,
    )
    train(run, replace(stream(folder), chunk=40_000), learn.memory(run, model, folder, SETTING), hooks)
    return run


def test_sigterm_saves_and_ends(small_box: Path, tmp_path: Path) -> None:
    """A run without an end ends at SIGTERM with its checkpoint written."""
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if line.startswith("step 3 "):
            os.kill(os.getpid(), signal.SIGTERM)

    run = learn.learn(small_box, tmp_path / "run", replace(PLAN, mark_steps=1), SETTING, say=say)
    assert checkpoint.read(tmp_path / "run" / CHECKPOINT).progress.step == run.progress.step == 3, said


def test_minutes_end_a_run(small_box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds to within a step, and seconds are counted on, by a clock that ticks when looked at."""
    ticks = count(0.0, 0.125)
    monkeypatch.setattr("training.loop.time", SimpleNamespace(monotonic=lambda: next(ticks)))
    run = sitting(small_box, tmp_path / "run", replace(PLAN, minutes=0.05))
    assert run.progress.step > 5
    assert run.progress.seconds == pytest.approx(3, abs=0.25)
    again = sitting(small_box, tmp_path / "run", replace(PLAN, minutes=0.05))
    assert again.progress.seconds == pytest.approx(6, abs=0.5)


def test_a_frozen_encoder_stays_as_it_was(small_box: Path, tmp_path: Path) -> None:
    """What is frozen is neither changed nor saved; what is free is both."""
    for encoder_rate, changed in ((0.0, False), (1e-3, True)):
        folder = tmp_path / str(encoder_rate)
        run = sitting(small_box, folder, replace(PLAN, encoder_rate=encoder_rate, steps=3))
        own = dict(from_e5(tiny_e5(), OUTPUTS, 2).encoder_parameters())
        equal = [torch.equal(own[name], weight) for name, weight in run.network.encoder_parameters()]
        saved = checkpoint.read(folder / CHECKPOINT).weights
        assert all(equal) != changed
        assert any(name.startswith("encoder.") for name in saved) == changed


def test_the_last_layers_alone_can_be_free(small_box: Path, tmp_path: Path) -> None:
    """With one layer free, the layers below it are neither changed nor saved."""
    run = sitting(small_box, tmp_path / "run", replace(PLAN, encoder_rate=1e-3, free=1, steps=3))
    own = dict(from_e5(tiny_e5(), OUTPUTS, 2).encoder_parameters())
    changed = {n for n, weight in run.network.encoder_parameters() if not torch.equal(own[n], weight)}
    assert changed == {n for n in own if n.startswith(f"encoder.layers.{LAYERS - 1}.")}
    saved = checkpoint.read(tmp_path / "run" / CHECKPOINT).weights
    assert changed == {name for name in saved if name.startswith("encoder.")}


def test_a_second_phase_begins_from_a_first(small_box: Path, tmp_path: Path) -> None:
    """A frozen run's checkpoint begins one that frees the encoder; the rate warms up again from there."""
    sitting(small_box, tmp_path / "first", replace(PLAN, steps=5))
    plan = replace(PLAN, encoder_rate=1e-3, steps=8)
    run = learn.learn(
        small_box, tmp_path / "second", plan, SETTING,
        begin=tmp_path / "first" / CHECKPOINT, say=lambda line: None,
    )  # fmt: skip
    assert (run.progress.step, run.progress.began) == (8, 5)


def test_the_average_is_lent_and_taken_back(small_box: Path) -> None:
    """Inside, the network has the average's weights; afterwards its own."""
    run = Run(from_e5(tiny_e5(), OUTPUTS, 2), PLAN)
    before = run.network.bias.detach().clone()
    run.average["bias"] = torch.full_like(before, 7)
    with run.averaged() as network:
        assert (network.bias == 7).all()
    assert torch.equal(run.network.bias, before)


def test_a_loss_that_is_no_number_ends_the_run_unsaved(small_box: Path, tmp_path: Path) -> None:
    """The last good checkpoint is not written over with weights that are not numbers."""
    sitting(small_box, tmp_path / "run", replace(PLAN, steps=2))
    with pytest.raises(ModelError, match="the loss is nan"):
        sitting(small_box, tmp_path / "run", replace(PLAN, rate=math.inf, steps=9))
    saved = checkpoint.read(tmp_path / "run" / CHECKPOINT)
    assert saved.progress.step == 2
    assert all(weight.isfinite().all() for weight in saved.weights.values())


def test_rates() -> None:
    """Each schedule warms up; then constant stays, inverse-sqrt halves at four holds, linear ends low."""
    plan = replace(PLAN, warmup=100, hold=1000, steps=10_000, fall=0.5)

    def at(schedule: str, step: int) -> float:
        return rate(replace(plan, schedule=schedule), Progress(step), step / 10_000)  # type: ignore[arg-type]

    for schedule in ("constant", "inverse-sqrt", "linear"):
        assert at(schedule, 49) == 0.5
    assert [at("constant", step) for step in (1000, 9999)] == [1, 1]
    assert at("inverse-sqrt", 3999) == 0.5
    assert [at("linear", step) for step in (5000, 7500, 9999)] == [1, 0.5, 0.02]


def test_looks_at_the_dev_set_are_in_the_curve(small_box: Path, tmp_path: Path) -> None:
    """BLEU and chrF2 of the averaged network stand beside step and tokens."""
    dev = Dev({"ar": ("كتاب",), "it": ("il club",)}, ("the club",))
    learn.learn(small_box, tmp_path, replace(PLAN, steps=3), SETTING, dev=dev, say=lambda line: None)
    last = json.loads((tmp_path / CURVE).read_text().splitlines()[-1])
    assert (last["step"], last["lines"]) == (3, 1)
    assert last["dev"].keys() == {"ar", "it"}
    assert all(0 <= scores[name] <= 100 for scores in last["dev"].values() for name in ("bleu", "chrf2"))


def test_a_compact_checkpoint_is_near_the_average(tmp_path: Path) -> None:
    """A byte a weight, within half a step of 1/127 of a row's largest; vectors as float16."""
    average = {"decoder.pieces.weight": torch.randn(50, 32), "bias": torch.randn(50)}
    checkpoint.save_compact(tmp_path / "c.pt", Checkpoint({}, average, Progress(step=9, tokens=5)))
    found = checkpoint.read(tmp_path / "c.pt")
    assert (found.progress.step, found.progress.tokens) == (9, 5)
    weight, own = found.average["decoder.pieces.weight"], average["decoder.pieces.weight"]
    assert ((weight - own).abs() <= own.abs().amax(dim=1, keepdim=True) / 254 * 1.001).all()
    assert torch.allclose(found.average["bias"], average["bias"], rtol=1e-3)


def test_the_first_recipes_checkpoint_is_read(tmp_path: Path) -> None:
    """Its short names are the network's: all of the decoder's weights, and no other, are there."""
    network = from_e5(tiny_e5(), OUTPUTS, 2)
    short = {"pieces": "te", "places": "tp", "norm": "tln"}
    inner = {"attention": "a", "cross": "c", "feed_forward": "f", "query": "q", "key": "k", "value": "v",
             "input": "i", "output": "o", "norm": "ln"}  # fmt: skip

    def old(name: str) -> str:
        side, part, *rest = name.split(".") if "." in name else ("", name)
        if part == "layers":
            return ".".join(["dec", rest[0], *(inner.get(word, word) for word in rest[1:])])
        return ".".join([short[part], *rest]) if side else "b"

    weights = {old(name): value.detach() + 1 for name, value in network.decoder_parameters()}
    state = {"step": 295, "tok": 491015, "sec": 671.0, "chunk": 1, "pos": 47, "loss": []}
    torch.save({"dec": weights, "ema": weights, "opt": {}, "st": state}, tmp_path / "old.pt")
    found = checkpoint.read(tmp_path / "old.pt")
    assert found.progress.step == found.progress.began == 295
    assert found.average.keys() == dict(network.decoder_parameters()).keys()
    assert (found.decoder_layers, found.outputs) == (2, OUTPUTS)


def test_what_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    """The error says which file."""
    path = tmp_path / "c.pt"
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"c\.pt: not a checkpoint"):
        checkpoint.read(path)


def test_the_decoder_sees_no_later_piece() -> None:
    """What is said at a place depends on what came before it alone, and on no padding of the source."""
    torch.manual_seed(0)
    network: Network = from_e5(tiny_e5(), OUTPUTS, 2).eval()
    memory = trained_memory(network)
    source, lengths = torch.randint(4, OUTPUTS, (2, 9)), torch.tensor([9, 5])
    states, mask = memory(source, lengths)
    said = torch.randint(4, OUTPUTS, (2, 6))
    whole = network.decode(said, states, mask)
    assert torch.allclose(network.decode(said[:, :3], states, mask), whole[:, :3], atol=1e-5)
    short, its = memory(source[1:, :5], lengths[1:])
    assert torch.allclose(network.decode(said[1:], short, its), whole[1:], atol=1e-5)
