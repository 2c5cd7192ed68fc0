"""How sure it is that a passage belongs to its group."""

import math

LINKS, FAMILIAR, BIAS = 0.61, 19.2, -6.08
"""A logistic model, fitted by `benchmarks.comparable --fit` on groups of NTREX stories."""

CAP = 9.0
"""Mean log-odds beyond this make nobody surer."""

LEAST = 0.45
"""A passage less trusted than this leaves its group."""


def trust(links: float, familiar: float) -> float:
    """Return the probability that a passage belongs, from the mean log-odds of its links to the others.

    `familiar` is how well it is matched by the other versions at large. Words on another subject are
    not, and what they resemble here they resemble by chance.
    """
    return 1 / (1 + math.exp(-(LINKS * min(links, CAP) + FAMILIAR * familiar + BIAS)))
