"""Where the constants of `pipeline.align.comparable`, `agreement` and `trust` come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.comparable import Story
from pipeline import segment
from pipeline.align.agreement import FLOOR, Pair, supports
from pipeline.align.comparable import evidence, passages
from pipeline.align.search import alike
from pipeline.align.sides import sides
from pipeline.align.spans import token_ranges
from pipeline.align.story import compared
from pipeline.align.trust import bounded
from pipeline.records import Span

Matrix = npt.NDArray[np.float64]
SHORTENED = 0.5
"""The share of sentences of which one version keeps only the clauses before or after some place."""

SWAPPED = 0.6
"""The largest share of a sentence's tokens that are another story's; every share up to it is as likely."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One story's units: their versions, and the scored pairs with measures and whether they are linked."""

    version: list[int]
    pairs: list[Pair]
    measures: Matrix
    linked: npt.NDArray[np.bool_]


def fit(stories: Sequence[Story]) -> dict[str, list[float]]:
    """Return the weights of the logistic models; each is fitted on what the one before had not seen."""
    examples = [_example(story) for story in stories]
    halves = examples[::2], examples[1::2]
    scored = []
    for own, other in (halves, halves[::-1]):
        model = _logistic(
            np.concatenate([e.measures for e in other]), np.concatenate([e.linked for e in other])
        )
        scored += [(e, e.measures @ model[:-1] + model[-1]) for e in own]
    features, linked = [], []
    for example, odds in scored:
        known = dict(zip(example.pairs, odds.tolist(), strict=True))
        chains = supports(known, example.version)
        features.append([[max(known[pair], FLOOR), chains[pair]] for pair in example.pairs])
        linked.append(example.linked)
    first = _logistic(
        np.concatenate([e.measures for e in examples]), np.concatenate([e.linked for e in examples])
    )
    second = _logistic(np.concatenate([np.array(rows) for rows in features]), np.concatenate(linked))
    third = _logistic(
        *_trusted([*stories, *(reported(story, stories) for story in stories), *unrelated(stories)])
    )
    return {"measures": first.tolist(), "agreement": second.tolist(), "trust": third.tolist()}


def _trusted(stories: Sequence[Story]) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """Return what `trust` is told of every member of every group, and whether it belongs.

    With the constants of the other models as they stand in `pipeline.align`.
    """
    rows: list[tuple[float, float, float]] = []
    right = []

    def judge(links: float, familiar: float, usual: float) -> float:
        rows.append(bounded(links, familiar, usual))
        return len(rows) - 1

    for story in stories:
        known = sorted(story.versions, key=lambda version: version.article.id)
        for group in alike(compared(known), judge, least=-1):
            lines = [story.line(known[version].article.id, span.start) for version, span in group.members]
            for row, line in zip(group.trust, lines, strict=True):
                share = (lines.count(line) - 1) / (len(lines) - 1)
                right.append((int(row), line is not None and share >= 0.5))
    return np.array([rows[row] for row, _ in right]), np.array([holds for _, holds in right])


def reported(story: Story, others: Sequence[Story]) -> Story:
    """Return the story as reporters might tell it: some tokens of every sentence are another story's."""
    dice = np.random.default_rng(list(story.name.encode()))
    versions = []
    for version in story.versions:
        pool = np.concatenate(
            [
                state.states[1:-1:7]
                for other in others
                for theirs in other.versions
                if theirs.article.lang == version.article.lang
                for state in theirs.states
            ]
        )
        states = []
        for state in version.states:
            swapped = dice.random(len(state.states)) < dice.uniform(0, SWAPPED)
            rows = state.states.copy()
            rows[swapped] = pool[dice.integers(len(pool), size=int(swapped.sum()))]
            states.append(replace(state, states=rows))
        versions.append(replace(version, states=tuple(states)))
    return replace(story, versions=tuple(versions))


def unrelated(stories: Sequence[Story]) -> Iterator[Story]:
    """Yield stories of which every version is from another one, and no sentence has a counterpart."""
    for place in range(0, len(stories), 2):
        versions, paragraphs = [], {}
        for step, name in enumerate(sorted(stories[place].paragraphs)):
            other = stories[(place + 5 * step) % len(stories)]  # the next ones may be of the same document
            versions += [version for version in other.versions if version.article.id == name]
            paragraphs[name] = tuple((start, end, None) for start, end, _ in other.paragraphs[name])
        yield Story(f"unrelated {place}", tuple(versions), paragraphs)


def _example(story: Story) -> Example:
    """Score a story's sentences, half of them shortened, so that versions differ as those of news do."""
    random = Random(story.name)
    known = sorted(story.versions, key=lambda version: version.article.id)
    parts = sides([version.states for version in known], [version.article.lang for version in known])
    compared, labels = [], []
    for version, side in zip(known, parts, strict=True):
        spans, theirs = [], []
        for number, sentence in enumerate(version.sentences):
            place = story.paragraph(version.article.id, sentence.start)
            start, end, line = story.paragraphs[version.article.id][place]
            inside = [s for s in version.sentences if start <= s.start < end]
            nth = number - version.sentences.index(inside[0])
            clauses = segment.clauses(sentence.text, version.article.lang)
            first, last = _kept(clauses, Random(f"{line} {nth}").random() < 0.5, random)
            spans.append(Span(sentence.start + first, sentence.start + last))
            theirs.append((line, nth, len(inside)))
        compared.append(passages(side, token_ranges(version.sentences, version.states, spans)))
        labels.append(theirs)
    first_of = np.cumsum([0, *map(len, labels)])
    pairs, measures, linked = [], [], []
    for a, b in combinations(range(len(known)), 2):
        found = evidence(compared[a], compared[b]).measures
        for i, one in enumerate(labels[a]):
            for j, other in enumerate(labels[b]):
                if one[0] is not None and one[0] == other[0] and one[2] != other[2]:
                    continue  # a line that one translator cut in two: who knows which half is which
                pairs.append((int(first_of[a] + i), int(first_of[b] + j)))
                measures.append(found[i, j])
                linked.append(one[0] is not None and one == other)
    version_of = [number for number, theirs in enumerate(labels) for _ in theirs]
    return Example(version_of, pairs, np.array(measures, dtype=np.float64), np.array(linked))


def _kept(clauses: Sequence[Span], from_start: bool, random: Random) -> tuple[int, int]:
    """Return the part of a sentence that is kept, at least two fifths; translations keep the same end."""
    start, end = clauses[0].start, clauses[-1].end
    least = 0.4 * (end - start)
    if random.random() < SHORTENED:
        if from_start:
            end = random.choice([c.end for c in clauses if c.end - start > least])
        else:
            start = random.choice([c.start for c in clauses if end - c.start > least])
    return start, end


def _logistic(features: Matrix, linked: npt.NDArray[np.bool_]) -> Matrix:
    """Return weights and a bias by Newton's method, with a trace of an L2 penalty."""
    rows = np.column_stack([features, np.ones(len(features))])
    weights = np.zeros(rows.shape[1])
    penalty = 1e-3 * np.eye(len(weights))
    for _ in range(50):
        odds = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (odds - linked) + penalty @ weights
        step = np.linalg.solve((rows.T * (odds * (1 - odds))) @ rows + penalty, gradient)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return weights
