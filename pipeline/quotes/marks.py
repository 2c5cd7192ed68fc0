"""Quotation marks: which characters open and close a quotation, and which are apostrophes, gershayim or inches.

Marks are read by posture (what stands left and right of them) before their nominal direction, because
Arabic, Hebrew and German texts use the same characters the other way round. One pass with a stack and one
character of look-ahead in a precomputed table: the time is linear in the text.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

_MARK = re.compile(r"<<|>>|\(\(|\)\)|``|''|[“”„‟\"״«»‹›‘’‚‛']")
_OPENERS = frozenset(["“", "„", "‟", "«", "‹", "<<", "``", "‘", "‚", "‛", "(("])
_CLOSERS = frozenset(["”", "»", "›", ">>", "''", "’", "))"])
_FAMILY = (
    dict.fromkeys(["“", "”", "„", "‟", '"', "״", "``", "''"], "double")
    | dict.fromkeys(["«", "»", "<<", ">>", "‹", "›"], "guillemet")
    | dict.fromkeys(["‘", "’", "‚", "‛", "'"], "single")
    | dict.fromkeys(["((", "))"], "parenthesis")
)
_INVISIBLE = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_LEFT = frozenset("([{—–-‑־ـ/“„«‹‘‚\"״'¿¡")
_RIGHT = frozenset(")]},.;:!?؟،؛…—–-‑־/”»›’\"״'")
_SOFT = frozenset(",:;.!?؟،؛")
_HEBREW = re.compile("[א-ת]+")
_PREFIX = re.compile("ו?(?:לכש|כש|מש|שה|ש)?(?:מה|[הבלכמ])?")
_LETTERS = re.compile(r"[^\W\d_]*")
_SENTENCE_END = re.compile(r"[.!?؟…](?=\s)")

Posture = Literal["open", "close", "either", "inner"]


@dataclass(frozen=True, slots=True)
class Marked:
    """Words between marks: `text[start:end]`, trimmed, without them; `outer` and `after` are the marks' edges.

    `closed` is False where the text ends before the mark does.
    """

    outer: int
    start: int
    end: int
    after: int
    closed: bool = True


@dataclass(frozen=True, slots=True)
class _Open:
    family: str
    mark: str
    outer: int
    inner: int


def _neighbours(text: str, start: int, end: int, low: int, high: int) -> tuple[str, str]:
    while start > low and text[start - 1] in _INVISIBLE:
        start -= 1
    while end < high and text[end] in _INVISIBLE:
        end += 1
    return (text[start - 1] if start > low else "\n", text[end] if end < high else "\n")


def _posture(before: str, after: str) -> Posture:
    left = before.isspace() or before in _LEFT
    right = after.isspace() or after in _RIGHT
    if left and right:
        return "either"
    if left:
        return "open"
    if right:
        return "close"
    return "either" if before in _SOFT else "inner"


def _is_prefix(text: str, at: int) -> bool:
    """Whether the Hebrew letters before a mark can be prefix letters of the word after it."""
    start = at
    while start > max(0, at - 6) and "א" <= text[start - 1] <= "ת":
        start -= 1
    return start < at and _PREFIX.fullmatch(text, start, at) is not None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in _INVISIBLE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE):
        end -= 1
    return start, end


def marked(
    text: str, low: int, high: int, apostrophes: frozenset[str], reopened: bool = False
) -> list[Marked]:
    """Return the outermost quotations of one paragraph, `text[low:high]`, in order, without overlap.

    A mark that is never closed reaches to the end of the paragraph, or to the last full stop before the
    next quotation, and is dropped where there is none. `reopened` says that the paragraph before ended
    inside a quotation, so that a closing mark without an opening one closes the words from `low` on.
    `apostrophes` are words that begin or end with one ("'em", "po'").
    """
    found = list(_MARK.finditer(text, low, high))
    if not found:
        return []
    around = [_neighbours(text, m.start(), m.end(), low, high) for m in found]
    postures = [_posture(before, after) for before, after in around]
    following = _following(found, postures, around)
    stack: list[_Open] = []
    closed: list[tuple[str, Marked]] = []
    for index, match in enumerate(found):
        mark, family = match.group(), _FAMILY[match.group()]
        is_open = any(entry.family == family for entry in stack[-4:])
        act = (_single if family == "single" else _double)(
            text, match, postures[index], around[index], is_open, following[index], apostrophes
        )
        if act == "open":
            stack.append(_Open(family, mark, match.start(), match.end()))
        elif act == "close" and is_open:
            while stack and stack[-1].family != family:
                stack.pop()
            entry = stack.pop()
            closed.append((family, _marked(text, entry.outer, entry.inner, match.start(), match.end())))
        elif act == "close" and reopened and not closed and not stack and family != "single":
            closed.append((family, _marked(text, low, low, match.start(), match.end())))
    return _outermost(text, closed, stack, high)


def _marked(text: str, outer: int, inner: int, end: int, after: int, is_closed: bool = True) -> Marked:
    return Marked(outer, *_trimmed(text, inner, end), after, is_closed)


def _following(
    found: list[re.Match[str]], postures: list[Posture], around: list[tuple[str, str]]
) -> list[Posture | None]:
    """For every mark the posture of the next one of its family that is no apostrophe and no inch."""
    last: dict[str, Posture] = {}
    following: list[Posture | None] = [None] * len(found)
    for index in range(len(found) - 1, -1, -1):
        family = _FAMILY[found[index].group()]
        following[index] = last.get(family)
        if postures[index] != "inner" and not around[index][0].isdigit():
            last[family] = postures[index]
    return following


def _double(
    text: str,
    match: re.Match[str],
    posture: Posture,
    around: tuple[str, str],
    is_open: bool,
    following: Posture | None,
    _: frozenset[str],
) -> str:
    """What a double mark does here: open, close, or nothing (gershayim, inches)."""
    mark, (before, after) = match.group(), around
    if mark in _OPENERS:
        return "close" if posture == "close" else "open"
    if mark in _CLOSERS:
        return "open" if posture == "open" and not is_open else "close"
    if posture == "inner":
        return _inner(text, match, before, after, is_open, following)
    if before.isdigit() and posture == "close" and (not is_open or following == "close"):
        return ""  # inches
    if posture == "either":
        return "close" if is_open else "open"
    return posture


def _inner(
    text: str, match: re.Match[str], before: str, after: str, is_open: bool, following: Posture | None
) -> str:
    """A straight mark between two letters: gershayim, or a prefix letter before a quoted word."""
    if "א" <= before <= "ת" and "א" <= after <= "ת":
        run = _HEBREW.match(text, match.end())
        long = run is not None and run.end() - run.start() > 1
        return "open" if long and following == "close" and _is_prefix(text, match.start()) else ""
    if before.isdigit():
        return ""
    if is_open:
        return "close"
    return "open" if following == "close" else ""


def _single(
    text: str,
    match: re.Match[str],
    posture: Posture,
    around: tuple[str, str],
    is_open: bool,
    following: Posture | None,
    apostrophes: frozenset[str],
) -> str:
    """What a single mark does here: open, close, or nothing (apostrophe, geresh, feet)."""
    mark, (before, after) = match.group(), around
    if posture == "inner" or (posture == "either" and before in _SOFT and after.isalpha()):
        is_prefix = "א" <= after <= "ת" and following == "close" and _is_prefix(text, match.start())
        return "open" if is_prefix and not is_open else ""
    if posture == "close" and is_open:
        # "the workers’ rights’": a possessive inside single marks
        is_possessive = before in "sS" and after == " " and following == "close" and mark != "‘"
        return "" if is_possessive else "close"
    if posture == "either" and is_open:
        return "close"
    if is_open or posture not in ("open", "either") or after.isdigit() or after.isspace():
        return ""
    run = _LETTERS.match(text, match.end())
    word = run.group().lower() if run else ""
    if mark == "’" or f"'{word}" in apostrophes:
        return ""
    return "open" if mark in _OPENERS or following == "close" else ""


def _outermost(text: str, closed: list[tuple[str, Marked]], stack: list[_Open], high: int) -> list[Marked]:
    """Return what no other quotation holds; what was left open ends before the next of its family, or is dropped."""
    every = [item for _, item in closed]
    bounds: dict[str, list[int]] = {}
    for family, outer in sorted(
        [(f, item.outer) for f, item in closed] + [(e.family, e.outer) for e in stack]
    ):
        bounds.setdefault(family, []).append(outer)
    for entry in stack:
        if entry.mark in ("'", "(("):  # more often an apostrophe, more often a bracket
            continue
        after = bounds[entry.family][(at := bisect_right(bounds[entry.family], entry.outer)) : at + 1]
        if not after:
            every.append(_marked(text, entry.outer, entry.inner, high, high, is_closed=False))
        elif ends := [match.end() for match in _SENTENCE_END.finditer(text, entry.inner, after[0])]:
            every.append(_marked(text, entry.outer, entry.inner, ends[-1], ends[-1], is_closed=False))
    top: list[Marked] = []
    for item in sorted(every, key=lambda item: (item.outer, -item.after)):
        if item.start < item.end and (not top or item.outer >= top[-1].after):
            top.append(item)
    return top
