"""What a run says of itself."""

import json
from pathlib import Path

from pipeline.batch import meter as metering
from pipeline.batch.estimate import estimate
from pipeline.batch.job import Options, batch
from pipeline.batch.meter import HELP, Meter
from pipeline.batch.models import Load
from pipeline.batch.progress import every
from pipeline.batch.work import Done
from tests.batch import toy


def measured() -> Meter:
    now = iter([100.0, 110.0, 110.0, 110.0])
    meter = Meter(total=100, before=20, clock=lambda: next(now))
    meter.add(Done((3, 1), 20, 2, True, Load(9.0, 5000, 40)))
    return meter


def test_pace_is_this_runs_own() -> None:
    """What earlier runs did is done, but says nothing of how fast this one is."""
    assert measured().line() == "40/100 articles, 2.00/s, 500 tokens/s, models busy 90%, 0:00:30 left"


def test_a_dashboard_gets_every_value(tmp_path: Path) -> None:
    """Prometheus' text has help, type and value of each; JSON lines one object a time."""
    metering.write(measured(), tmp_path / "batch.prom")
    lines = (tmp_path / "batch.prom").read_text().splitlines()
    assert len(lines) == 3 * len(HELP)
    assert "synoptic_batch_articles_total 40" in lines
    assert "synoptic_batch_device_busy_ratio 0.9" in lines
    assert len({line.split()[0] for line in lines if line[0] != "#"}) == len(HELP)
    for _ in range(2):
        metering.write(measured(), tmp_path / "batch.jsonl")
    first, second = map(json.loads, (tmp_path / "batch.jsonl").read_text().splitlines())
    assert first == second
    assert list(first) == list(HELP)


def test_now_and_then_is_not_always() -> None:
    """Of what comes within the time, the first that is late enough is told."""
    now = iter([0.0, 1.0, 10.0, 10.0, 11.0, 20.5, 20.5])
    told: list[Meter] = []
    tell = every(10, told.append, lambda: next(now))
    meters = [Meter(i) for i in range(4)]
    for meter in meters:
        tell(meter)
    assert told == [meters[1], meters[3]]


def test_a_run_writes_its_metrics(tmp_path: Path) -> None:
    """At the end the file has all articles, and what the models did."""
    source = toy.write(tmp_path / "in.jsonl", toy.records(2))
    options = Options(stories=1, format="csv", metrics=tmp_path / "m.jsonl")
    batch(source, tmp_path / "out", options, lambda line: None, models=toy.models)
    last = json.loads((tmp_path / "m.jsonl").read_text().splitlines()[-1])
    assert (last["articles"], last["shards"], last["job_articles"]) == (6, 2, 6)
    assert last["tokens_per_second"] > 0


def test_an_estimate_counts_all_and_leaves_nothing(tmp_path: Path) -> None:
    """It multiplies a sample; nothing is written but in a folder that goes."""
    source = toy.write(tmp_path / "in.jsonl", toy.records(9))
    options = Options(stories=2, format="csv")
    found = estimate(source, options, lambda line: None, toy.models)
    assert (found.stories, found.articles, found.shards, found.sampled) == (9, 27, 5, 12)
    assert found.seconds > 0
    assert found.memory_mb > 10
    assert found.disk_mb > 0
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
