"""What a decoder knows before its first step."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.conftest import OUTPUTS, tiny_e5
from training import box
from training.network import Network, from_e5
from training.priming import prime
from training.vocabulary import END, START

MIX = {"ar": 1.0, "it": 1.0}


@pytest.fixture
def primed(small_box: Path) -> tuple[Network, Network]:
    """The network as e5 gives it, and after `prime`."""
    own, other = (from_e5(tiny_e5(), OUTPUTS, 2) for _ in range(2))
    prime(other, {lang: box.read_pairs(small_box, lang) for lang in MIX}, MIX)
    return own, other


def test_the_bias_is_how_often_a_piece_is_said(primed: tuple[Network, Network], small_box: Path) -> None:
    """As shares: a piece that comes twice as often has twice the share, one that never comes nearly none."""
    shares = primed[1].bias.exp()
    assert shares.sum().item() == pytest.approx(1, abs=1e-4)
    pairs = [box.read_pairs(small_box, lang) for lang in MIX]
    counts = np.bincount(np.concatenate([p.english for p in pairs]), minlength=OUTPUTS)
    for piece in (10, 14, 17):
        expected = counts[piece] / (counts.sum() + sum(map(len, pairs)))
        assert shares[piece].item() == pytest.approx(expected, rel=0.02)
    assert shares[20:].max() < 1e-4 < shares[END]


def test_a_piece_is_known_by_its_company(primed: tuple[Network, Network], small_box: Path) -> None:
    """A piece that is said points where its states do on average, less the mean of all; others keep e5's."""
    own, other = (network.decoder.pieces.weight.detach() for network in primed)
    assert torch.equal(own[20:], other[20:])
    states: dict[int, list[torch.Tensor]] = {}
    for pairs in (box.read_pairs(small_box, lang) for lang in MIX):
        for start, end in pairwise(pairs.english_at):
            ids = [START, *pairs.english[start:end].tolist(), END]
            with torch.no_grad():
                row = primed[1].encode(torch.tensor([ids]), torch.ones(1, 1, 1, len(ids), dtype=torch.bool))
            for piece, state in zip(ids[1:-1], row[0, 1:-1], strict=True):
                states.setdefault(piece, []).append(state)
    mean = torch.stack([state for found in states.values() for state in found]).mean(dim=0)
    for piece, found in states.items():
        expected = torch.stack(found).mean(dim=0) - mean
        assert torch.cosine_similarity(other[piece], expected, dim=0) > 0.999
        assert other[piece].norm().item() == pytest.approx(own.norm(dim=1).mean().item(), rel=1e-4)


def test_the_encoder_stays_as_it_was(primed: tuple[Network, Network]) -> None:
    """What is primed is the decoder; not even the vectors of the source's pieces change."""
    own, other = (dict(network.encoder.named_parameters()) for network in primed)
    assert all(torch.equal(own[name], other[name]) for name in own)
