"""The command: from a checkpoint to a measured, shipped model."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.training.conftest import OUTPUTS, tiny_e5
from training import box, checkpoint
from training.__main__ import app
from training.loop import Run
from training.served import measured

LINES = {"ar": ")(", "he": "+", "it": "'*", "en": ")("}


def dev_set(folder: Path) -> Path:
    folder.mkdir()
    for lang, line in LINES.items():
        (folder / f"{lang}.txt").write_text(f"{line}\n" * 3, encoding="utf-8")
    return folder


def test_a_checkpoint_is_exported_and_measured(copier: tuple[Path, Run], tmp_path: Path) -> None:
    """What is measured is the folder: every language's scores, speed, time to load, memory."""
    folder, _ = copier
    arguments = ["export", folder / "run" / "checkpoint.pt", tmp_path / "model", "--box", folder / "box"]
    assert CliRunner().invoke(app, [*map(str, arguments)]).exit_code == 0
    found = measured(tmp_path / "model", dev_set(tmp_path / "dev"), lines=2, beam=2, threads=1)
    assert found.quality.keys() == {"ar", "he", "it"}
    assert found.quality["ar"]["chrf2"] > found.quality["he"]["chrf2"]
    assert found.sentences == 6
    assert min(found.sentences_per_s, found.resident_mb, found.model_mb) > 0


def test_a_compact_checkpoint_ships_and_is_joined(copier: tuple[Path, Run], tmp_path: Path) -> None:
    """What arrives is a checkpoint that a run can begin from."""
    folder, run = copier
    path = folder / "run" / "checkpoint.pt"
    shipped = CliRunner().invoke(app, ["ship", str(path), str(tmp_path / "out"), "--compact"])
    index = shipped.stdout.split()[-1]
    joined = CliRunner().invoke(app, ["join", index, str(tmp_path / "back")])
    found = checkpoint.read(Path(joined.stdout.strip()))
    assert found.progress.step == run.progress.step
    assert found.average.keys() == run.average.keys()


def test_prepare_keeps_a_model_that_is_there(tmp_path: Path) -> None:
    """A box made elsewhere, which a checkpoint belongs to, keeps its pieces; `--no-pairs` stops there."""
    box.save_model(tmp_path / "box", tiny_e5(), OUTPUTS)
    before = (tmp_path / "box" / "vocab.json").read_bytes()
    done = CliRunner().invoke(app, ["prepare", str(tmp_path / "none"), str(tmp_path / "box"), "--no-pairs"])
    assert done.exit_code == 0
    assert (tmp_path / "box" / "vocab.json").read_bytes() == before


@pytest.mark.parametrize(
    "wrong", [["--mix", "fr:1"], ["--mix", "it"], ["--schedule", "cosine"], ["--mix", "it:0,ar:1"]]
)
def test_a_wrong_option_is_refused(tmp_path: Path, wrong: list[str]) -> None:
    """Usage errors exit with 2, before anything is read."""
    done = CliRunner().invoke(app, ["train", str(tmp_path / "run"), "--box", str(tmp_path), *wrong])
    assert done.exit_code == 2
    assert not (tmp_path / "run").exists()


def test_dev_lines_that_do_not_match_are_named(tmp_path: Path) -> None:
    """A dev set whose files differ in length scores nothing."""
    from pipeline.errors import InputError
    from training.dev import read_dev

    folder = dev_set(tmp_path / "dev")
    (folder / "he.txt").write_text("+\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"he\.txt: 1 lines, expected 3 as in en\.txt"):
        read_dev(folder)


def test_the_curve_of_a_run_is_json_lines(copier: tuple[Path, Run]) -> None:
    """Each mark tells step, tokens, seconds, loss, rate and speed."""
    lines = ((copier[0] / "run" / "curve.jsonl").read_text()).splitlines()
    assert [json.loads(line)["step"] for line in lines] == [20, 40, 60, 80, 100, 120, 140]
