"""How good translations and alignments are, by published measures."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest, Result

from pipeline.errors import InputError

Beads = Iterable[tuple[Sequence[int], Sequence[int]]]
"""(source lines, target lines)"""


@dataclass(frozen=True, slots=True)
class Quality:
    """BLEU (Papineni et al. 2002) and chrF2 (Popović 2015) in 0-100, signed by sacrebleu (Post 2018)."""

    bleu: float
    chrf2: float
    sentences: int
    bleu_signature: str
    chrf2_signature: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of two systems on the same lines.

    `p_value` is paired bootstrap resampling's (Koehn 2004) for the null hypothesis that both are as good.
    """

    metric: str
    baseline: float
    system: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 in 0-1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """Scores of beads: `strict` asks for the very bead, `lax` for one that touches it on both sides."""

    strict: Scores
    lax: Scores


def quality(translations: Sequence[str], references: Sequence[str]) -> Quality:
    """Return corpus BLEU and chrF2 of the translations against one reference each."""
    bleu, chrf = BLEU(), CHRF()
    return Quality(
        round(bleu.corpus_score(list(translations), [list(references)]).score, 2),
        round(chrf.corpus_score(list(translations), [list(references)]).score, 2),
        len(references),
        str(bleu.get_signature()),
        str(chrf.get_signature()),
    )


def compared(
    baseline: Sequence[str], system: Sequence[str], references: Sequence[str], *, resamples: int = 1000
) -> list[Comparison]:
    """Return BLEU and chrF2 of two systems on the same lines, with the chance that the difference is luck.

    sacrebleu's paired bootstrap with its own seed: the same lines give the same p-values.
    """
    metrics = {"BLEU": BLEU(references=[list(references)]), "chrF2": CHRF(references=[list(references)])}
    test = PairedTest(
        [("baseline", list(baseline)), ("system", list(system))],
        metrics,
        references=None,
        test_type="bs",
        n_samples=resamples,
    )
    _, columns = test()
    comparisons = []
    for metric, column in columns.items():
        both = [result for result in column if isinstance(result, Result)]  # the first column is the names
        if not both or both[1].p_value is None:
            continue
        first, second = both
        # sacrebleu counts resamples that differ by more, of which two equal systems have none
        p_value = round(float(both[1].p_value), 4) if first.score != second.score else 1.0
        comparisons.append(Comparison(metric, round(first.score, 2), round(second.score, 2), p_value))
    return comparisons


def alignment_f1(gold: Beads, test: Beads) -> Alignment:
    """Return strict and lax scores of one document's beads; see `pooled`."""
    return pooled([(gold, test)])


def pooled(documents: Iterable[tuple[Beads, Beads]]) -> Alignment:
    """Return the scores over (gold, test) documents, every bead weighing the same.

    As Vecalign's `score.py` counts (Thompson and Koehn 2019, after Sennrich and Volk 2011): a bead is right
    strictly if the other side has it, and laxly if a source line and a target line of it share a bead there.
    Precision is over all tested beads, those with an empty side too; recall over gold beads with both
    sides, held against tested beads with both.
    """
    precision = recall = (0, 0, 0)
    for gold, test in documents:
        golden, tested = _beads(gold), _beads(test)
        precision = _sum(precision, _right(tested, golden))
        recall = _sum(recall, _right(_two_sided(golden), _two_sided(tested)))
    strict, lax = (
        Scores(*(counts[kind] / counts[2] if counts[2] else 0.0 for counts in (precision, recall)))
        for kind in (0, 1)
    )
    return Alignment(strict, lax)


def report(measured: Mapping[str, Quality], comparisons: Sequence[Comparison] = ()) -> str:
    """Return the measurements as JSON, by name, with their signatures; `compared` holds what was compared."""
    found: dict[str, object] = {name: asdict(quality) for name, quality in measured.items()}
    if comparisons:
        found["compared"] = [asdict(comparison) for comparison in comparisons]
    return json.dumps(found, indent=2)


def table(measured: Mapping[str, Quality]) -> str:
    """Return the measurements as lines of text, a system a line."""
    width = max(map(len, measured), default=0)
    head = f"{'':{width}}  {'BLEU':>6}  {'chrF2':>6}  sentences"
    rows = (f"{name:{width}}  {q.bleu:6.2f}  {q.chrf2:6.2f}  {q.sentences}" for name, q in measured.items())
    return "\n".join([head, *rows])


def lines(path: Path) -> list[str]:
    """Read a file of one sentence a line. InputError: it cannot be read, or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except OSError as error:
        raise InputError(path, error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise InputError(path, f"byte {error.start} is not UTF-8") from error


def paired(source: Path, reference: Path) -> tuple[list[str], list[str]]:
    """Read a source and its reference. InputError: they have different numbers of lines."""
    sources, references = lines(source), lines(reference)
    if len(sources) != len(references):
        raise InputError(reference, f"{len(references)} lines, expected {len(sources)} as in {source}")
    return sources, references


_Bead = tuple[frozenset[int], frozenset[int]]


def _beads(beads: Beads) -> set[_Bead]:
    both = {(frozenset(source), frozenset(target)) for source, target in beads}
    return {bead for bead in both if bead[0] or bead[1]}


def _two_sided(beads: set[_Bead]) -> set[_Bead]:
    return {bead for bead in beads if bead[0] and bead[1]}


def _right(beads: set[_Bead], others: set[_Bead]) -> tuple[int, int, int]:
    """Return how many beads are right strictly, how many laxly, and how many there are."""
    linked = {(line, target) for source, targets in others for line in source for target in targets}
    strict = beads & others
    lax = sum(
        bead in strict or any((line, target) in linked for line in bead[0] for target in bead[1])
        for bead in beads
    )
    return len(strict), lax, len(beads)


def _sum(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
