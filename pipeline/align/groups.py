"""One consistent grouping out of pairwise log-odds: who belongs together, at most one unit a version.

A correlation clustering (Bansal, Blum and Chawla 2004) with the versions as a constraint: the sum of the
log-odds inside groups is made large, first by joining, best pair first, then by moving single units for as
long as that pays. No version is a pivot: a pair that third versions support gains, one that they contradict
loses.
"""

from collections.abc import Mapping, Sequence

Pair = tuple[int, int]

LIMIT = 5.0
"""Log-odds beyond this say no more: one pair must not outvote two others."""
UNSEEN = -LIMIT
"""The log-odds of a pair that was not worth scoring."""


def groups(log_odds: Mapping[Pair, float], version: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the groups of at least two units, each ascending, in the order of their first units.

    `version[u]` is the version of unit `u`; `log_odds` has the pairs `(u, v)`, `u < v`, that were
    scored. No unit is in two groups, no group has two units of one version. Ties are broken by numbers.
    """
    odds = {pair: max(-LIMIT, min(LIMIT, value)) for pair, value in log_odds.items()}
    near = _near(odds)

    def worth(unit: int, group: set[int]) -> float:
        return sum(odds.get((min(unit, o), max(unit, o)), UNSEEN) for o in group if o != unit)

    def clash(one: set[int], other: set[int]) -> bool:
        return not {version[u] for u in one}.isdisjoint(version[v] for v in other)

    home: dict[int, set[int]] = {unit: {unit} for unit in near}
    ranked = sorted(log_odds, key=lambda pair: (-log_odds[pair], pair))
    for u, v in ranked:
        one, other = home[u], home[v]
        if log_odds[u, v] <= 0:
            break
        if one is not other and not clash(one, other) and sum(worth(unit, other) for unit in one) > 0:
            one |= other
            for unit in other:
                home[unit] = one
    for _ in range(8):  # it settles in two or three rounds
        moved = False
        for unit in sorted(near):
            here = home[unit]
            best, target = worth(unit, here), here
            options = {id(home[o]): home[o] for o in sorted(near[unit])}
            for group in sorted(options.values(), key=min):
                if group is not here and not clash({unit}, group) and worth(unit, group) > best + 1e-9:
                    best, target = worth(unit, group), group
            if best < 0:
                target = set()
            if target is not here and (len(here) > 1 or target):
                here.discard(unit)
                target.add(unit)
                home[unit] = target
                moved = True
        if not moved:
            break
    found = {id(group): tuple(sorted(group)) for group in home.values() if len(group) > 1}
    return sorted(found.values())


def _near(log_odds: Mapping[Pair, float]) -> dict[int, set[int]]:
    """Return the units that each unit has a good link to: a group without one is not worth joining."""
    near: dict[int, set[int]] = {unit: set() for pair in log_odds for unit in pair}
    for (u, v), value in log_odds.items():
        if value > 0:
            near[u].add(v)
            near[v].add(u)
    return near
