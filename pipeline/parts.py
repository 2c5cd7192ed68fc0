"""How a text is made fit for an engine: cleaned, cut where it is long, and joined again."""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from pipeline.engines.ports import Hypothesis
from pipeline.segment import clauses, split

LONG = 500
"""Characters beyond which a unit is cut at clauses. Nearly no sentence of news is longer (1 in 2,000 of
NTREX-128), and models trained on sentences drop text well before they run out of positions."""

_INVISIBLE = dict.fromkeys(
    map(ord, "\ufeff\u00ad\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def cleaned(text: str) -> str:
    """Return what an engine gets: NFC, without direction marks and soft hyphens, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def pieces(text: str, lang: str, longest: int = LONG) -> list[str]:
    """Cut a text at sentences and clauses into pieces of at most `longest` characters, as few as go in order.

    A clause that is longer on its own stays whole.
    """
    if len(text) <= longest:
        return [text]
    starts = [0]
    end = 0
    for sentence in split(text, lang):
        for clause in clauses(text[sentence.start : sentence.end], lang):
            start = sentence.start + clause.start
            if sentence.start + clause.end - starts[-1] > longest and end > starts[-1]:
                starts.append(start)
            end = sentence.start + clause.end
    return [text[start:stop].strip() for start, stop in pairwise([*starts, len(text)])]


def halves(text: str, lang: str) -> list[str]:
    """Cut a text at the sentence, or where there is one only at the clause, nearest to its middle.

    A text of one clause stays whole.
    """
    starts = [span.start for span in split(text, lang)[1:]] or [
        span.start for span in clauses(text, lang)[1:]
    ]
    if not starts:
        return [text]
    at = min(starts, key=lambda start: abs(start - len(text) / 2))
    return [text[:at].strip(), text[at:].strip()]


def rejoined(parts: Sequence[Hypothesis]) -> Hypothesis:
    """Return the translations of a text's parts as one."""
    if len(parts) == 1:
        return parts[0]
    scores = [part.score for part in parts if part.score is not None]
    flags = dict.fromkeys(flag for part in parts for flag in part.flags)
    return Hypothesis(
        " ".join(part.text for part in parts if part.text),
        round(sum(scores) / len(scores), 4) if scores else None,
        tuple(flags),
    )
