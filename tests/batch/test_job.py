"""A batch, whatever happens to it: every article accounted for, the same bytes in the end."""

import dataclasses
import json
import multiprocessing
import os
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from pipeline.batch import COLUMNS, Made, groups, job, made, shards, work
from pipeline.batch.claims import claim
from pipeline.batch.entries import Entry
from pipeline.batch.job import Options, Summary
from pipeline.batch.lockstep import Models
from pipeline.batch.models import LocalModels
from pipeline.errors import EngineError, InputError, ModelError, OutputError
from pipeline.records import Article, Sentence
from pipeline.tables import delimited
from tests.batch import toy

OPTIONS = Options(stories=2, format="csv", ahead=2)
STORIES = 12
fork = multiprocessing.get_context("fork")


def batch(path: Path, out: Path, options: Options = OPTIONS) -> Summary:
    return job.batch(path, out, options, lambda line: None, models=toy.models)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.write(tmp_path_factory.mktemp("in") / "in.jsonl", toy.records(STORIES))


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("out") / "out"
    assert batch(source, out) == Summary(STORIES, 36, 36, 0, 6)
    return toy.contents(out)


def started(target: Callable[[], object]) -> multiprocessing.context.ForkProcess:
    process = fork.Process(target=target)
    process.start()
    return process


def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill costs the groups in hand, which are no more than a shard, and nothing that was finished."""
    begun = time.monotonic()
    options = dataclasses.replace(OPTIONS, stories=6)
    batch(source, tmp_path / "once", options)
    took_s = time.monotonic() - begun
    tally = tmp_path / "tally"
    counted(monkeypatch, tally)
    moments = random.Random(7)
    out = tmp_path / "out"
    killed = 0
    for _ in range(8):
        finished = {p: p.stat().st_ino for p in out.glob("shards/*/done.json")}
        process = started(lambda: batch(source, out, options))
        process.join(moments.uniform(0, took_s / 2))
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        assert all(path.stat().st_ino == inode for path, inode in finished.items())
    assert killed >= 3
    batch(source, out, options)
    assert toy.contents(out) == toy.contents(tmp_path / "once")
    begun_by = [line.split() for line in tally.read_text().splitlines()]
    last = {story: pid for pid, story in begun_by}
    again = Counter(pid for pid, story in begun_by if last[story] != pid)
    assert max(again.values(), default=0) <= options.stories
    assert sum(again.values()) >= 3


def counted(monkeypatch: pytest.MonkeyPatch, tally: Path) -> None:
    """Let `tally` have a line, process and story, for every story that is begun."""

    def telling(stories: Sequence[Sequence[Entry]], models: Models) -> Made:
        with tally.open("a") as file:
            file.writelines(f"{os.getpid()} {story[0].position}\n" for story in stories)
        return made(stories, models)

    monkeypatch.setattr("pipeline.batch.work.made", telling)


def test_a_finished_group_is_made_once(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept before its shard is whole, unless it is damaged, and goes when the batch is done."""

    def enough(meter: object) -> None:
        raise KeyboardInterrupt

    options = dataclasses.replace(OPTIONS, stories=12, ahead=1)
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        job.batch(source, out, options, lambda line: None, enough, toy.models)
    assert not (out / "shards").exists()
    kept = sorted((out / "groups").iterdir())
    counted(monkeypatch, tmp_path / "tally")
    batch(source, out, options)
    assert len((tmp_path / "tally").read_text().splitlines()) == STORIES - 2 * len(kept) > 0
    batch(source, tmp_path / "undisturbed", options)
    assert toy.contents(out) == toy.contents(tmp_path / "undisturbed")


def test_no_number_hangs_on_how_many_cores_there_are(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While tables are made, one thread multiplies matrices."""
    threads: set[int] = set()

    def telling(stories: Sequence[Sequence[Entry]], models: Models) -> Made:
        threads.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return made(stories, models)

    monkeypatch.setattr("pipeline.batch.work.made", telling)
    with threadpool_limits(2, "blas"):
        batch(source, tmp_path / "out")
    assert threads == {1}


def test_a_damaged_group_is_made_anew(source: Path, tmp_path: Path) -> None:
    """So is one that other models made."""
    out = tmp_path / "out"
    options = dataclasses.replace(OPTIONS, stories=4)
    job.planned(source, work.Task(out, 4, "csv", 1, toy.models), options, lambda line: None)
    groups.write(Made((), (), {}), out, 0, 0, "other models")
    groups.write(Made((), (), {}), out, 0, 1, toy.models().signature)
    groups.place(out, 0, 1).write_text("{")
    batch(source, out, options)
    batch(source, tmp_path / "undisturbed", options)
    assert toy.contents(out) == toy.contents(tmp_path / "undisturbed")


def test_workers_on_one_folder_share_it(
    source: Path, undisturbed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three processes, one of which is killed: every story is made, the living make none twice."""
    out = tmp_path / "out"
    tally = tmp_path / "tally"
    counted(monkeypatch, tally)
    processes = [started(lambda: batch(source, out)) for _ in range(3)]
    while not tally.exists():
        time.sleep(0.01)
    victim = processes[0]
    assert victim.pid
    os.kill(victim.pid, signal.SIGKILL)
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes[1:]] == [0, 0]
    made = [line.split() for line in tally.read_text().splitlines()]
    living = [story for pid, story in made if pid != str(victim.pid)]
    assert len(living) == len(set(living))
    assert toy.contents(out) == undisturbed


def test_a_claim_goes_back_when_its_holder_dies(tmp_path: Path) -> None:
    """Nobody needs to tell a dead worker from a slow one: the system does."""

    def hold() -> None:
        with claim(tmp_path, "000000", wait=False):
            (tmp_path / "held").touch()
            time.sleep(60)

    process = started(hold)
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    with claim(tmp_path, "000000", wait=False) as ours:
        assert not ours
    process.kill()
    with claim(tmp_path, "000000", wait=True) as ours:
        assert ours


@pytest.mark.parametrize("ahead", [1, 3])
@pytest.mark.parametrize("workers", [1, 2])
def test_speed_options_change_no_byte(
    source: Path, undisturbed: dict[str, bytes], tmp_path: Path, ahead: int, workers: int
) -> None:
    """Shards in hand and processes decide how fast, not what."""
    if workers == 2 and ahead == 1:
        pytest.skip("a process more is slow to start")
    options = dataclasses.replace(OPTIONS, ahead=ahead, workers=workers)
    batch(source, tmp_path / "out", options)
    assert toy.contents(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_full_disk_leaves_nothing_half(source: Path, tmp_path: Path, format: shards.Format) -> None:
    """It is an OutputError; with room again the same command ends with the same bytes."""
    options = dataclasses.replace(OPTIONS, format=format)
    shards.check(format)
    batch(source, tmp_path / "whole", options)
    largest = max(p.stat().st_size for p in (tmp_path / "whole").glob("shards/*/sentences.*"))
    out = tmp_path / "out"
    task = work.Task(out, options.stories, format, 1, toy.models)
    job.planned(source, task, options, lambda line: None)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest - 1, before[1]))  # a write beyond it fails
    try:
        with pytest.raises(OutputError, match=r"out/(groups|shards)/.*: File too large"):
            batch(source, out, options)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(out.rglob("*.part"))
    for folder in out.glob("shards/*"):
        assert not folder.name.startswith(".")
        assert shards.finished(out, int(folder.name))
    assert not (out / "manifest.json").exists()
    batch(source, out, options)
    assert toy.contents(out) == toy.contents(tmp_path / "whole")


POISON = {
    "engine": {"text": f"{toy.POISON}, the minister said."},
    "blank": {"text": " \n "},
    "control": {"text": "The \x00 minister said so."},
    "language": {"lang": "xx"},
    "swedish": {"lang": "", "text": "Statsministern sade att det är mycket viktigt för hela landet. " * 3},
    "twin": {"id": "3-0"},
    "large": {"text": "a b c. " * 150_000},
}


def test_a_poisoned_article_is_a_reject_and_its_story_goes_on(tmp_path: Path) -> None:
    """in = out + rejects, each reject has place and reason, and the other articles are all there."""
    good = list(toy.records(4))
    bad = [{**good[9], "id": name, **fields} for name, fields in POISON.items()]
    source = toy.write(tmp_path / "in.jsonl", good + bad)
    found = batch(source, tmp_path / "out")
    assert (found.articles, found.aligned, found.rejects) == (12 + len(bad), 12, len(bad))
    rejects = [json.loads(line) for line in (tmp_path / "out" / "rejects.jsonl").read_text().splitlines()]
    reasons = {reject["article"]: reject["reason"] for reject in rejects}
    assert reasons["engine"] == f"failed: EngineError: cannot encode {toy.POISON}"
    assert reasons["blank"] == "has no text"
    assert "control character U+0000" in reasons["control"]
    assert reasons["language"].startswith("is in xx, expected ar")
    assert reasons["swedish"].startswith("is in sv, expected ar")
    assert "1,050,000 bytes" in reasons["large"]
    assert {reject["place"] for reject in rejects} == {f"in.jsonl:{13 + i}" for i in range(len(bad))}
    kept = delimited.read(tmp_path / "out" / "shards" / "000001" / "articles.csv")
    assert [row[:2] for row in kept.rows] == [(r["story"], r["id"]) for r in good[6:]]


def test_a_stage_that_fails_costs_the_article_that_fails_in_it(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of our own code is a reason like any other."""
    from pipeline import segment

    sentences = segment.sentences

    def fragile(article: Article) -> tuple[Sentence, ...]:
        if article.id in ("3-1", "5-0", "5-1", "5-2"):
            raise ZeroDivisionError("a bug")
        return sentences(article)

    monkeypatch.setattr(segment, "sentences", fragile)
    found = batch(source, tmp_path / "out")
    assert (found.aligned, found.rejects) == (32, 4)
    assert "failed: ZeroDivisionError: a bug" in (tmp_path / "out" / "rejects.jsonl").read_text()


def test_a_broken_engine_blames_no_article(
    source: Path, tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run stops, nothing is rejected, and goes on when the engine works again."""

    def broken(self: toy.ToyEncoder, texts: list[str]) -> None:
        raise EngineError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(toy.ToyEncoder, "encode", broken)
        with pytest.raises(EngineError, match="CUDA"):
            batch(source, tmp_path / "out")
    batch(source, tmp_path / "out")
    assert toy.contents(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("name", ["shards/000003/sentences.csv", "shards/000000/done.json"])
def test_a_damaged_shard_is_made_anew(
    source: Path, tmp_path: Path, undisturbed: dict[str, bytes], name: str
) -> None:
    """Files that are not what the marker says are not trusted."""
    batch(source, tmp_path / "out")
    with (tmp_path / "out" / name).open("r+b") as file:
        file.write(b"#")
    batch(source, tmp_path / "out")
    assert toy.contents(tmp_path / "out") == undisturbed


def test_the_sum_is_checked(source: Path, tmp_path: Path) -> None:
    """A marker that lost an article is found out before there is a manifest."""
    out = tmp_path / "out"
    batch(source, out)
    (out / "manifest.json").unlink()
    marker = out / "shards" / "000002" / "done.json"
    record = json.loads(marker.read_text())
    marker.write_text(json.dumps({**record, "articles": record["articles"] - 1}))
    with pytest.raises(OutputError, match="35 articles in tables and rejects, expected 36"):
        batch(source, out)
    assert not (out / "manifest.json").exists()


def test_another_batch_does_not_go_into_the_folder(source: Path, tmp_path: Path) -> None:
    """Input, options and models must be those that it was begun with; foreign files stay."""
    out = tmp_path / "out"
    batch(source, out)
    with pytest.raises(InputError, match="another stories_a_shard: 2, now 3"):
        batch(source, out, dataclasses.replace(OPTIONS, stories=3))
    with pytest.raises(InputError, match="another input"):
        batch(toy.write(tmp_path / "in.jsonl", toy.records(1)), out)
    (out / "shards" / "000001" / "done.json").unlink()
    with pytest.raises(ModelError, match="begun with toy-encoder"):
        job.batch(source, out, OPTIONS, lambda line: None, models=other_models)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        batch(source, tmp_path / "mine")
    assert os.listdir(tmp_path / "mine") == ["thesis.txt"]


def other_models() -> LocalModels:
    found = toy.models()
    found.translators = {}
    return found


def test_parquet_and_csv_hold_the_contracts_columns(source: Path, tmp_path: Path) -> None:
    """Both have the same cells under the same names, offsets as numbers, what is missing as null."""
    parquet = pytest.importorskip("pyarrow.parquet")
    batch(source, tmp_path / "out", dataclasses.replace(OPTIONS, format="both"))
    for name, columns in COLUMNS.items():
        table = parquet.read_table(tmp_path / "out" / "shards" / "000001" / f"{name}.parquet")
        assert tuple(table.column_names) == columns
        rows = [tuple(row[c] for c in columns) for row in table.to_pylist()]
        read = delimited.read(tmp_path / "out" / "shards" / "000001" / f"{name}.csv")
        assert read.columns == columns
        shown = [tuple(delimited.unguard(delimited.shown(cell)) for cell in row) for row in rows]
        assert shown == list(read.rows)
        assert rows or name == "renderings"


def test_a_story_is_what_it_is_alone_whatever_its_neighbours_do(tmp_path: Path) -> None:
    """Rows carry their story, and members lie where they say, in the text of the right article."""
    records = list(toy.records(3))
    texts = {(r["story"], r["id"]): r["text"] for r in records}
    batch(toy.write(tmp_path / "in.jsonl", records), tmp_path / "out")
    seen = 0
    for path in (tmp_path / "out").glob("shards/*/s*.csv"):
        table = delimited.read(path)
        for row in table.rows:
            cells = dict(zip(table.columns, map(str, row), strict=True))
            text = texts[cells["story"], cells["article"]]
            assert text[int(cells["start"]) : int(cells["end"])] == cells["text"]
            seen += 1
    assert seen > 30


def test_an_empty_input_is_an_empty_batch(tmp_path: Path) -> None:
    """No articles, no shards, a manifest that says so."""
    assert batch(toy.write(tmp_path / "in.jsonl", []), tmp_path / "out") == Summary(0, 0, 0, 0, 0)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["parts"] == []


def test_whoever_stops_waits_for_no_shard(source: Path, tmp_path: Path) -> None:
    """Groups in hand are given up where they next ask a model, and the batch can go on."""

    def enough(meter: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        job.batch(source, out, OPTIONS, lambda line: None, enough, toy.models)
    assert 1 <= len([*out.glob("groups/*"), *out.glob("shards/*/done.json")]) <= 3
    assert batch(source, out).aligned == 36
