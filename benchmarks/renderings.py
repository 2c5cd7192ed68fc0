"""The places where the seeds' versions part, against our own reading of them in `seeds/gold.json`.

`python -m benchmarks.renderings` scores the stage on the gold's statements and on the program's own, without
translations; `python -m benchmarks.renderings FILE` scores the renderings.csv that a run on `seeds/` wrote.
It prints a table on stderr and the same numbers as JSON on stdout.
"""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.seeds import SEEDS, Gold, gold, versions
from pipeline.align.renderings import renderings
from pipeline.align.statements import statements
from pipeline.engines import embedded
from pipeline.records import Member, Rendering, Statement


class Phrase(NamedTuple):
    """A version's words in a slot; `start == end` where it leaves the place out."""

    start: int
    end: int
    kind: str

    def shares(self, other: "Phrase") -> float:
        """Return the intersection over union of two phrases; two omissions share everything."""
        if self.start == self.end or other.start == other.end:
            return float(self.start == self.end and other.start == other.end)
        common = max(0, min(self.end, other.end) - max(self.start, other.start))
        return common / (self.end - self.start + other.end - other.start - common)


Found = Mapping[str, Phrase]
"""A slot that was found: article -> its words."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of the gold: article -> phrases any of which is right. An optional one need not be found."""

    statement: str
    number: int
    optional: bool
    phrases: Mapping[str, tuple[Phrase, ...]]

    def agreeing(self, found: Found) -> dict[str, Phrase]:
        """Return, for each article whose words it and a found slot share, the nearest right phrase."""
        best = {
            article: max(self.phrases[article], key=phrase.shares)
            for article, phrase in found.items()
            if article in self.phrases
        }
        return {article: right for article, right in best.items() if found[article].shares(right)}

    def is_found(self, found: Found) -> bool:
        """Whether a found slot is this one: words of two versions agree, or words and another's omission."""
        same = self.agreeing(found)
        return len(same) > 1 and any(right.start < right.end for right in same.values())


@dataclass(frozen=True, slots=True)
class Score:
    """Slots found, expected and right with their shares; phrases and classes are those of right slots.

    `phrase_precision` and `phrase_recall` are the shares of a right slot's versions that agree, among those
    found and those in the gold; `phrase_iou` is how well the words of agreeing versions coincide;
    `class_accuracy` the share of agreeing versions with the right class.
    """

    found: int
    expected: int
    precision: float
    recall: float
    phrase_precision: float
    phrase_recall: float
    phrase_iou: float
    class_accuracy: float


def slots(path: Path = SEEDS / "gold.json") -> tuple[Slot, ...]:
    """Read the gold slots."""
    return tuple(
        Slot(
            entry["id"],
            slot["slot"],
            slot.get("optional", False) or entry.get("optional", False),
            {
                article: tuple(Phrase(p["start"], p["end"], p["class"]) for p in phrases)
                for article, phrases in slot["members"].items()
            },
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))["statements"]
        for slot in entry["renderings"]
    )


def grouped(found: Iterable[Rendering]) -> list[Found]:
    """Return renderings slot by slot."""
    groups: dict[tuple[str, int], dict[str, Phrase]] = {}
    for r in found:
        groups.setdefault((r.statement, r.slot), {})[r.article] = Phrase(r.start, r.end, r.kind)
    return list(groups.values())


def paired(golds: Sequence[Slot], found: Sequence[Found]) -> list[tuple[Slot, Found]]:
    """Return each gold slot beside the found one that it shares most with; each is in one pair at most."""
    pairs = [
        (sum(found[n][article].shares(right) for article, right in golds[g].agreeing(found[n]).items()), g, n)
        for g in range(len(golds))
        for n in range(len(found))
        if golds[g].is_found(found[n])
    ]
    taken: dict[int, int] = {}
    for _, g, n in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if g not in taken and n not in taken.values():
            taken[g] = n
    return [(golds[g], found[n]) for g, n in sorted(taken.items())]


def judged(golds: Sequence[Gold], found: Sequence[Found]) -> list[Found]:
    """Return the found slots that stand in two members of one gold statement; of others it says nothing."""
    return [slot for slot in found if any(_within(entry, slot) > 1 for entry in golds)]


def _within(entry: Gold, found: Found) -> int:
    return sum(
        any(span.start <= phrase.start and phrase.end <= span.end for span in entry.members.get(article, ()))
        for article, phrase in found.items()
    )


def score(golds: Sequence[Slot], found: Sequence[Found]) -> Score:
    """Hold found slots, all of which are judged, against the gold."""
    pairs = paired(golds, found)
    agreeing = [(slot[a], right) for want, slot in pairs for a, right in want.agreeing(slot).items()]
    expected = [want for want in golds if not want.optional]

    def share(part: float, whole: int) -> float:
        return round(part / whole, 4) if whole else 1.0

    return Score(
        len(found),
        len(expected),
        share(len(pairs), len(found)),
        share(sum(not want.optional for want, _ in pairs), len(expected)),
        share(len(agreeing), sum(len(slot) for _, slot in pairs)),
        share(len(agreeing), sum(len(want.phrases) for want, _ in pairs)),
        share(sum(one.shares(right) for one, right in agreeing), len(agreeing)),
        share(sum(one.kind == right.kind for one, right in agreeing), len(agreeing)),
    )


def told(path: Path) -> Iterator[Rendering]:
    """Yield the rows of a renderings.csv."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            start, end = int(row["start"]), int(row["end"])
            yield Rendering(
                row["statement"],
                int(row["slot"]),
                row["article"],
                row["lang"],
                start,
                end,
                row["phrase"],
                row["english"],
                row["class"],  # type: ignore[arg-type]  # whatever the file says is held against the gold
            )


def made() -> Iterator[tuple[str, list[Rendering]]]:
    """Yield what the stage finds in the gold's statements, and in those that the program aligns."""
    encoder = embedded.load(threads=2)
    read = versions(encoder)
    of = {version.article.id: version.article for version in read}
    given = [
        Statement(
            entry.id,
            "statement",
            tuple(
                Member(id, of[id].lang, first.start, first.end, of[id].text[first.start : first.end])
                for id, (first, *_) in entry.members.items()
            ),
        )
        for entry in gold()
    ]
    for name, chosen in (("gold statements", given), ("own statements", statements(read))):
        yield name, list(renderings(chosen, read, {}, encoder))


def main() -> None:
    """Print the scores."""
    runs = [(path, list(told(Path(path)))) for path in sys.argv[1:]] or made()
    report: dict[str, dict[str, float]] = {}
    print("slots found expected precision recall  phrases precision recall iou  class", file=sys.stderr)
    for name, found in runs:
        result = score(slots(), judged(gold(), grouped(found)))
        report[name] = asdict(result)
        shares = "  ".join(f"{value:5.3f}" for value in list(report[name].values())[2:])
        print(f"{result.found:4} {result.expected:4}  {shares}  {name}", file=sys.stderr)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
