"""Documents with gold beads: published ones in a folder, and ones made of line-aligned translations."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, pairwise
from pathlib import Path

from pipeline.align import ladder

Gold = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

CLAUSE = re.compile(r"[,;:،؛–—]\s+")
JOINED, SPLIT, DROPPED, CUT = 0.13, 0.35, 0.035, 0.01  # a line; a cut drops the next 3 to 9
SHORTEST = 15  # characters of a part that a line is split into


@dataclass(frozen=True, slots=True)
class Document:
    """Two texts, a sentence a line, and the beads that are right."""

    name: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    gold: Gold


@dataclass(frozen=True, slots=True)
class Version:
    """A language's lines, and for each the lines of the original that it has words of."""

    lines: tuple[str, ...]
    origins: tuple[tuple[int, ...], ...]


def published(folder: Path) -> list[Document]:
    """Return the documents of a folder in Vecalign's layout: `name.de`, `name.fr`, their gold `name.defr`."""
    found = []
    for path in sorted(folder.iterdir()):
        if len(path.suffix) != len(".defr"):
            continue
        sides = [path.with_suffix(f".{end}") for end in (path.suffix[1:3], path.suffix[3:])]
        if all(side.is_file() for side in sides):
            gold = ladder.load(path.read_text(encoding="utf-8"), path)
            source, target = (tuple(_lines(side)) for side in sides)
            found.append(Document(path.stem, source, target, tuple((b.source, b.target) for b in gold)))
    return found


def made(folder: Path, seed: int = 5) -> list[tuple[int, Document]]:
    """Return, for every two languages, two documents of a folder of line-aligned texts, with their half.

    The folder has `docs.txt`, the document of each line, and a `xx.txt` for each language. Every other
    document goes to half 0 (to fit on), the rest to half 1 (held out). In each language lines are joined,
    split at a clause (each in at most one language, since two cuts need not fall in the same place) and left
    out, alone and in runs.
    """
    documents = _lines(folder / "docs.txt")
    texts = {path.stem: _lines(path) for path in sorted(folder.glob("??.txt"))}
    chance = random.Random(seed)
    splitter = [chance.choice(list(texts)) if chance.random() < SPLIT else "" for _ in documents]
    versions = {
        lang: _version(lines, documents, [lang == one for one in splitter], chance)
        for lang, lines in texts.items()
    }
    half = {name: number % 2 for number, name in enumerate(dict.fromkeys(documents))}
    found = []
    for one, other in combinations(sorted(versions), 2):
        for number in (0, 1):
            source, target = (
                _part(versions[lang], [half[name] == number for name in documents]) for lang in (one, other)
            )
            found.append(
                (number, Document(f"{one}-{other}", source.lines, target.lines, _gold(source, target)))
            )
    return found


def quarters(document: Document) -> list[Document]:
    """Return a document in four, cut between beads of its gold, about as many in each."""
    ends = _ends(document)
    at = [ends[round(number * (len(ends) - 1) / 4)] for number in range(5)]
    return [_between(document, start, end) for start, end in pairwise(at)]


def head(document: Document, lines: int) -> Document:
    """Return a document's first beads, so many that the source has at most so many lines."""
    return _between(document, (0, 0), max(end for end in _ends(document) if end[0] <= lines))


def _ends(document: Document) -> list[tuple[int, int]]:
    """Return the points between beads of the gold, (0, 0) first."""
    sizes = [(0, 0), *cover(document)]
    return list(zip(*(accumulate(side) for side in zip(*sizes, strict=True)), strict=True))


def _between(document: Document, start: tuple[int, int], end: tuple[int, int]) -> Document:
    (i, j), (k, n) = start, end
    gold = tuple(
        (tuple(line - i for line in source), tuple(line - j for line in target))
        for source, target in document.gold
        if (i <= source[0] < k if source else j <= target[0] < n)
    )
    return Document(document.name, document.source[i:k], document.target[j:n], gold)


def cover(document: Document) -> Iterator[tuple[int, int]]:
    """Yield the sizes of the gold's beads as a cover in order of both texts.

    Gold that no monotone aligner can give is bent: beads that cross become one, a bead takes its gap.
    """
    i = j = 0
    open_bead: tuple[int, int] | None = None
    for source, target in sorted((s, t) for s, t in document.gold if s and t):
        if open_bead and (source[0] < open_bead[0] or target[0] < open_bead[1]):
            open_bead = max(open_bead[0], source[-1] + 1), max(open_bead[1], target[-1] + 1)
            continue
        if open_bead:
            yield open_bead[0] - i, open_bead[1] - j
            i, j = open_bead
        yield from [(0, 1)] * (target[0] - j) + [(1, 0)] * (source[0] - i)
        i, j, open_bead = source[0], target[0], (source[-1] + 1, target[-1] + 1)
    if open_bead:
        yield open_bead[0] - i, open_bead[1] - j
        i, j = open_bead
    yield from [(0, 1)] * (len(document.target) - j) + [(1, 0)] * (len(document.source) - i)


def _version(
    lines: Sequence[str], documents: Sequence[str], split: Sequence[bool], chance: random.Random
) -> Version:
    found: list[str] = []
    origins: list[tuple[int, ...]] = []
    dropped = 0
    for number, line in enumerate(lines):
        draw = chance.random()
        if not dropped and draw < DROPPED + CUT:
            dropped = 1 if draw < DROPPED else chance.randint(3, 9)
        if dropped:
            dropped -= 1
            continue
        first, *rest = _parts(line, chance) if split[number] else [line]
        follows = (
            bool(origins) and origins[-1][-1] == number - 1 and documents[number] == documents[number - 1]
        )
        if follows and chance.random() < JOINED:
            found[-1] += f" {first}"
            origins[-1] += (number,)
        else:
            found.append(first)
            origins.append((number,))
        found += rest
        origins += [(number,)] * len(rest)
    return Version(tuple(found), tuple(origins))


def _parts(line: str, chance: random.Random) -> list[str]:
    cuts = [match.end() for match in CLAUSE.finditer(line)]
    cuts = [cut for cut in cuts if SHORTEST < cut < len(line) - SHORTEST]
    if not cuts:
        return [line]
    cut = chance.choice(cuts)
    return [line[:cut].strip(), line[cut:].strip()]


def _part(version: Version, kept: Sequence[bool]) -> Version:
    pairs = [
        (line, origin) for line, origin in zip(version.lines, version.origins, strict=True) if kept[origin[0]]
    ]
    return Version(tuple(line for line, _ in pairs), tuple(origin for _, origin in pairs))


def _gold(source: Version, target: Version) -> Gold:
    """Return the smallest beads that share no original line: what joins and splits tie together."""
    owner: dict[int, set[tuple[int, int]]] = {}
    for side, version in enumerate((source, target)):
        for line, origin in enumerate(version.origins):
            together = {(side, line)}.union(*(owner.get(number, set()) for number in origin))
            for member in list(together):
                for number in (source, target)[member[0]].origins[member[1]]:
                    owner[number] = together
    groups = {id(group): group for group in owner.values()}.values()
    beads = [
        tuple(tuple(sorted(line for at, line in group if at == side)) for side in (0, 1)) for group in groups
    ]
    split = [
        bead
        for one, other in beads
        for bead in (
            [(one, other)]
            if one and other
            else [((line,), ()) for line in one] + [((), (line,)) for line in other]
        )
    ]
    return tuple(sorted(split))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
