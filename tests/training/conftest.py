"""A tiny e5: the real one's shape and names, random weights, letters and a few words as pieces."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.e5 import E5
from pipeline.engines.ports import Floats
from training import box, learn
from training.batches import Position, Stream
from training.box import Tokenised
from training.learn import Setting
from training.loop import Plan, Run
from training.vocabulary import LETTERS, SOURCE_LETTERS, UNKNOWN

WIDTH, FFN, LAYERS, HEADS = 32, 64, 2, 4
OUTPUTS = 400


def tiny_e5() -> E5:
    """Return a model of 2 layers and width 32; what it does not hold as a word it spells."""
    letters = list(dict.fromkeys(LETTERS + SOURCE_LETTERS))
    words = ["▁the", "▁and", "▁war", "▁club", "▁new", "▁Kazak", "hstan"]
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *letters, *words]
    random = np.random.default_rng(5)

    def normal(*shape: int) -> Floats:
        return random.normal(0, 0.15, shape).astype(np.float32)

    tensors: dict[str, Floats] = {
        "emb.word": normal(len(pieces), WIDTH),
        "emb.pos": normal(512 * WIDTH),
        "emb.type": normal(2 * WIDTH),
    }
    sizes = {"q": (WIDTH, WIDTH), "k": (WIDTH, WIDTH), "v": (WIDTH, WIDTH), "ao": (WIDTH, WIDTH)}
    sizes |= {"fi": (FFN, WIDTH), "fo": (WIDTH, FFN)}
    for i in range(LAYERS):
        for name, size in sizes.items():
            tensors |= {f"l{i}.{name}.w": normal(*size), f"l{i}.{name}.b": normal(size[0])}
    for name in ("emb.ln", *(f"l{i}.{norm}" for i in range(LAYERS) for norm in ("aln", "oln"))):
        tensors |= {f"{name}.w": 1 + normal(WIDTH), f"{name}.b": normal(WIDTH)}
    scores = np.array([0.0] * 4 + [-9.0] * len(letters) + [-5.0] * len(words), dtype=np.float32)
    return E5(WIDTH, LAYERS, HEADS, FFN, tuple(pieces), scores, UNKNOWN, dict(tensors))


def copying(pairs: int, seed: int) -> Tokenised:
    """Return pairs whose English is the source, 1 to 3 of 8 pieces long."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 4, pairs).astype(np.uint8)
    ids = random.integers(10, 18, int(lengths.sum())).astype(np.uint16)
    return box.tokenised(ids, ids, np.stack([lengths, lengths], axis=1), np.ones(pairs, dtype=np.float32))


def boxed(folder: Path) -> Path:
    """Fill the folder as `prepare` would."""
    box.save_model(folder, tiny_e5(), OUTPUTS)
    for seed, lang in enumerate(("ar", "it")):
        box.save_pairs(folder, lang, copying(600, seed))
    return folder


@pytest.fixture
def small_box(tmp_path: Path) -> Path:
    """A prepared folder with the tiny model and a copying task in two languages."""
    return boxed(tmp_path / "box")


def stream(folder: Path, langs: Sequence[str] = ("ar", "it"), tokens: int = 300, chunk: int = 100) -> Stream:
    return Stream(
        {lang: box.read_pairs(folder, lang) for lang in langs}, dict.fromkeys(langs, 1.0), tokens, chunk=chunk
    )


START = Position()


PLAN = Plan(rate=1e-2, warmup=10, smoothing=0.0, schedule="linear", mark_steps=20, save_minutes=99)
SETTING = Setting("cpu", 2, 0.0, 300, {"ar": 1.0, "it": 1.0}, threads=1)


@pytest.fixture(scope="session")
def copier(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A folder with `box` and `run`, and the network that learnt there to copy, its encoder frozen."""
    folder = tmp_path_factory.mktemp("copier")
    boxed(folder / "box")
    plan = replace(PLAN, steps=140)
    run = learn.learn(folder / "box", folder / "run", plan, SETTING, say=lambda line: None)
    return folder, run
