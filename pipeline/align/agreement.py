"""What third versions add to the evidence of two."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

Pair = tuple[int, int]

FLOOR = -6.0
"""Log-odds of a pair that was not scored, or scored lower."""

OWN, SUPPORT, BIAS = 0.89, 0.42, 0.16
"""A logistic model of pairs in NTREX stories: `python -m benchmarks.comparable --fit`."""


def agreed(log_odds: Mapping[Pair, float], version: Sequence[int]) -> dict[Pair, float]:
    """Return the log-odds of every pair in the light of the others: of itself and its support."""
    chains = supports(log_odds, version)
    return {pair: OWN * max(odds, FLOOR) + SUPPORT * chains[pair] + BIAS for pair, odds in log_odds.items()}


def supports(log_odds: Mapping[Pair, float], version: Sequence[int]) -> dict[Pair, float]:
    """Return the support of every pair: its best chain through a third version, `FLOOR` without one.

    A chain is as strong as the weaker of its two links.
    """
    links = np.full((len(version), len(version)), FLOOR)
    for (u, v), odds in log_odds.items():
        links[u, v] = links[v, u] = max(odds, FLOOR)
    found: dict[Pair, float] = {}
    for u, pairs in groupby(sorted(log_odds), key=lambda pair: pair[0]):
        others = [v for _, v in pairs]
        chains = np.minimum(links[u], links[others]).max(
            axis=1
        )  # none within a version: those are at the floor
        found |= {(u, v): chain for v, chain in zip(others, chains.tolist(), strict=True)}
    return found
