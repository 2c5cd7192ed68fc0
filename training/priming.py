"""What a decoder knows before its first step: how often English pieces are said, and in what company."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.box import Tokenised
from training.network import Network, framed, trained_memory
from training.vocabulary import END, SPECIAL

_PAIRS = 12_000  # English sides whose states are looked at
_SENTENCES = 1_200_000  # a piece that is never said is taken to come once in so many
_ROWS = 64
_SEEN = 3  # times that a piece must be seen; a rarer one keeps e5's vector


def prime(network: Network, pairs: Mapping[str, Tokenised], mix: Mapping[str, float]) -> None:
    """Set the decoder's bias and piece vectors.

    The bias is the logarithm of how often a piece comes, so that no step is spent on learning that. A piece's
    vector is the mean of the encoder's states where it stands in English text, less the mean of all, at the
    length of e5's own: the encoder maps languages near each other, so the state of a foreign word already
    scores the English pieces that mean the same.
    """
    with torch.no_grad():
        network.bias.copy_(torch.from_numpy(_said(pairs, mix, network.shape.outputs)).log())
        total, seen = _states(network, pairs, mix)
        enough = seen >= _SEEN
        if not bool(enough.any()):
            return
        vectors = total[enough] / seen[enough, None] - total.sum(0) / seen.sum()
        own = network.decoder.pieces.weight
        length = own.norm(dim=1).mean()
        own[enough] = vectors / vectors.norm(dim=1, keepdim=True).clamp(min=1e-6) * length


def _said(pairs: Mapping[str, Tokenised], mix: Mapping[str, float], outputs: int) -> npt.NDArray[np.float64]:
    """Return (outputs,) shares of what is said, each piece at least once."""
    counts = np.ones(outputs)
    for lang, share in mix.items():
        side = pairs[lang]
        lengths = side.lengths[:, 1].astype(np.int64)
        often = share / max(1e-9, float(side.weights.sum(dtype=np.float64)))  # of a pair with weight 1
        own = np.bincount(side.english, np.repeat(side.weights, lengths) * often, minlength=outputs)
        own[END] += share
        counts += own * _SENTENCES
    shares: npt.NDArray[np.float64] = counts / counts.sum()
    return shares


def _states(
    network: Network, pairs: Mapping[str, Tokenised], mix: Mapping[str, float]
) -> tuple[Tensor, Tensor]:
    """Return (outputs, width) sums of the states of pieces, and (outputs,) how many there are of each."""
    memory = trained_memory(network)
    outputs, width = network.shape.outputs, network.shape.width
    device = network.bias.device
    total, seen = torch.zeros(outputs, width, device=device), torch.zeros(outputs, device=device)
    for rows in _english(pairs, mix):
        ids, lengths = (each.to(device) for each in framed(rows))
        states, _ = memory(ids, lengths)
        words = ids >= SPECIAL
        total.index_add_(0, ids[words], states[words].float())
        seen.index_add_(0, ids[words], torch.ones(int(words.sum()), device=device))
    return total, seen


def _english(pairs: Mapping[str, Tokenised], mix: Mapping[str, float]) -> list[list[list[int]]]:
    """Return English sides in batches of alike length, drawn by the shares of the languages."""
    drawn: list[list[int]] = []
    whole = sum(mix.values())
    for number, (lang, share) in enumerate(mix.items()):
        side = pairs[lang]
        count = min(len(side), round(_PAIRS * share / whole))
        chosen = np.random.default_rng((0, number)).choice(len(side), count, replace=False)
        drawn += (
            side.english[side.english_at[row] : side.english_at[row + 1]].tolist() for row in chosen.tolist()
        )
    drawn.sort(key=len)
    return [drawn[at : at + _ROWS] for at in range(0, len(drawn), _ROWS)]
