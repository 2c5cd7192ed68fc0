"""What third versions add to the evidence of two."""

from collections.abc import Mapping, Sequence

Pair = tuple[int, int]

FLOOR = -6.0
"""Log-odds of a pair that was not scored, or scored lower."""

OWN, SUPPORT, BIAS = 0.82, 0.4, 0.53


def agreed(log_odds: Mapping[Pair, float], version: Sequence[int]) -> dict[Pair, float]:
    """Return the log-odds of every pair in the light of the others.

    The support of a pair (u, v) is the best chain through a unit of a third version: the lower of its links
    to u and to v, at its highest. A logistic model weighs it against the pair's own log-odds.
    """
    links: dict[int, dict[int, float]] = {}
    for (u, v), odds in log_odds.items():
        if odds > FLOOR:
            links.setdefault(u, {})[v] = odds
            links.setdefault(v, {})[u] = odds
    result = {}
    for (u, v), odds in log_odds.items():
        near_u, near_v = links.get(u, {}), links.get(v, {})
        chains = (
            min(near_u[w], near_v[w])
            for w in near_u.keys() & near_v.keys()
            if version[w] not in (version[u], version[v])
        )
        result[u, v] = OWN * max(odds, FLOOR) + SUPPORT * max(chains, default=FLOOR) + BIAS
    return result
