"""The command: parses, calls one function, prints; the only place that prints or exits."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline import __version__, catalogue, evaluate, job, stock
from pipeline import cache as keep
from pipeline.batch import job as batching
from pipeline.batch.models import Chosen
from pipeline.batch.plan import GROUPS
from pipeline.batch.shards import Format
from pipeline.batch.stories import Linkage
from pipeline.cache import Cache, cache_path
from pipeline.engines import embedded
from pipeline.errors import InputError, SynopticError
from pipeline.languages import LANGUAGES
from pipeline.progress import bar
from pipeline.tables import delimited, memory
from pipeline.tables import merge as merging
from pipeline.translate import translate as translated

app = typer.Typer(
    help="Parallel quote tables: who said what, in whose words, across the languages of one story.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models = typer.Typer(help="Show and prepare models.", no_args_is_help=True)
cache = typer.Typer(help="Translations kept between runs.", no_args_is_help=True)
app.add_typer(models, name="models")
app.add_typer(cache, name="cache")

Engine = Annotated[str, typer.Option(help="auto, embedded, opus-mt, nllb, none, or a folder with a model.")]
Offline = Annotated[bool, typer.Option("--offline", help="Touch no network.")]
Device = Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run.")]
Encoder = Annotated[str, typer.Option(help="embedded, labse, or a folder.")]
Input = Annotated[Path, typer.Argument(metavar="INPUT", help="JSONL, Parquet, or a folder of stories.")]
Days = Annotated[int, typer.Option(min=0, help="Days apart that articles of one story may be.")]
Least = Annotated[float, typer.Option(help="Least mean cosine within a story, where stories are found.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Models, or groups of them.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of the models.")]

_BATCH = batching.Options()
_LINKAGE = _BATCH.linkage


def main() -> None:
    """Run the command; a mistake of the user's is one line on stderr and exit status 1."""
    try:
        app()
    except SynopticError as error:
        say(f"synoptic: {error}")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)


def say(line: str) -> None:
    """Talk to the person at the terminal."""
    print(line, file=sys.stderr, flush=True)


def _pairs(values: list[str]) -> dict[str, str]:
    """Return STEM=CODE options as a mapping."""
    for value in values:
        if value.count("=") != 1 or not all(value.split("=")):
            raise typer.BadParameter(f"{value!r}, expected STEM=CODE", param_hint="--lang")
        if value.split("=")[1] not in LANGUAGES:
            raise typer.BadParameter(
                f"{value!r}: known codes are {', '.join(LANGUAGES)}", param_hint="--lang"
            )
    return dict(value.split("=") for value in values)


@app.callback(invoke_without_command=True)
def version(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


@app.command()
def translate(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Versions, or a folder with them.")],
    out: Annotated[Path, typer.Option(help="Folder for the tables, written whole or not at all.")],
    engine: Engine = "auto",
    encoder: Encoder = "embedded",
    offline: Offline = False,
    device: Device = "auto",
    threads: Threads = 2,
    no_bom: Annotated[bool, typer.Option("--no-bom", help="No byte order mark in the CSV files.")] = False,
    lang: Annotated[
        list[str] | None, typer.Option(metavar="STEM=CODE", help="An article's language.")
    ] = None,
    glossary: Annotated[Path | None, typer.Option(help="CSV: source term, English term, language.")] = None,
) -> None:
    """Make the parallel quote tables of one story."""
    options = job.Options(engine, encoder, offline, device, threads, not no_bom, _pairs(lang or []), glossary)
    with bar("translating", say) as progress:
        story = job.tables(paths, out, options, say, progress)
    both = [statement for statement in story.statements if len(statement.members) > 1]
    quoted = sum(statement.kind == "quote" for statement in both)
    print(
        f"{out}: {len(story.articles)} versions, {len(both)} statements in two or more of them "
        f"({quoted} quoted), {len(story.statements) - len(both)} quotes in one alone"
    )


@app.command()
def batch(
    path: Input,
    out: Annotated[Path | None, typer.Option(help="Folder of the job; an unfinished one goes on.")] = None,
    engine: Engine = "auto",
    encoder: Encoder = "embedded",
    offline: Offline = False,
    device: Device = "auto",
    threads: Threads = 2,
    glossary: Annotated[Path | None, typer.Option(help="CSV: source term, English term, language.")] = None,
    stories: Annotated[int, typer.Option(min=1, help="Stories a shard.")] = _BATCH.stories,
    format: Annotated[Format, typer.Option(help="Of the tables.")] = _BATCH.format,
    ahead: Annotated[
        int, typer.Option(min=1, max=GROUPS, help="Eighths of a shard in hand at once, in each worker.")
    ] = _BATCH.ahead,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes, each with its own models.")
    ] = _BATCH.workers,
    gpu: Annotated[
        list[str] | None, typer.Option(help="A GPU for the workers to share; again for more.")
    ] = None,
    ray: Annotated[str, typer.Option(help="Address of a Ray cluster, auto, or local.")] = "",
    ray_devices: Annotated[
        int, typer.Option(min=1, help="Actors with models on the cluster.")
    ] = _BATCH.ray_devices,
    metrics: Annotated[Path | None, typer.Option(help="Prometheus text, or JSON lines if *.jsonl.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell time, memory and disk from a sample.")
    ] = False,
    days: Days = _LINKAGE.days,
    least: Least = _LINKAGE.least,
) -> None:
    """Make the tables of many stories, by shards; run it again to go on where it stopped."""
    from pipeline.batch import estimate as estimating  # noqa: PLC0415 - only batches need its libraries
    from pipeline.batch.progress import shown  # noqa: PLC0415

    options = batching.Options(
        Chosen(engine, encoder, offline, device, threads, glossary),
        stories, format, ahead, workers, tuple(gpu or ()), ray, ray_devices, metrics, Linkage(days, least),
    )  # fmt: skip
    if dry_run:
        print(json.dumps(asdict(estimating.estimate(path, options, say))))
        return
    if out is None:
        raise typer.BadParameter("expected a folder", param_hint="--out")
    with shown(say) as told:
        done = batching.batch(path, out, options, say, told)
    print(
        f"{out}: {done.articles} articles = {done.aligned} in tables + {done.rejects} rejects, "
        f"{done.stories} stories, {done.shards} shards"
    )


@app.command()
def stories(
    path: Input,
    encoder: Encoder = "embedded",
    offline: Offline = False,
    device: Device = "auto",
    threads: Threads = 2,
    days: Days = _LINKAGE.days,
    least: Least = _LINKAGE.least,
) -> None:
    """Print the input as JSON lines, with a story for every article."""
    from pipeline.batch import naming  # noqa: PLC0415 - only batches need its libraries
    from pipeline.batch.models import opened  # noqa: PLC0415

    chosen = Chosen("none", encoder, offline, device, threads)
    for article in naming.completed(
        path,
        lambda: opened(chosen, say),
        Linkage(days, least),
        lambda reject: say(f"{reject.place}: {reject.reason}"),
    ):
        print(naming.line(article))


@app.command()
def align(
    source: Annotated[Path, typer.Argument(help="One sentence a line.")],
    target: Annotated[Path, typer.Argument(help="Its translation, one sentence a line.")],
    threads: Threads = 2,
) -> None:
    """Align two texts that are translations of each other; print a ladder."""
    from pipeline.align import ladder, monotone  # noqa: PLC0415

    sides = evaluate.lines(source), evaluate.lines(target)
    beads = monotone.align(*sides, embedded.load(threads=threads, say=say))
    sys.stdout.write(ladder.dump(beads))


@app.command("evaluate")
def evaluate_(
    lang: Annotated[str, typer.Option(help="The source's language.")],
    source: Annotated[Path, typer.Option(help="One sentence a line.")],
    reference: Annotated[Path, typer.Option(help="Its English, line by line.")],
    engine: Engine = "auto",
    against: Annotated[str, typer.Option(help="A second engine, to be compared with the first.")] = "",
    offline: Offline = False,
    device: Device = "auto",
    threads: Threads = 2,
) -> None:
    """Translate a test set; print BLEU and chrF2 with their signatures as JSON."""
    texts, references = evaluate.paired(source, reference)
    english: dict[str, list[str]] = {}
    for name in filter(None, dict.fromkeys([engine, against])):
        chosen = catalogue.choose(name, {lang}, offline=offline, device=device, threads=threads, say=say)
        if lang not in chosen.translators:
            raise InputError(source, f"no engine for {lang}: {chosen.reasons.get(lang, 'unknown language')}")
        with bar("translating", say) as progress, Cache(cache_path()) as kept:
            units = [(lang, text) for text in texts]
            done = translated(units, chosen.translators, cache=kept, progress=progress)
        english[name] = [done[unit].english for unit in units]
    measured = {f"{lang} {name}": evaluate.quality(made, references) for name, made in english.items()}
    say(evaluate.table(measured))
    first, *rest = english.values()
    compared = evaluate.compared(first, rest[0], references) if rest else []
    for metric in compared:
        say(f"{metric.metric}: {metric.baseline} against {metric.system}, p = {metric.p_value}")
    print(evaluate.report(measured, compared))


@app.command()
def merge(
    out: Annotated[Path, typer.Argument(help="The folder that the tables are in.")],
    edited: Annotated[Path, typer.Argument(help="A CSV, XLSX or XLIFF file that a person changed.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Win over earlier corrections.")] = False,
) -> None:
    """Take a translator's edits in; the next run into the folder uses them."""
    merged = merging.merge(out, edited, overwrite=overwrite)
    for conflict in merged.conflicts:
        say(f"{conflict.place}: {conflict.what}")
    print(
        f"{out}: {merged.corrected} translations corrected, {merged.rejected} matches rejected, "
        f"{merged.joined} joined, {len(merged.conflicts)} conflicts"
    )


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="The folder that the tables are in.")],
    xliff: Annotated[str, typer.Option(metavar="PAIR", help="Language pair to review, such as he-en.")],
    to: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Write a file for review in a CAT tool."""
    memory.write_xliff(delimited.read(out / "sentences.csv"), xliff, to)
    print(to)


@models.command("list")
def models_list() -> None:
    """List the catalogue: what is on disk, what can be fetched, under which licence."""
    for model in stock.listed():
        pinned = "pinned" if model.pinned else "unpinned"
        print("\t".join([model.name, model.group, ",".join(model.langs), model.state, pinned, model.licence]))


@models.command("fetch")
def models_fetch(names: Names, device: Device = "auto", threads: Threads = 2) -> None:
    """Fetch, verify, convert and try models, so that runs need no network."""
    for name in stock.fetch(names, device=device, threads=threads, say=say):
        print(name)


@models.command("verify")
def models_verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME...]", help="All, if none.")] = None,
) -> None:
    """Hold the models on disk against their hashes."""
    for name in stock.verify(names or [], say=say):
        print(name)


@models.command("pin")
def models_pin(names: Names) -> None:
    """Write the hub's present revisions and hashes into the manifests."""
    for name in stock.pin(names, say=say):
        print(name)


@cache.command("info")
def cache_info() -> None:
    """Say where the cache is and what it holds, as JSON."""
    info = keep.info(cache_path())
    print(json.dumps({name: str(getattr(info, name)) for name in info.__slots__}))


@cache.command("clear")
def cache_clear() -> None:
    """Forget every translation."""
    print(f"{keep.clear(cache_path())} translations forgotten")
