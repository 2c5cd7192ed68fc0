"""Names of people and places in the seeds' foreign versions, and how many of them an engine's English has.

`python -m benchmarks.names` takes the embedded engine, `python -m benchmarks.names ENGINE` another. The
names are those of the tables in `training/written/`; one is right where its sentence's English has it.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from benchmarks.seeds import SEEDS
from pipeline import articles, catalogue, segment
from pipeline.records import Article
from training.corpus import WRITTEN, read_written
from training.names import KINDS, said


def named(article: Article) -> list[tuple[str, list[str]]]:
    """Return the article's sentences with names in them, and the English of these."""
    names = {p.foreign: p.english for p in read_written(WRITTEN, article.lang) if p.origin in KINDS}
    pattern = said(article.lang, names)
    found = [(s.text, pattern.findall(s.text)) for s in segment.sentences(article) if s.role == "body"]
    return [(text, [names[name] for _, name in hits]) for text, hits in found if hits]


def measured(engine: str, seeds: Path = SEEDS) -> dict[str, tuple[int, int]]:
    """Return for each language how many names the English has, and how many there are."""
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    told = [article for article in articles.read([seeds]) if article.lang != "en"]
    langs = {article.lang for article in told}
    choice = catalogue.choose(engine, langs, offline=True, device="cpu", threads=2, say=print)
    for article in told:
        sentences = named(article)
        made = choice.translators[article.lang].translate([text for text, _ in sentences])
        for (_, names), english in zip(sentences, made, strict=True):
            for name in names:
                has = name.removeprefix("the ").casefold() in english.text.casefold()
                asked[article.lang] += 1
                right[article.lang] += has
                print(f"{article.lang} {'right' if has else 'wrong'} {name}: {english.text}", file=sys.stderr)
    return {lang: (right[lang], asked[lang]) for lang in sorted(asked)}


def main() -> None:
    """Print the counts as JSON, and every name on stderr."""
    counts = measured(sys.argv[1] if len(sys.argv) > 1 else "embedded")
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    print(json.dumps({**counts, "share": round(total[0] / total[1], 3)}))


if __name__ == "__main__":
    main()
