"""The same job on Ray."""

from pathlib import Path

import pytest

from pipeline.batch import job
from pipeline.batch.job import Options
from pipeline.batch.models import LocalModels
from pipeline.errors import EngineError, OutputError, SynopticError
from tests.batch import toy

OPTIONS = Options(stories=2, format="csv")


def broken() -> LocalModels:
    raise EngineError("no models here")


def test_ray_gives_the_same_bytes(tmp_path: Path) -> None:
    """Rejects included; an error in an actor comes out as our own."""
    ray = pytest.importorskip("ray")
    good = list(toy.records(5))
    source = toy.write(tmp_path / "in.jsonl", [*good, {**good[0], "id": "p", "text": f"A {toy.POISON}."}])
    alone = job.batch(source, tmp_path / "one", OPTIONS, lambda line: None, models=toy.models)
    options = Options(stories=2, format="csv", ray="local", workers=2)
    ray.init(num_cpus=2, log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    try:
        many = job.batch(source, tmp_path / "ray", options, lambda line: None, models=toy.models)
        with pytest.raises(SynopticError):
            job.batch(source, tmp_path / "broken", options, lambda line: None, models=broken)
    finally:
        ray.shutdown()
    assert alone == many
    assert toy.contents(tmp_path / "one") == toy.contents(tmp_path / "ray")


def test_without_ray_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the command."""
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    source = toy.write(tmp_path / "in.jsonl", toy.records(1))
    options = Options(stories=2, format="csv", ray="auto")
    with pytest.raises(OutputError, match=r"pip install 'synoptic\[ray\]'"):
        job.batch(source, tmp_path / "out", options, lambda line: None, models=toy.models)
