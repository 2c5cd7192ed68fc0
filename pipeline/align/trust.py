"""How sure it is that a passage belongs to its group, in the measure of its story."""

import math

LINKS, FAMILIAR, USUAL, BIAS = 0.55, 13.93, -0.76, 1.7
"""A logistic model of groups in NTREX stories: `python -m benchmarks.comparable --fit`."""

MOST_LINKS = 9.0
"""Mean log-odds beyond this make nobody surer."""

FAMILIAR_RANGE = 0.2, 0.4
"""What was seen: 0.21-0.31 for sentences from elsewhere, 0.26-0.38 for those of the story (5-95%)."""

SHARED = 0.3
"""Passages with a counterpart, for each piece, from which a story's usual links are told by its own.

NTREX stories have 0.55-0.91 (5-95%), texts on different subjects 0.03-0.13.
"""

LEAST = 0.7
"""A passage less trusted leaves its group: the first tenth at which less than 1% of the intruders stay on the
stories fitted on, with 3% of the right passages gone. On the seeds 0.5 and 0.8 score the same.
"""


def trust(links: float, familiar: float, usual: float) -> float:
    """Return the probability that a passage belongs, from the mean log-odds of its links to the others.

    `familiar` is how well it is matched by the other versions at large. Words on another subject are
    not, and what they resemble here they resemble by chance. `usual` are the links of the story's middle
    group: what is weak among translations is good among reports.
    """
    links, familiar, usual = bounded(links, familiar, usual)
    return 1 / (1 + math.exp(-(LINKS * links + FAMILIAR * familiar + USUAL * usual + BIAS)))


def bounded(links: float, familiar: float, usual: float) -> tuple[float, float, float]:
    """Return them within what the model was fitted on."""
    low, high = FAMILIAR_RANGE
    return min(links, MOST_LINKS), min(max(familiar, low), high), min(usual, MOST_LINKS)
