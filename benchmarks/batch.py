"""What a batch costs over its stages run bare, whether it stays flat, and what a kill costs.

`python -m benchmarks.batch [--stories N] [--models embedded|toy] [--sizes 20,60,180] [--kills N] [--ray]`
prints a table on stderr and the same numbers as JSON on stdout. Stories are generated (newsroom.py), of five
versions, or of `--versions`; nothing is translated. Ratios are of one run: where the machine has other work,
only they and CPU seconds mean anything. Part by part:

- `whole`: one batch. `busy` is the share of wall time in which the encoder worked, `busy_inside` the same
  from the first quarter of shards to the last, when no shard begins or ends alone; `rss_slope` the growth of
  resident memory over the second half, in MB a 1,000 articles (least squares over the shards).
- `bare`: the same shards one after another, without plan, claims, files or overlap.
- `slope`: of log CPU seconds over log articles, for the sizes; 1 is constant time an article.
- `kills`: kills at random moments; the most stories that were begun again after one, and a shard's stories.
- `ray`: the same on a local Ray with two CPUs, its start left out.

`--part` runs one part alone, since some take long; `bare` and `ray` follow a `whole`.
"""

import argparse
import json
import math
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import newsroom
from pipeline.batch import Made, job, made, work
from pipeline.batch.entries import Entry
from pipeline.batch.job import Options
from pipeline.batch.lockstep import Models
from pipeline.batch.meter import Meter
from pipeline.batch.models import Chosen, LocalModels, opened
from pipeline.batch.plan import Plan
from pipeline.batch.work import PLAN
from tests.batch import toy

OPENERS: dict[str, Callable[[], LocalModels]] = {}


def embedded() -> LocalModels:
    """Return the embedded encoder and no translator."""
    return opened(Chosen(engine="none", threads=len(os.sched_getaffinity(0))), lambda line: None)


OPENERS |= {"embedded": embedded, "toy": toy.models}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stories", type=int, default=48)
    parser.add_argument("--versions", type=int, default=5)
    parser.add_argument("--shard", type=int, default=Options().stories, help="stories a shard")
    parser.add_argument("--ahead", type=int, default=Options().ahead, help="groups in hand")
    parser.add_argument("--part", choices=("whole", "slope", "kills"), action="append")
    parser.add_argument("--models", choices=sorted(OPENERS), default="embedded")
    parser.add_argument("--sizes", default="10,30,90", help="stories, with toy models")
    parser.add_argument("--kills", type=int, default=20, help="with toy models")
    parser.add_argument("--bare", type=int, default=0, help="stories run bare; 0 is all")
    parser.add_argument("--ray", action="store_true")
    given = parser.parse_args()
    options = Options(stories=given.shard, ahead=given.ahead, format="csv")
    models = OPENERS[given.models]
    parts = given.part or ("whole", "slope", "kills")
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "whole" in parts:
            source = toy.write(folder / "in.jsonl", newsroom.stories(given.stories, versions=given.versions))
            found["whole"] = _whole(source, folder / "whole", options, models)
            if given.ray:
                found["ray"] = _ray(source, folder, options, models, found["whole"]["wall_s"])
            found["bare"] = _bare(folder / "whole", options, models, given.bare)
            each = found["whole"]["articles"] / found["bare"]["articles"]
            for unit in ("wall", "cpu"):
                found["whole"][f"{unit}_over_bare"] = (
                    found["whole"][f"{unit}_s"] / found["bare"][f"{unit}_s"] / each
                )
        if "slope" in parts:
            sizes = [int(size) for size in given.sizes.split(",")]
            found["slope"] = _slope(folder / "sizes", sizes, options)
        if "kills" in parts:
            found["kills"] = _kills(folder, given.kills, replace(options, stories=16))
    for part, values in found.items():
        print(part, *(f"{name}={value:.4g}" for name, value in values.items()), sep="\t", file=sys.stderr)
    print(json.dumps(found))


def _whole(source: Path, out: Path, options: Options, models: Callable[[], LocalModels]) -> dict[str, float]:
    seen: list[tuple[int, float]] = []
    pace: list[tuple[float, float]] = []
    last: list[Meter] = []

    def told(meter: Meter) -> None:
        seen.append((meter.articles, _rss_mb()))
        pace.append((time.perf_counter(), meter.load.busy_s))
        last[:] = [meter]

    loaded = models()  # the time that models take to load is not the batch's
    with _clock() as clock:
        summary = job.batch(source, out, options, lambda line: None, told, lambda: loaded)
    half = np.array(seen[len(seen) // 2 :])
    slope = float(np.polyfit(half[:, 0], half[:, 1], 1)[0]) if len(half) > 2 else math.nan
    return {
        **clock,
        "articles": summary.articles,
        "articles_per_s": summary.articles / clock["wall_s"],
        "busy": last[0].load.busy_s / clock["wall_s"],
        "busy_inside": _share(pace[len(pace) // 4 : 3 * len(pace) // 4 + 1]),
        "tokens_per_s": last[0].load.tokens / clock["wall_s"],
        "rss_mb": seen[-1][1],
        "rss_slope": 1000 * slope,
    }


def _share(pace: list[tuple[float, float]]) -> float:
    """Return the busy share between the first and the last of (time, busy seconds)."""
    (begun, before), (ended, after) = pace[0], pace[-1]
    return (after - before) / (ended - begun) if ended > begun else math.nan


def _bare(out: Path, options: Options, models: Callable[[], LocalModels], most: int) -> dict[str, float]:
    plan = Plan.opened(out / PLAN, options.stories)
    groups = [plan.group(number, at) for number in range(plan.shards) for at in range(plan.groups(number))]
    del groups[-(-most // plan.together) or len(groups) :]
    loaded = models()
    loaded.spent()
    with _clock() as clock:
        for stories in groups:
            made(stories, loaded)
    articles = sum(len(story) for stories in groups for story in stories)
    return {**clock, "articles": articles, "busy": loaded.spent().busy_s / clock["wall_s"]}


def _slope(folder: Path, sizes: list[int], options: Options) -> dict[str, float]:
    folder.mkdir()
    cpu = []
    for size in sizes:
        source = toy.write(folder / f"{size}.jsonl", newsroom.stories(size))
        with _clock() as clock:
            job.batch(source, folder / str(size), options, lambda line: None, models=toy.models)
        cpu.append(clock["cpu_s"])
    slope = float(np.polyfit(np.log(sizes), np.log(cpu), 1)[0]) if len(sizes) > 1 else math.nan
    each = {
        f"cpu_ms_per_article_{5 * size}": 1000 * s / (5 * size) for size, s in zip(sizes, cpu, strict=True)
    }
    return {"log_log": slope, **each}


def _kills(folder: Path, count: int, options: Options) -> dict[str, float]:
    source = toy.write(folder / "kills.jsonl", newsroom.stories(48))
    tally = folder / "tally"

    def telling(stories: Sequence[Sequence[Entry]], models: Models) -> Made:
        with tally.open("a", encoding="utf-8") as file:
            file.writelines(f"{os.getpid()} {story[0].story}\n" for story in stories)
        return made(stories, models)

    def run(out: Path) -> None:
        job.batch(source, out, options, lambda line: None, models=toy.models)

    begun = time.monotonic()
    run(folder / "undisturbed")
    took = time.monotonic() - begun
    work.made = telling  # type: ignore[attr-defined]
    moments = random.Random(3)
    out = folder / "killed"
    killed = 0
    fork = multiprocessing.get_context("fork")
    for _ in range(count):
        process = fork.Process(target=run, args=(out,))
        process.start()
        process.join(moments.uniform(0, took / count * 4))
        process.kill()
        process.join()
        killed += process.exitcode != 0
    run(out)
    work.made = made  # type: ignore[attr-defined]
    begun_by = [line.split() for line in tally.read_text(encoding="utf-8").splitlines()]
    last = {story: by for by, story in begun_by}
    again = Counter(by for by, story in begun_by if last[story] != by)
    return {
        "kills": count,
        "while_running": killed,
        "most_stories_again": max(again.values(), default=0),
        "stories_again": again.total(),
        "stories_a_shard": options.stories,
        "stories": len(last),
        "same_bytes": toy.contents(out) == toy.contents(folder / "undisturbed"),
    }


def _ray(
    source: Path, folder: Path, options: Options, models: Callable[[], LocalModels], alone_s: float
) -> dict[str, float]:
    import ray  # noqa: PLC0415 - an extra

    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    with _clock() as clock:
        job.batch(
            source,
            folder / "ray",
            replace(options, ray="local", workers=2),
            lambda line: None,
            models=models,
        )
    ray.shutdown()
    same = toy.contents(folder / "ray") == toy.contents(folder / "whole")
    return {"wall_s": clock["wall_s"], "over_alone": clock["wall_s"] / alone_s, "same_bytes": same}


class _clock(dict[str, float]):  # noqa: N801 - used as a function
    """Wall and CPU seconds of a block, children left out."""

    def __enter__(self) -> "_clock":
        self._begun = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self["wall_s"] = time.perf_counter() - self._begun[0]
        self["cpu_s"] = time.process_time() - self._begun[1]


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
