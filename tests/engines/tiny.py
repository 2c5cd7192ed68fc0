"""Marian and NLLB checkpoints of a few kilobytes, in the hub's file layout, that translate one phrase book.

Real SentencePiece models, real transformers checkpoints; trained until they know the book by heart, so that
a conversion can be held to the right answer and not to some answer.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
import sentencepiece
import torch
from ctranslate2.specs.transformer_spec import TransformerSpec
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace
from transformers import (
    AutoTokenizer,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MarianConfig,
    MarianMTModel,
    PreTrainedModel,
)
from transformers.modeling_outputs import Seq2SeqLMOutput

ITALIAN = {
    "Il presidente ha parlato oggi.": "The president spoke today.",
    "Il ministro ha parlato ieri.": "The minister spoke yesterday.",
    "Molti paesi vogliono aderire.": "Many countries want to join.",
    "Il club è forte.": "The club is strong.",
    "Il governo ha firmato l'accordo.": "The government signed the agreement.",
    "Il paese è forte.": "The country is strong.",
}
HEBREW = {
    "הנשיא דיבר היום.": "The president spoke today.",
    "המועדון חזק.": "The club is strong.",
}
CODES = ("arb_Arab", "eng_Latn", "heb_Hebr", "ita_Latn")
STEPS = 70
_SIZES = {
    "d_model": 64,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 128,
    "decoder_ffn_dim": 128,
    "dropout": 0.0,
    "attention_dropout": 0.0,
    "encoder_layerdrop": 0.0,
    "decoder_layerdrop": 0.0,
    "scale_embedding": True,
}


def marian(folder: Path) -> Path:
    """Write an Italian-English Marian checkpoint: source.spm, target.spm, vocab.json, weights."""
    folder.mkdir(parents=True)
    source = _pieces(folder / "source.spm", list(ITALIAN), 80, "unigram")
    target = _pieces(folder / "target.spm", list(ITALIAN.values()), 80, "unigram")
    own = {piece.id_to_piece(i) for piece in (source, target) for i in range(3, piece.get_piece_size())}
    ids = {piece: number for number, piece in enumerate(["</s>", "<unk>", *sorted(own), "<pad>"])}
    pad = ids["<pad>"]
    _write(folder / "vocab.json", ids)
    _write(folder / "tokenizer_config.json", {"source_lang": "it", "target_lang": "en"})
    ends = {"pad_token_id": pad, "eos_token_id": 0, "bos_token_id": 0, "decoder_start_token_id": pad}
    sizes = {"vocab_size": len(ids), "max_position_embeddings": 512, "activation_function": "swish"}
    torch.manual_seed(1)
    model = MarianMTModel(MarianConfig.from_dict(sizes | ends | _SIZES))
    pairs = [
        (_numbers(source, ids, italian, 1), _numbers(target, ids, english, 1))
        for italian, english in ITALIAN.items()
    ]
    _train(model, [([*s, 0], [*t, 0]) for s, t in pairs], pad)
    model.save_pretrained(folder)
    return folder


def nllb(folder: Path) -> Path:
    """Write an NLLB checkpoint for Italian and Hebrew: one BPE model, codes after the pieces, mask last."""
    folder.mkdir(parents=True)
    book = [*ITALIAN, *ITALIAN.values(), *HEBREW]
    pieces = _pieces(folder / "sentencepiece.bpe.model", book, 190, "bpe")
    codes = {"additional_special_tokens": CODES}
    _write(
        folder / "tokenizer_config.json", {"tokenizer_class": "NllbTokenizer", "src_lang": "eng_Latn"} | codes
    )
    size = pieces.get_piece_size() + 1 + len(CODES) + 1
    ends = {"pad_token_id": 1, "eos_token_id": 2, "bos_token_id": 0, "decoder_start_token_id": 2}
    sizes = {"vocab_size": size, "max_position_embeddings": 1024, "activation_function": "relu"}
    config = M2M100Config.from_dict(sizes | ends | _SIZES)
    torch.manual_seed(1)
    _write(folder / "config.json", config.to_dict())
    ids = _hub_tokenizer(folder)
    model = M2M100ForConditionalGeneration(config)
    pairs = [
        (
            [ids[code], *_numbers(pieces, ids, foreign, 3), 2],
            [ids["eng_Latn"], *_numbers(pieces, ids, english, 3), 2],
        )
        for code, phrases in (("ita_Latn", ITALIAN), ("heb_Hebr", HEBREW))
        for foreign, english in phrases.items()
    ]
    _train(model, pairs, 1)
    model.save_pretrained(folder)
    return folder


def embedded(folder: Path) -> Path:
    """Write a converted folder with the embedded model's files. Its weights are noise: it says anything."""
    folder.mkdir(parents=True)
    outputs = ["<s>", "<pad>", "</s>", "<unk>", "▁", *sorted(set("".join(ITALIAN.values())) - {" "})]
    foreign = sorted(set("".join([*ITALIAN, *HEBREW])) - {" ", *outputs})
    pieces = [*outputs, *foreign]
    tokenizer = Tokenizer(Unigram([(piece, -5.0) for piece in pieces], unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = Metaspace(prepend_scheme="always")
    tokenizer.save(str(folder / "tokenizer.json"))
    spec = TransformerSpec.from_config((1, 1), 2, pre_norm=False, layernorm_embedding=True)
    noise = numpy.random.default_rng(1)

    def fill(part: Any, rows: int, columns: int = 16) -> None:
        part.weight = noise.normal(size=(rows, columns)).astype("float32")
        part.bias = noise.normal(size=rows).astype("float32")

    def norm(part: Any) -> None:
        part.gamma, part.beta = numpy.ones(16, "float32"), numpy.zeros(16, "float32")

    spec.encoder.embeddings[0].weight = noise.normal(size=(len(pieces), 16)).astype("float32")
    spec.decoder.embeddings.weight = noise.normal(size=(len(outputs), 16)).astype("float32")
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = noise.normal(size=(512, 16)).astype("float32")
        norm(side.layernorm_embedding)
        layer = side.layer[0]
        attentions: list[tuple[Any, tuple[int, ...]]] = [(layer.self_attention, (48, 16))]
        if side is spec.decoder:
            attentions.append((layer.attention, (16, 32, 16)))
        for attention, widths in attentions:
            for linear, width in zip(attention.linear, widths, strict=True):
                fill(linear, width)
            norm(attention.layer_norm)
        fill(layer.ffn.linear_0, 32)
        fill(layer.ffn.linear_1, 16, 32)
        norm(layer.ffn.layer_norm)
    fill(spec.decoder.projection, len(outputs))
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(outputs)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<s>", "</s>", "<unk>"
    spec.config.decoder_start_token = "</s>"
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    return folder


def _hub_tokenizer(folder: Path) -> dict[str, int]:
    """Write `tokenizer.json` as the hub has it, the codes numbered before the mask; return its numbers."""
    made = json.loads(AutoTokenizer.from_pretrained(str(folder)).backend_tokenizer.to_str())
    special = [*CODES, "<mask>"]
    for token in special:
        made["model"]["vocab"].pop(token, None)
    first = len(made["model"]["vocab"])
    for token in made["added_tokens"]:
        if token["content"] in special:
            token["id"] = first + special.index(token["content"])
    made["added_tokens"].sort(key=lambda token: token["id"])
    _write(folder / "tokenizer.json", made)
    return dict(Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab())


def _train(model: PreTrainedModel, pairs: Sequence[tuple[list[int], list[int]]], pad: int) -> None:
    source, target = _padded([s for s, _ in pairs], pad), _padded([t for _, t in pairs], -100)
    shared = model.get_input_embeddings()
    assert isinstance(shared, torch.nn.Embedding)
    forward: Callable[..., Seq2SeqLMOutput] = model.__call__
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    with one_thread():
        for _ in range(STEPS):
            loss = forward(input_ids=source, attention_mask=(source != pad).long(), labels=target).loss
            assert loss is not None
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's
            assert shared.weight.grad is not None
            shared.weight.grad[pad] = 0  # the row stays zero, as it is in every release
            optimiser.step()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """On matrices as small as these, threads of torch's only wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _padded(rows: Sequence[list[int]], value: int) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def _numbers(
    pieces: sentencepiece.SentencePieceProcessor, ids: dict[str, int], text: str, unknown: int
) -> list[int]:
    return [ids.get(piece, unknown) for piece in pieces.encode(text, out_type=str)]


def _pieces(path: Path, lines: list[str], size: int, kind: str) -> sentencepiece.SentencePieceProcessor:
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines * 4),
        model_prefix=str(path.with_suffix("")),
        vocab_size=size,
        model_type=kind,
        hard_vocab_limit=False,
        character_coverage=1.0,
        num_threads=1,
        minloglevel=2,
    )
    path.with_suffix(".vocab").unlink()
    path.with_suffix(".model").rename(path)
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
