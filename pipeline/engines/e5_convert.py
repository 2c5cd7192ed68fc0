"""Writes multilingual-e5-small as a CTranslate2 int8 encoder: spec, vocabulary, tokenizer, hashes."""

from pathlib import Path

from ctranslate2.specs import common_spec, transformer_spec

from pipeline.engines import ct2_layers, e5
from pipeline.engines.ct2_layers import Pair
from pipeline.engines.e5_pieces import tokenizer
from pipeline.hashes import sealed


def convert(source: Path, folder: Path) -> None:
    """Write the CTranslate2 model, its tokenizer and `hashes.json` to `folder`, whole or not at all."""
    write(e5.read(source), folder)


def write(model: e5.E5, folder: Path) -> None:
    """Do the same for a model that was read, or of which pieces were chosen."""
    with sealed(folder) as part:
        ct2_layers.save_int8(_spec(model), part)
        tokenizer(model.pieces, model.scores.tolist(), model.unknown).save(str(part / "tokenizer.json"))


def _spec(model: e5.E5) -> transformer_spec.TransformerEncoderModelSpec:
    """Fill CTranslate2's BERT-like encoder: its converter needs torch and fails on transformers 5."""

    def pair(name: str) -> Pair:
        return model.matrix(f"{name}.w"), model.matrix(f"{name}.b")

    encoder = transformer_spec.TransformerEncoderSpec(
        model.layers,
        model.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = model.matrix("emb.word")[: len(model.pieces)]
    encoder.position_encodings.encodings = model.positions()
    ct2_layers.norm(encoder.layernorm_embedding, pair("emb.ln"))
    for i, layer in enumerate(encoder.layer):
        projections = [pair(f"l{i}.{name}") for name in ("q", "k", "v", "ao")]
        ct2_layers.attention(layer.self_attention, projections, pair(f"l{i}.aln"))
        ct2_layers.feed_forward(layer.ffn, pair(f"l{i}.fi"), pair(f"l{i}.fo"), pair(f"l{i}.oln"))
    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    spec.register_vocabulary(list(model.pieces))
    spec.config.unk_token = model.pieces[model.unknown]
    return spec
