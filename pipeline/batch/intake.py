"""An entry's text as an article, or the reason why it is none."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline import articles
from pipeline.batch.entries import Entry, Reject, rejected
from pipeline.languages import LANGUAGES
from pipeline.records import Article


def taken(entries: Sequence[Entry]) -> tuple[list[Article], list[Reject]]:
    """Return the articles of one story in their order, and what cannot be taken: every entry is in one."""
    kept: dict[str, Article] = {}
    rejects: list[Reject] = []
    for entry in entries:
        if entry.id in kept:
            rejects.append(rejected(entry, "has the id of an earlier article of its story"))
            continue
        try:
            kept[entry.id] = _article(entry)
        except ValueError as error:
            rejects.append(rejected(entry, str(error)))
    return list(kept.values()), rejects


def _article(entry: Entry) -> Article:
    """ValueError says what is wrong."""
    if (size := len(entry.text.encode())) > articles.MAX_BYTES:
        raise ValueError(f"has {size:,} bytes, an article at most {articles.MAX_BYTES:,}")
    for name, text in (("text", entry.text), ("id", entry.id)):
        if control := articles.control(text):
            at, code = control
            raise ValueError(f"character {at} of its {name} is the control character {code}")
    if entry.lang and entry.lang not in LANGUAGES:
        raise ValueError(f"is in {entry.lang}, expected {' or '.join(LANGUAGES)}")
    article = articles.parse(entry.id, entry.text, entry.lang)
    body = "\n".join(article.text[b.start : b.end] for b in article.blocks if b.role == "body")
    if not body:
        raise ValueError("has no body text")
    return replace(article, lang=entry.lang or _language(body), date=entry.date or article.date)


def _language(body: str) -> str:
    try:
        return articles.language(body)
    except LookupError as error:
        raise ValueError(f"is in {error.args[0]}, expected {' or '.join(LANGUAGES)}") from error
