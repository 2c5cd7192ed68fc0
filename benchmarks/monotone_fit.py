"""Fits the weights of `pipeline.align.monotone` to documents with gold beads, and prints what holds.

`python -m benchmarks.monotone_fit --data DIR --made DIR [--states DIR]` maximises the likelihood of the gold
beads of the published documents and of half the made ones (see `monotone_documents`), with a quadratic prior.
Gradients are exact: a feature's expectation under the field less its value on the gold. Needs torch, for its
L-BFGS. `left_out` is the honest figure: each quarter of a published document is aligned as a text of its own,
with weights and a curve of scores that were fitted without it. `--states` keeps encodings from run to run.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.monotone import calibration_error
from benchmarks.monotone_documents import Document, Gold, cover, made, published, quarters
from pipeline.align.monotone import WEIGHTS, calibrated
from pipeline.align.monotone_band import Band, Floats
from pipeline.align.monotone_evidence import evidence, one_by_one, potentials
from pipeline.align.monotone_lattice import KINDS, Lattice
from pipeline.cores import one_core
from pipeline.engines import embedded
from pipeline.engines.ports import Encoder, TokenStates
from pipeline.evaluate import pooled

Vector = npt.NDArray[np.float64]
Encode = Callable[[tuple[str, ...]], list[TokenStates]]
Judged = tuple[float, bool]
"""A bead's probability, and whether the gold has it."""

PRIOR = 0.1  # of a squared weight; 0.02 is worse on quarters of the published document left out
SHARE = 0.1  # of a made document; six of them weigh less than the published one, whose gold is people's
ROUNDS = 40
CLOSE = 1e-4  # of loss and weights between rounds; with 5e-3 a fit stays where it starts
HALF_WIDTH = 9  # sentences either side of the band's centre: a fit is twice as fast, and no gold bead is lost


class Case:
    """A document as features: (weights without `opening`, KINDS, D, W), and what they sum to on its gold."""

    def __init__(self, document: Document, share: float, encode: Encode) -> None:
        source, target = encode(document.source), encode(document.target)
        known = evidence(source, target, document.source, document.target)
        wide = known.band
        inner = slice(wide.half - HALF_WIDTH, wide.half + HALF_WIDTH + 1)
        self.band = Band(wide.n, wide.m, wide.centre, HALF_WIDTH)
        self.share, self.document = share, document
        self.features: Floats = np.stack(
            [potentials(known, weights)[..., inner] for weights in list(one_by_one())[:-1]]
        )
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

    def found(self, weights: Vector) -> tuple[Gold, list[tuple[float, bool]]]:
        """Return the beads of these weights, and for those with two sides their probability and whether the
        gold has them."""
        lattice = self.lattice(weights)
        marginals = lattice.marginals()
        beads, judged = [], []
        for i, j, a, b in lattice.best():
            place = KINDS.index((a, b)), i + j, i - int(self.band.centre[i + j]) + self.band.half
            beads.append((tuple(range(i - a, i)), tuple(range(j - b, j))))
            if a and b:
                judged.append((float(marginals[place]), place in self.places))
        return tuple(beads), judged

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
    search = torch.optim.LBFGS(
        [weights], max_iter=ROUNDS, tolerance_change=CLOSE, line_search_fn="strong_wolfe"
    )

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


def left_out(
    fourths: Sequence[Case], others: Sequence[Case], held_out: Sequence[Judged], start: Vector
) -> tuple[dict[str, float], list[Judged]]:
    """Return what is found in each quarter with weights fitted to the rest, and these beads as judged.

    A quarter's scores are held against a curve through the other quarters' and those of `held_out`.
    """
    found = []
    for quarter in fourths:
        rest = [case for case in fourths if case is not quarter]
        found.append(quarter.found(fitted([*rest, *others], start)))
    scores = pooled((case.document.gold, beads) for case, (beads, _) in zip(fourths, found, strict=True))
    judged = [pairs for _, pairs in found]
    scored = []
    for number, pairs in enumerate(judged):
        rest_judged = [pair for pairs in judged[:number] + judged[number + 1 :] for pair in pairs]
        curve = logistic([*rest_judged, *held_out])
        scored += [(calibrated(probability, *curve), right) for probability, right in pairs]
    figures = {
        "strict": round(scores.strict.f1, 4),
        "lax": round(scores.lax.f1, 4),
        "calibration_error": round(calibration_error(scored), 4),
    }
    return figures, [pair for pairs in judged for pair in pairs]


def kept(encoder: Encoder, folder: Path, lines: tuple[str, ...]) -> list[TokenStates]:
    """Return the lines' states, from the folder if they were encoded before."""
    key = hashlib.sha256("\n".join([encoder.signature, *lines]).encode()).hexdigest()
    path = folder / f"{key[:16]}.npz"
    if not path.is_file():
        texts = encoder.encode(lines)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(
            path,
            states=np.concatenate([text.states for text in texts]),
            starts=np.concatenate([text.starts for text in texts]),
            ends=np.concatenate([text.ends for text in texts]),
            counts=[len(text.states) for text in texts],
        )
    with np.load(path) as of:
        at = np.cumsum(of["counts"])[:-1]
        columns = (np.split(of[name], at) for name in ("states", "starts", "ends"))
        return [TokenStates(*columns_of_one) for columns_of_one in zip(*columns, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="published documents")
    parser.add_argument("--made", type=Path, required=True, help="line-aligned texts")
    parser.add_argument("--states", type=Path, help="a scratch folder for encodings")
    options = parser.parse_args()
    encoder = embedded.load()
    # a made text is in three documents
    encode = partial(kept, encoder, options.states) if options.states else cache(encoder.encode)
    with one_core():
        print(json.dumps(_figures(published(options.data), made(options.made), encode), indent=2))


def _figures(
    documents: Sequence[Document], made_documents: Sequence[tuple[int, Document]], encode: Encode
) -> dict[str, object]:
    whole = [Case(document, 1.0, encode) for document in documents]
    fourths = [Case(part, 1.0, encode) for document in documents for part in quarters(document)]
    others, unseen = (
        [Case(document, SHARE, encode) for at, document in made_documents if at == half] for half in (0, 1)
    )
    lost = {case.document.name: case.lost for case in [*whole, *others, *unseen] if case.lost}
    print("gold beads that no field can give:", lost, file=sys.stderr)
    weights = fitted([*whole, *others], np.array(list(asdict(WEIGHTS).values())))
    held_out = [pair for case in unseen for pair in case.found(weights)[1]]
    scores = pooled((case.document.gold, case.found(weights)[0]) for case in unseen)
    figures, judged = left_out(fourths, others, held_out, weights)
    return {
        "weights": dict(zip(asdict(WEIGHTS), weights.round(2).tolist(), strict=True)),
        "slope_offset": logistic([*judged, *held_out]),
        "loss": round(sum(case.loss(weights)[0] for case in [*whole, *others]), 1),
        "left_out": figures,
        "made": {"strict": round(scores.strict.f1, 4), "lax": round(scores.lax.f1, 4)},
    }


if __name__ == "__main__":
    main()
