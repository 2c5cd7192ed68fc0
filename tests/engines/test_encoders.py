"""Encoders: one state a token, offsets that hold, nothing cut."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import embedded
from pipeline.engines.hub_encoder import HubEncoder
from pipeline.engines.ports import Encoder
from pipeline.errors import ModelError
from pipeline.places import cache_folder

TEXTS = [
    "They want to join this club.",
    "",
    'נשיא ארה"ב הכריז הלילה',
    "إلى هذا (النادي القوي).",
    "x" * 3000 + " y" * 900,
]


@pytest.fixture(scope="session")
def e5() -> embedded.E5Encoder:
    return embedded.load(threads=2)


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with a character tokenizer, in the hub's file layout."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-bert")
    letters = sorted(set("".join(TEXTS)) - {" "})
    vocabulary = {piece: i for i, piece in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters])}
    vocabulary |= {"##" + piece: len(vocabulary) + i for i, piece in enumerate(letters)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=5000))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers does not type it
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(str(folder))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(str(folder))
    return folder


@pytest.fixture(params=["e5", "hub"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "e5":
        e5: Encoder = request.getfixturevalue("e5")
        return e5
    return HubEncoder(request.getfixturevalue("tiny_bert"))


def test_every_character_that_is_not_space_is_in_a_token(encoder: Encoder) -> None:
    """Offsets cover the text, ascend, and hold as many as there are states; no text is cut."""
    for text, states in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        assert states.states.shape == (len(states.starts), encoder.width)
        covered = np.zeros(len(text) + 1, dtype=bool)
        for start, end in zip(states.starts, states.ends, strict=True):
            covered[start:end] = True
        assert all(covered[i] or text[i].isspace() for i in range(len(text)))
        assert (np.diff(states.starts) >= 0).all()


def test_a_text_has_the_same_states_in_any_company(encoder: Encoder) -> None:
    """Batching does not decide the vectors: cosine 0.999 and order kept."""
    together = encoder.encode(TEXTS)
    for text, states in zip(TEXTS, together, strict=True):
        (alone,) = encoder.encode([text])
        if text:
            assert states.span(0, len(text)) @ alone.span(0, len(text)) > 0.999
        else:
            assert len(states.states) == len(alone.states) == 0


def test_a_span_without_tokens_has_no_direction(encoder: Encoder) -> None:
    """Zeros, not a guess."""
    (states,) = encoder.encode(["one two"])
    assert not states.span(3, 3).any()
    assert np.linalg.norm(states.span(0, 3)) == pytest.approx(1, abs=1e-4)


def test_the_same_thing_said_in_two_languages_is_nearest(e5: Encoder) -> None:
    """Three sentences in English find their own Hebrew, Arabic and Italian among the three."""
    said = {
        "en": [
            "The court rejected the appeal.",
            "Rain is expected on Sunday.",
            "The bank cut its interest rate.",
        ],
        "he": ["בית המשפט דחה את הערעור.", "ביום ראשון צפוי גשם.", "הבנק הוריד את הריבית."],
        "ar": ["رفضت المحكمة الاستئناف.", "من المتوقع هطول المطر يوم الأحد.", "خفض البنك سعر الفائدة."],
        "it": [
            "Il tribunale ha respinto il ricorso.",
            "Domenica è prevista pioggia.",
            "La banca ha ridotto i tassi.",
        ],
    }
    vectors = {
        lang: np.stack([s.span(0, len(t)) for s, t in zip(e5.encode(texts), texts, strict=True)])
        for lang, texts in said.items()
    }
    for lang in ("he", "ar", "it"):
        assert (vectors["en"] @ vectors[lang].T).argmax(axis=1).tolist() == [0, 1, 2]


def test_a_damaged_conversion_is_made_anew_and_said(
    e5: embedded.E5Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache with a byte changed is never used."""
    shutil.copytree(cache_folder() / "encoders", tmp_path / "encoders")
    monkeypatch.setenv("SYNOPTIC_CACHE", str(tmp_path))
    talk: list[str] = []
    (folder,) = (tmp_path / "encoders").iterdir()
    raw = bytearray((folder / "model.bin").read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / "model.bin").write_bytes(raw)
    again = embedded.load(say=talk.append)
    assert talk == [f"{folder}: damaged, made anew", f"converting {embedded.NAME} to int8 (once)"]
    assert again.signature == e5.signature


def test_a_folder_that_is_no_encoder_is_named(tmp_path: Path) -> None:
    """One line with the folder, not a traceback of a library."""
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=str(tmp_path)):
        HubEncoder(tmp_path)
