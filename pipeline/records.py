"""The frozen values that flow from stage to stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["body", "title", "date", "dateline", "caption", "head", "boilerplate", "teaser", "repeat"]
QuoteKind = Literal["direct", "dash", "reported", "scare"]
StatementKind = Literal["quote", "statement"]
RenderingClass = Literal["same", "paraphrase", "added", "omitted", "number", "name", "negation", "relay"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters of an article: `article.text[start:end]`, never empty."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A run of an article's text that plays one part; only `body` is aligned."""

    start: int
    end: int
    role: Role


@dataclass(frozen=True, slots=True)
class Article:
    """One version of a story, as one outlet printed it.

    `text` is the file's bytes decoded as UTF-8 and nothing else: a byte order mark and `\\r\\n` stay
    where they are, so that offsets hold for anyone who decodes the file. Blocks are in order, do not
    overlap, and every character that is not white space or a byte order mark is in exactly one.
    """

    id: str
    lang: str
    text: str
    blocks: tuple[Block, ...]
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A slice of an article: `article.text[start:end] == text`, always.

    `index` counts the article's sentences from 0, those that are not body text included.
    """

    article: str
    index: int
    start: int
    end: int
    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that an article gives as somebody's, without their marks: `article.text[start:end] == text`.

    `kind` is `direct` (in quotation marks), `dash` (a dash and a verb of saying mark it), `reported`
    (only a cue does), or `scare` (in quotation marks, but a name, a title or a distanced word: not speech).
    `parts` are its sentences in order, at least one, each inside it. `speaker` is in English where
    that is known, otherwise as printed; `speaker_text` is as printed; `cue` the words that introduce it. A
    field that could not be told is empty.
    """

    article: str
    start: int
    end: int
    text: str
    kind: QuoteKind
    parts: tuple[Span, ...]
    speaker: str = ""
    speaker_text: str = ""
    cue: str = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """One unit's English, with the engine that made it and the words that say what is wrong with it.

    `english` is empty where no engine could translate, and `flags` then says why. `score` is the
    engine's mean log-probability a token, or None. English passes through with engine `none`.
    """

    source: str
    english: str
    engine: str
    score: float | None = None
    flags: tuple[str, ...] = ()


Translations = Mapping[tuple[str, str], Translation]
"""(language, text) -> its translation. Sentences and the members of statements are all in it."""


@dataclass(frozen=True, slots=True)
class Bead:
    """Source lines and target lines that are translations of each other; one side may be empty.

    `score` is the probability that the bead is right, in 0-1; None for a null bead.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    score: float | None


@dataclass(frozen=True, slots=True)
class Member:
    """The words with which one version makes a statement: `article.text[start:end] == text`.

    `quote` is the quotation that it belongs to, or None. `similarity` is its mean margin to the other
    members, None where it stands alone.
    """

    article: str
    lang: str
    start: int
    end: int
    text: str
    quote: Quote | None = None
    similarity: float | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """Members that say the same thing, at most one an article, in the order of the versions.

    At least two members from two articles, unless it is a quotation that found no counterpart.
    `confidence` is the calibrated probability that all members belong together, None for a single member.
    """

    id: str
    kind: StatementKind
    members: tuple[Member, ...]
    confidence: float | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendering:
    """One version's words in a place where the members of a statement part.

    `phrase` is a slice of the article at `start`, empty (with `start == end`) where the version
    leaves the place out.
    """

    statement: str
    slot: int
    article: str
    lang: str
    start: int
    end: int
    phrase: str
    english: str
    kind: RenderingClass


@dataclass(frozen=True, slots=True)
class Synopsis:
    """One story, read, translated and aligned: all that the tables are written from."""

    articles: tuple[Article, ...]
    sentences: tuple[Sentence, ...]
    quotes: tuple[Quote, ...]
    translations: Translations
    statements: tuple[Statement, ...]
    renderings: tuple[Rendering, ...] = ()
