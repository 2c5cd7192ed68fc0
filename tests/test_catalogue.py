"""The catalogue: from a manifest to a translator that was fetched, verified, converted and tried."""

import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import catalogue, hub, manifests, stock
from pipeline.errors import ModelError
from pipeline.hashes import sha256
from pipeline.shelf import Shelf, shelf
from tests.engines.local_hub import COMMIT, serving
from tests.engines.tiny import HEBREW, ITALIAN

CANARY = '{ source = "Il club è forte.", words = [["club"], ["strong"]] }'
HEARD: list[str] = []


@pytest.fixture(scope="session")
def address(marian_checkpoint: Path, nllb_checkpoint: Path) -> Iterator[str]:
    with serving({"Tiny/opus-mt-it-en": marian_checkpoint, "Tiny/nllb": nllb_checkpoint}) as where:
        yield where


@pytest.fixture
def place(tmp_path: Path, address: str, marian_checkpoint: Path, nllb_checkpoint: Path) -> Shelf:
    """A catalogue of two tiny models, on a hub of this machine, with nothing fetched yet."""
    folder = tmp_path / "models"
    folder.mkdir()
    manifest(folder, "opus-mt-it-en", "opus-mt", marian_checkpoint, "Apache-2.0", {"it": ""})
    codes = {
        "it": 'code = "ita_Latn"\nprefix = "eng_Latn"',
        "he": 'code = "heb_Hebr"\nprefix = "eng_Latn"',
    }
    manifest(folder, "nllb", "nllb", nllb_checkpoint, "CC-BY-NC-4.0", codes)
    return Shelf(manifests.manifests(folder), tmp_path / "cache", tmp_path / "hub", address)


def manifest(
    folder: Path, name: str, group: str, checkpoint: Path, licence: str, languages: dict[str, str]
) -> None:
    lines = [f'name = "{name}"', 'kind = "translator"', f'group = "{group}"', "rank = 1"]
    lines += [f'hub = "Tiny/{name}"', f'revision = "{COMMIT}"', f'licence = "{licence}"', "[files]"]
    lines += [f'"{file.name}" = "{sha256(file)}"' for file in sorted(checkpoint.iterdir())]
    for lang, more in languages.items():
        lines += [f"[languages.{lang}]", more, f"canaries = [{CANARY if lang == 'it' else ''}]"]
    (folder / f"{name}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def choose(place: Shelf, engine: str, *langs: str, offline: bool = False) -> catalogue.Choice:
    HEARD.clear()
    return catalogue.choose(
        engine, langs, offline=offline, device="cpu", threads=2, say=HEARD.append, on=place
    )


def english(choice: catalogue.Choice, lang: str, text: str) -> str:
    return choice.translators[lang].translate([text])[0].text


def test_the_whole_road(place: Shelf) -> None:
    """Fetched, verified, converted, tried; the second time none of it is done again."""
    first = choose(place, "opus-mt", "it", "en")
    assert english(first, "it", "Il club è forte.") == "The club is strong."
    assert [line.split(":")[1].split()[0] for line in HEARD] == ["fetching", "converting"]
    again = choose(place, "opus-mt", "it", offline=True)
    assert HEARD == []
    assert again.translators["it"].signature == first.translators["it"].signature


def test_one_model_serves_all_its_languages(place: Shelf) -> None:
    """NLLB is loaded once, told each language's code, and its licence is said aloud."""
    choice = choose(place, "nllb", "it", "he")
    assert english(choice, "it", "Il paese è forte.") == ITALIAN["Il paese è forte."]
    assert english(choice, "he", "המועדון חזק.") == HEBREW["המועדון חזק."]
    assert [line for line in HEARD if "not for commercial use" in line] == [
        "nllb: licence CC-BY-NC-4.0, not for commercial use"
    ]


def test_auto_fetches_what_is_free(place: Shelf) -> None:
    """Italian has a free model; Hebrew has only one that forbids commercial use, and goes without."""
    choice = choose(place, "auto", "it", "he")
    assert {lang: made.name for lang, made in choice.translators.items()} == {"it": "opus-mt-it-en"}
    assert set(choice.reasons) == {"he"}
    assert choice.used[0].revision == COMMIT


def test_auto_takes_what_is_here(place: Shelf) -> None:
    """What was fetched on purpose is used, offline too, and is at hand as a second opinion."""
    stock.fetch(["nllb", "opus-mt-it-en"], device="cpu", threads=2, say=HEARD.append, on=place)
    choice = choose(place, "auto", "it", "he", offline=True)
    assert {lang: made.name for lang, made in choice.translators.items()} == {"it": "nllb", "he": "nllb"}
    assert choice.others["it"].translate(["Il club è forte."])[0].text == "The club is strong."


def test_offline_names_the_command_that_fetches(place: Shelf) -> None:
    """A named model that is missing is an error with its remedy; `auto` goes on without."""
    with pytest.raises(
        ModelError, match="not on this machine; with a network: synoptic models fetch opus-mt-it-en"
    ):
        choose(place, "opus-mt", "it", offline=True)
    choice = choose(place, "auto", "it", offline=True)
    assert "synoptic models fetch" in choice.reasons["it"]
    assert not choice.translators


def test_a_dead_network_costs_less_than_two_seconds(place: Shelf) -> None:
    """A host that takes the call and never answers does not hold `auto` up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dead = replace(place, address=f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        choice = choose(dead, "auto", "it", "he")
        assert time.monotonic() - began < 2
    assert "no answer" in choice.reasons["it"]
    assert "none (he, it: no translation model on this machine" in choice.chosen


def test_without_the_hub_extra_nothing_is_fetched(place: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base install says what it lacks and how to get it, and touches no network."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    choice = choose(place, "auto", "it")
    assert (
        "torch, transformers, huggingface_hub not installed: pip install 'synoptic[hub]'"
        in choice.reasons["it"]
    )


def test_nobody_is_asked_when_all_is_here(place: Shelf) -> None:
    """With every language served from disk, the network is not touched."""
    choose(place, "opus-mt", "it")
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        choose(replace(place, address=f"http://127.0.0.1:{silent.getsockname()[1]}"), "auto", "it")
    assert time.monotonic() - began < hub.PROBE_S


def test_none_is_taken_at_its_word(place: Shelf) -> None:
    """`none` needs no model, and gives every foreign language the reason."""
    choice = choose(place, "none", "it", "en", "he")
    assert choice.reasons == {"it": "--engine none", "he": "--engine none"}


def test_an_unknown_engine_is_named(place: Shelf) -> None:
    """Neither a name nor a folder: the names that would do are listed."""
    with pytest.raises(ModelError, match="no such folder, and none of auto, none, nllb, opus-mt"):
        choose(place, "opus", "it")


def test_a_checkpoint_folder_is_converted_once(place: Shelf, marian_checkpoint: Path) -> None:
    """`--engine DIR` takes a hub checkpoint too, and its own words for its language."""
    assert (
        english(choose(place, str(marian_checkpoint), "it"), "it", "Il paese è forte.")
        == "The country is strong."
    )
    assert HEARD == ["opus-mt-it-en: converting to int8 (once)"]
    choose(place, str(marian_checkpoint), "it")
    assert HEARD == []


def test_a_folder_of_folders_is_one_model_a_language(
    place: Shelf, marian_folder: Path, nllb_folder: Path, tmp_path: Path
) -> None:
    """The first folder that has the language translates it."""
    shutil.copytree(marian_folder, tmp_path / "mine" / "a-it-en")
    shutil.copytree(nllb_folder, tmp_path / "mine" / "b")
    choice = choose(place, str(tmp_path / "mine"), "it", "he")
    assert {lang: made.name for lang, made in choice.translators.items()} == {"it": "a-it-en", "he": "b"}


def change(kind: str) -> Callable[[Path], None]:
    """Return what damages a converted folder in one way."""

    def lost(folder: Path) -> None:
        next(iter(sorted(folder.glob("s*.spm")) or [folder / "sentencepiece.bpe.model"])).unlink()

    def truncated(folder: Path) -> None:
        content = (folder / "model.bin").read_bytes()
        (folder / "model.bin").write_bytes(content[: len(content) // 2])

    def renamed(folder: Path) -> None:
        pieces = json.loads((folder / "shared_vocabulary.json").read_text(encoding="utf-8"))
        pieces = ["xxx_Xxxx" if piece == "eng_Latn" else piece for piece in pieces]
        (folder / "shared_vocabulary.json").write_text(json.dumps(pieces), encoding="utf-8")

    def half(folder: Path) -> None:
        text = (folder / "shared_vocabulary.json").read_text(encoding="utf-8")
        (folder / "shared_vocabulary.json").write_text(text[:20], encoding="utf-8")

    def emptied(folder: Path) -> None:
        (folder / "model.bin").unlink()

    return {"lost": lost, "truncated": truncated, "renamed": renamed, "half": half, "emptied": emptied}[kind]


@pytest.mark.parametrize(
    ("family", "kind", "lang", "said"),
    [
        ("marian", "lost", "it", "missing file source.spm"),
        ("marian", "emptied", "it", "missing file model.bin"),
        ("marian", "truncated", "it", "CTranslate2 cannot load it"),
        ("marian", "half", "it", "shared_vocabulary.json: truncated or damaged"),
        ("marian", "", "he", "has no model for he"),
        ("nllb", "lost", "it", "sentencepiece.bpe.model"),
        ("nllb", "renamed", "it", "missing prefix token: eng_Latn"),
        ("nllb", "codes", "it", "wrong source code: ita_Latn"),
    ],
)
def test_each_damage_has_its_own_line(
    place: Shelf, tmp_path: Path, request: pytest.FixtureRequest, family: str, kind: str, lang: str, said: str
) -> None:
    """A folder that is not whole is named with what is wrong with it, in one line, and is not used."""
    folder = tmp_path / "model-it-en"
    shutil.copytree(request.getfixturevalue(f"{family}_folder"), folder)
    if kind == "codes":
        text = (folder / "shared_vocabulary.json").read_text(encoding="utf-8")
        (folder / "shared_vocabulary.json").write_text(text.replace("ita_Latn", "ita_Xxxx"), encoding="utf-8")
    elif kind:
        change(kind)(folder)
    with pytest.raises(ModelError, match=said) as caught:
        choose(place, str(folder), lang)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_marian_folder_must_say_its_language(place: Shelf, marian_folder: Path, tmp_path: Path) -> None:
    """Nothing is guessed: neither its settings nor its name tell."""
    shutil.copytree(marian_folder, tmp_path / "mine")
    (tmp_path / "mine" / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match="does not say its source language"):
        choose(place, str(tmp_path / "mine"), "it")


def test_a_wrong_hash_is_refused(place: Shelf) -> None:
    """What the hub sends is not what was pinned: nothing is converted, the file is named."""
    entry = place.manifests["opus-mt-it-en"]
    other = replace(entry, files={**entry.files, "vocab.json": "0" * 64})
    with pytest.raises(ModelError, match=r"vocab.json: wrong hash: sha256 \w{12}, expected 000000000000"):
        choose(replace(place, manifests={entry.name: other}), "opus-mt", "it")
    assert not (place.cache / "models").exists()


def test_a_truncated_checkpoint_is_refused(place: Shelf, marian_checkpoint: Path, tmp_path: Path) -> None:
    """Half of the weights are no weights, and no half of a conversion stays behind."""
    shutil.copytree(marian_checkpoint, tmp_path / "half-it-en")
    weights = tmp_path / "half-it-en" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(ModelError, match="half-it-en: cannot be converted, truncated or damaged"):
        choose(place, str(tmp_path / "half-it-en"), "it")
    assert not [path for path in (place.cache / "models").rglob("*") if path.is_file()]


def test_a_damaged_cache_is_made_anew(place: Shelf) -> None:
    """A converted model of ours that has changed on disk is not used."""
    choose(place, "opus-mt", "it")
    (weights,) = (place.cache / "models").glob("*/model.bin")
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match="damaged; synoptic models fetch opus-mt-it-en makes it anew"):
        stock.verify([], say=HEARD.append, on=place)
    assert english(choose(place, "opus-mt", "it"), "it", "Il club è forte.") == "The club is strong."
    assert any("damaged, made anew" in line for line in HEARD)


def test_a_model_that_talks_gibberish_is_refused(
    place: Shelf, marian_checkpoint: Path, tmp_path: Path
) -> None:
    """Weights that are whole but wrong (an upgrade once untied their embeddings) do not pass their canary."""
    import torch
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "gibberish-it-en"
    shutil.copytree(marian_checkpoint, folder)
    weights = load_file(folder / "model.safetensors")
    shared = weights["model.shared.weight"]
    weights["model.shared.weight"] = torch.cat([shared[:-1].flip(0), shared[-1:]])
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    manifest(tmp_path, "opus-mt-it-en", "opus-mt", folder, "Apache-2.0", {"it": ""})
    with serving({"Tiny/opus-mt-it-en": folder}) as where:
        other = replace(place, manifests=manifests.manifests(tmp_path), address=where)
        with pytest.raises(
            ModelError, match=r"refused, its canary is silent: Il club .* expected (club|strong)"
        ):
            choose(other, "opus-mt", "it")
        choice = choose(other, "auto", "it")
    assert "canary is silent" in choice.reasons["it"]


def test_a_start_that_is_not_zero_is_refused(place: Shelf, marian_checkpoint: Path, tmp_path: Path) -> None:
    """CTranslate2 starts Marian from zeros; from anything else it would translate otherwise."""
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "tuned-it-en"
    shutil.copytree(marian_checkpoint, folder)
    weights = load_file(folder / "model.safetensors")
    weights["model.shared.weight"][-1] += 1
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="the embedding of <pad> is not zero"):
        choose(place, str(folder), "it")


def test_an_upgrade_has_the_canary_sing_again(place: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """What passed is remembered, for the libraries that it passed with."""
    choose(place, "opus-mt", "it")
    assert len(list((place.cache / "canaries").iterdir())) == 1
    choose(place, "opus-mt", "it")
    assert len(list((place.cache / "canaries").iterdir())) == 1
    monkeypatch.setattr("pipeline.engines.canary.version", lambda library: "99")
    choose(place, "opus-mt", "it")
    assert len(list((place.cache / "canaries").iterdir())) == 2


def test_pinning_writes_what_the_hub_has(place: Shelf) -> None:
    """Unpinned is said at every use; pinned, a manifest holds commit and hashes, and keeps its comments."""
    entry = place.manifests["opus-mt-it-en"]
    text = (
        entry.path.read_text(encoding="utf-8")
        .replace(COMMIT, "unpinned")
        .replace("[files]", "[files]  # seen")
    )
    for digest in entry.files.values():
        text = text.replace(digest, "unpinned")
    entry.path.write_text(text, encoding="utf-8")
    loose = replace(place, manifests=manifests.manifests(entry.path.parent))
    choose(loose, "opus-mt", "it")
    assert "opus-mt-it-en: unpinned, so its files are not verified" in HEARD
    stock.pin(["opus-mt-it-en"], say=HEARD.append, on=loose)
    pinned = manifests.read_manifest(entry.path)
    assert (pinned.revision, dict(pinned.files)) == (COMMIT, dict(entry.files))
    assert "[files]  # seen" in entry.path.read_text(encoding="utf-8")


def test_the_list_says_what_is_where(place: Shelf) -> None:
    """Absent, then converted; verify finds what is here whole."""
    assert {line.name: line.state for line in stock.listed(place)} == {
        "nllb": "absent",
        "opus-mt-it-en": "absent",
    }
    stock.fetch(["opus-mt"], device="cpu", threads=2, say=HEARD.append, on=place)
    assert {line.name: line.state for line in stock.listed(place)}["opus-mt-it-en"] == "converted"
    assert stock.verify([], say=HEARD.append, on=place) == ["opus-mt-it-en"]


def test_the_embedded_model_is_found_when_it_is_there(
    place: Shelf, embedded_folder: Path, tmp_path: Path
) -> None:
    """It lies beside its manifest; without it `auto` goes on in silence, and a damaged one is not used."""
    real = manifests.read_manifest(manifests.manifest_folder() / "embedded.toml")
    assert set(real.languages) == {"ar", "he", "it"}
    italian = manifests.Source(quality="9 BLEU")
    files = {name: sha256(embedded_folder / name) for name in real.files}
    entry = replace(real, path=tmp_path / "embedded.toml", files=files, languages={"it": italian})
    home = replace(place, manifests={"embedded": entry})
    assert not choose(home, "auto", "it", offline=True).translators
    assert HEARD == []
    shutil.copytree(embedded_folder, tmp_path / "embedded")
    choice = choose(home, "auto", "it", offline=True)
    assert choice.translators["it"].name == "embedded"
    assert [(used.name, used.quality) for used in choice.used] == [("embedded", "9 BLEU")]
    assert choice.translators["it"].translate(["Il club"])[0].text
    (tmp_path / "embedded" / "model.bin").unlink()
    assert "missing file" in choose(home, "auto", "it", offline=True).reasons["it"]


def test_the_embedded_model_that_we_ship_sings(tmp_path: Path) -> None:
    """It is what its manifest pins, says how good it is, and passes its canaries in all its languages."""
    home = replace(shelf(), cache=tmp_path)
    choice = choose(home, "embedded", "ar", "he", "it", offline=True)
    assert set(choice.translators) == {"ar", "he", "it"}
    assert HEARD == []
    assert all(" BLEU" in used.quality and used.revision.startswith("step-") for used in choice.used)


def test_every_manifest_that_we_ship_can_be_read() -> None:
    """Each names its licence and its files, and has two canaries a language."""
    for entry in shelf().manifests.values():
        assert entry.licence
        assert entry.files
        assert entry.kind in ("translator", "encoder")
        assert all(len(source.canaries) == 2 for source in entry.languages.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [("name = 1\n", "missing field kind"), ("name =", "not a manifest"), ("", "missing field")],
)
def test_a_manifest_that_is_none_is_named(tmp_path: Path, text: str, said: str) -> None:
    """The file, and what is wrong with it."""
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=f"x.toml: {said}"):
        manifests.manifests(tmp_path)
