"""What a batch will take, told from a sample of its own stories."""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch import made, shards
from pipeline.batch.job import Options, Say, planned
from pipeline.batch.models import LocalModels, opened
from pipeline.batch.work import Task


@dataclass(frozen=True, slots=True)
class Estimate:
    """Time, memory and disk of a whole batch, and the sample that they are told from.

    `models_s` and `rest_s` are what models and everything else take for all articles in one process;
    `seconds` is the greater of the two over the workers, since they overlap. `memory_mb` is all workers', at
    most: what is loaded once is counted for every group in hand.
    """

    stories: int
    articles: int
    rejects: int
    shards: int
    sampled: int
    seconds: float
    models_s: float
    rest_s: float
    articles_per_second: float
    memory_mb: float
    disk_mb: float


def estimate(
    path: Path,
    options: Options,
    say: Say,
    models: Callable[[], LocalModels] | None = None,
    groups_sampled: int = 2,
) -> Estimate:
    """Make some groups, evenly spread over the batch, in a folder that is then removed, and multiply.

    Finding stories is part of making the plan, so that it is done here in full where they are missing.
    """
    shards.check(options.format)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        task = Task(out, options.stories, options.format, 1, models or (lambda: opened(options.chosen, say)))
        plan = planned(path, task, options, say)
        places = plan.places(range(plan.shards))
        count = min(groups_sampled, len(places))
        chosen = [places[(2 * i + 1) * len(places) // (2 * count)] for i in range(count)]
        opened_models = task.open()
        base_mb = _peak_mb()
        begun = time.perf_counter()
        sampled = written = 0
        for i, place in enumerate(chosen):
            tables = made(plan.group(*place), opened_models)
            marker = shards.write(tables, out, i, opened_models.signature, options.format)
            sampled += marker.articles + marker.rejects
            written += sum(file.stat().st_size for file in shards.place(out, i).iterdir())
        wall = time.perf_counter() - begun
        busy = opened_models.spent().busy_s
        grown_mb = _peak_mb() - base_mb
        share = plan.articles / sampled if sampled else 0.0
        seconds = max(busy, wall - busy) * share / options.workers
        return Estimate(
            stories=plan.stories,
            articles=plan.articles,
            rejects=plan.rejected,
            shards=plan.shards,
            sampled=sampled,
            seconds=round(seconds, 1),
            models_s=round(busy * share, 1),
            rest_s=round((wall - busy) * share, 1),
            articles_per_second=round(plan.articles / seconds, 3) if seconds else 0.0,
            memory_mb=round(options.workers * (base_mb + min(options.ahead, len(places)) * grown_mb), 1),
            disk_mb=round((written * share + (out / "plan.sqlite").stat().st_size) / 1e6, 1),
        )


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1024)  # macOS counts bytes, Linux kilobytes
