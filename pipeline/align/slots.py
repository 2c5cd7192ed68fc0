"""Where the members of one statement part: the words of each that stand for one another.

Two members in one language part where their words do; the other languages' words are found by their links.
Between two languages only what is sure counts: a number, a person, a negation that the other has not, a word
that nothing in the other comes near, a word of a third language. What cannot be told is left out.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, permutations, product

from pipeline.align.linked import Linked, Spot
from pipeline.align.links import ABSENT, Text
from pipeline.align.relays import foreign
from pipeline.align.words import lists
from pipeline.quotes.lore import fold
from pipeline.quotes.names import alike, names
from pipeline.records import RenderingClass

SURE = 0.6
"""Score from which two words of one language say one thing; below, their place must tell it."""
RELATED = 0.3
"""Share of one member's words of news that must have links before others say the same thing."""
CLOSE = 0.5
"""Share of both members' words of news that must have links before others can be called added."""
TOLD = 0.6
"""Score from which a link says that a member has an added word too."""
LONGEST = 4
"""Words of news in a phrase; what is longer is no rendering but another statement."""

_OBJECTS = frozenset("it them him her us me".split())
"""Pronouns for what a verb is done to: of our languages English alone writes them after it, by themselves."""

Identity = tuple[str, RenderingClass]
"""What a word stands for, and whether that is a number or a name."""

_RANK: tuple[RenderingClass, ...] = ("number", "name", "negation", "relay", "paraphrase", "added")


@dataclass(frozen=True, slots=True)
class Slot:
    """Words of several members that stand for one another, and the members that surely have none."""

    kind: RenderingClass
    spots: frozenset[Spot]
    lacks: frozenset[int] = frozenset()

    def of(self, member: int) -> list[Spot]:
        """Return the member's words, in order."""
        return sorted(spot for spot in self.spots if spot[0] == member)

    def members(self) -> list[int]:
        """Return the members that have words."""
        return sorted({member for member, _ in self.spots})


def slots(linked: Linked) -> list[Slot]:
    """Return the slots in order of the first member's words; their phrases do not overlap."""
    seeds: list[Slot] = []
    for a, b in combinations(range(len(linked.texts)), 2):
        if linked.texts[a].lang == linked.texts[b].lang:
            seeds += _reworded(linked, a, b)
    seeds += _relays(linked)
    identities = [_identities(m, text) for m, text in enumerate(linked.texts)]
    for a, b in permutations(range(len(linked.texts)), 2):
        if a < b:
            seeds += _identified(linked, a, b, identities[a], identities[b])
        seeds += _negated(linked, a, b)
    seeds += _added(linked, {spot for found in identities for spot in found})
    seeds += _counts(linked)
    seeds += _days(linked)
    found = _merged(linked, (_projected(linked, seed, identities) for seed in seeds))
    return sorted(found, key=lambda slot: min(slot.spots))


def relay(linked: Linked, spot: Spot) -> bool:
    """Whether an English member's word is a third language's and no name.

    A name stands by itself or beside other names, or other members have a word that sounds like it.
    """
    word = linked.word(spot)
    if linked.lang(spot) != "en" or not foreign(word.plain):
        return False
    near = [linked.word(s) for step in (-1, 1) if (s := linked.beside(spot, step))]
    if word.name and (not near or any(other.name for other in near)):
        return False
    others = (w for m, text in enumerate(linked.texts) if m != spot[0] for w in text.words)
    return not any(word.plain == other.plain or alike(word.plain, other.stem) for other in others)


def _reworded(linked: Linked, a: int, b: int) -> Iterator[Slot]:
    """Two members of one language: words for one another, and words that belong to one that both have."""
    if max(linked.covered(a, b), linked.covered(b, a)) < RELATED:
        return
    yield from _in_turn(linked, a, b)
    for one in linked.news(a):
        other = linked.linked(one, b)
        if other is None:
            if spots := _replaced(linked, one, b):
                names = all(linked.word(spot).name for spot in spots)
                yield Slot("name" if names else "paraphrase", spots)
        elif not _akin(linked, one, other):
            if (
                linked.score(one, other) >= SURE
                or _shared(linked, one, other)
                or _in_place(linked, one, other)
            ):
                yield _other_words(linked, one, other)
        else:
            left, right = _rest(linked, one, b), _rest(linked, other, a)
            if left and right:
                names = all(linked.word(spot).name for spot in left | right)
                heads = () if names else (one, other)
                yield Slot("name" if names else "paraphrase", frozenset({*left, *right, *heads}))


def _in_turn(linked: Linked, a: int, b: int) -> Iterator[Slot]:
    """Two or more phrases between the same two linked words, as many in each: each stands for its like."""
    edges = [(one, other) for one in linked.news(a) if (other := linked.linked(one, b))]
    for (left, its_left), (right, its_right) in pairwise(edges):
        here, there = _between(linked, left, right, b), _between(linked, its_left, its_right, a)
        if len(here) == len(there) > 1:
            for mine, its in zip(here, there, strict=True):
                yield Slot("paraphrase", frozenset({*mine, *its}))


def _between(linked: Linked, left: Spot, right: Spot, other: int) -> list[list[Spot]]:
    """Return the phrases between two words, less those that these belong to; none where a word has a link."""
    found: list[list[Spot]] = []
    for spot in linked.news(left[0]):
        if not left < spot < right or any(_one_phrase(linked, spot, edge) for edge in (left, right)):
            continue
        if linked.linked(spot, other):
            return []
        if found and found[-1][-1] in linked.runs[spot]:
            found[-1].append(spot)
        else:
            found.append([spot])
    return found


def _one_phrase(linked: Linked, one: Spot, other: Spot) -> bool:
    """Whether of two words one belongs to the other."""
    return other in _heads(linked, one) or one in _heads(linked, other)


def _other_words(linked: Linked, one: Spot, other: Spot) -> Slot:
    """Return the slot of two words, with what both belong to; names have only their titles."""
    if linked.word(one).name and linked.word(other).name:
        return Slot("name", frozenset({one, other}) | _titles(linked, one, other))
    return Slot("paraphrase", frozenset({one, other}) | _shared(linked, one, other))


def _replaced(linked: Linked, spot: Spot, other: int) -> frozenset[Spot]:
    """Return both members' words where a phrase stands for a phrase: between the same neighbours."""
    before, after = linked.neighbour(spot, -1), linked.free(spot, other)[-1]
    after_it = linked.neighbour(after, 1)
    left, right = (linked.linked(s, other) if s else None for s in (before, after_it))
    if (before and not left) or (after_it and not right):
        return frozenset()
    first = linked.neighbour(left, 1) if left else linked.neighbour(right, -1) if right else None
    if first is None or linked.word(first).kind != "content" or linked.linked(first, spot[0]):
        return frozenset()
    while not left and (earlier := linked.neighbour(first, -1)):
        first = earlier
    there = linked.free(first, spot[0])
    if linked.neighbour(there[-1], 1) != right:
        return frozenset()
    here = linked.free(spot, other)
    phrases = all(set(part) <= set(linked.runs[part[0]]) for part in (here, there))
    return frozenset({*here, *there}) if phrases else frozenset()


def _akin(linked: Linked, one: Spot, other: Spot) -> bool:
    """Whether two words of one language are forms of one: phone and telephone, creating and creation."""
    left, right = linked.word(one).plain, linked.word(other).plain
    shorter, longer = sorted((left, right), key=len)
    common = next((n for n, (x, y) in enumerate(zip(left, right, strict=False)) if x != y), len(shorter))
    stems = linked.word(one).stem == linked.word(other).stem
    return stems or common >= 5 or (len(shorter) >= 4 and shorter in longer)


def _rest(linked: Linked, head: Spot, other: int) -> set[Spot]:
    """Return the words that belong to a head and have no link to the other member."""
    rest: set[Spot] = set()
    for step in (-1, 1):
        spot = linked.beside(head, step)
        if spot and head not in _heads(linked, spot):
            continue
        while spot and linked.linked(spot, other) is None and linked.word(spot).kind == "content":
            rest.add(spot)
            spot = linked.beside(spot, step)
    return rest


def _shared(linked: Linked, one: Spot, other: Spot) -> frozenset[Spot]:
    """Return a linked word that both belong to: next to each in its phrase, on whatever side."""
    for near, far in product(_heads(linked, one), _heads(linked, other)):
        if linked.linked(near, other[0]) == far:
            return frozenset({near, far})
    return frozenset()


def _heads(linked: Linked, spot: Spot) -> list[Spot]:
    """Return the words that a word can belong to.

    In English that is the last word of its phrase, unless what follows shows it to be a verb, or one before
    it with an "of" between; elsewhere it is the word on either side.
    """
    before, after = linked.beside(spot, -1), linked.beside(spot, 1)
    if linked.lang(spot) == "en":
        before = before if before and before[1] < spot[1] - 1 else None
        words = linked.texts[spot[0]].words
        last = after and linked.beside(after, 1) is None
        verb = after and after[1] + 1 < len(words) and words[after[1] + 1].opener
        after = after if last and not verb else None
    return [head for head in (after, before) if head]


def _in_place(linked: Linked, one: Spot, other: Spot) -> bool:
    """Whether the words of news before both, or after both, are linked, or both are their members' first."""
    pairs = ((linked.neighbour(one, step), linked.neighbour(other, step)) for step in (-1, 1))
    linked_beside = any(near and far and linked.linked(near, other[0]) == far for near, far in pairs)
    return linked_beside or all(spot == linked.news(spot[0])[0] for spot in (one, other))


def _relays(linked: Linked) -> Iterator[Slot]:
    """A word of a third language, with what it belongs to."""
    for m in range(len(linked.texts)):
        for spot in linked.news(m):
            if not relay(linked, spot):
                continue
            near = (linked.beside(spot, step) for step in (1, -1))
            head = next((s for s in near if s and s in linked.clusters), None)
            if head or spot in linked.clusters:
                yield Slot("relay", frozenset({spot, head or spot}))


def _identified(
    linked: Linked, a: int, b: int, left: Mapping[Spot, Identity], right: Mapping[Spot, Identity]
) -> Iterator[Slot]:
    """Words beside what both members have, that are two numbers or two persons; neither has the other's."""
    for one, (what, kind) in left.items():
        for other, (that, its) in right.items():
            if kind != its or (what, kind) in right.values() or (that, its) in left.values():
                continue
            heads = _counted(linked, one, other) if kind == "number" else _titles(linked, one, other)
            if heads:
                yield Slot(kind, frozenset({one, other}) | heads)


def _titles(linked: Linked, one: Spot, other: Spot) -> frozenset[Spot]:
    """Return the linked words right before two names."""
    near, far = linked.beside(one, -1), linked.beside(other, -1)
    return frozenset({near, far}) if near and far and linked.linked(near, other[0]) == far else frozenset()


def _counted(linked: Linked, one: Spot, other: Spot) -> frozenset[Spot]:
    """Return what two numbers count: linked words beside them."""
    for near, far in product(_governors(linked, one), _governors(linked, other)):
        if linked.linked(near, other[0]) == far:
            return frozenset({near, far})
    return frozenset()


def _governors(linked: Linked, spot: Spot) -> list[Spot]:
    """Return what a number may count, likeliest first: November 6, four other Asian states."""
    before, following = linked.beside(spot, -1), linked.neighbour(spot, 1)
    if following and linked.lang(spot) == "en":
        following = linked.runs[following][-1]
    month = before if before and before[1] == spot[1] - 1 and linked.beside(spot, 1) is None else None
    return [s for s in (month, following, before) if s]


def _negated(linked: Linked, a: int, b: int) -> Iterator[Slot]:
    """A negated word in `a`, and its counterpart in `b`, which negates nothing."""
    if any(word.kind == "negation" for word in linked.texts[b].words):
        return
    for i, word in enumerate(linked.texts[a].words):
        scope = linked.neighbour((a, i), 1) if word.kind == "negation" else None
        other = linked.linked(scope, b) if scope else None
        if not scope or not other:
            continue
        if linked.texts[a].lang == linked.texts[b].lang:
            sure = _akin(linked, scope, other)
        else:
            before = linked.neighbour(other, -1)  # may be a verb that denies
            sure = linked.score(scope, other) >= SURE and (
                before is None or linked.linked(before, a) is not None
            )
        if sure:
            yield Slot("negation", frozenset({(a, i), scope, other}))


def _added(linked: Linked, identities: Collection[Spot]) -> Iterator[Slot]:
    """Words of which a close member has nothing: none comes near, and none is free in the place.

    Nor must one come near to what others have for them. A person's name is never added: a member that has
    none may have a pronoun, and three of our languages leave that out.
    """
    close = {
        (a, b)
        for a, b in permutations(range(len(linked.texts)), 2)
        if min(linked.covered(a, b), linked.covered(b, a)) >= CLOSE
    }
    for spot in sorted(linked.runs):
        if linked.word(spot).kind != "content" or spot in identities:
            continue
        told = {o for o in linked.cluster(spot) if o != spot and linked.score(spot, o) >= TOLD}
        lacks = {
            b
            for a, b in close
            if a == spot[0] and all(_absent(linked, o, b) for o in {spot, *told} if o[0] != b)
        }
        if lacks and (told or any(_legible(linked, spot, b) for b in lacks)):
            yield Slot("added", frozenset({spot, *told}), frozenset(lacks))


def _counts(linked: Linked) -> Iterator[Slot]:
    """Numbers of which a member that has none at all says nothing.

    One and two are left out: grammar tells them, by an article, a singular or a dual.
    """
    numbers = [
        [(m, i) for i, w in enumerate(t.words) if w.kind == "number"] for m, t in enumerate(linked.texts)
    ]
    for spot in (spot for found in numbers for spot in found):
        value, before = linked.word(spot).value or 0, linked.beside(spot, -1)
        if value <= 2 or (before and _is_date(linked, before)):
            continue
        told = {o for o in linked.cluster(spot) if linked.word(o).value == value} | {spot}
        lacks = {
            m
            for m, found in enumerate(numbers)
            if not found and max(linked.covered(spot[0], m), linked.covered(m, spot[0])) >= RELATED
        }
        if lacks:
            yield Slot("added", frozenset(told), frozenset(lacks))


def _days(linked: Linked) -> Iterator[Slot]:
    """Linked days of the week that are not one."""
    days = {
        (m, i): day
        for m, text in enumerate(linked.texts)
        for i, word in enumerate(text.words)
        if (day := lists(text.lang).weekdays.get(fold(word.plain)))
    }
    for one, other in combinations(sorted(days), 2):
        if days[one] != days[other] and other in linked.cluster(one):
            yield Slot("paraphrase", frozenset({one, other}))


def _absent(linked: Linked, spot: Spot, other: int) -> bool:
    """Whether a member has nothing for a word; in one language a linked word is another's counterpart."""
    if linked.linked(spot, other) is not None or linked.gap(spot, other)[1]:
        return False
    if _is_date(linked, spot) and any(_is_date(linked, s) for s in linked.news(other)):
        return False
    if linked.lang(spot) == linked.texts[other].lang:
        return linked.nearest(spot, other) < SURE and not _referred(linked, spot, other)
    english = linked.nearest_in_english(spot, other)
    return linked.nearest(spot, other) < ABSENT and (english is None or english < SURE)


def _is_date(linked: Linked, spot: Spot) -> bool:
    """Whether a word is a month or a day of the week: versions may date one thing by either."""
    return linked.word(spot).plain in lists(linked.lang(spot)).calendar


def _referred(linked: Linked, spot: Spot, other: int) -> bool:
    """Whether a member has a pronoun in the word's place: right after the counterpart of the word before."""
    before = linked.neighbour(spot, -1)
    there = linked.linked(before, other) if before else None
    following = linked.texts[other].words[there[1] + 1 : there[1] + 2] if there else []
    return any(word.plain in _OBJECTS for word in following)


def _legible(linked: Linked, spot: Spot, other: int) -> bool:
    """Whether a word and a member can be held together in one language, so that both are surely known."""
    same = linked.lang(spot) == linked.texts[other].lang
    return same or linked.nearest_in_english(spot, other) is not None


def _projected(linked: Linked, seed: Slot, identities: Sequence[Mapping[Spot, Identity]]) -> Slot:
    """Add the other members' words: those linked, and beside a phrase's head those without a link."""
    spots = set(seed.spots)
    for spot in seed.spots if seed.kind != "added" else ():
        spots |= linked.cluster(spot)
    if seed.kind in ("number", "name"):
        of_kind = {s[0] for s in spots if identities[s[0]].get(s, ("", "same"))[1] == seed.kind}
        told = of_kind or {m for m, _ in spots}
        spots = {spot for spot in spots if spot[0] in told}
    elif seed.kind in ("paraphrase", "relay") and len(seed.spots) > len({m for m, _ in seed.spots}):
        seeded = {m for m, _ in seed.spots}
        for head in sorted(spots):
            if head[0] not in seeded or (seed.kind == "relay" and head not in seed.spots):
                run = linked.runs.get(head, ())
                spots |= {s for s in run if not any(linked.linked(s, m) for m in seeded)}
    elif seed.kind == "negation":
        spots = set(seed.spots)
    return replace(seed, spots=frozenset(spots), lacks=seed.lacks - {m for m, _ in spots})


def _merged(linked: Linked, seeds: Iterable[Slot]) -> list[Slot]:
    """Join seeds whose phrases overlap, or stand together in all members; no phrases overlap in the end."""
    found: list[Slot] = []
    waiting = sorted(seeds, key=lambda s: (-_RANK.index(s.kind), sorted(s.spots)))
    while waiting:
        slot = _cut(linked, waiting.pop())
        other = next((s for s in found if _overlap(slot, s) or _together(linked, slot, s)), None)
        if other is None:
            found.append(slot)
            continue
        found.remove(other)
        first, second = sorted((slot, other), key=lambda s: _RANK.index(s.kind))
        if first.kind != second.kind == "added":  # that a number differs says more than that a word is new
            waiting.append(first)
            continue
        spots = slot.spots | other.spots
        waiting.append(Slot(first.kind, spots, (slot.lacks | other.lacks) - {m for m, _ in spots}))
    return [s for s in found if s.spots and len(s.members()) + len(s.lacks) > 1]


def _overlap(one: Slot, other: Slot) -> bool:
    """Whether in any member the phrases of two slots share a word."""
    phrases = ((one.of(m), other.of(m)) for m in {*one.members()} & {*other.members()})
    return any(mine[0] <= its[-1] and its[0] <= mine[-1] for mine, its in phrases)


def _together(linked: Linked, one: Slot, other: Slot) -> bool:
    """Whether two places are one: the same members, in each the same phrase."""
    if one.kind != other.kind or one.members() != other.members() or one.lacks != other.lacks:
        return False
    return one.kind in ("paraphrase", "added") and all(
        linked.runs[one.of(m)[0]] == linked.runs[other.of(m)[0]] for m in one.members()
    )


def _cut(linked: Linked, slot: Slot) -> Slot:
    """Keep of each member's words the most that stand together, at most one other word between."""
    kept: set[Spot] = set()
    for m in slot.members():
        groups: list[list[Spot]] = []
        for spot in slot.of(m):
            if groups and spot[1] - groups[-1][-1][1] <= (4 if slot.kind in ("number", "negation") else 2):
                groups[-1].append(spot)
            else:
                groups.append([spot])
        best = max(
            groups, key=lambda group: (any(linked.word(s).value is not None for s in group), len(group))
        )
        kept |= set(best) if len(best) <= LONGEST else set()
    return replace(slot, spots=frozenset(kept))


def _identities(text_of: int, text: Text) -> dict[Spot, Identity]:
    """Return the number or well-known person that a word is."""
    found: dict[Spot, Identity] = {
        (text_of, i): (str(word.value), "number")
        for i, word in enumerate(text.words)
        if word.value is not None
    }
    plain = [fold(word.plain) for word in text.words]
    found |= {
        (text_of, last - 1): (known.english, "name")
        for _, last, known in names(plain, text.lang)
        if known.kind == "person"
    }
    return found
