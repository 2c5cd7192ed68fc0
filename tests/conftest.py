"""Models that tests share, made once a session and only where a test asks for one."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pipeline.engines.reference import ReferenceTranslator


@pytest.fixture(scope="session")
def marian_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An Italian-English Marian checkpoint in the hub's layout."""
    from tests.engines import tiny

    return tiny.marian(tmp_path_factory.mktemp("hub") / "opus-mt-it-en")


@pytest.fixture(scope="session")
def nllb_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An NLLB checkpoint for Italian and Hebrew in the hub's layout."""
    from tests.engines import tiny

    return tiny.nllb(tmp_path_factory.mktemp("hub") / "nllb-tiny")


@pytest.fixture(scope="session")
def embedded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A converted folder with the embedded model's files, and noise for weights."""
    from tests.engines import tiny

    return tiny.embedded(tmp_path_factory.mktemp("models") / "embedded")


@pytest.fixture(scope="session")
def marian_folder(marian_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Marian checkpoint converted without quantisation."""
    return _converted(marian_checkpoint, tmp_path_factory.mktemp("converted"))


@pytest.fixture(scope="session")
def nllb_folder(nllb_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The NLLB checkpoint converted without quantisation."""
    return _converted(nllb_checkpoint, tmp_path_factory.mktemp("converted"))


@pytest.fixture(scope="session")
def references(marian_checkpoint: Path, nllb_checkpoint: Path) -> "dict[str, ReferenceTranslator]":
    """Both checkpoints under transformers, Italian into English."""
    import torch

    from pipeline.engines.reference import open_reference

    torch.set_num_threads(1)  # on matrices as small as these, threads only wait for one another
    return {"marian": open_reference(marian_checkpoint, "it"), "nllb": open_reference(nllb_checkpoint, "it")}


def _converted(checkpoint: Path, into: Path) -> Path:
    from pipeline.engines import folders
    from pipeline.engines.convert import convert

    convert(folders.looked_at(checkpoint), into / checkpoint.name, "float32")
    return into / checkpoint.name
