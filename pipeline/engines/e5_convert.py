"""Writes multilingual-e5-small as a CTranslate2 int8 encoder: spec, vocabulary, tokenizer, hashes."""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from ctranslate2.converters.utils import fuse_linear
from ctranslate2.specs import common_spec, transformer_spec
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from pipeline.engines import e5
from pipeline.hashes import seal


def convert(source: Path, folder: Path) -> None:
    """Write the CTranslate2 model, its tokenizer and `hashes.json` to `folder`, whole or not at all."""
    model = e5.read(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=folder.name + ".", suffix=".part", dir=folder.parent))
    try:
        spec = _spec(model)
        spec.validate()
        spec.optimize(quantization="int8")
        spec.save(str(part))
        tokenizer(model).save(str(part / "tokenizer.json"))
        seal(part)
        if folder.exists():  # damaged, or another process was quicker with the same bytes
            shutil.rmtree(folder)
        os.replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def tokenizer(model: e5.E5) -> Tokenizer:
    """Return the model's Unigram tokenizer, with offsets into the text as given."""
    unigram = Tokenizer(
        models.Unigram(list(zip(model.pieces, map(float, model.scores), strict=True)), unk_id=model.unknown)
    )
    unigram.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]  # what XLM-R's own map does
    )
    unigram.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    return unigram


def _spec(model: e5.E5) -> transformer_spec.TransformerEncoderModelSpec:
    """Fill CTranslate2's BERT-like encoder: its converter needs torch and fails on transformers 5."""

    def linear(spec: common_spec.LinearSpec, name: str) -> None:
        spec.weight = model.matrix(f"{name}.w").astype(np.float32)
        spec.bias = model.matrix(f"{name}.b")

    def norm(spec: common_spec.LayerNormSpec, name: str) -> None:
        spec.gamma, spec.beta = model.matrix(f"{name}.w"), model.matrix(f"{name}.b")

    encoder = transformer_spec.TransformerEncoderSpec(
        model.layers,
        model.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = model.matrix("emb.word")[: len(model.pieces)]
    types = model.matrix("emb.type").reshape(-1, model.width)
    encoder.position_encodings.encodings = model.matrix("emb.pos").reshape(-1, model.width) + types[0]
    norm(encoder.layernorm_embedding, "emb.ln")
    for i, layer in enumerate(encoder.layer):
        parts = [common_spec.LinearSpec() for _ in "qkv"]
        for part, name in zip(parts, "qkv", strict=True):
            linear(part, f"l{i}.{name}")
        fuse_linear(layer.self_attention.linear[0], parts)
        linear(layer.self_attention.linear[1], f"l{i}.ao")
        norm(layer.self_attention.layer_norm, f"l{i}.aln")
        linear(layer.ffn.linear_0, f"l{i}.fi")
        linear(layer.ffn.linear_1, f"l{i}.fo")
        norm(layer.ffn.layer_norm, f"l{i}.oln")
    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    spec.register_vocabulary(list(model.pieces))
    spec.config.unk_token = model.pieces[model.unknown]
    spec.config.layer_norm_epsilon = 1e-12
    return spec
