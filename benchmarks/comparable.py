"""Links between versions of stories whose sentences are known to translate each other, in part.

    python -m benchmarks.comparable STORIES... [--lines FOLDER] [--fit]

Each STORIES folder has a `gold.json` and `NAME/{ar,he,it,en}.txt`, a sentence a paragraph: documents of NTREX
(Federmann et al. 2022) of which every version keeps some sentences, in another order, with intruders from
other documents. Constants are fitted on every other document; all that is reported is of the rest.

Some intruders are translations of one another: two versions drew the same line. With `--lines`, a folder of
`{ar,he,it,en}.txt` whose lines translate each other, they are told apart and linked.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from time import perf_counter

import numpy as np

from pipeline import segment
from pipeline.align.margins import csls, mutual, unit
from pipeline.align.statements import Version, statements
from pipeline.engines.ports import TokenStates
from pipeline.records import Article, Block

Link = tuple[str, int, str, int]
"""(version, paragraph, version, paragraph), the versions in order"""


Paragraphs = tuple[tuple[int, int, int | None], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """Versions, and for each the (start, end, source line) of its paragraphs.

    None is an intruder's; a number below 0 is that of an intruder which another version has as well.
    """

    name: str
    versions: tuple[Version, ...]
    paragraphs: Mapping[str, Paragraphs]

    @property
    def lines(self) -> set[int]:
        return {
            line
            for theirs in self.paragraphs.values()
            for *_, line in theirs
            if line is not None and line >= 0
        }

    @property
    def links(self) -> set[Link]:
        return {
            (a, i, b, j)
            for a, b in combinations(sorted(self.paragraphs), 2)
            for i, (*_, one) in enumerate(self.paragraphs[a])
            for j, (*_, other) in enumerate(self.paragraphs[b])
            if one is not None and one == other
        }

    def line(self, version: str, start: int) -> int | None:
        return self.paragraphs[version][self.paragraph(version, start)][2]

    def paragraph(self, version: str, start: int) -> int:
        return next(i for i, (_, end, _) in enumerate(self.paragraphs[version]) if start < end)


@dataclass(frozen=True, slots=True)
class Result:
    """Of links between paragraphs, pooled over stories; `intruders` is the share of them that was matched."""

    precision: float
    recall: float
    f1: float
    intruders: float


def read(
    folder: Path, encode: Callable[[Sequence[str]], Iterable[TokenStates]], known: Path | None = None
) -> list[Story]:
    """Read a folder of stories; sentences are cut as in the program and encoded once."""
    gold: dict[str, dict[str, list[int | None]]] = json.loads(
        (folder / "gold.json").read_text(encoding="utf-8")
    )
    stories = []
    for name, sources in gold.items():
        versions: list[Version] = []
        paragraphs: dict[str, Paragraphs] = {}
        for lang, lines in sources.items():
            text = (folder / name / f"{lang}.txt").read_text(encoding="utf-8").rstrip("\n")
            blocks, start = [], 0
            for paragraph in text.split("\n\n"):
                blocks.append(Block(start, start + len(paragraph), "body"))
                start += len(paragraph) + 2
            article = Article(lang, lang, text, tuple(blocks))
            cut = segment.sentences(article)
            versions.append(Version(article, cut, (), tuple(encode([sentence.text for sentence in cut]))))
            paragraphs[lang] = tuple((b.start, b.end, line) for b, line in zip(blocks, lines, strict=True))
        if known is not None:
            paragraphs = twins({v.article.id: v.article.text for v in versions}, paragraphs, known)
        stories.append(Story(f"{folder.name}/{name}", tuple(versions), paragraphs))
    return stories


def twins(
    texts: Mapping[str, str], paragraphs: Mapping[str, Paragraphs], lines: Path
) -> dict[str, Paragraphs]:
    """Return the paragraphs with numbers below 0 for the intruders that translate another version's."""
    number: dict[tuple[str, int], int] = {}
    for lang, theirs in paragraphs.items():
        known = {text: -1 - n for n, text in enumerate(_lines(lines / f"{lang}.txt"))}
        for place, (start, end, line) in enumerate(theirs):
            if line is None and texts[lang][start:end] in known:
                number[lang, place] = known[texts[lang][start:end]]
    often = Counter(number.values())
    return {
        lang: tuple(
            (start, end, number[lang, place] if often[number.get((lang, place), 0)] > 1 else line)
            for place, (start, end, line) in enumerate(theirs)
        )
        for lang, theirs in paragraphs.items()
    }


@cache
def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def halves(stories: Sequence[Story]) -> tuple[list[Story], list[Story]]:
    """Return the stories to fit on and those held out; stories of one document are on one side."""
    documents: list[set[int]] = []
    for story in sorted(stories, key=lambda story: min(story.lines)):
        lines = set(range(min(story.lines), max(story.lines) + 1))
        if documents and documents[-1] & lines:
            documents[-1] |= lines
        else:
            documents.append(lines)
    sides: tuple[list[Story], list[Story]] = ([], [])
    for story in stories:
        sides[next(i for i, lines in enumerate(documents) if lines & story.lines) % 2].append(story)
    return sides


def score(stories: Sequence[Story], found: Sequence[set[Link]]) -> Result:
    """Hold the links found against the gold."""
    right = sum(len(links & story.links) for story, links in zip(stories, found, strict=True))
    precision = right / max(1, sum(map(len, found)))
    recall = right / max(1, sum(len(story.links) for story in stories))
    matched = [{end for a, i, b, j in links for end in ((a, i), (b, j))} for links in found]
    intruders = [
        (version, i) in ends
        for story, ends in zip(stories, matched, strict=True)
        for version, theirs in story.paragraphs.items()
        for i, (*_, line) in enumerate(theirs)
        if line is None
    ]
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return Result(precision, recall, f1, sum(intruders) / max(1, len(intruders)))


def nearest(story: Story, least: float) -> set[Link]:
    """Return the peer's links: mutual nearest neighbours by CSLS over mean vectors, above a threshold."""
    vectors = {}
    for version in story.versions:
        rows = []
        for start, end, _ in story.paragraphs[version.article.id]:
            inside = [
                x for s, x in zip(version.sentences, version.states, strict=True) if start <= s.start < end
            ]
            rows.append(np.concatenate([x.states for x in inside]).mean(axis=0))
        vectors[version.article.id] = unit(np.stack(rows))
    links: set[Link] = set()
    for a, b in combinations(sorted(vectors), 2):
        margins = csls(vectors[a] @ vectors[b].T)
        links |= {(a, i, b, j) for i, j in mutual(margins) if margins[i, j] > least}
    return links


def aligned(story: Story) -> tuple[set[Link], list[tuple[float, bool]]]:
    """Return the program's links, and for every statement its confidence and whether it holds."""
    links: set[Link] = set()
    sure = []
    for statement in statements(story.versions):
        where = [(m.article, story.paragraph(m.article, m.start)) for m in statement.members]
        links |= {(*one, *other) for one, other in combinations(sorted(where), 2)}
        lines = {story.line(m.article, m.start) for m in statement.members}
        if statement.confidence is not None:
            sure.append((statement.confidence, len(lines) == 1 and None not in lines))
    return links, sure


def calibration(
    sure: Sequence[tuple[float, bool]], bins: int = 10
) -> tuple[float, list[tuple[float, float, int]]]:
    """Return the expected calibration error (Guo et al. 2017) and (confidence, share right, count) a bin."""
    curve = []
    for low in np.arange(bins) / bins:
        inside = [(p, right) for p, right in sure if low < p <= low + 1 / bins]
        if inside:
            means = np.mean(np.array(inside, dtype=float), axis=0)
            curve.append((float(means[0]), float(means[1]), len(inside)))
    error = sum(abs(p - share) * count for p, share, count in curve) / max(1, len(sure))
    return error, curve


def main() -> None:
    """Print the results as JSON on stdout and as a table on stderr."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stories", nargs="+", type=Path)
    parser.add_argument(
        "--fit", action="store_true", help="fit the constants of pipeline.align on the first half"
    )
    parser.add_argument("--lines", type=Path, help="tells which intruders translate each other")
    options = parser.parse_args()

    from pipeline.engines import embedded  # noqa: PLC0415 - `--help` needs no encoder

    encoder = embedded.load(threads=2)
    stories = [story for folder in options.stories for story in read(folder, encoder.encode, options.lines)]
    kept, held = halves(stories)
    if options.fit:
        from benchmarks.fit_comparable import fit  # noqa: PLC0415

        print(json.dumps(fit(kept)))
        return
    report(kept, held)


def report(kept: Sequence[Story], held: Sequence[Story]) -> None:
    """Measure the peer, its threshold chosen on `kept`, and the program on the stories held out."""
    best = max(np.arange(0, 0.1, 0.005), key=lambda t: score(kept, [nearest(s, t) for s in kept]).f1)
    start = perf_counter()
    found = [aligned(story) for story in held]
    seconds = perf_counter() - start
    rows = {
        "mutual nearest by CSLS": score(held, [nearest(story, -1) for story in held]),
        f"above {best:.3f}": score(held, [nearest(story, float(best)) for story in held]),
        "statements": score(held, [links for links, _ in found]),
    }
    error, curve = calibration([each for _, sure in found for each in sure])
    for name, result in rows.items():
        numbers = "  ".join(f"{key} {value:.4f}" for key, value in asdict(result).items())
        print(f"{name:24} {numbers}", file=sys.stderr)
    print(f"expected calibration error {error:.4f}", file=sys.stderr)
    for mean, share, count in curve:
        print(f"  confidence {mean:.2f}: {share:.2f} right of {count}", file=sys.stderr)
    print(
        json.dumps(
            {
                "stories": len(held),
                "seconds": round(seconds, 1),
                "results": {name: asdict(result) for name, result in rows.items()},
                "calibration_error": error,
                "reliability": curve,
            }
        )
    )


if __name__ == "__main__":
    main()
