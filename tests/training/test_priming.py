"""What a decoder knows before its first step."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.conftest import OUTPUTS, tiny_e5
from training import box
from training.network import Network, from_e5
from training.priming import prime
from training.vocabulary import END

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


def test_a_piece_is_known_by_its_company(primed: tuple[Network, Network]) -> None:
    """A piece that is said has the mean of its states, at the length of e5's vectors; others keep e5's."""
    own, other = (network.decoder.pieces.weight for network in primed)
    assert torch.equal(own[20:], other[20:])
    said = other[10:18]
    assert not torch.isclose(own[10:18], said).all(dim=1).any()
    assert torch.allclose(said.norm(dim=1), own.norm(dim=1).mean().expand(8), rtol=1e-4)


def test_a_state_scores_its_own_piece_best(primed: tuple[Network, Network]) -> None:
    """The encoder's state of a piece, alone in a text, is nearest to that piece of all that are said."""
    network = primed[1]
    with torch.no_grad():
        ids = torch.tensor([[0, piece, 2] for piece in range(10, 18)])
        states = network.encode(ids, torch.ones(8, 1, 1, 3, dtype=torch.bool))[:, 1]
        states -= states.mean(dim=0)
        near = (states @ network.decoder.pieces.weight[10:18].T).argmax(dim=1)
    assert near.tolist() == list(range(8))


def test_the_encoder_stays_as_it_was(primed: tuple[Network, Network]) -> None:
    """What is primed is the decoder; not even the vectors of the source's pieces change."""
    own, other = (dict(network.encoder.named_parameters()) for network in primed)
    assert all(torch.equal(own[name], other[name]) for name in own)
