"""Where in a cell the words stand in which the versions part."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.records import Member, Rendering


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a cell's text, never empty; `slot` is the place where it parts from others, or None."""

    text: str
    slot: int | None = None


def pieces(member: Member, found: Iterable[Rendering]) -> list[Piece]:
    """Return the member's text in pieces that join to it; of overlapping phrases the first is marked."""
    own = [r for r in found if r.article == member.article and r.kind != "same"]
    return list(_cut(member.text, ((r.start - member.start, r.end - member.start, r.slot) for r in own)))


def english_pieces(english: str, member: Member, found: Iterable[Rendering]) -> list[Piece]:
    """Return the member's English in pieces, marked where a phrase's English stands in it word for word."""
    own = [r for r in found if r.article == member.article and r.kind != "same" and r.english]
    starts = ((english.find(r.english), r) for r in own)
    return list(_cut(english, ((at, at + len(r.english), r.slot) for at, r in starts)))


def _cut(text: str, spans: Iterable[tuple[int, int, int]]) -> Iterator[Piece]:
    done = 0
    for start, end, slot in sorted(spans):
        if done <= start < end <= len(text):
            if done < start:
                yield Piece(text[done:start])
            yield Piece(text[start:end], slot)
            done = end
    if done < len(text):
        yield Piece(text[done:])
