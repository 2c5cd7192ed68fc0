"""Fills CTranslate2's layers from pairs of weight and bias: what an encoder and a translator share."""

from collections.abc import Sequence
from pathlib import Path

from ctranslate2.converters.utils import fuse_linear
from ctranslate2.specs import attention_spec, common_spec, model_spec, transformer_spec

from pipeline.engines.ports import Floats

Pair = tuple[Floats, Floats]
"""A weight, (outputs, inputs) or (width,), and its bias."""


def linear(spec: common_spec.LinearSpec, pair: Pair) -> None:
    spec.weight, spec.bias = pair


def norm(spec: common_spec.LayerNormSpec, pair: Pair) -> None:
    spec.gamma, spec.beta = pair


def attention(spec: attention_spec.MultiHeadAttentionSpec, projections: Sequence[Pair], after: Pair) -> None:
    """Fill from (query, key, value, output) and the norm after them.

    CTranslate2 wants query, key and value in one matrix where a layer attends to itself, and key and value
    in one where it attends to an encoder; the spec's number of matrices tells which it is.
    """
    parts = [common_spec.LinearSpec() for _ in projections]
    for part, pair in zip(parts, projections, strict=True):
        linear(part, pair)
    if len(spec.linear) == 2:
        fuse_linear(spec.linear[0], parts[:3])
    else:
        fuse_linear(spec.linear[0], parts[:1])
        fuse_linear(spec.linear[1], parts[1:3])
    linear(spec.linear[-1], projections[3])
    norm(spec.layer_norm, after)


def feed_forward(spec: transformer_spec.FeedForwardSpec, inner: Pair, outer: Pair, after: Pair) -> None:
    linear(spec.linear_0, inner)
    linear(spec.linear_1, outer)
    norm(spec.layer_norm, after)


def save_int8(spec: model_spec.ModelSpec, folder: Path) -> None:
    """Check that the spec is full, quantise its matrices row by row, and write it to the folder."""
    spec.config.layer_norm_epsilon = 1e-12  # BERT's, with which e5 was trained
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
