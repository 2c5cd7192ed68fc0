"""Which articles report the same story, told by date and by what their beginnings mean.

A language's articles are compared about their own mean, since what a language or all news have in common says
nothing. Articles within a window of days are near where each is among the other's nearest. Stories grow by
average linkage (Sokal and Michener 1958), so that no chain of pairs joins two: in doubt a story stays two.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

import numpy as np
import numpy.typing as npt

from pipeline import articles
from pipeline.batch.entries import Entry
from pipeline.batch.lockstep import Models
from pipeline.engines.ports import Floats

HEAD = 600
"""Characters of an article that its vector is made of: news say first what happened."""

AT_ONCE = 256  # articles a call of the encoder
BLOCK = 256  # rows of the similarity matrix in memory
KEPT = 32  # nearest neighbours kept of each article


BACKGROUND: Mapping[str, tuple[str, ...]] = {
    "ar": (
        "من المتوقع هطول الأمطار على معظم المناطق خلال نهاية الأسبوع.",
        "ارتفعت أسعار النفط في تعاملات صباح اليوم.",
        "فاز المنتخب بهدفين مقابل لا شيء في مباراة ودية.",
        "قضت المحكمة بسجن المتهم خمس سنوات.",
        "أعلنت الوزارة عن حملة تطعيم جديدة للأطفال.",
        "يفتتح المهرجان بعرض فيلم عن حياة الشاعر.",
    ),
    "en": (
        "Rain is expected in most parts of the country over the weekend.",
        "Oil prices rose in trading this morning.",
        "The national team won a friendly match by two goals to nil.",
        "The court sentenced the defendant to five years in prison.",
        "The ministry announced a new campaign to vaccinate children.",
        "The festival opens with a film about the life of the poet.",
    ),
    "he": (
        "גשם צפוי ברוב חלקי הארץ בסוף השבוע.",
        "מחירי הנפט עלו במסחר הבוקר.",
        "הנבחרת ניצחה שתיים אפס במשחק ידידות.",
        "בית המשפט גזר על הנאשם חמש שנות מאסר.",
        "המשרד הודיע על מבצע חיסונים חדש לילדים.",
        "הפסטיבל ייפתח בסרט על חייו של המשורר.",
    ),
    "it": (
        "Nel fine settimana è attesa pioggia su gran parte del paese.",
        "I prezzi del petrolio sono saliti negli scambi di questa mattina.",
        "La nazionale ha vinto l'amichevole per due a zero.",
        "Il tribunale ha condannato l'imputato a cinque anni di carcere.",
        "Il ministero ha annunciato una nuova campagna di vaccinazione dei bambini.",
        "Il festival si apre con un film sulla vita del poeta.",
    ),
}
"""News about nothing in particular: a language's mean where an input has few articles in it."""


@dataclass(frozen=True, slots=True)
class Linkage:
    """How near is the same story: days apart, and the least mean cosine between two parts of a story.

    0.45: versions of a story in other languages have 0.44-0.75 between them (5th to 95th percentile of 40
    generated stories; 0.49 and more in the seeds), articles about different events 0.21 at most.
    """

    days: int = 3
    least: float = 0.45


Pairs = dict[tuple[int, int], float]
"""(row, row) -> cosine, the lesser row first."""


def named(entries: Callable[[], Iterable[Entry]], models: Models, linkage: Linkage) -> Iterator[Entry]:
    """Yield the articles with a story each, named after the input's first article in it.

    `entries` gives the same articles each time, in the order of the input; a vector of each is in memory,
    its text is not.
    """
    rows = vectors((_head(one) for one in entries()), models)
    means = {lang: vectors(texts, models) for lang, texts in BACKGROUND.items()}
    found = stories(
        centred(rows, [_lang(one) for one in entries()], means),
        [_day(one.date) for one in entries()],
        linkage,
    )
    names: dict[int, str] = {}
    for i, (one, first) in enumerate(zip(entries(), found, strict=True)):
        if first == i:
            names[i] = f"found-{one.position}-{one.id}"
        yield replace(one, story=names[first])


def vectors(texts: Iterable[str], models: Models) -> Floats:
    """Return a unit vector a text, (texts, width): the mean of its tokens' states; zeros for an empty one."""
    rows = [np.zeros((0, models.width), dtype=np.float32)]
    left = iter(texts)
    while some := list(islice(left, AT_ONCE)):
        states = zip(models.encode(some), some, strict=True)
        rows.append(np.stack([one.span(0, len(text)) for one, text in states]))
    return np.concatenate(rows)


def centred(rows: Floats, langs: Sequence[str], background: Mapping[str, Floats]) -> Floats:
    """Return unit vectors of the rows about their language's mean, `background` counted in."""
    moved = rows.copy()
    for lang in set(langs):
        own = np.array([one == lang for one in langs])
        known = [background[lang]] if lang in background else list(background.values())
        moved[own] -= np.concatenate([rows[own], *known]).mean(axis=0)
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12), np.float32)


def stories(rows: Floats, days: Sequence[int | None], linkage: Linkage) -> list[int]:
    """Return for each of the unit vectors the first of its story. Undated ones are near undated ones only.

    The same stories whatever the order: where two pairs are equally near, vectors decide, not places.
    """
    order = sorted(range(len(rows)), key=lambda i: (days[i] is None, days[i] or 0, rows[i].tobytes()))
    pairs = near(rows[order], [days[i] for i in order], linkage.days)
    parts = _joined(len(rows), pairs, linkage.least)
    first: dict[int, int] = {}
    of = dict(zip(order, parts, strict=True))
    return [first.setdefault(of[i], i) for i in range(len(rows))]


def near(rows: Floats, days: Sequence[int | None], window: int) -> Pairs:
    """Return the cosines of articles that are among each other's nearest within the window of days."""
    nearest, cosines = _nearest(rows, days, window)
    mutual: Pairs = {}
    lists = [set(row[np.isfinite(cosine)]) for row, cosine in zip(nearest, cosines, strict=True)]
    for i in range(len(rows)):
        for j, cosine in zip(nearest[i], cosines[i], strict=True):
            if i < j and np.isfinite(cosine) and i in lists[j]:
                mutual[i, int(j)] = round(float(cosine), 4)
    return mutual


def _nearest(
    rows: Floats, days: Sequence[int | None], window: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return (articles, k) of the nearest in the window and their cosines, -inf where there are fewer.

    Rows are taken by day, a block at a time against the days it can reach.
    """
    when = np.array([-(10**9) if day is None else day for day in days], dtype=np.int64)
    order = np.lexsort((np.arange(len(rows)), when))
    by_day, sorted_rows = when[order], rows[order]
    k = min(KEPT, max(len(rows) - 1, 0))
    near = np.zeros((len(rows), k), dtype=np.int64)
    cosines = np.full((len(rows), k), -np.inf, dtype=np.float32)
    for at in range(0, len(rows), BLOCK):
        block = slice(at, min(at + BLOCK, len(rows)))
        low = int(np.searchsorted(by_day, by_day[block.start] - window, "left"))
        high = int(np.searchsorted(by_day, by_day[block.stop - 1] + window, "right"))
        found = sorted_rows[block] @ sorted_rows[low:high].T
        found[np.abs(by_day[block, None] - by_day[None, low:high]) > window] = -np.inf
        found[np.arange(block.stop - at), np.arange(at, block.stop) - low] = -np.inf
        best = np.argsort(-found, axis=1, kind="stable")[:, :k]
        near[order[block], : best.shape[1]] = order[low:high][best]
        cosines[order[block], : best.shape[1]] = np.take_along_axis(found, best, axis=1)
    return near, cosines


def _joined(count: int, pairs: Pairs, least: float) -> list[int]:
    """Join parts while their mean cosine is at least `least`, the nearest first; an absent pair's is 0."""
    part = list(range(count))
    members = {i: [i] for i in range(count)}
    for (i, j), score in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        if score < least:
            break
        a, b = sorted((part[i], part[j]))
        if a == b:
            continue
        between = [pairs.get((min(x, y), max(x, y)), 0.0) for x in members[a] for y in members[b]]
        if sum(between) / len(between) >= least:
            for one in members[b]:
                part[one] = a
            members[a] += members.pop(b)
    return part


def _head(entry: Entry) -> str:
    return f"{entry.title}\n{entry.text}".strip()[:HEAD]


def _lang(entry: Entry) -> str:
    try:
        return entry.lang or articles.language(_head(entry))
    except LookupError:
        return ""


def _day(text: str) -> int | None:
    return date.fromisoformat(text).toordinal() if text else None
