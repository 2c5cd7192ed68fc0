"""A batch from input to manifest, on one screen: plan, shards, the sum of all."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from pipeline.batch import groups, shards
from pipeline.batch import meter as metering
from pipeline.batch.claims import CLAIMS, claim
from pipeline.batch.files import written
from pipeline.batch.meter import Meter
from pipeline.batch.models import Chosen, LocalModels, opened
from pipeline.batch.plan import Draft, Plan
from pipeline.batch.progress import EVERY_S, Told, every
from pipeline.batch.reading import fingerprint, read
from pipeline.batch.shards import Format, Marker, dump
from pipeline.batch.stories import Linkage, named
from pipeline.batch.work import PLAN, Executor, Place, Task, here
from pipeline.batch.workers import Workers
from pipeline.errors import InputError, OutputError
from pipeline.tables import provenance

JOB = "job.json"
MANIFEST = "manifest.json"
REJECTS = "rejects.jsonl"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How a batch is made: `chosen`, `stories` and `format` decide its bytes, the rest its speed.

    `stories` make a shard, an eighth of them a group: what the models see at once, and what is kept when it
    is done. `ahead` groups are in hand at once in each of `workers` processes, and lost when one is killed:
    no more than a shard's work, since eight are the most. Six keep the models busy though groups take unlike
    times: where aligning takes 0.7 of the models' time, three left them idle for 16% of the time
    (benchmarks/batch.py), as a closed queue of three and two servers does. The workers share out the `gpus`.
    `ray` is a cluster's address (`local` starts one here), or empty. `metrics` is a file for a dashboard.
    """

    chosen: Chosen = field(default_factory=Chosen)
    stories: int = 64
    format: Format = "parquet"
    ahead: int = 6
    workers: int = 1
    gpus: tuple[str, ...] = ()
    ray: str = ""
    ray_devices: int = 1
    metrics: Path | None = None
    linkage: Linkage = field(default_factory=Linkage)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finished batch has: `articles` is `aligned` and `rejects` together, always."""

    stories: int
    articles: int
    aligned: int
    rejects: int
    shards: int


def batch(
    path: Path,
    out: Path,
    options: Options,
    say: Say,
    told: Told = lambda meter: None,
    models: Callable[[], LocalModels] | None = None,
) -> Summary:
    """Finish the batch in `out`, doing only what is missing there, and return what it has.

    `models` opens the models instead of `options.chosen`; it must be a module's function where other
    processes are to call it. Raises InputError for an input that cannot be read or is not the one that
    `out` was begun with, OutputError for a place that cannot be written; what was finished stays.
    """
    shards.check(options.format)
    talk = say if executor(options) is here else _quiet
    open_models = models or partial(opened, options.chosen, talk)
    task = Task(out, options.stories, options.format, options.ahead, open_models)
    plan = planned(path, task, options, say)
    found = {number: shards.finished(out, number) for number in range(plan.shards)}
    missing = [number for number, marker in found.items() if marker is None]
    if missing:
        before = sum(marker.articles + marker.rejects for marker in found.values() if marker)
        say(
            f"{plan.articles:,} articles in {plan.stories:,} stories; "
            f"{len(missing):,} of {plan.shards:,} shards to do"
        )
        begun_with = next((marker.models for marker in found.values() if marker), "")
        task = replace(task, begun_with=begun_with)
        _run(executor(options), task, plan.places(missing), Meter(plan.articles, before), options, told)
    return finish(plan, out)


def executor(options: Options) -> Executor:
    """Return what the options mean by where to run."""
    if options.ray:
        from pipeline.batch.cluster import Cluster  # noqa: PLC0415 - an extra

        return Cluster(options.ray, options.workers, options.ray_devices)
    return here if options.workers == 1 else Workers(options.workers, options.gpus)


def planned(path: Path, task: Task, options: Options, say: Say) -> Plan:
    """Return the plan of the job in `out`, made now if there is none.

    InputError: the folder holds another job, with the first thing in which it differs.
    """
    out = task.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror}") from error
    ours = {JOB, PLAN, CLAIMS}
    if not (out / JOB).exists() and any(f.name not in ours and f.suffix != ".part" for f in out.iterdir()):
        raise InputError(out, f"holds other files and no {JOB}; expected an empty folder, or a batch's")
    record = _job(path, options)
    with claim(out, "plan", wait=True):
        if (out / JOB).exists():
            _same((out / JOB).read_text(encoding="utf-8"), record, out)
            return task.plan()
        with Draft(out / PLAN) as draft:
            draft.add(read(path))
            if count := draft.waiting():
                say(f"finding the stories of {count:,} articles")
                draft.add(named(draft.loose, task.open(), options.linkage))
            draft.finish()
        with written(out / JOB) as file:
            file.write(record)
        return task.plan()


def finish(plan: Plan, out: Path) -> Summary:
    """Hold all shards against their markers and the plan, write `rejects.jsonl` and then `manifest.json`.

    OutputError: an article is unaccounted for, or shards were made by different models.
    """
    with claim(out, "manifest", wait=True):
        markers: list[Marker] = []
        for number in range(plan.shards):
            marker = shards.finished(out, number)
            if marker is None:
                raise OutputError(f"{shards.place(out, number)}: missing or damaged; run the same again")
            markers.append(marker)
        _check(plan, markers, out)
        with written(out / REJECTS) as file:
            file.writelines(f"{reject.dump()}\n" for reject in plan.rejects())
            for marker in markers:
                file.writelines(f"{reject.dump()}\n" for reject in shards.rejects(out, marker.number))
        aligned = sum(marker.articles for marker in markers)
        whole = Summary(
            plan.stories,
            plan.articles + plan.rejected,
            aligned,
            plan.rejected + sum(marker.rejects for marker in markers),
            plan.shards,
        )
        with written(out / MANIFEST) as file:
            file.write(dump(_manifest(whole, markers, out)))
        groups.clear_all(out)
    return whole


def _check(plan: Plan, markers: list[Marker], out: Path) -> None:
    done = sum(marker.articles + marker.rejects for marker in markers)
    if done != plan.articles:
        raise OutputError(f"{out}: {done} articles in tables and rejects, expected {plan.articles}")
    for marker in markers:
        if marker.models != markers[0].models:
            place = shards.place(out, marker.number)
            raise OutputError(f"{place}: made by {marker.models}, the first shard by {markers[0].models}")


def _run(run: Executor, task: Task, places: list[Place], meter: Meter, options: Options, told: Told) -> None:
    def measured(now: Meter) -> None:
        if options.metrics:
            metering.write(now, options.metrics)

    now_and_then = every(EVERY_S, measured)
    for done in run(task, places):
        meter.add(done)
        told(meter)
        now_and_then(meter)
    measured(meter)


def _job(path: Path, options: Options) -> str:
    """Return what makes two jobs the same, as JSON."""
    glossary = options.chosen.glossary
    return dump(
        {
            "input": fingerprint(path),
            "stories_a_shard": options.stories,
            "format": options.format,
            "engine": options.chosen.engine,
            "encoder": options.chosen.encoder,
            "glossary": sha256(glossary.read_bytes()).hexdigest() if glossary else "",
            "linkage": asdict(options.linkage),
            "versions": provenance.versions(),
        }
    )


def _same(before: str, now: str, out: Path) -> None:
    if before == now:
        return
    old, new = json.loads(before), json.loads(now)
    name = next(name for name in new if old.get(name) != new[name])
    raise InputError(out, f"holds a batch with another {name}: {old.get(name)}, now {new[name]}")


def _manifest(whole: Summary, markers: list[Marker], out: Path) -> Mapping[str, object]:
    counts: dict[str, int] = {}
    for marker in markers:
        for name, count in marker.counts.items():
            counts[name] = counts.get(name, 0) + count
    return {
        **asdict(whole),
        "counts": counts,
        "models": markers[0].models if markers else "",
        "job": sha256((out / JOB).read_bytes()).hexdigest(),
        "rejects_sha256": sha256((out / REJECTS).read_bytes()).hexdigest(),
        "parts": [
            {"number": m.number, "articles": m.articles, "rejects": m.rejects, "files": m.files}
            for m in markers
        ],
    }


def _quiet(line: str) -> None:
    """Say nothing: of many workers one need not hear the same from each."""
