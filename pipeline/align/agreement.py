"""What third versions add to the evidence of two."""

from collections.abc import Mapping, Sequence

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
    links: dict[int, dict[int, float]] = {}
    for (u, v), odds in log_odds.items():
        if odds > FLOOR:
            links.setdefault(u, {})[v] = odds
            links.setdefault(v, {})[u] = odds
    found = {}
    for u, v in log_odds:
        near_u, near_v = links.get(u, {}), links.get(v, {})
        third = (w for w in near_u.keys() & near_v.keys() if version[w] not in (version[u], version[v]))
        found[u, v] = max((min(near_u[w], near_v[w]) for w in third), default=FLOOR)
    return found
