"""Quotation marks: where a quotation opens and closes, and which marks are apostrophes, gershayim or inches.

Marks are read by posture (what stands left and right of them) before their nominal direction, because
Arabic, Hebrew and German texts use the same characters the other way round. One pass with a stack and one
character of look-ahead in a precomputed table: the time is linear in the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

_OPENERS = frozenset(["“", "„", "‟", "«", "‹", "<<", "``", "‘", "‚", "‛", "(("])
_CLOSERS = frozenset(["”", "»", "›", ">>", "''", "’", "))"])
_FAMILY = (
    dict.fromkeys(["“", "”", "„", "‟", '"', "״", "``", "''"], "double")
    | dict.fromkeys(["«", "»", "<<", ">>", "‹", "›"], "guillemet")
    | dict.fromkeys(["‘", "’", "‚", "‛", "'"], "single")
    | dict.fromkeys(["((", "))"], "parenthesis")
)
_MARK = re.compile("|".join(map(re.escape, sorted(_FAMILY, key=len, reverse=True))))
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


class Marked(NamedTuple):
    """Words between marks: `text[start:end]`, trimmed; `outer` and `after` are the outer edges of the marks.

    `closed` is False where the text ends before the mark does.
    """

    outer: int
    start: int
    end: int
    after: int
    closed: bool = True


class _Open(NamedTuple):
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


@lru_cache(maxsize=10_000)
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


class _Sign(NamedTuple):
    """A mark as it stands: its posture, its neighbours, and the posture of the next of its family."""

    mark: str
    start: int
    end: int
    before: str
    after: str
    posture: Posture
    following: Posture | None = None


def marked(
    text: str, low: int, high: int, apostrophes: frozenset[str], reopened: bool = False
) -> list[Marked]:
    """Return the outermost quotations of one paragraph, `text[low:high]`, in order, without overlap.

    A mark that is never closed reaches to the end of the paragraph, or to the last full stop before the
    next quotation, and is dropped where there is none. `reopened` says that the paragraph before ended
    inside a quotation, so that a closing mark without an opening one closes the words from `low` on.
    `apostrophes` are words that begin with one ("'em").
    """
    signs = _signs(text, low, high)
    if not signs:
        return []
    stack: list[_Open] = []
    closed: list[tuple[str, Marked]] = []
    for sign in signs:
        family = _FAMILY[sign.mark]
        is_open = family in [entry.family for entry in stack[-4:]]
        is_single = family == "single"
        act = _single(text, sign, is_open, apostrophes) if is_single else _double(text, sign, is_open)
        if act == "open":
            stack.append(_Open(family, sign.mark, sign.start, sign.end))
        elif act == "close" and is_open:
            while stack[-1].family != family:
                stack.pop()
            entry = stack.pop()
            inside = _trimmed(text, entry.inner, sign.start)
            closed.append((family, Marked(entry.outer, *inside, sign.end)))
        elif act == "close" and reopened and not closed and not stack and not is_single:
            closed.append((family, Marked(low, *_trimmed(text, low, sign.start), sign.end)))
    return _outermost(text, closed, stack, high)


def _signs(text: str, low: int, high: int) -> list[_Sign]:
    """Return the marks of a paragraph in order; no mark is followed by an apostrophe or by inches."""
    signs: list[_Sign] = []
    last: dict[str, Posture] = {}
    for match in [*_MARK.finditer(text, low, high)][::-1]:
        mark, (start, end) = match.group(), match.span()
        before, after = _neighbours(text, start, end, low, high)
        posture, family = _posture(before, after), _FAMILY[mark]
        if posture == "inner" and family == "single" and not "א" <= after <= "ת":
            continue  # an apostrophe
        signs.append(_Sign(mark, start, end, before, after, posture, last.get(family)))
        if posture != "inner" and not before.isdigit():
            last[family] = posture
    return signs[::-1]


def _double(text: str, sign: _Sign, is_open: bool) -> str:
    """What a double mark does here: open, close, or nothing (gershayim, inches)."""
    if sign.mark in _OPENERS:
        return "close" if sign.posture == "close" else "open"
    if sign.mark in _CLOSERS:
        return "open" if sign.posture == "open" and not is_open else "close"
    if sign.posture == "inner":
        return _inner(text, sign, is_open)
    if sign.before.isdigit() and sign.posture == "close" and (not is_open or sign.following == "close"):
        return ""  # inches
    if sign.posture == "either":
        return "close" if is_open else "open"
    return sign.posture


def _inner(text: str, sign: _Sign, is_open: bool) -> str:
    """A straight mark between two letters: gershayim, or a prefix letter before a quoted word."""
    if "א" <= sign.before <= "ת" and "א" <= sign.after <= "ת":
        run = _HEBREW.match(text, sign.end)
        is_long = run is not None and run.end() - run.start() > 1
        is_prefix = is_long and sign.following == "close" and _is_prefix(text, sign.start)
        return "open" if is_prefix else ""
    if sign.before.isdigit():
        return ""
    if is_open:
        return "close"
    return "open" if sign.following == "close" else ""


def _single(text: str, sign: _Sign, is_open: bool, apostrophes: frozenset[str]) -> str:
    """What a single mark does here: open, close, or nothing (apostrophe, geresh, feet)."""
    joins = sign.posture == "either" and sign.before in _SOFT and sign.after.isalpha()
    if sign.posture == "inner" or joins:
        is_prefix = "א" <= sign.after <= "ת" and sign.following == "close" and _is_prefix(text, sign.start)
        return "open" if is_prefix and not is_open else ""
    if is_open:
        # "the workers’ rights’": a possessive inside single marks
        is_possessive = sign.before in "sS" and sign.after == " " and sign.following == "close"
        return "close" if sign.posture != "open" and not is_possessive else ""
    if sign.posture == "close" or sign.after.isspace() or sign.after.isdigit() or sign.mark == "’":
        return ""
    run = _LETTERS.match(text, sign.end)
    word = run.group().lower() if run else ""
    is_mark = sign.mark in _OPENERS or sign.following == "close"
    return "open" if is_mark and f"'{word}" not in apostrophes else ""


def _outermost(text: str, closed: list[tuple[str, Marked]], stack: list[_Open], high: int) -> list[Marked]:
    """Return what no other quotation holds."""
    every = [item for _, item in closed]
    if stack:
        every += _unclosed(text, closed, stack, high)
    top: list[Marked] = []
    for item in sorted(every, key=lambda item: (item.outer, -item.after)):
        if item.start < item.end and (not top or item.outer >= top[-1].after):
            top.append(item)
    return top


def _unclosed(text: str, closed: list[tuple[str, Marked]], stack: list[_Open], high: int) -> Iterator[Marked]:
    """Yield what was left open; it ends before the next quotation of its family."""
    bounds: dict[str, list[int]] = {}
    openings = [(family, item.outer) for family, item in closed]
    openings += [(entry.family, entry.outer) for entry in stack]
    for family, outer in sorted(openings):
        bounds.setdefault(family, []).append(outer)
    for entry in stack:
        if entry.mark in ("'", "(("):  # more often an apostrophe, more often a bracket
            continue
        after = bounds[entry.family][(at := bisect_right(bounds[entry.family], entry.outer)) : at + 1]
        ends = [m.end() for m in _SENTENCE_END.finditer(text, entry.inner, after[0])] if after else [high]
        if ends:
            yield Marked(entry.outer, *_trimmed(text, entry.inner, ends[-1]), ends[-1], closed=False)
