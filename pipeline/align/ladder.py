"""Beads as lines of text, `[0, 1]:[0]:0.93`: the ladder format of Vecalign."""

import re
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import InputError
from pipeline.records import Bead

_SIDE = r"\[\s*((?:\d+(?:\s*,\s*\d+)*)?)\s*\]"
_LINE = re.compile(rf"\s*{_SIDE}\s*:\s*{_SIDE}\s*(?::\s*([-+.\deE]*)\s*)?")


def dump(beads: Iterable[Bead]) -> str:
    """Return a line a bead, source lines : target lines : score; a bead without score has two fields.

    >>> dump([Bead((0, 1), (0,), 0.9312), Bead((), (1,), None)])
    '[0, 1]:[0]:0.9312\\n[]:[1]\\n'
    """
    return "".join(f"{list(bead.source)}:{list(bead.target)}{_score(bead.score)}\n" for bead in beads)


def load(text: str, name: Path | str) -> list[Bead]:
    """Return the beads of a ladder, in its order; blank lines are skipped, a third field may lack.

    Raises InputError with `name` and the line's number where a line is not of the format. A score is
    read as it stands: Vecalign's is a cost.
    """
    return [_bead(line, name, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _score(score: float | None) -> str:
    return "" if score is None else f":{round(score, 4)}"  # below this, sums differ between machines


def _bead(line: str, name: Path | str, number: int) -> Bead:
    match = _LINE.fullmatch(line)
    if not match:
        raise InputError(name, f"{line.strip()[:40]!r}, expected [0, 1]:[0]:0.93", number)
    source, target = (tuple(map(int, side.split(","))) if side else () for side in match.group(1, 2))
    try:
        score = float(match[3]) if match[3] else None
    except ValueError:
        raise InputError(name, f"score {match[3]!r}, expected a number", number) from None
    return Bead(source, target, score)
