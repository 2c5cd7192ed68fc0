"""Fits the weights of `pipeline.align.monotone` to documents with gold beads, and prints what holds.

`python -m benchmarks.monotone_fit --data DIR --made DIR` maximises the likelihood of the gold beads of the
published documents and of half the made ones (see `monotone_documents`), with a quadratic prior. Gradients
are exact: a feature's expectation under the field less its value on the gold. Needs torch, for its L-BFGS.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.monotone_documents import Document, cover, made, published
from pipeline.align.monotone import WEIGHTS
from pipeline.align.monotone_band import Floats
from pipeline.align.monotone_evidence import evidence, one_by_one, potentials
from pipeline.align.monotone_lattice import KINDS, Lattice
from pipeline.engines import embedded
from pipeline.engines.ports import TokenStates

Vector = npt.NDArray[np.float64]
Encode = Callable[[tuple[str, ...]], list[TokenStates]]

PRIOR = 0.1  # of a squared weight; 0.02 is worse on quarters of the published document left out
SHARE = 0.1  # of a made document; six of them weigh less than the published one, whose gold is people's
ROUNDS = 25


class Case:
    """A document as features: (weights without `opening`, KINDS, D, W), and what they sum to on its gold."""

    def __init__(self, document: Document, share: float, encode: Encode) -> None:
        source, target = encode(document.source), encode(document.target)
        known = evidence(source, target, document.source, document.target)
        self.name, self.share, self.band = document.name, share, known.band
        self.features: Floats = np.stack([potentials(known, weights) for weights in one_by_one()])[:-1]
        self.gold = np.zeros(len(self.features) + 1)
        self.places: set[tuple[int, int, int]] = set()
        self.lost = 0
        self._count(cover(document))

    def loss(self, weights: Vector) -> tuple[float, Vector]:
        """Return the gold's negative log-likelihood and its gradient."""
        lattice = self.lattice(weights)
        expected = np.append(np.tensordot(self.features, lattice.marginals(), 3), lattice.openings())
        return self.share * (lattice.mass - float(weights @ self.gold)), self.share * (expected - self.gold)

    def lattice(self, weights: Vector) -> Lattice:
        summed = np.tensordot(weights[:-1].astype(np.float32), self.features, 1)
        return Lattice(self.band, summed, float(weights[-1]))

    def judged(self, weights: Vector) -> Iterator[tuple[float, bool]]:
        """Yield, for every bead that is found, its probability and whether the gold has it."""
        lattice = self.lattice(weights)
        marginals = lattice.marginals()
        for i, j, a, b in lattice.best():
            place = KINDS.index((a, b)), i + j, i - int(self.band.centre[i + j]) + self.band.half
            if a and b:
                yield float(marginals[place]), place in self.places

    def _count(self, steps: Iterator[tuple[int, int]]) -> None:
        i = j = 0
        after_null = False
        for a, b in steps:
            i, j = i + a, j + b
            offset = i - int(self.band.centre[i + j]) + self.band.half
            null = not (a and b)
            if (a, b) in KINDS and 0 <= offset < self.band.inside.shape[1]:
                place = KINDS.index((a, b)), i + j, offset
                self.places.add(place)
                self.gold[:-1] += self.features[(slice(None), *place)]
                self.gold[-1] += null and not after_null
            else:
                self.lost += 1
            after_null = null


def fitted(cases: Sequence[Case], start: Vector) -> Vector:
    """Return the weights that minimise the cases' loss and the prior."""
    import torch  # noqa: PLC0415 - only the fit needs it

    weights = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def closure() -> float:
        now = weights.detach().numpy()
        losses = [case.loss(now) for case in cases]
        weights.grad = torch.from_numpy(sum((grad for _, grad in losses), 2 * PRIOR * now))
        total = sum(loss for loss, _ in losses) + PRIOR * float(now @ now)
        print(f"loss {total:.2f}", file=sys.stderr)
        return total

    search.step(closure)  # type: ignore[no-untyped-call]  # torch has no types here
    return np.asarray(weights.detach().numpy())


def logistic(pairs: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Return slope and offset of the logistic curve that turns log-odds into what was right (Platt 1999)."""
    probability = np.clip([p for p, _ in pairs], 1e-6, 1 - 1e-6)
    odds, right = np.log(probability / (1 - probability)), np.array([float(r) for _, r in pairs])
    rows = np.stack([odds, np.ones_like(odds)], axis=1)
    curve = np.array([1.0, 0.0])
    for _ in range(20):
        said = 1 / (1 + np.exp(-rows @ curve))
        curve += np.linalg.solve((rows.T * (said * (1 - said))) @ rows, rows.T @ (right - said))
    return round(float(curve[0]), 2), round(float(curve[1]), 2)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="published documents")
    parser.add_argument("--made", type=Path, required=True, help="line-aligned texts")
    options = parser.parse_args()
    encode = cache(embedded.load().encode)  # a made text is in three documents
    cases = [Case(document, 1.0, encode) for document in published(options.data)]
    held_out: list[Case] = []
    for half, document in made(options.made):
        (held_out if half else cases).append(Case(document, SHARE, encode))
    print({case.name: case.lost for case in [*cases, *held_out] if case.lost}, file=sys.stderr)
    weights = fitted(cases, np.array(list(asdict(WEIGHTS).values())))
    pairs = [
        pair
        for case in [case for case in cases if case.share == 1] + held_out
        for pair in case.judged(weights)
    ]
    names = list(asdict(WEIGHTS))
    print(
        json.dumps(
            {
                "weights": dict(zip(names, weights.round(2).tolist(), strict=True)),
                "loss": round(sum(case.loss(weights)[0] for case in cases), 1),
                "held_out_loss": round(sum(case.loss(weights)[0] for case in held_out), 1),
                "slope_offset": logistic(pairs),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
