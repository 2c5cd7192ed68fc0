"""The quotations of an article: marks, cues and speakers brought together, paragraph by paragraph."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from pipeline.quotes.cues import Cue, cues
from pipeline.quotes.lore import Lore, lore
from pipeline.quotes.marks import Marked, marked
from pipeline.quotes.reported import Clause, asides, clauses
from pipeline.quotes.speakers import Speakers
from pipeline.quotes.speech import FRAGMENT, governor, is_speech
from pipeline.quotes.units import Unit, units
from pipeline.quotes.words import QUOTATION, Folded, Item, is_word
from pipeline.records import Article, Quote, QuoteKind, Sentence, Span

_PARAGRAPH = re.compile(r"[^\r\n\u2028\u2029]+")
_LINE = re.compile(r"[^\n]+")
_SPEECH = re.compile(r"[\w“\"«‘(]")
_SIZE = re.compile(r"[^\W_]+")
_DASHED = re.compile(r"\s[–—-]\s[^\n]*?\s[–—-]\s")
_LABEL = 6
"""A speaker before a colon, without a verb, has at most so many words."""


def quotes(article: Article, sentences: Sequence[Sentence]) -> tuple[Quote, ...]:
    """Return the quotes of the article's body in order of start, none inside another.

    Words in quotation marks inside a quotation or inside reported speech belong to it and are not listed.
    A fragment in marks inside an attributed sentence is direct speech from three words on, and then stands
    for the reported clause around it; a shorter one, or a name, is `scare`, and belongs to the reported
    clause where it stands in one. A quotation that goes on after its cue, or is reopened in the next
    paragraph, keeps speaker and cue. A cue in the middle of what it reports stays inside the text.
    `sentences` are the article's.
    """
    reader = _Reader(article, lore(article.lang), sorted(sentence.end for sentence in sentences))
    # one sign is passed over several times as fast as any of four
    paragraph = _PARAGRAPH if any(sign in article.text for sign in "\r\u2028\u2029") else _LINE
    for block in article.blocks:
        if block.role == "body":
            for match in paragraph.finditer(article.text, block.start, block.end):
                reader.read(match.start(), match.end())
    return tuple(reader.found)


class _Source(NamedTuple):
    """Who speaks, and in what words that is said; a field that could not be told is empty."""

    printed: str = ""
    english: str = ""
    cue: str = ""


@dataclass(slots=True)
class _Reader:
    """Reads an article in order and remembers who spoke."""

    article: Article
    lore: Lore
    ends: Sequence[int]
    found: list[Quote] = field(default_factory=list)
    folded: Folded = field(init=False)
    speakers: Speakers = field(init=False)
    unclosed: bool = False

    def __post_init__(self) -> None:
        self.folded = Folded(self.article.text, self.article.lang)
        self.speakers = Speakers(self.article, self.lore, self.folded)

    def read(self, low: int, high: int) -> None:
        """Add the quotes of the paragraph `text[low:high]`."""
        marks = marked(self.article.text, low, high, self.lore.apostrophes, self.unclosed)
        paragraph = len(self.found)
        is_plain = True  # so far nothing in the paragraph is quoted: all of it may be what a dash ends
        for unit in units(self.folded, self.lore, low, high, marks, self.ends):
            sources = {cue: self._source(unit, cue) for cue in unit.cues}
            aside = next(asides(unit.row, unit.cues), None)
            if aside is not None:
                self._add_dashed(aside, sources[aside.cue], low if is_plain else unit.start)
            else:
                self._add_marked(unit, sources, paragraph)
            is_plain = is_plain and not unit.marks and len(self.found) == paragraph
        self.unclosed = bool(marks) and not marks[-1].closed and marks[-1].after == high

    def _add_dashed(self, aside: Clause, source: _Source, low: int) -> None:
        first, *rest = aside.spans
        for span in (Span(min(low, first.start), first.end), *rest):
            begins = _SPEECH.search(self.article.text, span.start, span.end)
            if begins:
                self.found.append(self._quote(begins.start(), span.end, "dash", source))

    def _add_marked(self, unit: Unit, sources: dict[Cue, _Source], paragraph: int) -> None:
        """Add a sentence's quotations, and what it reports without them."""
        here: list[Quote] = []
        for mark, (at, (before, after)) in zip(unit.marks, unit.neighbours().items(), strict=True):
            earlier = here[-1] if here else self.found[-1] if len(self.found) > paragraph else None
            source = self._inserted(mark)
            if source is None and unit.is_bare:
                source = self._continued(mark, earlier)
            elif source is None:
                source = self._introduced(unit, mark, at, (before, after), sources, earlier)
            kind: QuoteKind = "scare" if source is None else "direct"
            here.append(self._quote(mark.start, mark.end, kind, source or _Source()))
        edges = zip(unit.marks, here, strict=True)
        direct = [(mark.outer, mark.after) for mark, quote in edges if quote.kind == "direct"]
        reported = [
            self._quote(span.start, span.end, "reported", sources[clause.cue])
            for clause in clauses(unit.row, unit.cues, direct, self.lore)
            for span in clause.spans
        ]
        if here and reported:
            here = [quote for quote in here if not any(r.start <= quote.start < r.end for r in reported)]
            reported = sorted(here + reported, key=lambda quote: quote.start)
        self.found += reported or here

    def _introduced(
        self,
        unit: Unit,
        mark: Marked,
        at: int,
        neighbours: tuple[Cue | None, Cue | None],
        sources: dict[Cue, _Source],
        earlier: Quote | None,
    ) -> _Source | None:
        """The source of the quotation `mark` at place `at`, None where it is no speech."""
        text = self.article.text
        before, after = neighbours
        cue = governor(unit, at, before, after)
        is_prefixed = mark.outer > unit.start and text[mark.outer - 1].isalpha()
        if not is_speech(text[mark.start : mark.end], is_prefixed, unit, at, cue, before, self.lore):
            return None
        if cue is not None:
            return sources[cue]
        label = unit.row.words[: at - 1] if unit.word(at - 1) == ":" else ()
        if 0 < len(label) <= _LABEL and all(map(is_word, label)):
            return self._hear(unit.row.items(0, at - 1))
        is_beside = at > 0 and unit.row.words[at - 1] == QUOTATION and earlier is not None
        return _told(earlier) if is_beside and earlier is not None else _Source()

    def _continued(self, mark: Marked, earlier: Quote | None) -> _Source | None:
        """The source of a quotation that is a sentence of its own: it goes on after its cue, or from the
        paragraph before. None for one or two words, which a headline or a list puts in marks."""
        if earlier is None and self.unclosed and self.found:
            earlier = self.found[-1]
        if earlier is not None and earlier.kind == "direct":
            return _told(earlier)
        is_short = len(_SIZE.findall(self.article.text, mark.start, mark.end)) < FRAGMENT
        return None if is_short else _Source(english=self.speakers.last)

    def _inserted(self, mark: Marked) -> _Source | None:
        """The source that stands inside the marks, between dashes: «Sì – ha detto Rossi – a tutto»."""
        if not _DASHED.search(self.article.text, mark.start, mark.end):
            return None
        row = self.folded.row(mark.start, mark.end)
        unit = Unit(mark.start, mark.end, (), row, cues(row.words, self.lore))
        inserted = (aside.cue for aside in asides(unit.row, unit.cues) if len(aside.spans) > 1)
        cue = next(inserted, None)
        return self._source(unit, cue) if cue is not None else None

    def _source(self, unit: Unit, cue: Cue) -> _Source:
        """A cue's source; one that is not named beside it is the sentence's first, or whoever spoke last."""
        said = unit.row.words[cue.first : cue.last]
        words = self.article.text[unit.row.starts[cue.first] : unit.row.ends[cue.last - 1]]
        if cue.subject is not None:
            return self._hear(unit.row.items(*cue.subject), words, cue.is_letter, said)
        is_first = cue is unit.cues[0] and self.lore.lang in ("en", "it")
        is_joined = is_first and unit.word(cue.first - 1) in self.lore.conjunctions
        if (is_joined or (is_first and cue.kind == "gerund")) and (
            named := self._leading(unit.row.items(0, cue.first))
        ):
            source = self._hear(named, words)
            return source if is_joined else source._replace(printed="")
        if cue.kind == "gerund" and cue is unit.cues[0]:
            self.speakers.last = self.speakers.only_person(unit.row.words[: cue.first]) or self.speakers.last
        return _Source("", self.speakers.latest(said), words)

    def _hear(
        self, words: list[Item], cue: str = "", is_letter: bool = False, said: Sequence[str] = ()
    ) -> _Source:
        """The source that some items name; `is_letter` says that their first letter is a preposition."""
        if is_letter and not words[0].word.startswith("لل"):
            words = [words[0]._replace(word=words[0].word[1:], start=words[0].start + 1), *words[1:]]
        printed = self.article.text[words[0].start : words[-1].end]
        return _Source(printed, self.speakers.hear(words, said), cue)

    def _leading(self, row: list[Item]) -> list[Item]:
        """The name or title that a sentence begins with; of "The host pointed at ..." the first two words."""
        end = 0
        while end < len(row) and is_word(row[end].word):
            word = row[end].word
            is_capital = self.article.text[row[end].start].isupper() and word not in self.lore.prepositions
            if not (is_capital or word in self.lore.roles or word in self.lore.determiners):
                break
            end += 1
        if end == 1 and row[0].word in self.lore.determiners:
            end = 2 if len(row) > 1 and is_word(row[1].word) else 0
        return row[:end]

    def _quote(self, start: int, end: int, kind: QuoteKind, source: _Source) -> Quote:
        text = self.article.text[start:end]
        ends = self.ends[bisect_right(self.ends, start) : bisect_left(self.ends, end)]
        cuts = pairwise([start, *ends, end])
        parts = tuple([part for cut in cuts if (part := self._trimmed(*cut))])
        return Quote(
            self.article.id, start, end, text, kind, parts, source.english, source.printed, source.cue
        )

    def _trimmed(self, start: int, end: int) -> Span | None:
        text = self.article.text[start:end]
        start += len(text) - len(text.lstrip())
        return Span(start, start + len(text.strip())) if text.strip() else None


def _told(quote: Quote) -> _Source:
    return _Source(quote.speaker_text, quote.speaker, quote.cue)
