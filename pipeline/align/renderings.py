"""Where the members of a statement part, and with which words.

A difference between two members in one language is seen in the words themselves; it makes a slot, and the
other languages' words for it are found through their links. Across languages only what is sure makes a slot:
numbers, names and negations that differ, and words that nothing in the other member comes near. Function
words make none. What cannot be told is left out: a wrong slot costs more than a missing one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from pipeline.align.links import (
    ABSENT,
    Lexicon,
    Text,
    centres,
    fits,
    links,
    read,
    read_alone,
    scores,
)
from pipeline.align.relays import foreign
from pipeline.align.statements import Version
from pipeline.align.words import Word
from pipeline.engines.ports import Encoder, Floats
from pipeline.quotes.names import alike, names
from pipeline.records import Member, Rendering, RenderingClass, Statement, Translations

Spot = tuple[int, int]
"""(member, word): a word of one of a statement's members."""

CLOSE = 0.5
"""Share of a member's words of news that must have links before its other words can be called added."""
LONGEST = 4
"""Words of news in a phrase: longer ones are not a rendering but another statement."""


def renderings(
    statements: Sequence[Statement],
    versions: Sequence[Version],
    translations: Translations,
    encoder: Encoder,
) -> tuple[Rendering, ...]:
    """Return the places where the members of each statement part, in order of statement and slot.

    Slots of a statement count from 1, in the order of its first member's words. In a slot English comes
    first, relays after it, then the other languages; a member that is not in it says nothing to the
    point, or nothing that could be told.
    """
    several = [statement for statement in statements if len(statement.members) > 1]
    if not several:
        return ()
    english = {
        (m.lang, m.text): t.english
        for s in several
        for m in s.members
        if m.lang != "en" and (t := translations.get((m.lang, m.text))) and t.english
    }
    texts: dict[str, list[str]] = {}
    for statement in several:
        for m in statement.members:
            texts.setdefault(m.lang, []).append(m.text)
    if english:
        texts.setdefault("en", []).extend(english.values())
    lexicon = Lexicon(texts, encoder)
    centre = centres(versions)
    states = dict(zip(english.values(), encoder.encode(list(english.values())), strict=True))
    by_article = {version.article.id: version for version in versions}
    found: list[Rendering] = []
    for statement in several:
        members = sorted(statement.members, key=lambda m: m.article)
        read_in = [read(m, by_article[m.article], centre[m.lang], lexicon) for m in members]
        glosses: list[Text | None] = [
            read_alone(e, "en", states[e], states[e].states.mean(axis=0), lexicon)
            if (e := english.get((m.lang, m.text), ""))
            else None
            for m in members
        ]
        found += _Parting(statement.id, members, read_in, glosses).renderings()
    return tuple(found)


@dataclass(slots=True)
class _Slot:
    """Words of several members that stand for one another; `lacks` are members that have none for sure."""

    spots: set[Spot]
    kind: RenderingClass
    lacks: set[int] = field(default_factory=set)


class _Parting:
    """One statement's members, linked word by word."""

    def __init__(
        self, id: str, members: Sequence[Member], texts: Sequence[Text], glosses: Sequence[Text | None]
    ) -> None:
        self.id, self.members, self.texts, self.glosses = id, members, texts, glosses
        self.gloss_links = [_gloss(text, gloss) for text, gloss in zip(texts, glosses, strict=True)]
        self.score: dict[tuple[int, int], Floats] = {}
        self.runs = [list(_runs(text)) for text in texts]
        self.run_of = {(m, word): run for m, runs in enumerate(self.runs) for run in runs for word in run}
        self.cluster: dict[Spot, int] = {}
        self.identity = [_identities(text) for text in texts]
        self._link()

    def _link(self) -> None:
        """Join words into clusters, the surest link first, at most one word a member."""
        found: list[tuple[float, Spot, Spot]] = []
        for a, b in combinations(range(len(self.texts)), 2):
            score = scores(self.texts[a], self.texts[b])
            self._by_english(score, a, b)
            self.score[a, b], self.score[b, a] = score, score.T
            found += [(s, (a, i), (b, j)) for s, i, j in links(score, self.texts[a], self.texts[b])]
        clusters: dict[Spot, set[Spot]] = {}
        for _, one, other in sorted(found, key=lambda link: (-round(link[0], 4), link[1:])):
            left, right = clusters.setdefault(one, {one}), clusters.setdefault(other, {other})
            if left is right or {m for m, _ in left} & {m for m, _ in right}:
                continue
            left |= right
            for spot in right:
                clusters[spot] = left
        numbered = {id(c): n for n, c in enumerate(clusters.values())}
        self.groups = {numbered[id(c)]: c for c in clusters.values() if len(c) > 1}
        self.cluster = {spot: numbered[id(c)] for spot, c in clusters.items() if len(c) > 1}

    def _by_english(self, score: Floats, a: int, b: int) -> None:
        """Raise the score of words whose English is one word."""
        left, right = self._stems(a), self._stems(b)
        for i, stems in left.items():
            for j, others in right.items():
                if stems & others and self.texts[a].lang != self.texts[b].lang:
                    score[i, j] += 0.6

    def _stems(self, m: int) -> dict[int, set[str]]:
        if self.texts[m].lang == "en":
            return {i: {w.stem} for i, w in enumerate(self.texts[m].words) if w.kind != "function"}
        gloss = self.glosses[m]
        return {i: {gloss.words[j].stem} for i, j in self.gloss_links[m].items()} if gloss else {}

    def word(self, spot: Spot) -> Word:
        return self.texts[spot[0]].words[spot[1]]

    def linked(self, spot: Spot, m: int) -> Spot | None:
        """Return the word of member `m` that is linked to the word at `spot`."""
        for other in self.groups.get(self.cluster.get(spot, -1), ()):
            if other[0] == m:
                return other
        return None

    def renderings(self) -> list[Rendering]:
        """Return the slots' rows, numbered."""
        slots = [slot for slot in self._merged(self._seeds()) if self._told(slot)]
        rows = []
        for number, slot in enumerate(sorted(slots, key=self._place), start=1):
            rows += self._rows(slot, number)
        return rows

    def _place(self, slot: _Slot) -> tuple[int, int]:
        m, word = min(slot.spots)
        return m, self.texts[m].words[word].start

    def _seeds(self) -> Iterator[_Slot]:
        for a, b in combinations(range(len(self.texts)), 2):
            if self.texts[a].lang == self.texts[b].lang:
                yield from self._reworded(a, b)
            yield from self._identified(a, b)
            yield from self._negated(a, b)
            yield from self._negated(b, a)
        yield from self._added()

    # --- words of one language

    def _reworded(self, a: int, b: int) -> Iterator[_Slot]:
        """Two members in one language: linked words that differ, and rests beside a word that both have."""
        for group in self.groups.values():
            here = {m: spot for m, spot in ((s[0], s) for s in group) if m in (a, b)}
            if len(here) < 2:
                continue
            one, other = self.word(here[a]), self.word(here[b])
            rests = self._rest(here[a], b), self._rest(here[b], a)
            if one.stem != other.stem and one.kind == other.kind == "content":
                yield _Slot({here[a], here[b]}, "paraphrase")
            elif rests[0] and rests[1]:
                yield _Slot({here[a], here[b], *rests[0], *rests[1]}, "paraphrase")

    def _rest(self, head: Spot, other: int) -> set[Spot]:
        """Return the words beside a head, in its run, for which the other member has none."""
        run = self.run_of.get(head, ())
        at = run.index(head[1]) if head[1] in run else 0
        rest: set[Spot] = set()
        for step in (-1, 1):
            place = at + step
            while 0 <= place < len(run) and self._alone((head[0], run[place]), other):
                rest.add((head[0], run[place]))
                place += step
        return rest

    def _alone(self, spot: Spot, other: int) -> bool:
        return self.linked(spot, other) is None and self.word(spot).kind == "content"

    # --- numbers, names, negations

    def _identified(self, a: int, b: int) -> Iterator[_Slot]:
        """Linked or equally placed words whose number or well-known name differs."""
        for i, (what, kind) in self.identity[a].items():
            for j, (other, other_kind) in self.identity[b].items():
                if kind != other_kind or what == other or not fits(self.word((a, i)), self.word((b, j))):
                    continue
                if what in {w for w, _ in self.identity[b].values()} or other in {
                    w for w, _ in self.identity[a].values()
                }:
                    continue
                heads = self._shared_neighbours((a, i), (b, j))
                if heads:
                    yield _Slot({(a, i), (b, j), *heads}, kind)

    def _shared_neighbours(self, one: Spot, other: Spot) -> set[Spot]:
        """Return the next word of news after both, or before both, where the two are linked."""
        for step in (1, -1):
            left, right = self._neighbour(one, step), self._neighbour(other, step)
            if left and right and self.linked(left, other[0]) == right:
                return {left, right}
        return set()

    def _neighbour(self, spot: Spot, step: int) -> Spot | None:
        run = self.run_of.get(spot, ())
        place = run.index(spot[1]) + step if spot[1] in run else -1
        return (spot[0], run[place]) if 0 <= place < len(run) else None

    def _negated(self, a: int, b: int) -> Iterator[_Slot]:
        """A negation in `a` whose word `b` has without one, where `b` has none at all."""
        if any(word.kind == "negation" for word in self.texts[b].words):
            return
        for i, word in enumerate(self.texts[a].words):
            if word.kind != "negation":
                continue
            scope = next(
                (
                    j
                    for j in range(i + 1, min(i + 4, len(self.texts[a].words)))
                    if self.texts[a].words[j].kind == "content"
                ),
                None,
            )
            if scope is None:
                continue
            counterpart = self.linked((a, scope), b)
            if counterpart is None:
                continue
            sure = (
                self.word((a, scope)).stem == self.word(counterpart).stem
                if self.texts[a].lang == self.texts[b].lang
                else self.score[a, b][scope, counterpart[1]] >= 0.5
            )
            if sure:
                yield _Slot({(a, i), (a, scope), counterpart}, "negation")

    # --- words without a counterpart

    def _added(self) -> Iterator[_Slot]:
        """Runs of words for which another, close member has nothing that comes near."""
        close = {
            (a, b)
            for a in range(len(self.texts))
            for b in range(len(self.texts))
            if a != b and self._close(a, b)
        }
        for m, runs in enumerate(self.runs):
            for run in runs:
                news = [i for i in run if self.word((m, i)).kind == "content"]
                lacks = {
                    other
                    for other in range(len(self.texts))
                    if (m, other) in close and news and all(self._absent((m, i), other) for i in news)
                }
                if lacks and len(news) <= LONGEST:
                    spots = {s for i in news for s in self.groups.get(self.cluster.get((m, i), -1), {(m, i)})}
                    yield _Slot(spots, "added", lacks - {s[0] for s in spots})

    def _absent(self, spot: Spot, other: int) -> bool:
        if self.linked(spot, other) is not None:
            return False
        row = self.score[spot[0], other][spot[1]]
        return bool(row.size) and float(row.max()) < ABSENT

    def _close(self, a: int, b: int) -> bool:
        return min(self._covered(a, b), self._covered(b, a)) >= CLOSE

    def _covered(self, a: int, b: int) -> float:
        news = [i for i, word in enumerate(self.texts[a].words) if word.kind == "content"]
        return sum(self.linked((a, i), b) is not None for i in news) / max(len(news), 1)

    # --- from seeds to rows

    def _merged(self, seeds: Iterable[_Slot]) -> list[_Slot]:
        """Join seeds that share a word, and bring in the other members' words for them."""
        slots: list[_Slot] = []
        for seed in seeds:
            full = _Slot(self._projected(seed), seed.kind, set(seed.lacks))
            for other in [s for s in slots if s.spots & full.spots]:
                slots.remove(other)
                kind = min(full.kind, other.kind, key=_RANK.index)
                full = _Slot(full.spots | other.spots, kind, full.lacks | other.lacks)
            slots.append(full)
        for slot in slots:
            slot.lacks -= {m for m, _ in slot.spots}
        return slots

    def _projected(self, seed: _Slot) -> set[Spot]:
        """Add to a seed's words those linked to them, and what stands beside these without a link."""
        spots = set(seed.spots)
        for spot in seed.spots:
            spots |= self.groups.get(self.cluster.get(spot, -1), set())
        if seed.kind == "paraphrase" and len(seed.spots) > 2:
            seeded = {m for m, _ in seed.spots}
            for spot in sorted(spots):
                if spot[0] not in seeded:
                    spots |= self._loose(spot)
        return spots

    def _loose(self, head: Spot) -> set[Spot]:
        """Return the words beside a head, in its run, that have no link at all."""
        run = self.run_of.get(head, ())
        at = run.index(head[1]) if head[1] in run else 0
        rest: set[Spot] = set()
        for step in (-1, 1):
            place = at + step
            while 0 <= place < len(run) and (head[0], run[place]) not in self.cluster:
                rest.add((head[0], run[place]))
                place += step
        return rest

    def _told(self, slot: _Slot) -> bool:
        """Whether a slot is worth a reader's while: two members at least, phrases of a phrase's length."""
        present = {m for m, _ in slot.spots}
        if len(present | slot.lacks) < 2:
            return False
        return all(len(self._news(slot, m)) <= LONGEST for m in present)

    def _news(self, slot: _Slot, m: int) -> list[int]:
        return sorted(i for member, i in slot.spots if member == m)

    def _rows(self, slot: _Slot, number: int) -> list[Rendering]:
        present = sorted({m for m, _ in slot.spots})
        kinds = {m: self._kind(slot, m, present) for m in present}
        rows = []
        for m in present:
            start, end = self._span(slot, m)
            member = self.members[m]
            phrase = member.text[start:end]
            gloss = phrase if member.lang == "en" else self._english(slot, m)
            rows.append(
                Rendering(
                    self.id, number, member.article, member.lang,
                    member.start + start, member.start + end, phrase, gloss, kinds[m],
                )
            )  # fmt: skip
        for m in sorted(slot.lacks):
            member = self.members[m]
            at = member.start + self._gap(slot, m)
            rows.append(Rendering(self.id, number, member.article, member.lang, at, at, "", "", "omitted"))
        return sorted(rows, key=lambda r: (r.kind == "omitted", r.lang != "en", r.kind == "relay", r.article))

    def _span(self, slot: _Slot, m: int) -> tuple[int, int]:
        """Return where in the member its phrase is: the longest stretch of its words within one run."""
        chosen = self._news(slot, m)
        words = self.texts[m].words
        return words[chosen[0]].start, words[chosen[-1]].end

    def _gap(self, slot: _Slot, m: int) -> int:
        """Return where in a member that has no words for the slot they would stand: after a linked word."""
        for other, i in sorted(slot.spots):
            for j in range(i - 1, -1, -1):
                before = self.linked((other, j), m)
                if before is not None:
                    return self.word(before).end
        return 0

    def _english(self, slot: _Slot, m: int) -> str:
        """Return the stretch of the member's English that its phrase's words are linked to."""
        gloss = self.glosses[m]
        if gloss is None:
            return ""
        hits = sorted(self.gloss_links[m][i] for i in self._news(slot, m) if i in self.gloss_links[m])
        if not hits or hits[-1] - hits[0] > len(hits) + 1:
            return ""
        return gloss.text[gloss.words[hits[0]].start : gloss.words[hits[-1]].end]

    def _kind(self, slot: _Slot, m: int, present: Sequence[int]) -> RenderingClass:
        if self.members[m].lang == "en" and any(self._relay((m, i), slot) for i in self._news(slot, m)):
            return "relay"
        stems = self._said(slot, m)
        twins = [
            o
            for o in present
            if o != m and self.texts[o].lang == self.texts[m].lang and self._said(slot, o) == stems
        ]
        if twins:
            return "same"
        if slot.kind == "added":
            return "added" if len(present) == 1 else "paraphrase"
        return slot.kind

    def _said(self, slot: _Slot, m: int) -> frozenset[str]:
        return frozenset(self.word((m, i)).stem for i in self._news(slot, m))

    def _relay(self, spot: Spot, slot: _Slot) -> bool:
        """A word of a third language, of no sound that any other member has, where others have words."""
        word = self.word(spot)
        if not foreign(word.plain):
            return False
        others = [o for o in slot.spots if o[0] != spot[0]]
        return bool(others) and not any(
            alike(word.plain, other.stem)
            for m, text in enumerate(self.texts)
            if m != spot[0]
            for other in text.words
        )


_RANK: tuple[RenderingClass, ...] = (
    "number",
    "name",
    "negation",
    "relay",
    "paraphrase",
    "added",
    "omitted",
    "same",
)


def _runs(text: Text) -> Iterator[tuple[int, ...]]:
    """Yield the member's phrases: words of news in a row, with nothing but `of` and spaces between."""
    run: list[int] = []
    for i, word in enumerate(text.words):
        if word.joiner and run:
            continue
        if word.kind in ("function", "negation"):
            if run:
                yield tuple(run)
            run = []
            continue
        if run and not _joined(text, run[-1], i):
            yield tuple(run)
            run = []
        run.append(i)
    if run:
        yield tuple(run)


def _joined(text: Text, left: int, right: int) -> bool:
    between = text.text[text.words[left].end : text.words[right].start]
    rest = between
    for word in text.words[left + 1 : right]:
        rest = rest.replace(text.text[word.outer : word.end], "", 1)
    return not rest.strip("'’s \n\t")


def _gloss(text: Text, gloss: Text | None) -> dict[int, int]:
    """Return word of the member -> word of its English."""
    if gloss is None:
        return {}
    return {i: j for _, i, j in links(scores(text, gloss), text, gloss)}


def _identities(text: Text) -> dict[int, tuple[str, RenderingClass]]:
    """Return what number or well-known person a word is, where it is one."""
    found: dict[int, tuple[str, RenderingClass]] = {
        i: (str(word.value), "number") for i, word in enumerate(text.words) if word.value is not None
    }
    for _, last, known in names([word.plain for word in text.words], text.lang):
        if known.kind in ("person", "capital"):
            found[last - 1] = (known.english, "name")
    return found
