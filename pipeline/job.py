"""One story from files to tables: picks the models, runs the flow, writes the folder, keeps the record."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import articles, catalogue, checks, glossary, run, shelf, translate
from pipeline.cache import Cache, cache_path
from pipeline.cores import one_core
from pipeline.engines.ct2 import Device
from pipeline.engines.encoders import encoder
from pipeline.records import Synopsis, Translations
from pipeline.tables import edits, provenance, rows, write
from pipeline.tables.folder import check_writable

FLAGS = {**checks.FLAGS, **rows.FLAGS, **edits.FLAGS}
"""Every word that a `flags` column can hold, with its meaning."""


@dataclass(frozen=True, slots=True)
class Options:
    """What decides a run's tables, and how fast they come."""

    engine: str = "auto"
    encoder: str = "embedded"
    offline: bool = False
    device: Device = "auto"
    threads: int = 2
    bom: bool = True
    langs: Mapping[str, str] = field(default_factory=dict)
    glossary: Path | None = None


def tables(
    paths: Sequence[Path],
    out: Path,
    options: Options,
    say: Callable[[str], None],
    progress: Callable[[int, int], None] | None = None,
) -> Synopsis:
    """Read the versions of one story, write its tables into `out`, and return what they were written from.

    Raises SynopticError before anything is written.
    """
    check_writable(out)
    made = edits.load(out)
    versions = articles.read(paths, options.langs)
    terms = glossary.read_glossary(options.glossary) if options.glossary else None
    chosen = catalogue.choose(
        options.engine,
        {article.lang for article in versions} - {"en"},
        offline=options.offline,
        device=options.device,
        threads=options.threads,
        say=say,
    )
    say(f"engine: {chosen.chosen}")
    vectors = encoder(
        options.encoder,
        device=options.device,
        threads=options.threads,
        say=say,
        fetched=lambda name: shelf.fetched(name, offline=options.offline, say=say),
    )
    timings: dict[str, float] = {}
    with Cache(cache_path()) as cache:

        def english(units: Iterable[translate.Unit]) -> Translations:
            wanted = list(dict.fromkeys(units))
            own = edits.corrected(wanted, made)
            return own | translate.translate(
                (unit for unit in wanted if unit not in own),
                chosen.translators,
                cache=cache,
                encoder=vectors,
                glossary=terms,
                others=chosen.others,
                progress=progress,
            )

        with one_core():
            story = run.synopsis(versions, vectors, english, made, stage=_timed(timings))
    record = provenance.Run(
        versions=provenance.versions(),
        sources=tuple(
            provenance.Source(a.id, a.lang, hashlib.sha256(a.text.encode()).hexdigest()) for a in versions
        ),
        models=(
            provenance.Model("encoder", options.encoder, sha256=vectors.signature),
            *(
                provenance.Model(
                    f"translator {used.lang}", used.name, used.revision, used.identity, used.quality
                )
                for used in chosen.used
            ),
        ),
        options={"engine": options.engine, "encoder": options.encoder, "bom": options.bom},
        counts=provenance.counts(story),
        timings=timings,
        rejects=tuple(
            provenance.Reject(f"{a.id}[{block.start}:{block.end}]", rows.FLAGS[block.role])
            for a in versions
            for block in a.blocks
            if block.role != "body"
        ),
        flags=FLAGS,
    )
    write.write(story, record, out, bom=options.bom)
    return story


def _timed(timings: dict[str, float]) -> run.Stage:
    """Return a stage that adds up the seconds spent in each."""

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        timings[name] = timings.get(name, 0.0) + time.perf_counter() - begun

    return stage
