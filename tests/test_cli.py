"""The command: one clear line for bad input, exit statuses, and where it talks."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.batch.job import Options, Summary

ENGLISH = (
    "The court rejected the appeal on Monday, and the minister said that he would resign within a week.\n"
)
ITALIAN = "Lunedì il tribunale ha respinto il ricorso e il ministro ha detto che si dimetterà presto.\n"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A folder with two short versions."""
    folder = tmp_path / "story"
    folder.mkdir()
    (folder / "a.txt").write_text(ENGLISH, encoding="utf-8")
    (folder / "b.txt").write_text(ITALIAN, encoding="utf-8")
    return folder


def ran(
    arguments: Sequence[str | Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Run the command in this process; return (status, stdout, stderr)."""
    monkeypatch.setattr(sys, "argv", ["synoptic", *map(str, arguments)])
    status = 0
    try:
        cli.main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    out, err = capsys.readouterr()
    return status, out, err


def spoilt(folder: Path, raw: bytes) -> list[str | Path]:
    """Replace a version by these bytes; return the paths to give."""
    (folder / "b.txt").write_bytes(raw)
    return [folder]


BAD = {
    "empty": (b"", "b.txt", "empty"),
    "latin": ("però è così, perché la città è là".encode("latin-1"), "b.txt", "UTF-8"),
    "utf-16": (ITALIAN.encode("utf-16"), "b.txt", "UTF-16"),
    "windows-1255": ("שלום לכולם, הממשלה החליטה היום".encode("windows-1255"), "b.txt", "windows-1255"),
    "windows-1256": ("أعلن الرئيس اليوم عن قرار جديد".encode("windows-1256"), "b.txt", "windows-1256"),
    "nul": (b"The court\x00 rejected the appeal.", "b.txt", "U+0000"),
    "no language": (
        "Суд отклонил апелляцию в понедельник, сообщил министр.".encode(),
        "b.txt",
        "is in ru, expected",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line_and_exit_1(
    case: str, story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the file and what was found; nothing is written."""
    raw, *expected = BAD[case]
    arguments = [*spoilt(story, raw), "--out", story.parent / "out", "--engine", "none"]
    status, out, err = ran(["translate", *arguments], monkeypatch, capsys)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert all(word in err for word in expected)
    assert not (story.parent / "out").exists()


def test_a_folder_with_one_version_is_no_story(
    story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two versions are the least that can be laid side by side."""
    (story / "b.txt").unlink()
    status, _, err = ran(["translate", story, "--out", story / "out"], monkeypatch, capsys)
    assert status == 1
    assert err.count("\n") == 1


def test_two_files_with_one_stem_are_refused(
    story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An article's id is its file's stem, so it must be one file's."""
    (story / "more").mkdir()
    (story / "more" / "a.txt").write_text(ENGLISH, encoding="utf-8")
    paths: list[str | Path] = [story / "a.txt", story / "more" / "a.txt"]
    status, _, err = ran(["translate", *map(str, paths), "--out", story / "out"], monkeypatch, capsys)
    assert status == 1
    assert "a.txt" in err


def test_no_such_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path as it was given."""
    status, _, err = ran(["translate", tmp_path / "nowhere", "--out", tmp_path / "out"], monkeypatch, capsys)
    assert status == 1
    assert str(tmp_path / "nowhere") in err


def test_an_output_folder_that_is_a_file_is_named(
    story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Said before any model is loaded, and the file stays."""
    (story.parent / "out").write_text("notes")
    status, _, err = ran(["translate", story, "--out", story.parent / "out"], monkeypatch, capsys)
    assert status == 1
    assert str(story.parent / "out") in err
    assert (story.parent / "out").read_text() == "notes"


@pytest.mark.parametrize(
    "arguments", [["translate"], ["translate", "x", "--out", "y", "--lang", "a"], ["sing"]], ids=str
)
def test_wrong_usage_is_exit_2(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Usage is told apart from a mistake in the input."""
    assert ran(arguments, monkeypatch, capsys)[0] == 2


def test_offline_with_a_missing_model_says_which_command_fetches_it(
    story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line can be copied and run."""
    monkeypatch.setenv("SYNOPTIC_CACHE", str(tmp_path / "cache"))
    arguments: list[str | Path] = [
        "translate",
        story,
        "--out",
        tmp_path / "out",
        "--engine",
        "opus-mt",
        "--offline",
    ]
    status, _, err = ran(arguments, monkeypatch, capsys)
    assert status == 1
    assert "synoptic models fetch opus-mt" in err


def test_tables_come_out_and_stdout_has_one_line(
    story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Talk is on stderr; stdout says where the tables are."""
    out = story.parent / "out"
    status, said, _ = ran(["translate", story, "--out", out, "--engine", "none"], monkeypatch, capsys)
    assert status == 0
    assert said.startswith(f"{out}: 2 versions")
    assert said.count("\n") == 1
    assert {"statements.csv", "quotes.csv", "sentences.csv", "run.json"} <= {p.name for p in out.iterdir()}


def test_an_engine_is_measured_with_its_signatures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stdout is JSON; lines that do not pair are the user's mistake; a language without an engine too."""
    (tmp_path / "it").write_text("Il tribunale ha respinto il ricorso.\n", encoding="utf-8")
    (tmp_path / "en").write_text("The court rejected the appeal.\n", encoding="utf-8")
    arguments: list[str | Path] = ["evaluate", "--lang", "en", "--source", tmp_path / "en"]
    arguments += ["--reference", tmp_path / "en", "--engine", "none"]
    status, _, err = ran(arguments, monkeypatch, capsys)
    assert status == 1
    assert "no engine for en" in err
    (tmp_path / "en").write_text("The court rejected the appeal.\nTwo.\n", encoding="utf-8")
    arguments = ["evaluate", "--lang", "it", "--source", tmp_path / "it", "--reference", tmp_path / "en"]
    assert ran(arguments, monkeypatch, capsys)[0] == 1


def test_the_command_is_installed() -> None:
    """`synoptic --version` answers from anywhere."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=os.sep,
    )
    assert done.stdout.strip()


def test_a_batch_without_options_has_their_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the command does unasked is what `batch.job.Options` does."""
    asked: list[object] = []

    def batch(path: Path, out: Path, options: Options, say: object, told: object) -> Summary:
        asked.append(options)
        return Summary(0, 0, 0, 0, 0)

    monkeypatch.setattr("pipeline.batch.job.batch", batch)
    status, _, _ = ran(["batch", tmp_path, "--out", tmp_path], monkeypatch, capsys)
    assert (status, asked) == (0, [Options()])
