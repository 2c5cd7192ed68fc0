"""Cues: the words that say that somebody speaks, with the words beside them that say who."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pipeline.quotes.lore import Lore, Phrases
from pipeline.quotes.words import Item

CueKind = Literal["verb", "gerund", "according", "own"]
MAX_SUBJECT = 9
"""Longer runs of words after a verb are no source; one before it may be longer, as it ends at the verb."""
_BE = frozenset("is are was were be been being".split())
_NEAR = 4
"""So many words may stand between a doubtful verb and the colon that makes it one of saying."""


class Cue(NamedTuple):
    """A cue in a row of items: `items[first:last]` are its words, `items[subject[0]:subject[1]]` its source.

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


def cues(items: Sequence[Item], lore: Lore) -> list[Cue]:
    """Return the cues of one sentence in order."""
    found: list[Cue] = []
    taken = 0
    heads = lore.heads
    for place in [at for at, item in enumerate(items) if item[0] in heads]:
        cue = _cue(items, place, taken, lore) if place >= taken else None
        if cue:
            found.append(cue)
            taken = max(cue.last, cue.ends)
    return found


def _phrase(items: Sequence[Item], place: int, phrases: Phrases) -> tuple[int, bool] | None:
    """Where the phrase that begins at `place` ends, and whether its last word is a letter of the next one."""
    following = items[place + 1].word if place + 1 < len(items) else ""
    for phrase in phrases.get(items[place].word, ()):
        if len(phrase) > 1 and not following.startswith(phrase[1]):
            continue
        last = place + len(phrase)
        words = tuple(item.word for item in items[place:last])
        if words == phrase:
            return last, False
        letter = phrase[-1] if len(phrase[-1]) == 1 and not phrase[-1].isascii() else "\0"
        if words[:-1] == phrase[:-1] and words[-1:] and words[-1].startswith(letter):
            return last - 1, True
    return None


def _cue(items: Sequence[Item], place: int, low: int, lore: Lore) -> Cue | None:
    word, previous = items[place].word, items[place - 1].word if place else ""
    if word in lore.own and (found := _phrase(items, place, lore.own)) is not None:
        return Cue("own", place, found[0], None, _clause(items, found[0], lore))
    if word in lore.according and (found := _phrase(items, place, lore.according)) is not None:
        last, is_letter = found
        end = _run(items, last, lore, keep=True)
        if place == 0:
            end = _to_comma(items, last, end)
        if end > last and previous not in lore.before_noun:  # "del secondo mandato"
            return Cue("according", place, last, (last, end), is_letter=is_letter)
        return None
    if word in lore.sayings and (found := _phrase(items, place, lore.sayings)) is not None:
        return _verb(items, place, found[0], low, lore)
    if word in lore.gerunds:
        that, ends = _introduced(items, place + 1, lore)
        return Cue("gerund", place, max(ends, place + 1), None, that, ends)
    if word in lore.quoting:
        return _quoting(items, place, lore)
    if word in lore.participles:
        return _verb(items, place, place + 1, low, lore) if _has_auxiliary(items, place, low, lore) else None
    is_noun = previous in lore.determiners and previous not in lore.adverbs  # "the report", "la conferma"
    following = items[place + 1].word if place + 1 < len(items) else ""
    is_passive = following == "by" or (following == "to" and previous in _BE)  # "is said to have"
    if word not in lore.verbs or is_noun or is_passive:
        return None
    return _verb(items, place, place + 1, low, lore)


def _quoting(items: Sequence[Item], place: int, lore: Lore) -> Cue | None:
    """A verb whose object speaks: "the agency quoted the general as saying"."""
    end = _run(items, place + 1, lore)
    if end == place + 1 or [item.word for item in items[end : end + 2]] != ["as", "saying"]:
        return None
    that, ends = _introduced(items, end + 2, lore)
    return Cue("verb", place, place + 1, (place + 1, end), that, max(ends, end + 2))


def _clause(items: Sequence[Item], place: int, lore: Lore) -> int | None:
    """Where the clause after "in his words" begins; a colon or a quotation begins none."""
    if place < len(items) and items[place].word in (",", "،"):
        place += 1
    return place if place < len(items) and items[place].is_word else None


def _has_auxiliary(items: Sequence[Item], place: int, low: int, lore: Lore) -> bool:
    back = place - 1
    while back >= low and items[back].word in lore.adverbs:
        back -= 1
    return back >= low and items[back].word in lore.auxiliaries


def _verb(items: Sequence[Item], place: int, last: int, low: int, lore: Lore) -> Cue | None:
    first = place
    while first > low and items[first - 1].word in lore.asides:
        first -= 1
    before = _before(items, first, low, lore)
    after = _after(items, last, lore)
    subject = _choose(items, first, before, after, lore)
    # adverbs at the head of the clause ("later", "עוד") are not the cue's words; auxiliaries are
    while first < place and items[first].word not in lore.auxiliaries:
        first += 1
    group = max(last, subject[1]) if subject and subject == after else last
    that, ends = _introduced(items, group, lore)
    if that is None:
        that, ends = _introduced_late(items, group, items[place].word in lore.telling, lore)
    is_free = not _beside_quote(items, min(first, before[0])) or _is_pronoun(items, last, lore)
    if that is None and lore.modals and group == last and is_free:
        that, ends = _bare(items, last, lore), last
    is_next = that is not None and group == last and that == ends == last + 1
    cue = Cue("verb", first, ends if is_next else last, subject, that, ends)
    if lore.lang == "en" and subject is None and not _is_shared(items, first, lore):
        return None  # "Asked whether", "as announced"
    if items[place].word in lore.weak and that is None and not _is_tight(items, cue):
        return None
    if items[place].word in lore.depicting:
        return _depicted(items, cue)
    return cue


def _is_shared(items: Sequence[Item], first: int, lore: Lore) -> bool:
    """Whether a verb without a source of its own is joined to one with it, or stands beside a quotation."""
    return (first > 0 and items[first - 1].word in lore.conjunctions) or _beside_quote(items, first)


def _depicted(items: Sequence[Item], cue: Cue) -> Cue | None:
    """A verb like "call", which says only where a quotation follows what it is said of."""
    stops = (at for at in range(cue.last, len(items)) if items[at].quote >= 0 or items[at].word in ".;:,،")
    at = next(stops, len(items))
    if at == len(items) or items[at].quote < 0 or at - cue.last > MAX_SUBJECT:
        return None
    first, last = cue.subject or (0, 0)
    if last - first > 1 and first >= cue.last and items[last - 1].word.startswith("ال"):
        return cue._replace(subject=(first, last - 1))  # the Arabic object follows the subject
    return cue


def _introduced(items: Sequence[Item], place: int, lore: Lore) -> tuple[int | None, int]:
    """Where the clause after `that` begins, and where the words up to it end; a "that" that carries its own
    pronoun, or is written together with the next word, is part of the clause."""
    start = place
    while place < len(items) and items[place].word in lore.before_that:
        if lore.lang == "en":
            break
        place += 1
    if place >= len(items):
        return None, start
    word = items[place].word
    if word == "if" and items[place - 1].word in lore.asking:
        return place + 1, place + 1
    if word in lore.that:
        bare = lore.lang != "ar" or word.endswith("ان")  # "that he" is one word
        return (place + 1, place + 1) if bare else (place, place)
    if word in lore.infinitive and place + 1 < len(items) and _is_infinitive(items[place + 1].word):
        return place + 1, place + 1
    if lore.lang == "he" and _is_bound_that(items, place, lore):
        return place, place
    return None, start


def _is_bound_that(items: Sequence[Item], place: int, lore: Lore) -> bool:
    """Whether a Hebrew word is "that" with the first word of its clause, two more words following."""
    word, rest = items[place].word, items[place + 1 : place + 3]
    if not word.startswith("ש") or len(word) < 3 or word in lore.not_that:
        return False
    return len(rest) == 2 and all(item.is_word and item.word not in lore.that for item in rest)


def _is_infinitive(word: str) -> bool:
    return len(word) > 3 and word.endswith(
        ("ar", "er", "ir", "are", "ere", "ire", "rre", "rsi", "rlo", "rla", "rli", "rle", "rne", "rci")
    )


def _introduced_late(items: Sequence[Item], place: int, is_told: bool, lore: Lore) -> tuple[int | None, int]:
    """A "that" some words after its verb: "told reporters on Monday that"."""
    for at in range(place, min(place + MAX_SUBJECT, len(items))):
        if items[at].quote >= 0 and at + 1 < len(items) and items[at + 1].word in lore.that:
            continue
        if items[at].quote >= 0 or items[at].word in ":;." or items[at].word in lore.heads:
            return None, place
        if items[at].word in lore.that and items[at].word not in lore.adverbs:
            if at > place and not (is_told or _is_addressed(items, place, at, lore)):
                return None, place
            that, _ = _introduced(items, at, lore)
            return that, at + 1
    return None, place


def _is_addressed(items: Sequence[Item], place: int, that: int, lore: Lore) -> bool:
    """Whether the words between verb and "that" can say to whom or when; else "that" may be "which"."""
    if lore.lang not in ("en", "it"):
        return True
    word = items[place].word
    return word in lore.addressing and (lore.lang == "en" or that - place <= 2)


def _bare(items: Sequence[Item], place: int, lore: Lore) -> int | None:
    """Where a clause without "that" begins: a verb of saying, a short subject, then a finite verb."""
    if place < len(items) and items[place].word in lore.conjunctions:
        return None
    for at in range(place, min(place + MAX_SUBJECT, len(items))):
        if at > place and items[at].word in lore.modals:
            return place
        if not items[at].is_word or items[at].word in lore.heads:
            return None
    return place if _is_pronoun(items, place, lore) else None


def _is_pronoun(items: Sequence[Item], place: int, lore: Lore) -> bool:
    """Whether a clause can begin with a pronoun here."""
    return place < len(items) and items[place].word in lore.openers


def _beside_quote(items: Sequence[Item], place: int) -> bool:
    back = place - 1
    return back >= 0 and (
        items[back].quote >= 0 or (items[back].word == "," and back > 0 and items[back - 1].quote >= 0)
    )


def _is_tight(items: Sequence[Item], cue: Cue) -> bool:
    """Whether a quotation or a colon follows a cue in the same clause, or a quotation stands before it."""
    if _beside_quote(items, cue.begins):
        return True
    after = items[cue.finishes : cue.finishes + _NEAR + 1]
    if after and after[0].word in (",", "،"):
        after = after[1:]
    if after and after[0].quote >= 0:
        return True
    stop = next((item for item in after if not item.is_word), None)
    return stop is not None and stop.word == ":"


def _run(items: Sequence[Item], place: int, lore: Lore, keep: bool = False) -> int:
    """Where the words of a source that begin at `place` end; `keep` lets them begin with any word."""
    end = place
    while end < len(items) and end - place < MAX_SUBJECT and items[end].is_word:
        word = items[end].word
        is_noun = (keep and end == place) or (end > place and items[end - 1].word in lore.determiners)
        if word in lore.heads and not is_noun:
            break
        if lore.lang == "ar" and end > place and word.startswith(("لل", "بال")):
            break
        if lore.lang == "he" and _is_bound_that(items, end, lore):
            break
        if word in lore.prepositions or word in lore.that or word in lore.relatives or word in lore.times:
            break
        if word in lore.infinitive and end + 1 < len(items) and _is_infinitive(items[end + 1].word):
            break
        end += 1
    return end


def _to_comma(items: Sequence[Item], place: int, end: int) -> int:
    """Where a source at a sentence's head ends: "According to people familiar with the talks, ..." """
    at = end
    while at < len(items) and items[at].is_word and at - place < MAX_SUBJECT:
        at += 1
    return at if at < len(items) and items[at].word in (",", "،") else end


def _after(items: Sequence[Item], place: int, lore: Lore) -> tuple[int, int]:
    while place < len(items) and items[place].word in lore.between:
        place += 1
    end = _run(items, place, lore)
    while end > place and items[end - 1].word in lore.trailing:
        end -= 1
    is_article = end - place == 1 and items[place].word in lore.determiners
    if is_article and end < len(items) and items[end].quote >= 0:
        return place, place  # promised a “soft landing”
    return place, end


def _before(items: Sequence[Item], place: int, low: int, lore: Lore) -> tuple[int, int]:
    """The words of a source that end at `place`: back to a stop, a conjunction or a quotation."""
    end, is_relative = place, False
    if end - 1 > low and items[end - 1].word in lore.relatives:
        is_relative, end = True, end - 1
    is_aside = end - 2 > low and (items[end - 2].quote < 0 or items[end - 3].is_word)  # “The Sea”, said
    if is_aside and items[end - 1].word in (",", "-", "–", "—"):
        near = range(max(low, end - MAX_SUBJECT - 3), end - 1)
        commas = [at for at in near if items[at].word in (",", "-", "–", "—")]
        if is_relative:
            end -= 1
        elif commas and commas[-1] > low and end - 2 - commas[-1] <= MAX_SUBJECT:
            end = commas[-1]  # "Rossi, the mayor, said"
        else:
            return place, place
    start = end
    low = max(low, end - 4 * MAX_SUBJECT)
    while start > low and items[start - 1].is_word and items[start - 1].word not in lore.conjunctions:
        if lore.lang == "ar" and items[start - 1].word in lore.auxiliaries:
            break
        start -= 1
    if start > low + 1 and items[start - 1].word in ("and", "e", "ed") and start < end:
        start = _joined(items, start, low, lore)
    return _without_adverbial(items, start, end, is_relative, lore)


def _joined(items: Sequence[Item], start: int, low: int, lore: Lore) -> int:
    """Two names joined by "and" are one source; after a clause "and" begins a new one."""
    back = start - 1
    low = max(low, back - MAX_SUBJECT)
    while back > low and items[back - 1].is_word and items[back - 1].word not in lore.conjunctions:
        back -= 1
    words = items[back : start - 1]
    is_name = len(words) <= 4 and words and not any(item.word in lore.small for item in words)
    return back if is_name else start


def _without_adverbial(
    items: Sequence[Item], start: int, end: int, is_relative: bool, lore: Lore
) -> tuple[int, int]:
    """Drop "On Monday", "In a statement" and adverbs from the head of a source."""
    while start < end and items[start].word in lore.light:
        start += 1
    if lore.lang == "he" and is_relative:
        # only a preposition of its own tells where the name begins: "with Mayor Levi, who said"
        first = next((at for at in range(end, start, -1) if items[at - 1].word in lore.breaks), start)
        return (first, end) if start < first and end - first <= _NEAR else (end, end)
    if lore.lang in ("ar", "he"):
        is_adverbial = start < end and items[start].word in lore.prepositions
        if is_adverbial or is_relative or end - start > MAX_SUBJECT + 1:
            return end, end
        return start, end
    if is_relative:
        start = next((at for at in range(end, start, -1) if items[at - 1].word in lore.breaks), start)
        while start < end and items[start].word in lore.linking:
            start += 1
        return start, end
    if start < end and (items[start].word in lore.prepositions or end - start > 2 * MAX_SUBJECT):
        for at in range(end - 1, start, -1):
            before = items[at - 1].word
            if items[at].word in lore.determiners and before not in lore.prepositions and before != "of":
                return at, end
        if items[start].word in lore.prepositions:
            start += 1
            while start < end and items[start].word in lore.dates:
                start += 1
        return (start, end) if end - start <= 4 else (end, end)
    return start, end


_LETTERS = {"he": ("ב", "ל", "מ", "כ"), "ar": ("لل", "بال", "ل")}


def _choose(
    items: Sequence[Item], first: int, before: tuple[int, int], after: tuple[int, int], lore: Lore
) -> tuple[int, int] | None:
    """The source of a verb: what stands before it or what stands after it, by the language's habit."""
    has_before, has_after = before[1] > before[0], after[1] > after[0]
    if lore.lang in ("en", "it"):
        if has_before:
            return before
        if _beside_quote(items, first) and has_after:
            return after
        previous = items[first - 1].word if first else ""
        may_invert = lore.lang == "it" or previous in ("-", "–", "—", ",")
        return after if has_after and may_invert and previous not in lore.conjunctions else None
    if has_before and has_after:
        # a word with a preposition's letter is an addressee or a place, unless it is a name
        letters = _LETTERS.get(lore.lang, ())
        doubtful_after = items[after[0]].word.startswith(letters)
        doubtful_before = items[before[0]].word.startswith(letters)
        if lore.lang == "ar":
            return before if doubtful_after and not doubtful_before else after
        return after if doubtful_before and not doubtful_after else before
    if has_after:
        return after if not items[after[0]].word.startswith(("لل", "بال")) else None
    return before if has_before else None
