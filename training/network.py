"""The translation network: e5's encoder, and a decoder in the same shape that writes English pieces.

Every layer is BERT's (post-norm, GELU, learned positions). The decoder begins as copies of encoder layers and
of e5's own piece vectors: after Chen et al. 2021 (SixT, EMNLP), who train a decoder on a multilingual
encoder that is frozen first and free later, so that one language's pairs teach the others.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.engines.e5 import E5
from training.vocabulary import END, PAD, START

POSITIONS = 512


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes that decide the weights; `outputs` of the `pieces` are English."""

    width: int
    heads: int
    ffn: int
    encoder_layers: int
    decoder_layers: int
    pieces: int
    outputs: int


class Attention(nn.Module):
    """Multi-head attention, residual, norm."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.query, self.key, self.value, self.output = (
            nn.Linear(shape.width, shape.width) for _ in range(4)
        )
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, attended: Tensor, mask: Tensor | None = None, causal: bool = False
    ) -> Tensor:
        """(rows, length, width) -> the same shape; `mask` is true where `attended` may be looked at."""

        def split(states: Tensor) -> Tensor:
            rows, length, width = states.shape
            return states.view(rows, length, self.heads, width // self.heads).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(
            split(self.query(x)),
            split(self.key(attended)),
            split(self.value(attended)),
            mask,
            is_causal=causal,
        )
        changed: Tensor = self.norm(x + self.dropout(self.output(mixed.transpose(1, 2).flatten(2))))
        return changed


class FeedForward(nn.Module):
    """Two layers, residual, norm."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.input, self.output = nn.Linear(shape.width, shape.ffn), nn.Linear(shape.ffn, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = self.norm(x + self.dropout(self.output(functional.gelu(self.input(x)))))
        return changed


class EncoderLayer(nn.Module):
    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.attention, self.feed_forward = Attention(shape, dropout), FeedForward(shape, dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        changed: Tensor = self.feed_forward(self.attention(x, x, mask))
        return changed


class DecoderLayer(nn.Module):
    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.attention, self.cross = Attention(shape, dropout), Attention(shape, dropout)
        self.feed_forward = FeedForward(shape, dropout)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        looked_back = self.attention(x, x, causal=True)
        changed: Tensor = self.feed_forward(self.cross(looked_back, memory, mask))
        return changed


class Side(nn.Module):
    """Pieces and places to vectors, and the layers over them."""

    def __init__(self, shape: Shape, pieces: int, layers: list[nn.Module]) -> None:
        super().__init__()
        self.pieces = nn.Embedding(pieces, shape.width)
        self.places = nn.Embedding(POSITIONS, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.layers = nn.ModuleList(layers)

    def embedded(self, ids: Tensor) -> Tensor:
        vectors: Tensor = self.norm(self.pieces(ids) + self.places.weight[: ids.shape[1]])
        return vectors


class Network(nn.Module):
    """Piece ids in, scores of the next English piece out; weights are random until they are loaded."""

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        encoder: list[nn.Module] = [EncoderLayer(shape, dropout) for _ in range(shape.encoder_layers)]
        decoder: list[nn.Module] = [DecoderLayer(shape, dropout) for _ in range(shape.decoder_layers)]
        self.encoder = Side(shape, shape.pieces, encoder)
        self.decoder = Side(shape, shape.outputs, decoder)
        self.bias = nn.Parameter(torch.zeros(shape.outputs))

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """(rows, length) ids and `attention_mask` of them -> (rows, length, width)."""
        states = self.encoder.embedded(ids)
        for layer in self.encoder.layers:
            states = layer(states, mask)
        return states

    def decode(self, ids: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """(rows, length) English ids so far and the encoder's states -> (rows, length, width)."""
        states = self.decoder.embedded(ids)
        for layer in self.decoder.layers:
            states = layer(states, memory, mask)
        return states

    def logits(self, states: Tensor) -> Tensor:
        """(…, width) -> (…, outputs), with the decoder's own piece vectors as the last layer."""
        return functional.linear(states, self.decoder.pieces.weight * self.tie, self.bias)

    @property
    def tie(self) -> float:
        """The factor between piece vectors and last layer: e5's vectors are twice as long as BERT's."""
        return tie(self.shape.width)

    def encoder_parameters(self, last: int = 0) -> Iterator[tuple[str, nn.Parameter]]:
        """The encoder's last so many layers (0: all): what a run trains besides the decoder.

        Vectors of pieces and places stay e5's, so that words which the pairs seldom show keep the company
        of those that they do.
        """
        first = max(0, self.shape.encoder_layers - last) if last else 0
        return (
            (f"encoder.layers.{i}.{name}", value)
            for i, layer in enumerate(self.encoder.layers)
            for name, value in layer.named_parameters()
            if i >= first
        )

    def decoder_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """All that is not the encoder: what a run with a frozen encoder trains."""
        return ((name, value) for name, value in self.named_parameters() if not name.startswith("encoder."))


def tie(width: int) -> float:
    """Return the factor between piece vectors and last layer for a network of that width."""
    return 2 / math.sqrt(width)


def framed(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return (rows, length) `<s> row </s>`, padded, and the (rows,) lengths: what a `Memory` is fed."""
    lengths = torch.tensor([len(row) + 2 for row in rows])
    ids = torch.full((len(rows), int(lengths.max())), PAD)
    for filled, row in zip(ids, rows, strict=True):
        filled[: len(row) + 2] = torch.tensor([START, *row, END])
    return ids, lengths


def attention_mask(lengths: Tensor, longest: int) -> Tensor:
    """Return (rows, 1, 1, longest), true on each row's first `lengths` places."""
    return (torch.arange(longest, device=lengths.device) < lengths[:, None])[:, None, None, :]


def from_e5(model: E5, outputs: int, decoder_layers: int, dropout: float = 0.0) -> Network:
    """Return the network with e5's encoder, and a decoder that begins as evenly spaced layers of it.

    Its first `outputs` pieces are the English ones. Attention to the source begins as self-attention.
    """
    shape = Shape(
        model.width, model.heads, model.ffn, model.layers, decoder_layers, len(model.pieces), outputs
    )
    network = Network(shape, dropout)
    places = model.positions()[:POSITIONS]
    with torch.no_grad():
        words = torch.from_numpy(model.matrix("emb.word"))
        for side, rows in ((network.encoder, words), (network.decoder, words[:outputs])):
            side.pieces.weight.copy_(rows)
            side.places.weight[: len(places)].copy_(torch.from_numpy(places))
            _fill(side.norm, model, "emb.ln")
        for i, layer in enumerate(network.encoder.layers):
            _fill_layer(layer, model, i)
        for j, layer in enumerate(network.decoder.layers):
            _fill_layer(layer, model, round((j + 1) * model.layers / decoder_layers) - 1)
    return network


def _fill_layer(layer: nn.Module, model: E5, i: int) -> None:
    for part in layer.children():
        names = _E5_ATTENTION if isinstance(part, Attention) else _E5_FEED_FORWARD
        for ours, theirs in names.items():
            _fill(part.get_submodule(ours), model, f"l{i}.{theirs}")


_E5_ATTENTION = {"query": "q", "key": "k", "value": "v", "output": "ao", "norm": "aln"}
_E5_FEED_FORWARD = {"input": "fi", "output": "fo", "norm": "oln"}


def _fill(module: nn.Module, model: E5, name: str) -> None:
    for ours, theirs in (("weight", "w"), ("bias", "b")):
        module.get_parameter(ours).copy_(torch.from_numpy(model.matrix(f"{name}.{theirs}")))


Memory = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""(rows, length) source ids and their (rows,) lengths -> the encoder's states and their mask."""


def trained_memory(network: Network) -> Memory:
    """Return the network's own encoder: gradients go through it where its weights ask for them."""

    def memory(ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        mask = attention_mask(lengths, ids.shape[1])
        return network.encode(ids, mask), mask

    return memory
