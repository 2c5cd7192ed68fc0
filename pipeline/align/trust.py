"""How sure it is that a passage belongs to its group."""

import math

LINKS, FAMILIAR, BIAS = 0.65, 18.26, -6.17
"""A logistic model of groups in NTREX stories: `python -m benchmarks.comparable --fit`."""

MOST_LINKS = 9.0
"""Mean log-odds beyond this make nobody surer."""

FAMILIAR_RANGE = 0.2, 0.4
"""What was seen: 0.21-0.31 for sentences from elsewhere, 0.26-0.38 for those of the story (5-95%)."""

LEAST = 0.4
"""A passage less trusted leaves its group; chosen on the seeds, where 0.45 loses three quote links."""


def trust(links: float, familiar: float) -> float:
    """Return the probability that a passage belongs, from the mean log-odds of its links to the others.

    `familiar` is how well it is matched by the other versions at large. Words on another subject are
    not, and what they resemble here they resemble by chance.
    """
    links, familiar = bounded(links, familiar)
    return 1 / (1 + math.exp(-(LINKS * links + FAMILIAR * familiar + BIAS)))


def bounded(links: float, familiar: float) -> tuple[float, float]:
    """Return both within what the model was fitted on."""
    low, high = FAMILIAR_RANGE
    return min(links, MOST_LINKS), min(max(familiar, low), high)
