"""Where the members of a statement part, as rows: phrase, English, class."""

from collections.abc import Sequence

import numpy as np

from pipeline.align.linked import Linked, Spot, linked
from pipeline.align.links import Lexicon, Text, centres, read, read_alone
from pipeline.align.slots import Slot, relay, slots
from pipeline.align.statements import Version
from pipeline.engines.ports import Encoder
from pipeline.records import Member, Rendering, RenderingClass, Statement, Translations


def renderings(
    statements: Sequence[Statement],
    versions: Sequence[Version],
    translations: Translations,
    encoder: Encoder,
) -> tuple[Rendering, ...]:
    """Return the places where the members of each statement part, in order of statement and slot.

    Slots of a statement count from 1. In a slot English comes first, what a relay left in it next, then the
    other languages, each in order of articles, and at the end members that surely leave the place out, with
    an empty phrase. A member that is not in a slot says nothing to the point, or nothing that could be told.
    A phrase's English is a stretch of the member's translation, empty without one. The order of the versions,
    of the statements' members and of other statements changes nothing but the order of statements.
    """
    several = [statement for statement in statements if len(statement.members) > 1]
    members = sorted({m for s in several for m in s.members}, key=lambda m: (m.article, m.start, m.end))
    english = {m: t.english for m in members if (t := translations.get((m.lang, m.text))) and m.lang != "en"}
    lexicon = _lexicon(members, english, encoder)
    centre = centres(versions)
    by_article = {version.article.id: version for version in versions}
    own = {
        m: read(
            m, by_article[m.article], centre.get(m.lang, np.zeros(encoder.width, dtype=np.float32)), lexicon
        )
        for m in members
    }
    glosses = _glosses(english, encoder, lexicon)
    rows: list[Rendering] = []
    for statement in several:
        ordered = sorted(statement.members, key=lambda m: m.article)
        found = linked([own[m] for m in ordered], [glosses.get(m) for m in ordered])
        every = slots(found)
        for number, slot in enumerate(every, start=1):
            rows += _rows(statement.id, number, slot, every, found, ordered)
    return tuple(rows)


def _lexicon(members: Sequence[Member], english: dict[Member, str], encoder: Encoder) -> Lexicon:
    texts: dict[str, list[str]] = {}
    for m in members:
        texts.setdefault(m.lang, []).append(m.text)
        if english.get(m):
            texts.setdefault("en", []).append(english[m])
    return Lexicon(texts, encoder)


def _glosses(english: dict[Member, str], encoder: Encoder, lexicon: Lexicon) -> dict[Member, Text]:
    """Return the members' English as words with vectors, for those that have any."""
    told = {m: text for m, text in english.items() if text.strip()}
    states = encoder.encode(list(told.values()))
    if not states:
        return {}
    centre = np.concatenate([s.states for s in states]).mean(axis=0)
    return {
        m: read_alone(text, "en", s, centre, lexicon)
        for (m, text), s in zip(told.items(), states, strict=True)
    }


def _rows(
    statement: str, number: int, slot: Slot, every: Sequence[Slot], found: Linked, members: Sequence[Member]
) -> list[Rendering]:
    rows = []
    for m in slot.members():
        own = slot.of(m)
        member = members[m]
        start, end = found.word(own[0]).start, found.word(own[-1]).end
        phrase = member.text[start:end]
        english = phrase if member.lang == "en" else _english(found, own)
        start, end = member.start + start, member.start + end
        kind = _kind(found, slot, m)
        rows.append(
            Rendering(statement, number, member.article, member.lang, start, end, phrase, english, kind)
        )
    for m in sorted(slot.lacks):
        member = members[m]
        at = member.start + _place(found, slot, every, m)
        rows.append(Rendering(statement, number, member.article, member.lang, at, at, "", "", "omitted"))
    return sorted(rows, key=lambda r: (r.kind == "omitted", r.lang != "en", r.kind == "relay", r.article))


def _kind(found: Linked, slot: Slot, m: int) -> RenderingClass:
    """Return the class of a member's words: `same` where others have them as well."""
    if any(relay(found, spot) for spot in slot.of(m)):
        return "relay"
    said = [found.word(spot).stem for spot in slot.of(m)]
    twins = any(
        said == [found.word(spot).stem for spot in slot.of(other)]
        for other in slot.members()
        if other != m and found.texts[other].lang == found.texts[m].lang
    )
    if twins or (slot.kind == "added" and len(slot.members()) > len(slot.lacks)):
        return "same"
    return "paraphrase" if slot.kind == "relay" else slot.kind


def _english(found: Linked, own: Sequence[Spot]) -> str:
    """Return the stretch of the member's English that its words are linked to, "" where that is torn."""
    m = own[0][0]
    english = found.english[m]
    hits = sorted(found.glosses[m][i] for _, i in own if i in found.glosses[m])
    if english is None or len(hits) < len(own) or hits[-1] - hits[0] > len(hits):
        return ""
    return english.text[english.words[hits[0]].start : english.words[hits[-1]].end]


def _place(found: Linked, slot: Slot, every: Sequence[Slot], member: int) -> int:
    """Return where in the text of a member without words for the slot they would stand.

    That is in no other slot's phrase: before it, if need be.
    """
    told = slot.of(slot.members()[0])
    after = found.beside(told[-1], 1)
    if after and (there := found.linked(after, member)):
        at = found.word(there).start
    else:
        before, _ = found.gap(told[0], member)
        at = found.word(before).end if before else 0
    phrases = (own for other in every if (own := other.of(member)))
    edges = ((found.word(own[0]).start, found.word(own[-1]).end) for own in phrases)
    return next((start for start, end in edges if start < at < end), at)
