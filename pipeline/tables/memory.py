"""What translators' tools take: a memory (TMX), and sentences for review (XLIFF), there and back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline import __version__
from pipeline.errors import InputError
from pipeline.languages import LANGUAGES
from pipeline.records import Synopsis
from pipeline.tables import rows
from pipeline.tables.delimited import shown
from pipeline.tables.rows import SENTENCES, Table

_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD = re.compile(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XLIFF = "{urn:oasis:names:tc:xliff:document:1.2}"
_XML_SPACE = str.maketrans({"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})

Properties = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """The words of a unit in one language."""

    lang: str
    text: str
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """Variants that say the same thing, at least two."""

    id: str
    variants: tuple[Variant, ...]
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A sentence for review: its number in its article, its words, its English if it has any, and remarks."""

    id: str
    text: str
    english: str
    note: str


def units(synopsis: Synopsis) -> Iterator[Unit]:
    """Yield what a memory holds: every statement in all its versions, then every text and its English.

    Statements have their kind and confidence as properties, and each variant its article; these are versions
    of one story, not translations of each other. A text with its English has the engine that made it, the
    score and the flags; texts that have no English are left out.
    """
    for statement in synopsis.statements:
        if len(statement.members) > 1:
            said = tuple(Variant(m.lang, m.text, (("article", m.article),)) for m in statement.members)
            confidence = shown(rows.number(statement.confidence))
            yield Unit(statement.id, said, _given(kind=statement.kind, confidence=confidence))
    lang_of = {article.id: article.lang for article in synopsis.articles}
    texts: dict[tuple[str, str], str] = {}
    for sentence in synopsis.sentences:
        texts.setdefault((lang_of[sentence.article], sentence.text), f"{sentence.article}:{sentence.start}")
    for member in (member for statement in synopsis.statements for member in statement.members):
        texts.setdefault((member.lang, member.text), f"{member.article}:{member.start}")
    for (lang, text), place in texts.items():
        found = rows.translation(synopsis, lang, text)
        if lang != "en" and found.english:
            score = shown(rows.number(found.score))
            properties = _given(engine=found.engine, score=score, flags=rows.words(found.flags))
            yield Unit(place, (Variant(lang, text), Variant("en", found.english)), properties)


def _given(**properties: str) -> Properties:
    return tuple((name, value) for name, value in properties.items() if value)


def write_tmx(synopsis: Synopsis, path: Path) -> None:
    """Write the story's memory as TMX 1.4b. It has no dates: the same synopsis gives the same bytes.

    XML has no place for some control characters: U+FFFD stands for each.
    """
    _render("memory.tmx", path, units=units(synopsis))


def write_xliff(sentences: Table, pair: str, path: Path) -> None:
    """Write the sentences of one language as XLIFF 1.2, a `file` an article, for review in a CAT tool.

    `sentences` is the table of that name; `pair` is like `he-en`. Raises `InputError` if it is no pair that
    has sentences.
    """
    source, _, target = pair.partition("-")
    if source not in LANGUAGES or target != "en" or source == target:
        known = ", ".join(f"{code}-en" for code in LANGUAGES if code != "en")
        raise InputError(pair, f"no such pair, expected one of {known}")
    cells = [dict(zip(sentences.columns, map(str, row), strict=True)) for row in sentences.rows]
    own = [cell for cell in cells if cell["lang"] == source]
    if not own:
        raise InputError(pair, f"the story has no version in {LANGUAGES[source].name}")
    articles = [
        (article, [Review(cell["sentence"], cell["text"], cell["english"], cell["flags"]) for cell in group])
        for article, group in groupby(own, key=lambda cell: cell["article"])
    ]
    _render("review.xlf", path, articles=articles, source=source, target=target)


def read_xliff(path: Path) -> Table:
    """Read a reviewed file back as a table of sentences; cells that it does not have are empty.

    Raises `InputError` for what is no XLIFF 1.2.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except OSError as error:
        raise InputError(path, error.strerror or str(error)) from error
    except ElementTree.ParseError as error:
        raise InputError(path, f"not XML: {error}") from error
    if root.tag != f"{_XLIFF}xliff":
        raise InputError(path, f"not XLIFF 1.2: {root.tag}")
    found = []
    for file in root.iter(f"{_XLIFF}file"):
        for unit in file.iter(f"{_XLIFF}trans-unit"):
            known = {
                "article": file.get("original", ""),
                "sentence": unit.get("id", ""),
                "lang": file.get("source-language", ""),
                "text": _words(unit.find(f"{_XLIFF}source")),
                "english": _words(unit.find(f"{_XLIFF}target")),
            }
            found.append(tuple(known.get(column, "") for column in SENTENCES))
    return Table("sentences", SENTENCES, tuple(found))


def _words(element: ElementTree.Element | None) -> str:
    return "" if element is None else "".join(element.itertext())


def _xml(value: str) -> Markup:
    if not _ODD.search(value):
        return escape(value)
    return Markup(str(escape(_ILLEGAL.sub("\ufffd", value))).translate(_XML_SPACE))


def _render(template: str, path: Path, **values: object) -> None:
    environment = Environment(
        loader=PackageLoader("pipeline.tables"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["xml"] = _xml
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(environment.get_template(template).generate(**values, version=__version__))
        file.write("\n")
