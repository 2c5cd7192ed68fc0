"""A generated story of many long versions: the time and memory that its statements take.

    python -m benchmarks.large [--versions 100] [--sentences 200] [--limit N]

Facts are runs of made-up words; each version tells some of them, in its own order and with every fifth word
another. A word's vector is its meaning and its language's direction, so no encoder is needed. `links` are
held against the facts that were told; `--limit` sets how many sentences make a neighbourhood.
"""

import argparse
import json
import random
import resource
from itertools import combinations
from time import perf_counter, process_time

import numpy as np

from pipeline.align import neighbourhoods
from pipeline.align.statements import Version, statements
from pipeline.engines.ports import Floats, TokenStates
from pipeline.records import Article, Block, Sentence

LANGS = ("ar", "en", "he", "it")
WIDTH = 384
WORDS = 6000
LENGTH = 14
SHARE = 0.25
"""How many of the facts a version tells."""
OTHER_WORDS = 0.2


def story(versions: int, sentences: int, seed: int = 1) -> tuple[list[Version], list[list[int]]]:
    """Return the versions, and the fact that each of their sentences tells."""
    dice = random.Random(seed)
    words = [
        "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(3)) for _ in range(WORDS)
    ]
    vectors = np.random.default_rng(seed).normal(size=(WORDS, WIDTH)).astype(np.float32)
    accents = 2 * np.random.default_rng(seed + 1).normal(size=(len(LANGS), WIDTH)).astype(np.float32)
    often = [1 / (rank + 10) for rank in range(WORDS)]
    facts = [dice.choices(range(WORDS), often, k=LENGTH) for _ in range(round(sentences / SHARE))]
    made, told = [], []
    for number in range(versions):
        chosen = dice.sample(range(len(facts)), sentences)
        accent = number % len(LANGS)
        lines = [
            [dice.randrange(WORDS) if dice.random() < OTHER_WORDS else word for word in facts[fact]]
            for fact in chosen
        ]
        made.append(
            _version(
                f"{number:03}",
                LANGS[accent],
                [[words[w] for w in line] for line in lines],
                [vectors[line] + accents[accent] for line in lines],
            )
        )
        told.append(chosen)
    return made, told


def _version(name: str, lang: str, lines: list[list[str]], rows: list[Floats]) -> Version:
    cut, states, start = [], [], 0
    for index, (line, vectors) in enumerate(zip(lines, rows, strict=True)):
        half = len(line) // 2
        text = f"{' '.join(line[:half]).capitalize()}, {' '.join(line[half:])}."
        cut.append(Sentence(name, index, start, start + len(text), text, "body"))
        ends = np.cumsum([len(word) + 1 for word in line]) - 1
        ends[half:] += 1
        starts = ends - [len(word) for word in line]
        states.append(TokenStates(vectors, starts.astype(np.int32), ends.astype(np.int32)))
        start += len(text) + 1
    whole = " ".join(sentence.text for sentence in cut)
    article = Article(name, lang, whole, (Block(0, len(whole), "body"),))
    return Version(article, tuple(cut), (), tuple(states))


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--versions", type=int, default=100)
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--limit", type=int, default=neighbourhoods.LIMIT)
    options = parser.parse_args()
    versions, told = story(options.versions, options.sentences)
    before = _peak_mib()
    clock, cpu = perf_counter(), process_time()
    found = statements(versions, options.limit)
    seconds, cpu_seconds = perf_counter() - clock, process_time() - cpu
    fact = {
        (version.article.id, sentence.start): facts[sentence.index]
        for version, facts in zip(versions, told, strict=True)
        for sentence in version.sentences
    }
    begins = {version.article.id: [s.start for s in version.sentences] for version in versions}
    links = {
        tuple(
            sorted(
                (
                    (a.article, _sentence(begins, a.article, a.start)),
                    (b.article, _sentence(begins, b.article, b.start)),
                )
            )
        )
        for statement in found
        for a, b in combinations(statement.members, 2)
    }
    right = sum(fact[one] == fact[other] for one, other in links)
    gold = sum(len(set(one) & set(other)) for one, other in combinations(told, 2))
    print(
        json.dumps(
            {
                "versions": options.versions,
                "sentences": options.versions * options.sentences,
                "limit": options.limit,
                "seconds": round(seconds, 1),
                "cpu_seconds": round(cpu_seconds, 1),
                "peak_mib": round(_peak_mib()),
                "input_mib": round(before),
                "statements": len(found),
                "link_precision": round(right / max(1, len(links)), 4),
                "link_recall": round(right / max(1, gold), 4),
            }
        )
    )


def _sentence(begins: dict[str, list[int]], article: str, start: int) -> int:
    theirs = begins[article]
    return theirs[int(np.searchsorted(theirs, start, side="right")) - 1]


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
