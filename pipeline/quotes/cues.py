"""Cues: the words that say that somebody speaks, with the words beside them that say who."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pipeline.quotes.lore import Lore, Phrases
from pipeline.quotes.words import QUOTATION, is_word

CueKind = Literal["verb", "gerund", "according", "own"]
MAX_SUBJECT = 9
"""Longer runs of words after a verb are no source; one before it may be longer, as it ends at the verb."""
_BE = frozenset("is are was were be been being".split())
_NEAR = 4
"""So many words may stand between a doubtful verb and the colon that makes it one of saying."""


class Cue(NamedTuple):
    """A cue in a row of items: `row[first:last]` are its words, `row[subject[0]:subject[1]]` its source.

    `that` is the place of the first item of the clause that the cue introduces, or None. `is_letter`
    says that the source's first letter is the cue's preposition ("وفقا ل").
    """

    kind: CueKind
    first: int
    last: int
    subject: tuple[int, int] | None = None
    that: int | None = None
    ends: int = 0
    is_letter: bool = False

    @property
    def begins(self) -> int:
        """Where cue and source begin."""
        return min(self.first, self.subject[0]) if self.subject else self.first

    @property
    def finishes(self) -> int:
        """Where cue, source and conjunction end."""
        return max(self.ends, self.last, self.subject[1] if self.subject else 0)


def cues(row: Sequence[str], lore: Lore) -> list[Cue]:
    """Return the cues of one sentence in order; `row` is its words, stops and quotations."""
    found: list[Cue] = []
    taken = 0
    heads = lore.heads
    for place in [at for at, word in enumerate(row) if word in heads]:
        cue = _cue(row, place, taken, lore) if place >= taken else None
        if cue:
            found.append(cue)
            taken = max(cue.last, cue.ends)
    return found


def _phrase(row: Sequence[str], place: int, phrases: Phrases) -> tuple[int, bool] | None:
    """Where the phrase that begins at `place` ends, and whether its last word is a letter of the next one."""
    following = row[place + 1] if place + 1 < len(row) else ""
    for phrase in phrases[row[place]]:
        if len(phrase) > 1 and not following.startswith(phrase[1]):
            continue
        last = place + len(phrase)
        words = tuple(row[place:last])
        if words == phrase:
            return last, False
        letter = phrase[-1] if len(phrase[-1]) == 1 and not phrase[-1].isascii() else "\0"
        if words[:-1] == phrase[:-1] and words[-1:] and words[-1].startswith(letter):
            return last - 1, True
    return None


def _cue(row: Sequence[str], place: int, low: int, lore: Lore) -> Cue | None:
    word, previous = row[place], row[place - 1] if place else ""
    if word in lore.own and (found := _phrase(row, place, lore.own)) is not None:
        return Cue("own", place, found[0], None, _clause(row, found[0], lore))
    if word in lore.according and (found := _phrase(row, place, lore.according)) is not None:
        last, is_letter = found
        end = _run(row, last, lore, keep=True)
        if place == 0:
            end = _to_comma(row, last, end)
        if end > last and previous not in lore.before_noun:  # "del secondo mandato"
            return Cue("according", place, last, (last, end), is_letter=is_letter)
        return None
    if word in lore.sayings and (found := _phrase(row, place, lore.sayings)) is not None:
        return _verb(row, place, found[0], low, lore)
    if word in lore.gerunds:
        that, ends = _introduced(row, place + 1, lore)
        return Cue("gerund", place, max(ends, place + 1), None, that, ends)
    if word in lore.quoting:
        return _quoting(row, place, lore)
    if word in lore.participles:
        return _verb(row, place, place + 1, low, lore) if _has_auxiliary(row, place, low, lore) else None
    is_noun = previous in lore.determiners and previous not in lore.adverbs  # "the report", "la conferma"
    following = row[place + 1] if place + 1 < len(row) else ""
    is_passive = following == "by" or (following == "to" and previous in _BE)  # "is said to have"
    is_found = word in lore.finding and following != "that"  # "was found dead"
    if word not in lore.verbs or is_noun or is_passive or is_found:
        return None
    return _verb(row, place, place + 1, low, lore)


def _quoting(row: Sequence[str], place: int, lore: Lore) -> Cue | None:
    """A verb whose object speaks: "the agency quoted the general as saying"."""
    end = _run(row, place + 1, lore)
    if end == place + 1 or tuple(row[end : end + 2]) != ("as", "saying"):
        return None
    that, ends = _introduced(row, end + 2, lore)
    return Cue("verb", place, place + 1, (place + 1, end), that, max(ends, end + 2))


def _clause(row: Sequence[str], place: int, lore: Lore) -> int | None:
    """Where the clause after "in his words" begins; a colon or a quotation begins none."""
    if place < len(row) and row[place] in (",", "،"):
        place += 1
    return place if place < len(row) and is_word(row[place]) else None


def _has_auxiliary(row: Sequence[str], place: int, low: int, lore: Lore) -> bool:
    back = place - 1
    while back >= low and row[back] in lore.adverbs:
        back -= 1
    return back >= low and row[back] in lore.auxiliaries


def _verb(row: Sequence[str], place: int, last: int, low: int, lore: Lore) -> Cue | None:
    first = place
    while first > low and row[first - 1] in lore.asides:
        first -= 1
    before = _before(row, first, low, lore)
    after = _after(row, last, lore)
    subject = _choose(row, first, before, after, lore)
    # adverbs at the head of the clause ("later", "עוד") are not the cue's words; auxiliaries are
    while first < place and row[first] not in lore.auxiliaries:
        first += 1
    group = max(last, subject[1]) if subject and subject == after else last
    that, ends = _introduced(row, group, lore)
    if that is None:
        that, ends = _introduced_late(row, group, row[place] in lore.telling, lore)
    is_free = not _beside_quote(row, min(first, before[0])) or _is_pronoun(row, last, lore)
    if that is None and lore.modals and group == last and is_free:
        that, ends = _bare(row, last, lore), last
    is_next = that is not None and group == last and that == ends == last + 1
    cue = Cue("verb", first, ends if is_next else last, subject, that, ends)
    if lore.lang == "en" and subject is None and not _is_shared(row, first, lore):
        return None  # "Asked whether", "as announced"
    if row[place] in lore.weak and that is None and not _is_tight(row, cue):
        return None
    if row[place] in lore.depicting:
        return _depicted(row, cue)
    return cue


def _is_shared(row: Sequence[str], first: int, lore: Lore) -> bool:
    """Whether a verb without a source of its own is joined to one with it, or stands beside a quotation."""
    return (first > 0 and row[first - 1] in lore.conjunctions) or _beside_quote(row, first)


def _depicted(row: Sequence[str], cue: Cue) -> Cue | None:
    """A verb like "call", which says only where a quotation follows what it is said of."""
    stops = (at for at in range(cue.last, len(row)) if row[at] == QUOTATION or row[at] in ".;:,،")
    at = next(stops, len(row))
    if at == len(row) or row[at] != QUOTATION or at - cue.last > MAX_SUBJECT:
        return None
    first, last = cue.subject or (0, 0)
    if last - first > 1 and first >= cue.last and row[last - 1].startswith("ال"):
        return cue._replace(subject=(first, last - 1))  # the Arabic object follows the subject
    return cue


def _introduced(row: Sequence[str], place: int, lore: Lore) -> tuple[int | None, int]:
    """Where the clause after `that` begins, and where the words up to it end; a "that" that carries its own
    pronoun, or is written together with the next word, is part of the clause."""
    start = place
    while place < len(row) and row[place] in lore.before_that:
        if lore.lang == "en":
            break
        place += 1
    if place >= len(row):
        return None, start
    word = row[place]
    if word == "if" and row[place - 1] in lore.asking:
        return place + 1, place + 1
    if word in lore.that:
        bare = lore.lang != "ar" or word.endswith("ان")  # "that he" is one word
        return (place + 1, place + 1) if bare else (place, place)
    if word in lore.infinitive and place + 1 < len(row) and _is_infinitive(row[place + 1]):
        return place + 1, place + 1
    if lore.lang == "he" and _is_bound_that(row, place, lore):
        return place, place
    return None, start


def _is_bound_that(row: Sequence[str], place: int, lore: Lore) -> bool:
    """Whether a Hebrew word is "that" with the first word of its clause, two more words following."""
    word, rest = row[place], row[place + 1 : place + 3]
    if not word.startswith("ש") or len(word) < 3 or word in lore.not_that:
        return False
    return len(rest) == 2 and all(is_word(other) and other not in lore.that for other in rest)


def _is_infinitive(word: str) -> bool:
    return len(word) > 3 and word.endswith(
        ("ar", "er", "ir", "are", "ere", "ire", "rre", "rsi", "rlo", "rla", "rli", "rle", "rne", "rci")
    )


def _introduced_late(row: Sequence[str], place: int, is_told: bool, lore: Lore) -> tuple[int | None, int]:
    """A "that" some words after its verb: "told reporters on Monday that"."""
    for at in range(place, min(place + MAX_SUBJECT, len(row))):
        if row[at] == QUOTATION and at + 1 < len(row) and row[at + 1] in lore.that:
            continue
        if row[at] == QUOTATION or row[at] in ":;." or row[at] in lore.heads:
            return None, place
        if row[at] in lore.that and row[at] not in lore.adverbs:
            if at > place and not (is_told or _is_addressed(row, place, at, lore)):
                return None, place
            that, _ = _introduced(row, at, lore)
            return that, at + 1
    return None, place


def _is_addressed(row: Sequence[str], place: int, that: int, lore: Lore) -> bool:
    """Whether the words between verb and "that" can say to whom or when; else "that" may be "which"."""
    if lore.lang not in ("en", "it"):
        return True
    word = row[place]
    return word in lore.addressing and (lore.lang == "en" or that - place <= 2)


def _bare(row: Sequence[str], place: int, lore: Lore) -> int | None:
    """Where a clause without "that" begins: a verb of saying, a short subject, then a finite verb."""
    if place < len(row) and row[place] in lore.conjunctions:
        return None
    for at in range(place, min(place + MAX_SUBJECT, len(row))):
        if at > place and row[at] in lore.modals:
            return place
        if not is_word(row[at]) or row[at] in lore.heads:
            return None
    return place if _is_pronoun(row, place, lore) else None


def _is_pronoun(row: Sequence[str], place: int, lore: Lore) -> bool:
    """Whether a clause can begin with a pronoun here."""
    return place < len(row) and row[place] in lore.openers


def _beside_quote(row: Sequence[str], place: int) -> bool:
    back = place - 1
    return back >= 0 and (
        row[back] == QUOTATION or (row[back] == "," and back > 0 and row[back - 1] == QUOTATION)
    )


def _is_tight(row: Sequence[str], cue: Cue) -> bool:
    """Whether a quotation or a colon follows a cue in the same clause, or a quotation stands before it."""
    if _beside_quote(row, cue.begins):
        return True
    after = row[cue.finishes : cue.finishes + _NEAR + 1]
    if after and after[0] in (",", "،"):
        after = after[1:]
    if after and after[0] == QUOTATION:
        return True
    stop = next((word for word in after if not is_word(word)), None)
    return stop == ":"


def _run(row: Sequence[str], place: int, lore: Lore, keep: bool = False) -> int:
    """Where the words of a source that begin at `place` end; `keep` lets them begin with any word."""
    end = place
    while end < len(row) and end - place < MAX_SUBJECT and is_word(row[end]):
        word = row[end]
        is_noun = (keep and end == place) or (end > place and row[end - 1] in lore.determiners)
        if word in lore.heads and not is_noun:
            break
        if lore.lang == "ar" and end > place and word.startswith(("لل", "بال")):
            break
        if lore.lang == "he" and _is_bound_that(row, end, lore):
            break
        if word in lore.prepositions or word in lore.that or word in lore.relatives or word in lore.times:
            break
        if word in lore.infinitive and end + 1 < len(row) and _is_infinitive(row[end + 1]):
            break
        end += 1
    return end


def _to_comma(row: Sequence[str], place: int, end: int) -> int:
    """Where a source at a sentence's head ends: "According to people familiar with the talks, ..." """
    at = end
    while at < len(row) and is_word(row[at]) and at - place < MAX_SUBJECT:
        at += 1
    return at if at < len(row) and row[at] in (",", "،") else end


def _after(row: Sequence[str], place: int, lore: Lore) -> tuple[int, int]:
    while place < len(row) and row[place] in lore.between:
        place += 1
    if lore.lang == "it":
        place = _behind_adverbial(row, place, lore)
    end = _run(row, place, lore)
    while end > place and row[end - 1] in lore.trailing:
        end -= 1
    is_article = end - place == 1 and row[place] in lore.determiners
    if is_article and end < len(row) and row[end] == QUOTATION:
        return place, place  # promised a “soft landing”
    return place, end


def _behind_adverbial(row: Sequence[str], place: int, lore: Lore) -> int:
    """Where an Italian source begins that follows a place or a time: "ha detto in aula la ministra"."""
    if place < len(row) and row[place] in lore.prepositions:
        for at in range(place + 2, min(place + 4, len(row) - 1)):
            is_title = row[at] in lore.determiners and row[at + 1] in lore.role_heads
            if is_title and row[at - 1] not in lore.prepositions and all(map(is_word, row[place:at])):
                return at
    return place


def _before(row: Sequence[str], place: int, low: int, lore: Lore) -> tuple[int, int]:
    """The words of a source that end at `place`: back to a stop, a conjunction or a quotation."""
    end, is_relative = place, False
    if end - 1 > low and row[end - 1] in lore.relatives:
        is_relative, end = True, end - 1
    is_aside = end - 2 > low and (row[end - 2] != QUOTATION or is_word(row[end - 3]))  # “The Sea”, said
    if is_aside and row[end - 1] in (",", "-", "–", "—"):
        near = range(max(low, end - MAX_SUBJECT - 3), end - 1)
        commas = [at for at in near if row[at] in (",", "-", "–", "—")]
        if is_relative:
            end -= 1
        elif commas and commas[-1] > low and end - 2 - commas[-1] <= MAX_SUBJECT:
            end = commas[-1]  # "Rossi, the mayor, said"
        else:
            return place, place
    start = end
    low = max(low, end - 4 * MAX_SUBJECT)
    while start > low and is_word(row[start - 1]) and row[start - 1] not in lore.conjunctions:
        if lore.lang == "ar" and row[start - 1] in lore.auxiliaries:
            break
        start -= 1
    if start > low + 1 and row[start - 1] in ("and", "e", "ed") and start < end:
        start = _joined(row, start, low, lore)
    return _without_adverbial(row, start, end, is_relative, lore)


def _joined(row: Sequence[str], start: int, low: int, lore: Lore) -> int:
    """Two names joined by "and" are one source; after a clause "and" begins a new one."""
    back = start - 1
    low = max(low, back - MAX_SUBJECT)
    while back > low and is_word(row[back - 1]) and row[back - 1] not in lore.conjunctions:
        back -= 1
    words = row[back : start - 1]
    is_name = len(words) <= 4 and words and not any(word in lore.small for word in words)
    return back if is_name else start


def _without_adverbial(
    row: Sequence[str], start: int, end: int, is_relative: bool, lore: Lore
) -> tuple[int, int]:
    """Drop "On Monday", "In a statement" and adverbs from the head of a source."""
    while start < end and row[start] in lore.light:
        start += 1
    if lore.lang == "he" and is_relative:
        # only a preposition of its own tells where the name begins: "with Mayor Levi, who said"
        first = next((at for at in range(end, start, -1) if row[at - 1] in lore.breaks), start)
        return (first, end) if start < first and end - first <= _NEAR else (end, end)
    if lore.lang in ("ar", "he"):
        is_adverbial = start < end and row[start] in lore.prepositions
        if is_adverbial or is_relative or end - start > MAX_SUBJECT + 1:
            return end, end
        return start, end
    if is_relative:
        start = next((at for at in range(end, start, -1) if row[at - 1] in lore.breaks), start)
        while start < end and row[start] in lore.linking:
            start += 1
        return start, end
    if start < end and (row[start] in lore.prepositions or end - start > 2 * MAX_SUBJECT):
        for at in range(end - 1, start, -1):
            before = row[at - 1]
            if row[at] in lore.determiners and before not in lore.prepositions and before != "of":
                return at, end
        if row[start] in lore.prepositions:
            start += 1
            while start < end and row[start] in lore.dates:
                start += 1
        return (start, end) if end - start <= 4 else (end, end)
    return start, end


_LETTERS = {"he": ("ב", "ל", "מ", "כ"), "ar": ("لل", "بال", "ل")}


def _choose(
    row: Sequence[str], first: int, before: tuple[int, int], after: tuple[int, int], lore: Lore
) -> tuple[int, int] | None:
    """The source of a verb: what stands before it or what stands after it, by the language's habit."""
    has_before, has_after = before[1] > before[0], after[1] > after[0]
    if lore.lang in ("en", "it"):
        if has_before:
            return before
        if _beside_quote(row, first) and has_after:
            return after
        previous = row[first - 1] if first else ""
        may_invert = lore.lang == "it" or previous in ("-", "–", "—", ",")
        return after if has_after and may_invert and previous not in lore.conjunctions else None
    if has_before and has_after:
        # a word with a preposition's letter is an addressee or a place, unless it is a name
        letters = _LETTERS.get(lore.lang, ())
        doubtful_after = row[after[0]].startswith(letters)
        doubtful_before = row[before[0]].startswith(letters)
        if lore.lang == "ar":
            return before if doubtful_after and not doubtful_before else after
        return after if doubtful_before and not doubtful_after else before
    if has_after:
        return after if not row[after[0]].startswith(("لل", "بال")) else None
    return before if has_before else None
