"""Where sentences and clauses begin and end.

sentencex knows the abbreviations and sentence openers of many languages, but takes a quotation for one
unit and two gershayim for a quotation. So it is shown a copy of the text, character for character as
long as the text, in which quotation marks and brackets are gone and a full stop that ends nothing is a
letter. Its cuts, found in the copy, are cuts of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import sentencex

from pipeline.records import Article, Sentence, Span

MIN_CLAUSE_WORDS = 3
"""A shorter piece says nothing on its own and joins its neighbour."""


@dataclass(frozen=True, slots=True)
class Conventions:
    """A language's words that decide on a cut.

    A full stop ends nothing after `abbreviations` (which may carry a `prefix`), after `numbered` where a
    number follows, and after one of the letters `initials`; but a letter after a word of `lettered` is no
    initial (Serie A). After `undecided` sentencex tells by the next word. `saying` are verbs that may follow
    a quotation which they belong to. `joints` open a clause; "_" is a space in one.
    """

    abbreviations: str = ""
    prefix: str = ""
    numbered: str = ""
    undecided: str = ""
    initials: str = ""
    lettered: str = ""
    saying: str = ""
    joints: str = ""


CONVENTIONS = {
    "ar": Conventions(
        abbreviations="د أ.د ا.د م ص ص.ب ج ط أ س ع ق.م ب.م",
        prefix="[وفبكل]?(?:ال)?",
        saying="قال قالت قالوا أضاف أضافت كتب كتبت سأل سألت تساءل تساءلت صرح صرّح أجاب ردّ رد هتف صرخ تابع",
        joints="لكن ولكن لكنه لكنها لأن لأنه لأنها بينما فيما حيث إذ مما ممّا كما رغم إن",
    ),
    "en": Conventions(
        abbreviations="mr mrs ms dr prof gen sen rep gov lt col maj adm sgt capt rev hon e.g i.e vs cf",
        numbered="no nos p pp fig vol ch art sec jan feb mar apr jun jul aug sep sept oct nov dec",
        lettered="Plan Group Grade Vitamin vitamin Hepatitis hepatitis",
        undecided="inc ltd corp co bros jr sr st mt al",
        joints="but because although even_though though while whereas unless until",
    ),
    "he": Conventions(
        initials="א-ת",
        lettered="כיתה סעיף קבוצה קומה ליגה תוכנית",
        saying="אמר אמרה אמרו שאל שאלה שאלו כתב כתבה הוסיף הוסיפה תהה תהתה השיב השיבה ענה ענתה קרא קראה צעק",
        joints="אבל אך אולם כי מפני משום בעוד כאשר למרות ואילו אלא",
    ),
    "it": Conventions(
        abbreviations=(
            "dott dott.ssa dr dr.ssa sig sig.ra sig.na prof prof.ssa on sen avv ing arch geom rag mons card"
            " gen col cap cfr cf es tel v pres"
        ),
        numbered=(
            "n nn num p pp pag pagg art artt all lett fig tab vol cap ca"
            " gen feb mar apr mag giu lug ago set sett ott nov dic"
        ),
        initials="A-Z",
        lettered="Serie serie gruppo Gruppo piano Piano vitamina classe epatite",
        joints="ma perché perchè mentre però anche_se sebbene benché affinché",
    ),
}

_END = ".!?…؟۔"
_MARKS = "\"'“”„‟«»‹›‘’‚‛״׳()\\[\\]{}"
# Direction marks stand between a stop and its quotation mark.
_UNSEEN = "\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_CLOSERS = f"[{_MARKS}{_UNSEEN}]"
_PARAGRAPH = re.compile(r"(?:[^\n\u2029]++|\n(?!\s*?\n))++")
_MARK = re.compile(_CLOSERS)
# sentencex's time is quadratic in Italian: it gets windows, which end between two words of a sentence.
_WINDOW = re.compile(rf".{{500}}.{{0,1500}}?[^\s{_END}](?=\s\S)|.{{1,2000}}", re.DOTALL)
_SPACE = re.compile(r"[^\S ]")
_LETTER = "ʔ"  # of no language and no case
_STOPS = re.compile(f"[{_END}]{{2,}}")
_TERMINATOR = re.compile(f"[{_END}]")
_WORD = re.compile(r"\w")
_WORDS = re.compile(r"\w\S*")
_HANGING_GUILLEMET = re.compile(r"\s»(?!\w)")


def sentences(article: Article) -> tuple[Sentence, ...]:
    """Return the sentences of every block in order, with its role and without white space around them."""
    found = (
        (block.start + span.start, block.start + span.end, block.role)
        for block in article.blocks
        for span in split(article.text[block.start : block.end], article.lang)
    )
    return tuple(
        Sentence(article.id, index, start, end, article.text[start:end], role)
        for index, (start, end, role) in enumerate(found)
    )


def split(text: str, lang: str) -> list[Span]:
    """Return the sentences of `text` in order; all that lies outside them is white space.

    A line break is white space, an empty line always ends a sentence. A quotation of several sentences is
    cut into them, so a sentence may hold one half of a pair of marks. Time is linear in the text.

    >>> split('"One. Two?" he said.', "en")
    [Span(start=0, end=5), Span(start=6, end=20)]
    """
    spans: list[Span] = []
    for paragraph in _PARAGRAPH.finditer(text):
        start = paragraph.start()
        joins = False  # a piece without a word joins its neighbour
        for cut in _cuts(paragraph[0], lang):
            end = paragraph.start() + cut
            span = _stripped(text, start, end)
            start = end
            if span is None:
                continue
            has_word = _WORD.search(text, span.start, span.end) is not None
            if joins or (spans and spans[-1].start >= paragraph.start() and not has_word):
                spans[-1] = Span(spans[-1].start, span.end)
                joins = joins and not has_word
            else:
                spans.append(span)
                joins = not has_word
    return spans


def clauses(text: str, lang: str) -> list[Span]:
    """Return the clauses of one sentence in order; all that lies outside them is white space.

    Cut at commas, semicolons, colons, dashes, brackets, the ends of a quotation and before the words that
    open a clause. A piece of fewer than `MIN_CLAUSE_WORDS` words joins the neighbour from which the weaker
    mark parts it.
    """
    joints = _joints(lang)
    strengths: dict[int, int] = {0: 0, len(text): 0}
    for boundary in _BOUNDARY.finditer(text):
        kind = str(boundary.lastgroup)
        at = boundary.start() if kind in ("opening", "dash") else boundary.end()
        strength = _STRENGTH[kind] - (kind in ("opening", "closing") and not _QUOTE.search(boundary[0]))
        strengths[at] = max(strength, strengths.get(at, 0))
    for joint in joints.finditer(text):
        strengths.setdefault(joint.start(), _STRENGTH["joint"])
    spans: list[Span] = []
    start, words = 0, 0
    for left, right in pairwise(sorted(strengths)):
        words += len(_WORDS.findall(text, left, right))
        if words >= MIN_CLAUSE_WORDS or (right == len(text) and not spans):
            spans.append(Span(start, right))
        elif spans and (right == len(text) or strengths[start] <= strengths[right]):
            spans[-1] = Span(spans[-1].start, right)
        else:
            continue  # it opens the next clause
        start, words = right, 0
    return [span for span in (_stripped(text, span.start, span.end) for span in spans) if span]


_STRENGTH = {"joint": 1, "comma": 1, "dash": 2, "colon": 3, "opening": 3, "closing": 3}
_QUOTE = re.compile('["“”„«»‘’״]')
_BOUNDARY = re.compile(
    rf"(?P<closing>(?<=[\w{_END},،])[\"”»’״)\]]+(?!\w)[,،;؛:{_END}]*)"
    r"|(?P<comma>[,،](?![\d\"”»’״)\]]))"
    r"|(?P<colon>[;؛:](?!\d))"
    r"|(?P<dash>(?<=\s)[-–—](?!\d)|—)"
    rf"|(?P<opening>(?<![\w{_END}])[\"“„«‘״(\[]+(?=\w))"
)


@cache
def _joints(lang: str) -> re.Pattern[str]:
    words = CONVENTIONS[lang].joints.replace("_", r"\s").split() if lang in CONVENTIONS else []
    return re.compile(rf"(?<=\s)(?:{'|'.join(words)})(?=\s)", re.IGNORECASE) if words else re.compile(r"(?!)")


def _cuts(paragraph: str, lang: str) -> Iterator[int]:
    """Yield where each sentence of one paragraph ends, the paragraph's own end included."""
    shown = _shown(paragraph, lang)
    for window in _WINDOW.finditer(shown):
        start = window.start()
        for boundary in sentencex.get_sentence_boundaries(lang, window[0]):
            end = window.start() + int(boundary["end_index"])
            stop = start + len(shown[start:end].rstrip())  # the space that it skips may be an opening mark
            start = end
            if end == window.end():
                continue  # a window does not end where a sentence does
            if hanging := _HANGING_GUILLEMET.match(paragraph, stop):
                stop = hanging.end()
            if shown[stop] == " ":  # not inside a.C., example.com
                yield stop
    yield len(paragraph)


def _shown(paragraph: str, lang: str) -> str:
    """Return what sentencex sees of a paragraph, as long as the paragraph."""
    silent, word = _patterns(lang)
    text = silent.sub(lambda match: _TERMINATOR.sub(_LETTER, match[0]), paragraph).replace("…", ".")
    # sentencex's lists hold provinces, units and acronyms that are words as well (it: via, so, ha, onu).
    text = word.sub(lambda match: match[0][:-1] + _LETTER, text)
    characters = list(_SPACE.sub(" ", text))
    for mark in _MARK.finditer(text):
        at = mark.start()
        before = characters[at - 1] if at else " "
        # After a stop a mark closes, and ends what an abbreviation's stop may not; after a space it opens.
        characters[at] = "?" if before in _END else " " if before == " " else _LETTER
    # sentencex takes some runs of stops for the inside of a name.
    return _STOPS.sub(lambda run: _LETTER * (len(run[0]) - 1) + run[0][-1], "".join(characters))


@cache
def _patterns(lang: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what matches stops that end nothing, and what matches words that are no abbreviations."""
    words = CONVENTIONS.get(lang, Conventions())
    unlettered = "".join(rf"(?<!{word}\s)" for word in words.lettered.split())
    # The last condition is told at once, and most words fail it.
    alone = rf"(?<![\w.])(?<!\w[\"״]){unlettered}(?=[^\s.]*+\.)"
    saying = rf"|\s++(?:{_alternatives(words.saying)})\b" if words.saying else ""
    after = rf"(?=\s*+[,;:،؛]|\s*+[-–—]\s|\s++[a-zà-öø-ÿ]{saying})"
    silent = [
        r"\A\s*\d{1,3}\.(?=\s)",  # the number of a list's item
        # "Why?" - she asked
        rf"[{_END}](?<![{_END}]{{2}})[{_END}]*+(?:{_CLOSERS}++(?:{after})|(?=\s++[a-zà-öø-ÿ]))",
    ]
    if words.abbreviations:
        silent.append(rf"{alone}(?<!\d\s){words.prefix}(?i:{_alternatives(words.abbreviations)})\.(?=\s)")
    if words.numbered:
        silent.append(rf"{alone}(?i:{_alternatives(words.numbered)})\.(?=\s[\dIVX])")
    if words.initials:
        silent.append(rf"{alone}[{words.initials}]\.(?=\s)")
    if lang == "ar":
        silent.append(r"(?<!\.)\.\.(?=\s)")  # two dots are a pause
    undecided = rf"(?!(?i:{_alternatives(words.undecided)})\.)" if words.undecided else ""
    word = rf"(?<![\w.])(?=[^\W\d_]{{2,}}+\.){undecided}[^\W\d_]++"
    if words.lettered:
        word += "|(?:" + "|".join(rf"(?<={name}\s)" for name in words.lettered.split()) + r")[^\W\d_](?=\.)"
    return re.compile("|".join(silent)), re.compile(word)


def _alternatives(words: str) -> str:
    return "|".join(re.escape(word) for word in words.split())


def _stripped(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return Span(start, start + len(piece.strip())) if piece.strip() else None
