"""From network to folder to parts: the same model all the way."""

import importlib
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import torch

from pipeline.engines import ct2, folders
from pipeline.engines.ports import Decoding, Floats
from pipeline.errors import InputError
from pipeline.hashes import sha256, verified
from pipeline.manifests import manifest_folder, read_manifest
from tests.training.conftest import OUTPUTS, PLAN, SETTING, tiny_e5
from training import checkpoint, learn, parts
from training.checkpoint import Checkpoint
from training.export import export, pin
from training.frozen import frozen_memory
from training.greedy import greedy
from training.loop import Run
from training.network import Network, from_e5, trained_memory
from training.shipped import shipped
from training.vocabulary import END, START

MODEL = tiny_e5()


@pytest.fixture(scope="module")
def exported(copier: tuple[Path, Run]) -> tuple[Network, Path]:
    """A network whose weights are a compact checkpoint of what learnt to copy, and its folder."""
    folder, run = copier
    whole = Checkpoint({}, {name: weight.detach() for name, weight in run.network.named_parameters()})
    checkpoint.save_compact(folder / "compact.pt", whole)
    network = from_e5(MODEL, OUTPUTS, 2).eval()
    network.load_state_dict(checkpoint.read(folder / "compact.pt").average)
    export(MODEL, OUTPUTS, arrays(network), folder / "model")
    return network, folder / "model"


def arrays(network: Network) -> dict[str, Floats]:
    return {name: weight.detach().numpy() for name, weight in network.named_parameters()}


def test_the_exported_model_says_what_the_network_says(exported: tuple[Network, Path]) -> None:
    """Its next piece after any beginning is PyTorch's, with the same score."""
    network, folder = exported
    translator = ctranslate2.Translator(str(folder), compute_type="float32")  # activations are not rounded
    random = np.random.default_rng(1)
    for _ in range(40):
        source = [START, *random.integers(4, len(MODEL.pieces), random.integers(1, 12)).tolist(), END]
        target = random.integers(4, OUTPUTS, random.integers(1, 8)).tolist()
        with torch.no_grad():
            states, mask = trained_memory(network)(torch.tensor([source]), torch.tensor([len(source)]))
            wanted = network.logits(network.decode(torch.tensor([[END, *target]]), states, mask)[0, -1])
        said = translator.translate_batch(
            [[MODEL.pieces[i] for i in source]],
            target_prefix=[[MODEL.pieces[i] for i in target]],
            beam_size=1,
            max_decoding_length=len(target) + 1,
            return_logits_vocab=True,
        )
        found = np.array(said[0].logits[0][-1])
        assert found.argmax() == wanted.argmax()
        assert np.allclose(found, wanted.numpy(), atol=0.01)


def test_a_shipped_model_is_read_back(exported: tuple[Network, Path]) -> None:
    """Every weight that a run trains is what was exported, within half a step of its row's int8."""
    network, folder = exported
    found = shipped(folder, MODEL.pieces, MODEL.width)
    trained = dict(network.decoder_parameters()) | dict(network.encoder_parameters())
    assert found.average.keys() == trained.keys() == found.weights.keys()
    for name, weight in trained.items():
        step = weight.abs().amax(dim=-1, keepdim=True) / 127 if weight.ndim == 2 else torch.tensor(1e-5)
        assert ((found.average[name] - weight).abs() <= 0.51 * step + 1e-5).all(), name


def test_a_run_goes_on_from_a_shipped_model(
    exported: tuple[Network, Path], copier: tuple[Path, Run], tmp_path: Path
) -> None:
    """It knows its task from the first step on."""
    plan = replace(PLAN, steps=1, rate=1e-4)
    learn.learn(copier[0] / "box", tmp_path / "run", plan, SETTING, begin=exported[1], say=lambda line: None)
    first = json.loads((tmp_path / "run" / learn.CURVE).read_text(encoding="utf-8").splitlines()[0])
    assert first["loss"] < 0.3


def test_a_shipped_model_with_other_pieces_is_refused(exported: tuple[Network, Path], tmp_path: Path) -> None:
    """A box from other data would read its numbers as other pieces; a folder without a model is named."""
    with pytest.raises(InputError, match="other pieces"):
        shipped(exported[1], MODEL.pieces[::-1], MODEL.width)
    with pytest.raises(InputError, match="not an exported model"):
        shipped(tmp_path, MODEL.pieces, MODEL.width)


def test_exporting_leaves_the_network_as_it_was(tmp_path: Path) -> None:
    """CTranslate2 quantises arrays in place; they must not be the network's own."""
    network = from_e5(MODEL, OUTPUTS, 1)
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    export(MODEL, OUTPUTS, arrays(network), tmp_path / "model")
    assert all(torch.equal(weight, before[name]) for name, weight in network.named_parameters())


def test_the_folder_is_served_by_the_projects_adapter(exported: tuple[Network, Path]) -> None:
    """It is sealed, recognised by its files, and gives text, not pieces."""
    _, folder = exported
    assert verified(folder) is not None
    loaded = folders.load(folders.looked_at(folder), ct2.Hardware("cpu", 1))
    said = folders.translator(loaded, "it").translate([")(", ""], Decoding(beam=2))
    assert set(said[0].text) <= set("'()*+,-."), "the eight pieces of the task, and no mark of a piece"
    assert said[0].text
    assert said[1].text == ""


def test_the_manifest_has_the_folders_hashes(exported: tuple[Network, Path], tmp_path: Path) -> None:
    """After exporting the catalogue knows the files, so that a damaged one is found when it is loaded."""
    manifest = tmp_path / "embedded.toml"
    shutil.copy(manifest_folder() / "embedded.toml", manifest)
    shutil.copytree(exported[1], tmp_path / "embedded")
    pin(manifest, "step-140", say=lambda line: None)
    found = read_manifest(manifest)
    assert (found.pinned, found.revision) == (True, "step-140")
    assert found.files == {name: sha256(exported[1] / name) for name in found.files}
    assert set(found.files) | {"hashes.json"} == {path.name for path in exported[1].iterdir()}


def test_greedy_gives_each_source_its_own(exported: tuple[Network, Path]) -> None:
    """Sources of several lengths in one batch say what each says alone."""
    made, _ = exported
    sources = [[11, 12, 13], [14], [15, 10], []]
    assert greedy(made, sources, 8) == [greedy(made, [source], 8)[0] for source in sources]


def test_the_frozen_encoder_is_the_networks(tmp_path: Path) -> None:
    """CTranslate2's int8 states point where PyTorch's do, and a second start converts nothing."""
    made = from_e5(MODEL, OUTPUTS, 2).eval()
    ids, lengths = torch.randint(4, OUTPUTS, (3, 8)), torch.tensor([8, 5, 2])
    with torch.no_grad():
        wanted, mask = trained_memory(made)(ids, lengths)
    found, its = frozen_memory(MODEL, tmp_path / "encoder", 1)(ids, lengths)
    assert torch.equal(mask, its)
    real = mask[:, 0, 0, :]
    assert (
        torch.cosine_similarity(wanted[real], found[real], dim=-1).min() > 0.97
    )  # the real one, 384 wide: 0.999
    before = (tmp_path / "encoder" / "model.bin").stat().st_mtime_ns
    frozen_memory(MODEL, tmp_path / "encoder", 1)
    assert (tmp_path / "encoder" / "model.bin").stat().st_mtime_ns == before


def test_tied_vectors_are_stored_once(exported: tuple[Network, Path]) -> None:
    """The last layer and the piece vectors are one matrix in the file: 6 MB of a 16,000-piece model."""
    _, folder = exported
    matrices = sum(value.numel() for name, value in exported[0].named_parameters() if value.ndim == 2)
    assert (folder / "model.bin").stat().st_size < matrices + 4 * 1024 * 32 * 2 + 60_000


def test_weights_ship_and_join(tmp_path: Path) -> None:
    """Parts are at most their size and joined are the file, byte for byte."""
    content = np.random.default_rng(0).bytes(2500)
    (tmp_path / "model.bin").write_bytes(content)
    shipped = parts.ship(tmp_path / "model.bin", tmp_path / "out", size=1000)
    assert [path.stat().st_size for path in shipped[:-1]] == [1000, 1000, 500]
    assert parts.join(shipped[-1], tmp_path / "back").read_bytes() == content


@pytest.mark.parametrize("damage", ["lost", "changed", "swapped"])
def test_a_damaged_part_is_named_and_nothing_written(tmp_path: Path, damage: str) -> None:
    """A part that is not what was shipped gives no file, not even half of one."""
    (tmp_path / "model.bin").write_bytes(b"a" * 10 + b"b" * 10)
    first, second, index = parts.ship(tmp_path / "model.bin", tmp_path / "out", size=10)
    if damage == "lost":
        first.unlink()
    elif damage == "changed":
        first.write_bytes(b"a" * 9 + b"x")
    else:
        listed = json.loads(index.read_text())
        listed["parts"] = dict(reversed(listed["parts"].items()))
        index.write_text(json.dumps(listed))
    with pytest.raises(InputError, match="the parts joined are not" if damage == "swapped" else first.name):
        parts.join(index, tmp_path / "back")
    assert list((tmp_path / "back").iterdir()) == []
    assert second.exists()


def test_a_machine_without_ctranslate2_can_train(monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules that a GPU box needs import no CTranslate2; it may not be there."""
    for name in [
        name for name in sys.modules if name.split(".")[0] in ("pipeline", "training", "ctranslate2")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ctranslate2", None)  # an import of it raises
    importlib.import_module("training.__main__")
    with pytest.raises(ImportError):
        importlib.import_module("training.frozen")
    for name in [name for name in sys.modules if name.split(".")[0] in ("pipeline", "training")]:
        monkeypatch.delitem(sys.modules, name)
