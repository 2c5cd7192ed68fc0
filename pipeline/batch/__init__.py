"""Some stories of a batch, without files: articles in, tables and rejects out."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from pipeline import run
from pipeline.batch.entries import Entry, Reject, rejected
from pipeline.batch.intake import taken
from pipeline.batch.lockstep import FATAL, English, Models, lockstep
from pipeline.engines.ports import Encoder
from pipeline.errors import EngineError
from pipeline.records import Article, Synopsis
from pipeline.tables import provenance, rows
from pipeline.tables.rows import Cell, Table

ARTICLES = ("story", "article", "lang", "date", "title", "characters", "sha256")
QUOTES = (*("statement", "speaker", "confidence", "versions"), "article", "text", "english", "differences")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "statements": ("story", *rows.STATEMENTS),
    "quotes": ("story", *QUOTES),
    "sentences": ("story", *rows.SENTENCES),
    "renderings": ("story", *rows.RENDERINGS),
    "articles": ARTICLES,
}
"""The tables of a batch: those of one story with the story before them.

`quotes` is long here, a row a version that has the quote, since its columns are otherwise the story's own.
`articles` has every article that is in the other tables; `sha256` is that of its text as UTF-8.
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of some stories' articles: every one is in the table `articles` or in `rejects`."""

    tables: tuple[Table, ...]
    rejects: tuple[Reject, ...]
    counts: Mapping[str, int]


def made(stories: Sequence[Sequence[Entry]], models: Models) -> Made:
    """Read, translate and align stories together; the same stories give the same tables.

    An article that cannot be read or fails in a stage is a reject, and its story goes on without it. A story
    with one article left has sentences and quotes, and no statements.
    """
    done = lockstep([partial(_story, entries) for entries in stories], models)
    return joined(done)


def joined(parts: Sequence[Made]) -> Made:
    """Return what became of all stories of the parts: rows in their order, rejects in that of the input."""
    tables = [table for part in parts for table in part.tables]
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    return Made(
        tables=tuple(
            Table(name, columns, tuple(row for table in tables if table.name == name for row in table.rows))
            for name, columns in COLUMNS.items()
        ),
        rejects=tuple(sorted((r for part in parts for r in part.rejects), key=lambda r: r.position)),
        counts=dict(sorted(counts.items())),
    )


def _story(entries: Sequence[Entry], encoder: Encoder, english: English) -> Made:
    articles, rejects = taken(entries)
    flow = partial(run.synopsis, encoder=encoder, english=english)
    synopsis, failed = _survived(articles, flow)
    rejects += [rejected(_entry(entries, id), reason) for id, reason in failed.items()]
    if synopsis is None:
        return Made((), tuple(rejects), {"stories": 1})
    tables = _tables(entries[0].story, synopsis, entries)
    return Made(tuple(tables), tuple(rejects), {"stories": 1, **provenance.counts(synopsis)})


def _survived(
    articles: Sequence[Article], flow: Callable[[Sequence[Article]], Synopsis]
) -> tuple[Synopsis | None, dict[str, str]]:
    """Return the synopsis of the articles that can be in one, and the reasons of the others, by id.

    Where all together fail, those that fail alone are left out; where the others then fail again, all are.
    """
    if not articles:
        return None, {}
    try:
        return flow(articles), {}
    except Exception as error:
        reason = _reason(error)
    alone = {article.id: found for article in articles if (found := _failure(flow, [article]))}
    rest = [article for article in articles if article.id not in alone]
    if not alone or not rest:
        return None, {article.id: alone.get(article.id, reason) for article in articles}
    try:
        return flow(rest), alone
    except Exception as error:
        reason = _reason(error)
    return None, {article.id: alone.get(article.id, reason) for article in articles}


def _failure(flow: Callable[[Sequence[Article]], Synopsis], articles: Sequence[Article]) -> str:
    try:
        flow(articles)
    except Exception as error:
        return _reason(error)
    return ""


def _reason(error: Exception) -> str:
    """Return the error in one line that is the same whenever it is raised; raise what is no story's fault."""
    if isinstance(error, FATAL) and not isinstance(error, EngineError):
        raise error
    lines = str(error).strip().splitlines()
    return re.sub(r"0x[0-9a-f]+", "0x", ": ".join(["failed", type(error).__name__, *lines[:1]]))


def _entry(entries: Sequence[Entry], id: str) -> Entry:
    return next(entry for entry in entries if entry.id == id)


def _tables(story: str, synopsis: Synopsis, entries: Sequence[Entry]) -> list[Table]:
    quotes, *others = rows.tables(synopsis)
    articles = [
        (story, a.id, a.lang, a.date, _entry(entries, a.id).title, len(a.text), _digest(a.text))
        for a in synopsis.articles
    ]
    made = [Table("quotes", COLUMNS["quotes"], tuple((story, *row) for row in _long(quotes)))]
    made += [Table(t.name, COLUMNS[t.name], tuple((story, *row) for row in t.rows)) for t in others]
    return [*made, Table("articles", ARTICLES, tuple(articles))]


def _long(quotes: Table) -> list[tuple[Cell, ...]]:
    """Return a row for every pair of cells, text and English, that a version has in a row."""
    head = len(rows.QUOTES)
    places = range(head, len(quotes.columns) - 1, 2)
    return [
        (*row[:head], rows.place(quotes.columns[at])[0], row[at], row[at + 1], row[-1])
        for row in quotes.rows
        for at in places
        if row[at] is not None
    ]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
