"""How many changes of meaning the renderings catch, and how often they see one where there is none.

`python -m benchmarks.alterations --data FOLDER [--lines N]` reads en.txt and any of ar.txt, he.txt, it.txt,
one line a sentence and the same sentence in each, as of NTREX-128. It changes one thing in an English line:
leaves out a modifier, puts in one of another line, or puts another line's word, number or name in a word's
place, or turns a statement into its opposite. Every line is held, changed and unchanged, against its
translations. It prints JSON: for each language, and for all together as versions of one statement, the share
of each change that is caught, the share caught as the right class, and how many slots of each class a hundred
unchanged lines have.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.align.renderings import renderings
from pipeline.align.statements import Version
from pipeline.align.words import Word, words
from pipeline.engines import embedded
from pipeline.engines.ports import Encoder
from pipeline.records import Article, Block, Member, Rendering, Sentence, Statement

CLASS = {
    "left out": "added",
    "put in": "added",
    "word": "paraphrase",
    "number": "number",
    "name": "name",
    "opposite": "negation",
}
"""The class that a change is to be reported as."""


Report = dict[str, dict[str, dict[str, float]]]
"""Language -> `caught`, `right`, `unchanged` -> change or class -> share, or slots a hundred lines."""


@dataclass(frozen=True, slots=True)
class Change:
    """A line in which `text[start:end]` was changed; `start == end` where something was left out."""

    kind: str
    line: int
    text: str
    start: int
    end: int


def changes(lines: Sequence[str], dice: random.Random) -> Iterator[Change]:
    """Yield at most one change of each kind a line, each with words of other lines."""
    read = [words(line, "en") for line in lines]
    modifiers = [
        line[word.start : word.end]
        for line, row in zip(lines, read, strict=True)
        for word in _modifiers(line, row)
    ]
    others: dict[tuple[str, ...], list[str]] = {}
    for line, row in zip(lines, read, strict=True):
        for word in row:
            if sort := _sort(word):
                others.setdefault(sort, []).append(line[word.start : word.end])

    for n, (line, row) in enumerate(zip(lines, read, strict=True)):
        told = {word.plain for word in row}
        if found := _modifiers(line, row):
            word = dice.choice(found)
            rest = line[word.end :].lstrip()
            yield Change("left out", n, line[: word.start] + rest, word.start, word.start)
            new = dice.choice([m for m in modifiers if m.lower() not in told])
            told_more = f"{line[: word.start]}{new} {line[word.start :]}"
            yield Change("put in", n, told_more, word.start, word.start + len(new))
        for kind in ("word", "number", "name"):
            pool = [
                (word, choices)
                for word in row
                if (sort := _sort(word)) and sort[0] == kind
                if (choices := [other for other in others[sort] if other.lower() not in told])
            ]
            if pool:
                word, choices = dice.choice(pool)
                new = dice.choice(choices)
                other = line[: word.start] + new + line[word.end :]
                yield Change(kind, n, other, word.start, word.start + len(new))
        if (
            verb := re.search(r"\b(?:is|are|was|were|will|would|can|could|has|have|had)\b", line)
        ) and not any(word.kind == "negation" for word in row):
            at = verb.end()
            yield Change("opposite", n, f"{line[:at]} not{line[at:]}", at + 1, at + 4)


def _modifiers(line: str, row: Sequence[Word]) -> list[Word]:
    """Return words in small letters that stand right before another such word and after a function word."""
    return [
        b
        for a, b, c in zip(row, row[1:], row[2:], strict=False)
        if a.kind == "function" and _sort(b)[:1] == _sort(c)[:1] == ("word",) and line[b.end : c.start] == " "
    ]


def _sort(word: Word) -> tuple[str, ...]:
    """Return the kind of a word that can be exchanged, and the ending another must have; () for no such."""
    if word.value is not None:
        return ("number", "digits" if word.plain[0].isdigit() else "letters") if word.kind == "number" else ()
    if word.kind != "content" or not word.plain.isalpha():
        return ()
    return ("name", "") if word.name else ("word", word.plain[-2:]) if len(word.plain) > 3 else ()


def held(
    english: Sequence[str], others: Mapping[str, Sequence[str]], encoder: Encoder
) -> list[list[Rendering]]:
    """Return, for each English line, the renderings of it and of its translations, language -> lines.

    Offsets of English phrases are those in the line.
    """
    versions = [
        _version("en", "en", english, encoder),
        *(_version(f"other {lang}", lang, lines, encoder) for lang, lines in others.items()),
    ]
    statements = [
        Statement(
            str(n),
            "statement",
            tuple(
                Member(v.article.id, v.article.lang, s.start, s.end, s.text)
                for v, s in ((v, v.sentences[n]) for v in versions)
            ),
        )
        for n in range(len(english))
    ]
    found: list[list[Rendering]] = [[] for _ in english]
    starts = [s.start for s in versions[0].sentences]
    for r in renderings(statements, versions, {}, encoder):
        found[int(r.statement)].append(r)
    return [
        [_moved(r, start) if r.article == "en" else r for r in rows]
        for rows, start in zip(found, starts, strict=True)
    ]


def _moved(r: Rendering, start: int) -> Rendering:
    return replace(r, start=r.start - start, end=r.end - start)


def _version(id: str, lang: str, lines: Sequence[str], encoder: Encoder) -> Version:
    text = "\n".join(lines)
    at, sentences = 0, []
    for n, line in enumerate(lines):
        sentences.append(Sentence(id, n, at, at + len(line), line, "body"))
        at += len(line) + 1
    article = Article(id, lang, text, (Block(0, len(text), "body"),))
    return Version(article, tuple(sentences), (), tuple(encoder.encode(list(lines))))


def caught(change: Change, rows: Sequence[Rendering]) -> str:
    """Return the class of the slot that shows the change, "" if none does.

    What was left out shows as an omission near its place; anything else as a phrase that has a part of it.
    """
    for r in rows:
        if r.article != "en":
            continue
        if change.start == change.end and r.kind == "omitted" and abs(r.start - change.start) <= 30:
            return "added"
        if r.start < change.end and change.start < r.end:
            kinds = {o.kind for o in rows if o.slot == r.slot} - {"omitted"}
            return min(kinds) if len(kinds) == 1 else r.kind
    return ""


def report(folder: Path, count: int, encoder: Encoder) -> Report:
    """Return the shares of changes caught and the slots of unchanged lines."""
    paths = sorted(folder.glob("??.txt"))
    texts = {path.stem: path.read_text(encoding="utf-8").split("\n")[:count] for path in paths}
    dice = random.Random(5)
    made = list(changes(texts["en"], dice))
    found: Report = {}
    groups = {lang: {lang: lines} for lang, lines in texts.items()}
    groups["all"] = {lang: lines for lang, lines in texts.items() if lang != "en"}
    for name, others in groups.items():
        plain = held(texts["en"], others, encoder)
        alarms = Counter(k for rows in plain for k in _classes(rows))
        as_told = {lang: [lines[c.line] for c in made] for lang, lines in others.items()}
        altered = held([c.text for c in made], as_told, encoder)
        shown = [(c.kind, caught(c, rows)) for c, rows in zip(made, altered, strict=True)]
        total = Counter(kind for kind, _ in shown)
        found[name] = {
            "caught": {
                k: round(sum(bool(g) for kind, g in shown if kind == k) / n, 3) for k, n in total.items()
            },
            "right": {
                k: round(sum(g == CLASS[k] for kind, g in shown if kind == k) / n, 3)
                for k, n in total.items()
            },
            "unchanged": {k: round(100 * n / len(texts["en"]), 1) for k, n in sorted(alarms.items())},
        }
    return found


def _classes(rows: Sequence[Rendering]) -> Iterator[str]:
    """Yield the class of each slot."""
    for slot in {r.slot for r in rows}:
        yield min({r.kind for r in rows if r.slot == slot} - {"omitted"} - {"same"}, default="same")


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with en.txt and other languages' lines"
    )
    parser.add_argument("--lines", type=int, default=200, help="lines to read")
    options = parser.parse_args()
    print(json.dumps(report(options.data, options.lines, embedded.load(threads=2)), indent=1))


if __name__ == "__main__":
    main()
