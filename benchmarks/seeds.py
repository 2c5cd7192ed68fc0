"""Statements found in the five seed articles, against our own reading of them in `seeds/gold.json`."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from pipeline import articles, segment
from pipeline.align.statements import Version, statements
from pipeline.engines import embedded
from pipeline.engines.ports import Encoder
from pipeline.quotes import quotes, unify
from pipeline.records import Member, Span, Statement

SEEDS = Path(__file__).parent.parent / "seeds"


@dataclass(frozen=True, slots=True)
class Gold:
    """One statement of the gold file: for each article, the spans any of which is right."""

    id: str
    kind: str
    family: str
    optional: bool
    members: Mapping[str, tuple[Span, ...]]

    def overlap(self, member: Member) -> float:
        """Return the best intersection over union with a right span; 0 if it is not most of the shorter."""
        return max((_overlap(member, span) for span in self.members.get(member.article, ())), default=0.0)


class Link(NamedTuple):
    """Two versions' members of one gold statement."""

    gold: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Score:
    """What `make evaluate` prints; shares in 0-1.

    A link is found when one statement holds a member in either article that shares most of its characters, or
    of the gold's, with a right span; `strict` wants an intersection over union of 0.5 of both. Precision is
    over pairs of members: right in one gold statement, wrong in none; a pair between two statements of one
    family counts as neither.
    """

    quote_recall: float
    quote_recall_strict: float
    statement_recall: float
    statement_recall_strict: float
    pair_precision: float
    span_iou: float
    missed: tuple[Link, ...]
    wrong: tuple[tuple[str, str, str], ...]


def gold(path: Path = SEEDS / "gold.json") -> tuple[Gold, ...]:
    """Read the gold statements."""
    return tuple(
        Gold(
            entry["id"],
            entry["kind"],
            entry.get("family", entry["id"]),
            entry.get("optional", False),
            {
                article: tuple(Span(option["start"], option["end"]) for option in options)
                for article, options in entry["members"].items()
            },
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))["statements"]
    )


def score(golds: Sequence[Gold], found: Sequence[Statement]) -> Score:
    """Hold the statements found against the gold."""
    best: dict[Link, float] = {}
    shared: list[float] = []
    right, wrong = 0, []
    for statement in found:
        for one, other in combinations(statement.members, 2):
            verdicts = [(g, g.overlap(one), g.overlap(other)) for g in golds]
            matched = [(g, min(a, b)) for g, a, b in verdicts if a and b]
            for g, worst in matched:
                link = Link(g.id, *sorted((one.article, other.article)))
                best[link] = max(worst, best.get(link, 0.0))
            if matched:
                right += 1
            elif not {g.family for g, a, _ in verdicts if a} & {g.family for g, _, b in verdicts if b}:
                wrong.append((statement.id, one.text, other.text))
        shared += [max(g.overlap(m) for g in golds) for m in statement.members if _sure(m, statement, golds)]

    def recall(kind: str, least: float) -> float:
        links = [link for g in golds if g.kind == kind and not g.optional for link in _links(g)]
        return sum(best.get(link, 0.0) > least for link in links) / len(links)

    return Score(
        recall("quote", 0.0),
        recall("quote", 0.5),
        recall("statement", 0.0),
        recall("statement", 0.5),
        right / max(1, right + len(wrong)),
        sum(shared) / max(1, len(shared)),
        tuple(link for g in golds if not g.optional for link in _links(g) if link not in best),
        tuple(wrong),
    )


def _links(entry: Gold) -> Iterator[Link]:
    for first, second in combinations(sorted(entry.members), 2):
        yield Link(entry.id, first, second)


def _sure(member: Member, statement: Statement, golds: Sequence[Gold]) -> bool:
    """Tell whether the member is in a right pair of the statement: its span is then worth measuring."""
    return any(
        g.overlap(member) and any(g.overlap(other) for other in statement.members if other is not member)
        for g in golds
    )


def _overlap(member: Member, span: Span) -> float:
    common = min(member.end, span.end) - max(member.start, span.start)
    sizes = member.end - member.start, span.end - span.start
    return common / (sum(sizes) - common) if common > min(sizes) / 2 else 0.0


def versions(encoder: Encoder, seeds: Path = SEEDS) -> list[Version]:
    """Read, cut and encode the seed articles, without translations."""
    read = articles.read([seeds])
    cut = {article.id: segment.sentences(article) for article in read}
    said = unify([quote for article in read for quote in quotes(article, cut[article.id])], read)
    made = []
    for article in read:
        body = tuple(sentence for sentence in cut[article.id] if sentence.role == "body")
        theirs = tuple(quote for quote in said if quote.article == article.id)
        states = tuple(encoder.encode([sentence.text for sentence in body]))
        made.append(Version(article, body, theirs, states))
    return made


def found(seeds: Path = SEEDS) -> tuple[Statement, ...]:
    """Align the seed articles, without translations."""
    return statements(versions(embedded.load(threads=2), seeds))


def main() -> None:
    """Print the score as JSON on stdout and as a table on stderr."""
    result = score(gold(), found())
    for name, value in asdict(result).items():
        if isinstance(value, float):
            print(f"{name:24} {value:.3f}", file=sys.stderr)
    for link in result.missed:
        print("missed", *link, file=sys.stderr)
    for pair in result.wrong:
        print("wrong", *pair, sep="\n    ", file=sys.stderr)
    print(json.dumps(asdict(result), ensure_ascii=False))


if __name__ == "__main__":
    main()
