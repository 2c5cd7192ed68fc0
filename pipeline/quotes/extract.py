"""The quotations of an article: marks and cues brought together, paragraph by paragraph."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.quotes.cues import Cue, cues
from pipeline.quotes.lore import Lore, lore
from pipeline.quotes.marks import Marked, marked
from pipeline.quotes.reported import Clause, asides, clauses
from pipeline.quotes.speakers import Speakers
from pipeline.quotes.words import Folded, Item
from pipeline.records import Article, Quote, QuoteKind, Sentence, Span
from pipeline.segment import split

_PARAGRAPH = re.compile(r"[^\r\n\u2028\u2029]+")
_WORD = re.compile(r"[^\W_]+(?:['’\"״.-][^\W_]+)*")
_INNER_END = re.compile(r"[.!?؟…][\"”’»)\s]")
_DASHED = re.compile(r"\s[–—-]\s.*\s[–—-]\s")
_STOPS = frozenset(".!?؟…,،")
FRAGMENT = 3
"""Fewer words in marks, inside a sentence, are taken for a name or a distanced word."""
FREE = 7
"""So many words in marks are speech even where the sentence has no cue."""


def quotes(article: Article, sentences: Sequence[Sentence]) -> tuple[Quote, ...]:
    """Return the quotes of the article's body in order of start, none inside another.

    Words in quotation marks inside a quotation or inside reported speech belong to it and are not listed.
    A fragment in marks inside an attributed sentence is direct speech from three words on, and then stands
    for the reported clause around it; a shorter one, or a name, is `scare`. A quotation that goes on after
    its cue, or is reopened in the next paragraph, keeps speaker and cue. `sentences` are the article's.
    """
    reader = _Reader(article, lore(article.lang), sorted(sentence.end for sentence in sentences))
    for block in article.blocks:
        if block.role == "body":
            for match in _PARAGRAPH.finditer(article.text, block.start, block.end):
                reader.read(match.start(), match.end())
    return tuple(reader.found)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence of the narrator's, with the quotations in it, as a row of items with its cues."""

    start: int
    end: int
    marks: Sequence[Marked]
    row: Sequence[Item]
    cues: Sequence[Cue]

    @property
    def is_bare(self) -> bool:
        """Whether the narrator says nothing in it."""
        return bool(self.marks) and not any(item.is_word for item in self.row)


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
        is_plain, begins = True, len(self.found)
        for unit in self._units(low, high, marks):
            sources = [self._source(unit, cue) for cue in unit.cues]
            aside = next(asides(unit.row, unit.cues, self.lore), None)
            if aside is not None:
                self._add_dashed(unit, aside, sources, low if is_plain else unit.start)
            else:
                self._add_marked(unit, sources, begins)
            is_plain = is_plain and not unit.marks and len(self.found) == begins
        self.unclosed = bool(marks) and not marks[-1].closed and marks[-1].after == high

    def _units(self, low: int, high: int, marks: Sequence[Marked]) -> Iterator[_Unit]:
        """Sentences, joined where a quotation, or a cue after one, runs over their border."""
        start, place, at = low, 0, bisect_left(self.ends, low + 1)
        while start < high:
            end = self.ends[at] if at < len(self.ends) and self.ends[at] < high else high
            at += 1
            first = place
            while place < len(marks) and marks[place].outer < end:
                end = max(end, marks[place].after)
                place += 1
            if (
                end < high
                and place > first
                and not self.article.text[marks[place - 1].after : end].strip(" .,")
            ):
                if self._goes_on(end, high):
                    place = first
                    continue
            while at < len(self.ends) and self.ends[at] <= end:
                at += 1
            here = marks[first:place]
            if here or not self.lore.heads.isdisjoint(self.folded.words(start, end)):
                row = self.folded.items(start, end, here)
                yield _Unit(start, end, here, row, cues(row, self.lore))
            start = end

    def _goes_on(self, start: int, high: int) -> bool:
        """Whether what follows a quotation belongs to its sentence: `"Really?" he asked.`"""
        match = _WORD.search(self.article.text, start, min(high, start + 40))
        if not match or self.article.text[start : match.start()].strip():
            return False
        first = match.group()[0]
        if first.islower() or self.lore.lang in ("en", "it"):
            return first.islower()
        return self.folded.words(match.start(), match.end())[0] in self.lore.verbs

    def _source(self, unit: _Unit, cue: Cue) -> tuple[str, str]:
        """A cue's source as printed and in English, "" where it is not told."""
        span = cue.subject
        if span is None and cue.kind in ("verb", "gerund") and self.lore.lang in ("en", "it"):
            is_first = not any(other.first < cue.first for other in unit.cues)
            is_joined = cue.kind == "gerund" or (cue.first > 0 and unit.row[cue.first - 1].word in self.lore.conjunctions)
            span = self._leading(unit.row[: cue.first]) if is_first and is_joined else None
            if span is not None and cue.kind == "gerund":
                return "", self.speakers.hear(list(unit.row[span[0] : span[1]]))
        if span is None:
            return "", self.speakers.last
        words = list(unit.row[span[0] : span[1]])
        start = words[0].start
        if cue.is_letter and not words[0].word.startswith("لل"):
            start += 1
            words[0] = words[0]._replace(word=words[0].word[1:], start=start)
        return self.article.text[start : words[-1].end], self.speakers.hear(words)

    def _leading(self, row: Sequence[Item]) -> tuple[int, int] | None:
        """The name or title that a sentence begins with."""
        end = 0
        while end < len(row) and row[end].is_word:
            shown = self.article.text[row[end].start : row[end].end]
            is_part = (
                shown[0].isupper()
                or row[end].word in self.lore.roles
                or row[end].word in self.lore.determiners
            )
            if not is_part or (end == 0 and row[end].word in self.lore.prepositions):
                break
            end += 1
        if end == 1 and row[0].word in self.lore.determiners and len(row) > 1 and row[1].is_word:
            end = 2
        return (0, end) if end > 1 or (end and row[0].word not in self.lore.determiners) else None

    def _quote(self, start: int, end: int, kind: QuoteKind, source: tuple[str, str], cue: str) -> Quote:
        text = self.article.text[start:end]
        return Quote(
            self.article.id, start, end, text, kind, self._parts(start, text), source[1], source[0], cue
        )

    def _parts(self, start: int, text: str) -> tuple[Span, ...]:
        if not _INNER_END.search(text):
            return (Span(start, start + len(text)),)
        return tuple(Span(start + span.start, start + span.end) for span in split(text, self.lore.lang))

    def _words(self, unit: _Unit, cue: Cue) -> str:
        return self.article.text[unit.row[cue.first].start : unit.row[cue.last - 1].end]

    def _add_dashed(self, unit: _Unit, aside: Clause, sources: Sequence[tuple[str, str]], low: int) -> None:
        cue = unit.cues[aside.cue]
        for span in aside.spans:
            start = min(span.start, low) if span is aside.spans[0] else span.start
            while (
                start < span.end
                and not self.article.text[start].isalnum()
                and self.article.text[start] not in '“"«‘('
            ):
                start += 1
            self.found.append(
                self._quote(start, span.end, "dash", sources[aside.cue], self._words(unit, cue))
            )

    def _add_marked(self, unit: _Unit, sources: Sequence[tuple[str, str]], begins: int) -> None:
        """Add a sentence's quotations and what it reports without them."""
        here: list[Quote] = []
        for at, item in enumerate(unit.row):
            if item.quote >= 0:
                here.append(self._marked(unit, at, unit.marks[item.quote], sources, begins, here))
        direct = [
            (mark.outer, mark.after)
            for mark, quote in zip(unit.marks, here, strict=True)
            if quote.kind == "direct"
        ]
        reported = []
        for clause in clauses(self.article.text, unit.row, unit.cues, unit.end, direct, self.lore):
            span = clause.spans[0]
            cue = unit.cues[clause.cue]
            reported.append(
                self._quote(span.start, span.end, "reported", sources[clause.cue], self._words(unit, cue))
            )
        kept = [quote for quote in here if not any(r.start <= quote.start < r.end for r in reported)]
        self.found += sorted(kept + reported, key=lambda quote: quote.start)

    def _marked(
        self,
        unit: _Unit,
        at: int,
        mark: Marked,
        sources: Sequence[tuple[str, str]],
        begins: int,
        here: Sequence[Quote],
    ) -> Quote:
        """The quote between one pair of marks: speech with its source, or a scare quote."""
        text = self.article.text[mark.start : mark.end]
        before, after = _nearest(unit, at)
        size = len(_WORD.findall(text))
        earlier = [quote for quote in [*self.found[begins:], *here] if quote.kind == "direct"]
        if (inner := self._inserted(mark)) is not None:
            return inner
        if unit.is_bare:
            # a quotation that goes on after its cue, or in a new paragraph
            goes_on = earlier[-1] if earlier else None
            if self.unclosed and not earlier and self.found and self.found[-1].kind == "direct":
                goes_on = self.found[-1]
            if goes_on is not None:
                continued = self._quote(mark.start, mark.end, "direct", ("", ""), goes_on.cue)
                return replace(continued, speaker=goes_on.speaker, speaker_text=goes_on.speaker_text)
            if size >= FRAGMENT:
                return self._quote(mark.start, mark.end, "direct", ("", self.speakers.last), "")
            return self._quote(mark.start, mark.end, "scare", ("", ""), "")
        chosen = self._governing(unit, at, before, after)
        if not self._is_speech(unit, at, mark, size, before, after, chosen):
            return self._quote(mark.start, mark.end, "scare", ("", ""), "")
        if chosen is None:
            words = list(unit.row[: at - 1]) if at and unit.row[at - 1].word == ":" else []
            if len(words) > 6 or not all(item.is_word for item in words):
                words = []
            source = (
                (self.article.text[words[0].start : words[-1].end], self.speakers.hear(words))
                if words
                else ("", "")
            )
            if at and unit.row[at - 1].quote >= 0 and here and here[-1].kind == "direct":
                source = (here[-1].speaker_text, here[-1].speaker)
            return self._quote(mark.start, mark.end, "direct", source, "")
        cue = unit.cues[chosen]
        return self._quote(mark.start, mark.end, "direct", sources[chosen], self._words(unit, cue))

    def _inserted(self, mark: Marked) -> Quote | None:
        """Speech whose cue stands inside the marks, between dashes: «Siamo pronti – ha detto Rossi – a partire»."""
        if not _DASHED.search(self.article.text, mark.start, mark.end):
            return None
        row = self.folded.items(mark.start, mark.end)
        unit = _Unit(mark.start, mark.end, (), row, cues(row, self.lore))
        aside = next((aside for aside in asides(row, unit.cues, self.lore) if len(aside.spans) > 1), None)
        if aside is None:
            return None
        cue = unit.cues[aside.cue]
        return self._quote(mark.start, mark.end, "direct", self._source(unit, cue), self._words(unit, cue))

    def _governing(self, unit: _Unit, at: int, before: int | None, after: int | None) -> int | None:
        """The cue that a quotation belongs to: the one that introduces it, else the one that follows at once."""
        row = unit.row
        if before is not None and (row[at - 1].word == ":" or unit.cues[before].finishes == at):
            return before
        if after is not None and self._follows(unit, at, after):
            return after
        return before if before is not None else after

    def _follows(self, unit: _Unit, at: int, after: int) -> bool:
        cue = unit.cues[after]
        gap = [item.word for item in unit.row[at + 1 : cue.begins]]
        introduces = unit.row[cue.finishes : cue.finishes + 1]
        is_next = bool(introduces) and (introduces[0].word == ":" or introduces[0].quote >= 0)
        return cue.kind != "gerund" and not is_next and gap in ([], [","], ["،"], ["-"], ["–"], ["—"])

    def _is_speech(
        self,
        unit: _Unit,
        at: int,
        mark: Marked,
        size: int,
        before: int | None,
        after: int | None,
        chosen: int | None,
    ) -> bool:
        text, row = self.article.text, unit.row
        words = text[mark.start : mark.end]
        previous = row[at - 1].word if at else ""
        if size == 0:
            return False
        if previous == ":":
            return before is not None or size >= FREE or (size >= FRAGMENT and at <= 8)
        if self._is_named(row, at) and size <= 8:
            return False
        is_stopped = words[-1] in _STOPS or (at + 1 < len(row) and row[at + 1].word in (",", "،"))
        if (
            after is not None
            and after == chosen
            and self._follows(unit, at, after)
            and (is_stopped or size >= FRAGMENT)
        ):
            return size > 1 or words[-1] in _STOPS
        if previous in (",", "،") and chosen is not None and chosen == before and size > 1:
            cue = unit.cues[chosen]
            if at - 1 <= cue.finishes + 1:
                return True
        if _is_title(words, self.lore.lang):
            return False
        least = FRAGMENT
        if mark.outer > unit.start and text[mark.outer - 1].isalpha():
            least = FRAGMENT + 1  # a preposition's letter: more often before a name
        if chosen is not None and chosen == before and unit.cues[chosen].last == at and size > 1:
            return True
        if chosen is not None:
            return size >= least
        return size >= FREE

    def _is_named(self, row: Sequence[Item], at: int) -> bool:
        if not at:
            return False
        pair = f"{row[at - 2].word} {row[at - 1].word}" if at > 1 else ""
        return row[at - 1].word in self.lore.naming or pair in self.lore.naming


def _nearest(unit: _Unit, at: int) -> tuple[int | None, int | None]:
    """The last cue before a quotation and the first after it, with no other quotation between."""
    before = after = None
    low = max((k for k in range(at) if unit.row[k].quote >= 0), default=-1)
    high = next((k for k in range(at + 1, len(unit.row)) if unit.row[k].quote >= 0), len(unit.row))
    for place, cue in enumerate(unit.cues):
        if cue.first < at:
            before = place
        elif cue.first < high and after is None:
            after = place
    if before is not None and unit.cues[before].first < low and unit.cues[before].that is None:
        before = before if unit.row[at - 1].word not in (":",) else before
    return before, after


def _is_title(words: str, lang: str) -> bool:
    """Whether words in Latin script are written as a name: every long word with a capital, no full stop."""
    parts = [part for part in re.findall(r"[^\W\d_][\w’'-]*", words) if len(part) > 3]
    if lang not in ("en", "it") or words[-1] in ".!?":
        return False
    return bool(parts) and all(part[0].isupper() for part in parts)
