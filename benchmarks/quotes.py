"""Precision and recall of quotes on the cases of `tests/cases/quotes.*.txt`, and how fast they are found.

`python -m benchmarks.quotes` prints a table on stderr and the same numbers as JSON on stdout.
"""

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipeline.articles import read
from pipeline.quotes import quotes
from pipeline.records import Article, Block, Quote
from pipeline.segment import sentences

ROOT = Path(__file__).parent.parent
LANGS = ("ar", "he", "it", "en")


@dataclass(frozen=True, slots=True)
class Expected:
    """A line of a case: `english` is None where the case leaves it open."""

    kind: str
    speaker_text: str
    english: str | None
    cue: str
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """A text with the quotes that must be found in it; `split` is `dev` or `test` (held out)."""

    split: str
    title: str
    lang: str
    text: str
    expected: tuple[Expected, ...]

    def article(self) -> Article:
        """The text as an article that is all body."""
        blocks = tuple(Block(m.start(), m.end(), "body") for m in re.finditer(r"[^\n]+", self.text))
        return Article("case", self.lang, self.text, blocks)

    def found(self) -> tuple[Quote, ...]:
        """What the stage finds in it."""
        article = self.article()
        return quotes(article, sentences(article))


@dataclass(frozen=True, slots=True)
class Score:
    """How many quotes were expected, found, and right (the kind and all words), and whose attribution is.

    `speakers` and `cues` count, among the right ones, those whose speaker (as printed, and in English
    where the case gives it) and whose cue are right too.
    """

    expected: int
    found: int
    right: int
    speakers: int
    cues: int

    def rates(self) -> dict[str, float]:
        """Return the shares, 1 where there is nothing to be right about."""

        def share(part: int, whole: int) -> float:
            return round(part / whole, 4) if whole else 1.0

        return {
            "precision": share(self.right, self.found),
            "recall": share(self.right, self.expected),
            "speaker": share(self.speakers, self.right),
            "cue": share(self.cues, self.right),
        }


def cases(lang: str) -> Iterator[Case]:
    """Yield the cases of a language; a line that fits nowhere raises ValueError."""
    path = ROOT / "tests" / "cases" / f"quotes.{lang}.txt"
    for part in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, *lines = part.strip("\n").split("\n")
        split, _, title = head.partition(": ")
        if split not in ("dev", "test"):
            raise ValueError(f"{path}: == {head}: expected 'dev: ...' or 'test: ...'")
        lines = [line for line in lines if line and not line.startswith("#")]
        text = "\n".join(line for line in lines if not line.startswith("> "))
        yield Case(
            split, title, lang, text, tuple(_expected(line[2:]) for line in lines if line.startswith("> "))
        )


def _expected(line: str) -> Expected:
    kind, speaker, cue, words = (field.strip() for field in line.split("|"))
    printed, is_told, english = speaker.partition("=")
    return Expected(kind, printed.strip(), english.strip() if is_told else None, cue, words)


def pairs(case: Case) -> list[tuple[Expected | None, Quote | None]]:
    """Return what was expected beside what was found, None where one side is missing."""
    left = list(case.found())
    rows: list[tuple[Expected | None, Quote | None]] = []
    for expected in case.expected:
        same = [quote for quote in left if (quote.kind, quote.text) == (expected.kind, expected.words)]
        rows.append((expected, same[0] if same else None))
        if same:
            left.remove(same[0])
    return rows + [(None, quote) for quote in left]


def is_attributed(expected: Expected, quote: Quote) -> bool:
    """Whether the speaker is right, as printed and, where the case gives it, in English."""
    return expected.speaker_text == quote.speaker_text and expected.english in (None, quote.speaker)


def score(chosen: Iterable[Case]) -> Score:
    """Return the counts over some cases."""
    rows = [row for case in chosen for row in pairs(case)]
    right = [(expected, quote) for expected, quote in rows if expected is not None and quote is not None]
    return Score(
        expected=sum(expected is not None for expected, _ in rows),
        found=sum(quote is not None for _, quote in rows),
        right=len(right),
        speakers=sum(is_attributed(expected, quote) for expected, quote in right),
        cues=sum(expected.cue == quote.cue for expected, quote in right),
    )


def articles_per_second(articles: Sequence[Article], seconds: float = 2.0) -> float:
    """Return how many articles a process reads in a second of its own time, sentences given."""
    ready = [(article, sentences(article)) for article in articles]
    for article, cut in ready:
        quotes(article, cut)
    count, begin = 0, time.process_time()
    while (spent := time.process_time() - begin) < seconds:
        for article, cut in ready:
            quotes(article, cut)
        count += len(ready)
    return count / spent


def articles_per_second_on(processes: int, articles: Sequence[Article]) -> float:
    """Return how many articles some processes, read at the same time, in a second of their own time."""
    with ProcessPoolExecutor(processes) as pool:
        return sum(pool.map(articles_per_second, [articles] * processes))


def main() -> None:
    """Print the table and the JSON."""
    report: dict[str, dict[str, dict[str, float]]] = {}
    print("lang split  cases  precision recall  speaker cue", file=sys.stderr)
    for lang in LANGS:
        report[lang] = {}
        for split in ("dev", "test"):
            chosen = [case for case in cases(lang) if case.split == split]
            rates = score(chosen).rates()
            report[lang][split] = rates
            cells = "  ".join(f"{rates[key]:7.3f}" for key in ("precision", "recall", "speaker", "cue"))
            print(f"{lang}   {split:5} {len(chosen):5}  {cells}", file=sys.stderr)
    seeds = read([ROOT / "seeds"])
    speeds = {processes: round(articles_per_second_on(processes, seeds)) for processes in (1, 2)}
    size = round(sum(len(article.text) for article in seeds) / len(seeds))
    for processes, speed in speeds.items():
        print(f"{processes} process(es): {speed} articles/s of {size} characters", file=sys.stderr)
    print(json.dumps({"cases": report, "articles_per_second": speeds}, indent=1))


if __name__ == "__main__":
    main()
