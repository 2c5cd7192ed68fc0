"""What a run has done so far and how fast, for people and for dashboards."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.batch.files import written
from pipeline.batch.models import Load
from pipeline.batch.work import Done

HELP = {
    "articles": ("counter", "articles that are in tables or in rejects"),
    "rejects": ("counter", "articles that could not be taken"),
    "shards": ("counter", "shards finished"),
    "job_articles": ("gauge", "articles of the job"),
    "articles_per_second": ("gauge", "articles a second, in this run"),
    "tokens_per_second": ("gauge", "tokens encoded a second, in this run"),
    "translations": ("counter", "texts translated, in this run"),
    "device_busy_ratio": ("gauge", "share of wall time in which a model was busy, summed over workers"),
    "seconds": ("counter", "wall time of this run"),
    "seconds_left": ("gauge", "time left at this run's pace"),
}  # fmt: skip
"""What a metrics file says, in Prometheus' types and in words."""


@dataclass(slots=True)
class Meter:
    """Adds up finished groups. `before` are the articles that earlier runs finished.

    Pace is articles over wall time since this run began, the loading of models included.
    """

    total: int
    before: int = 0
    clock: Callable[[], float] = time.monotonic
    articles: int = 0
    rejects: int = 0
    shards: int = 0
    load: Load = field(default_factory=Load)
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def add(self, done: Done) -> None:
        self.shards += done.whole
        self.articles += done.articles
        self.rejects += done.rejects
        self.load.add(done.load)

    def values(self) -> dict[str, float]:
        """Return all of `HELP` in its order."""
        seconds = max(self.clock() - self.begun, 1e-9)
        done = self.before + self.articles
        left = (self.total - done) * seconds / self.articles if self.articles else 0.0
        return {
            "articles": done,
            "rejects": self.rejects,
            "shards": self.shards,
            "job_articles": self.total,
            "articles_per_second": round(self.articles / seconds, 3),
            "tokens_per_second": round(self.load.tokens / seconds, 1),
            "translations": self.load.units,
            "device_busy_ratio": round(self.load.busy_s / seconds, 3),
            "seconds": round(seconds, 3),
            "seconds_left": round(left, 1),
        }

    def line(self) -> str:
        """Return one line for a person."""
        now = self.values()
        return (
            f"{now['articles']:,.0f}/{self.total:,} articles, {now['articles_per_second']:.2f}/s, "
            f"{now['tokens_per_second']:,.0f} tokens/s, models busy {now['device_busy_ratio']:.0%}, "
            f"{_time(now['seconds_left'])} left"
        )


def write(meter: Meter, path: Path) -> None:
    """Write the metrics: `*.jsonl` gets a line more, anything else is Prometheus' text, replaced whole.

    Prometheus reads such a file through node_exporter's textfile collector. Raises OutputError.
    """
    values = meter.values()
    if path.suffix == ".jsonl":
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        return
    with written(path) as file:
        for name, value in values.items():
            kind, about = HELP[name]
            full = f"synoptic_batch_{name}{'_total' if kind == 'counter' else ''}"
            file.write(f"# HELP {full} {about}\n# TYPE {full} {kind}\n{full} {value!r}\n")


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
