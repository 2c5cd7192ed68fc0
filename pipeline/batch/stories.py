"""Which articles report the same story, told by date and by what their beginnings mean.

Articles within a window of days are linked where each is among the other's nearest by CSLS (Conneau et al.
2018, arXiv 1710.04087): the cosine less the mean cosine of either to its own nearest, so that a crowded
topic needs more than a rare one. A story grows by average linkage, so that no chain of pairs joins two.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

import numpy as np
import numpy.typing as npt

from pipeline.batch.entries import Entry
from pipeline.batch.lockstep import Models
from pipeline.engines.ports import Floats

HEAD = 600
"""Characters of an article that its vector is made of: news say first what happened."""

AT_ONCE = 256  # articles a call of the encoder
BLOCK = 1024  # rows of the similarity matrix in memory
KEPT = 32  # nearest neighbours kept of each article


@dataclass(frozen=True, slots=True)
class Linkage:
    """How near is the same story: days apart, neighbours for CSLS, least mean CSLS between two parts."""

    days: int = 3
    neighbours: int = 10
    least: float = 0.0


Pairs = dict[tuple[int, int], float]
"""(row, row) -> CSLS, the lesser row first."""


def named(entries: Callable[[], Iterable[Entry]], models: Models, linkage: Linkage) -> Iterator[Entry]:
    """Yield the articles with a story each, named after the input's first article in it.

    `entries` gives the same articles each time, in the order of the input; a vector of each is in memory,
    its text is not.
    """
    rows = vectors((f"{one.title}\n{one.text}".strip()[:HEAD] for one in entries()), models)
    found = stories(rows, [_day(one.date) for one in entries()], linkage)
    names: dict[int, str] = {}
    for i, (one, first) in enumerate(zip(entries(), found, strict=True)):
        if first == i:
            names[i] = f"found-{one.position}-{one.id}"
        yield replace(one, story=names[first])


def vectors(texts: Iterable[str], models: Models) -> Floats:
    """Return a unit vector a text, (texts, width): the mean of its tokens' states; zeros for an empty one."""
    rows = [np.zeros((0, models.width), dtype=np.float32)]
    left = iter(texts)
    while some := list(islice(left, AT_ONCE)):
        states = zip(models.encode(some), some, strict=True)
        rows.append(np.stack([one.span(0, len(text)) for one, text in states]))
    return np.concatenate(rows)


def stories(rows: Floats, days: Sequence[int | None], linkage: Linkage) -> list[int]:
    """Return for each article the first of its story. Undated articles are near undated ones only."""
    pairs = csls(_centred(rows), days, linkage)
    return _joined(len(rows), pairs, linkage.least)


def csls(rows: Floats, days: Sequence[int | None], linkage: Linkage) -> Pairs:
    """Return the CSLS of articles that are among each other's nearest within the window of days."""
    near, cosines = _nearest(rows, days, linkage.days)
    if not near.shape[1]:
        return {}
    own = np.array([_mean(row[np.isfinite(row)][: linkage.neighbours]) for row in cosines])
    found: Pairs = {}
    for i in range(len(rows)):
        for j, cosine in zip(near[i], cosines[i], strict=True):
            if i < j and np.isfinite(cosine) and i in near[j][np.isfinite(cosines[j])]:
                found[i, int(j)] = round(float(2 * cosine - own[i] - own[j]), 4)
    return found


def _centred(rows: Floats) -> Floats:
    """Return the rows about their mean: what all news have in common says nothing."""
    moved = rows - rows.mean(axis=0, keepdims=True) if len(rows) > 2 else rows
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12), np.float32)


def _nearest(
    rows: Floats, days: Sequence[int | None], window: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return (articles, k) of the nearest in the window and their cosines, -inf where there are fewer.

    Rows are taken by day, a block at a time against the days it can reach.
    """
    when = np.array([-(10**9) if day is None else day for day in days], dtype=np.int64)
    order = np.lexsort((np.arange(len(rows)), when))
    by_day, sorted_rows = when[order], rows[order]
    k = min(KEPT, max(len(rows) - 1, 0))
    near = np.zeros((len(rows), k), dtype=np.int64)
    cosines = np.full((len(rows), k), -np.inf, dtype=np.float32)
    for at in range(0, len(rows), BLOCK):
        block = slice(at, min(at + BLOCK, len(rows)))
        low = int(np.searchsorted(by_day, by_day[block.start] - window, "left"))
        high = int(np.searchsorted(by_day, by_day[block.stop - 1] + window, "right"))
        found = sorted_rows[block] @ sorted_rows[low:high].T
        found[np.abs(by_day[block, None] - by_day[None, low:high]) > window] = -np.inf
        found[np.arange(block.stop - at), np.arange(at, block.stop) - low] = -np.inf
        best = np.argsort(-found, axis=1, kind="stable")[:, :k]
        near[order[block], : best.shape[1]] = order[low:high][best]
        cosines[order[block], : best.shape[1]] = np.take_along_axis(found, best, axis=1)
    return near, cosines


def _joined(count: int, pairs: Pairs, least: float) -> list[int]:
    """Join parts while their mean CSLS is at least `least`, the nearest first; an absent pair's is -1."""
    part = list(range(count))
    members = {i: [i] for i in range(count)}
    for (i, j), score in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        if score < least:
            break
        a, b = sorted((part[i], part[j]))
        if a == b:
            continue
        between = [pairs.get((min(x, y), max(x, y)), -1.0) for x in members[a] for y in members[b]]
        if sum(between) / len(between) >= least:
            for one in members[b]:
                part[one] = a
            members[a] += members.pop(b)
    return part


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _day(text: str) -> int | None:
    return date.fromisoformat(text).toordinal() if text else None
