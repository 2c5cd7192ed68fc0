"""Greedy decoding in PyTorch: a look at the dev set inside a run, where no converted model is at hand."""

from collections.abc import Sequence

import torch

from training.network import Network, attention_mask, framed
from training.vocabulary import END, SPECIAL

_ROWS = 512


@torch.no_grad()
def greedy(network: Network, sources: Sequence[Sequence[int]], longest: int = 96) -> list[list[int]]:
    """Return for each source the English ids that the network says, special ones left out.

    It computes every state anew at each step, which a GPU does not mind.
    """
    order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
    said: list[list[int]] = [[] for _ in sources]
    for at in range(0, len(order), _ROWS):
        rows = order[at : at + _ROWS]
        for row, ids in zip(rows, _of_batch(network, [sources[i] for i in rows], longest), strict=True):
            said[row] = ids
    return said


def _of_batch(network: Network, sources: Sequence[Sequence[int]], longest: int) -> list[list[int]]:
    device = network.bias.device
    ids, lengths = framed(sources)
    mask = attention_mask(lengths.to(device), ids.shape[1])
    memory = network.encode(ids.to(device), mask)
    said = torch.full((len(sources), 1), END, device=device)
    done = torch.zeros(len(sources), dtype=torch.bool, device=device)
    for _ in range(longest):
        following = network.logits(network.decode(said, memory, mask)[:, -1]).argmax(-1)
        said = torch.cat([said, following.masked_fill(done, END)[:, None]], dim=1)
        done |= following == END
        if bool(done.all()):
            break
    return [[i for i in row if i >= SPECIAL] for row in said[:, 1:].tolist()]
