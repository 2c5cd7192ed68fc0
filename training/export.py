"""A trained network as the folder that is shipped: CTranslate2 int8, tokenizer, hashes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from ctranslate2.specs import common_spec, transformer_spec

from pipeline import stock
from pipeline.engines import ct2_layers
from pipeline.engines.ct2_layers import Pair
from pipeline.engines.e5 import E5
from pipeline.engines.ports import Floats
from pipeline.hashes import sealed
from pipeline.manifests import read_manifest
from pipeline.places import cache_folder
from pipeline.shelf import Shelf
from training.network import tie
from training.vocabulary import END, START, UNKNOWN, source_tokenizer

Weights = Mapping[str, Floats]
"""`network.Network`'s weights by name."""


def export(model: E5, outputs: int, weights: Weights, folder: Path) -> None:
    """Write model.bin, the vocabularies, `tokenizer.json` and `hashes.json`, whole or not at all.

    The translator is fed `<s>` pieces `</s>`; the pieces it says join by putting a space for `▁`.
    """
    with sealed(folder) as part:
        ct2_layers.save_int8(_spec(model, outputs, weights), part)
        source_tokenizer(model).save(str(part / "tokenizer.json"))


def pin(manifest: Path, revision: str, say: Callable[[str], None]) -> None:
    """Write into the manifest the revision, and the hashes of the folder of its name that lies beside it."""
    found = read_manifest(manifest)
    place = Shelf({found.name: replace(found, revision=revision)}, cache_folder())
    stock.pin([found.name], say=say, on=place)


def _spec(model: E5, outputs: int, weights: Weights) -> transformer_spec.TransformerSpec:
    def own(name: str) -> Floats:
        return weights[name].copy()  # CTranslate2 quantises in place

    def pair(name: str) -> Pair:
        return own(f"{name}.weight"), own(f"{name}.bias")

    def attention(name: str) -> tuple[list[Pair], Pair]:
        return [pair(f"{name}.{part}") for part in ("query", "key", "value", "output")], pair(f"{name}.norm")

    def layers(side: str) -> int:
        return 1 + max(int(name.split(".")[2]) for name in weights if name.startswith(f"{side}.layers."))

    spec = transformer_spec.TransformerSpec.from_config(
        (layers("encoder"), layers("decoder")),
        model.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    for name, side in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        side.position_encodings.encodings = own(f"{name}.places.weight")
        ct2_layers.norm(side.layernorm_embedding, pair(f"{name}.norm"))
        for i, layer in enumerate(side.layer):
            at = f"{name}.layers.{i}"
            ct2_layers.attention(layer.self_attention, *attention(f"{at}.attention"))
            if name == "decoder":
                ct2_layers.attention(layer.attention, *attention(f"{at}.cross"))
            inner, outer, after = (pair(f"{at}.feed_forward.{part}") for part in ("input", "output", "norm"))
            ct2_layers.feed_forward(layer.ffn, inner, outer, after)
    spec.encoder.scale_embeddings = False
    spec.encoder.embeddings[0].weight = own("encoder.pieces.weight")
    # Network.tie: stored once, as the last layer wants it, and scaled back where pieces go in
    factor = tie(model.width)
    spec.decoder.scale_embeddings = np.float32(1 / factor)
    spec.decoder.embeddings.weight = weights["decoder.pieces.weight"] * np.float32(factor)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight.copy()
    spec.decoder.projection.bias = own("bias")
    spec.register_source_vocabulary(list(model.pieces))
    spec.register_target_vocabulary(list(model.pieces[:outputs]))
    config = spec.config
    config.bos_token, config.eos_token = model.pieces[START], model.pieces[END]
    config.unk_token, config.decoder_start_token = model.pieces[UNKNOWN], model.pieces[END]
    config.add_source_bos = config.add_source_eos = False
    return spec
