"""The whole flow on one screen: articles in, a synopsis out."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from pipeline import segment
from pipeline.align.renderings import renderings
from pipeline.align.statements import Version, statements
from pipeline.engines.ports import Encoder
from pipeline.quotes import quotes, unify
from pipeline.records import Article, Quote, Sentence, Synopsis, Translations
from pipeline.tables.edits import Edits, regroup
from pipeline.translate import Unit

Stage = Callable[[str], AbstractContextManager[object]]
"""Told the name of every stage, as a context around it: for timing and for talk."""


def synopsis(
    articles: Sequence[Article],
    encoder: Encoder,
    english: Callable[[Iterable[Unit]], Translations],
    edits: Edits = Edits(),
    stage: Stage = lambda name: nullcontext(),
) -> Synopsis:
    """Read, translate and align the versions of one story.

    Every sentence is translated, and encoded if it is body text; what is found to say the same thing is
    translated again as a unit of its own, so that a clause's English is its own. `edits` are the rows that
    a person put together or apart.
    """
    with stage("segment"):
        sentences = {article.id: segment.sentences(article) for article in articles}
    with stage("quotes"):
        said = unify([q for article in articles for q in quotes(article, sentences[article.id])], articles)
    with stage("translate"):
        translations = dict(english((a.lang, s.text) for a in articles for s in sentences[a.id]))
    with stage("encode"):
        versions = _versions(articles, sentences, said, translations, encoder)
    with stage("align"):
        rows = regroup(statements(versions), edits, [article.id for article in articles])
    with stage("translate members"):
        translations |= english((member.lang, member.text) for row in rows for member in row.members)
    with stage("renderings"):
        parted = renderings(rows, versions, translations, encoder)
    return Synopsis(
        articles=tuple(articles),
        sentences=tuple(sentence for article in articles for sentence in sentences[article.id]),
        quotes=said,
        translations=translations,
        statements=rows,
        renderings=parted,
    )


def _versions(
    articles: Sequence[Article],
    sentences: dict[str, tuple[Sentence, ...]],
    said: Sequence[Quote],
    translations: Translations,
    encoder: Encoder,
) -> list[Version]:
    """Gather what the aligner knows of each version; all body sentences are encoded in one pass."""
    body = {a.id: tuple(s for s in sentences[a.id] if s.role == "body") for a in articles}
    states = iter(encoder.encode([s.text for a in articles for s in body[a.id]]))
    return [
        Version(
            article=a,
            sentences=body[a.id],
            quotes=tuple(quote for quote in said if quote.article == a.id),
            states=tuple(next(states) for _ in body[a.id]),
            english=tuple(translations[a.lang, s.text].english for s in body[a.id]),
        )
        for a in articles
    ]
