"""A statement's members with their words in clusters: one cluster, one meaning, at most one word a member."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from pipeline.align.links import ABSENT, REWORDED, Text, links, scores
from pipeline.align.words import Word
from pipeline.engines.ports import Floats

Spot = tuple[int, int]
"""(member, word): a word of one of a statement's members."""

REACH = 2
"""Words beyond its neighbours' counterparts that may still stand for a word: languages differ in order."""

_ENGLISH = 0.6  # what two words gain whose English is one word: as much as from one stem


@dataclass(frozen=True, eq=False)
class Linked:
    """Members, each with its English where a translator made one, and how well their words go together.

    `scores[a, b]` is (words of a, words of b) for every two members, both ways round. `glosses[m]` maps a
    word of `m` to one of `english[m]`. `clusters` maps a word to all words linked to it, itself included;
    a word without a link is not in it.
    """

    texts: tuple[Text, ...]
    english: tuple[Text | None, ...]
    glosses: tuple[Mapping[int, int], ...]
    scores: Mapping[tuple[int, int], Floats]
    clusters: Mapping[Spot, frozenset[Spot]]

    def word(self, spot: Spot) -> Word:
        return self.texts[spot[0]].words[spot[1]]

    def lang(self, spot: Spot) -> str:
        return self.texts[spot[0]].lang

    def cluster(self, spot: Spot) -> frozenset[Spot]:
        """Return the words linked to a word, and itself."""
        return self.clusters.get(spot, frozenset({spot}))

    def linked(self, spot: Spot, member: int) -> Spot | None:
        """Return the member's word that is linked to the word."""
        return next((other for other in self.clusters.get(spot, ()) if other[0] == member), None)

    @cached_property
    def runs(self) -> Mapping[Spot, tuple[Spot, ...]]:
        """The phrase that each word of news is in: words with nothing between them but `of` and spaces."""
        return {
            (m, i): tuple((m, j) for j in run)
            for m, text in enumerate(self.texts)
            for run in _runs(text)
            for i in run
        }

    def beside(self, spot: Spot, step: int) -> Spot | None:
        """Return the word before (-1) or after (1) in the same run."""
        run = self.runs.get(spot, ())
        place = run.index(spot) + step if run else -1
        return run[place] if 0 <= place < len(run) else None

    def neighbour(self, spot: Spot, step: int) -> Spot | None:
        """Return the next word of news before (-1) or after (1), over at most two others."""
        m, i = spot
        words = self.texts[m].words
        for j in range(i + step, i + 4 * step, step):
            if 0 <= j < len(words) and words[j].kind not in ("function", "negation"):
                return m, j
        return None

    def news(self, member: int) -> list[Spot]:
        """Return the member's words of news that are no numbers."""
        return [(member, i) for i, word in enumerate(self.texts[member].words) if word.kind == "content"]

    def free(self, spot: Spot, member: int) -> list[Spot]:
        """Return the word and the words of news after it, up to one that has a link to the member."""
        found = [spot]
        while (after := self.neighbour(found[-1], 1)) and self.linked(after, member) is None:
            found.append(after)
        return found

    def covered(self, a: int, b: int) -> float:
        """Return the share of `a`'s words of news that have a link to `b`, 0-1."""
        news = self.news(a)
        return sum(self.linked(spot, b) is not None for spot in news) / max(len(news), 1)

    def score(self, one: Spot, other: Spot) -> float:
        """Return how well two members' words go together."""
        return float(self.scores[one[0], other[0]][one[1], other[1]])

    def nearest(self, spot: Spot, member: int) -> float:
        """Return the best score of a word with any of the member's."""
        return float(self.scores[spot[0], member][spot[1]].max(initial=-1.0))

    def nearest_in_english(self, spot: Spot, member: int) -> float | None:
        """Return the same of their English, None where there is none or it has no word for this one."""
        here, there = self._in_english(spot[0]), self._in_english(member)
        i = spot[1] if self.lang(spot) == "en" else self.glosses[spot[0]].get(spot[1])
        if here is None or there is None or i is None:
            return None
        return float(scores(here, there)[i].max(initial=-1.0))

    def _in_english(self, member: int) -> Text | None:
        return self.texts[member] if self.texts[member].lang == "en" else self.english[member]

    def gap(self, spot: Spot, other: int) -> tuple[Spot | None, list[Spot]]:
        """Return where in another member a word would stand.

        That is the word before it, or None, and the words of news without a link that stand between its
        neighbours' counterparts or next to these.
        """
        m, i = spot
        before = self._nearest(m, range(i - 1, -1, -1), other)
        after = self._nearest(m, range(i + 1, len(self.texts[m].words)), other)
        edges = sorted(edge[1] for edge in (before, after) if edge)
        low = edges[0] - REACH if edges and before else 0
        high = edges[-1] + REACH if edges and after else len(self.texts[other].words)
        return before, [s for s in self.news(other) if low <= s[1] <= high and self.linked(s, m) is None]

    def _nearest(self, member: int, places: range, other: int) -> Spot | None:
        return next((spot for i in places if (spot := self.linked((member, i), other))), None)


def linked(texts: Sequence[Text], english: Sequence[Text | None]) -> Linked:
    """Link the members' words, the surest link first; none that gives a cluster two words of one member."""
    glosses = tuple(_glosses(text, gloss) for text, gloss in zip(texts, english, strict=True))
    stems = [_english_stems(*of) for of in zip(texts, english, glosses, strict=True)]
    both: dict[tuple[int, int], Floats] = {}
    found: list[tuple[float, Spot, Spot]] = []
    for a, b in combinations(range(len(texts)), 2):
        score = scores(texts[a], texts[b])
        if texts[a].lang != texts[b].lang:
            for i, stem in stems[a].items():
                for j, its in stems[b].items():
                    score[i, j] += _ENGLISH * (stem == its)
        both[a, b], both[b, a] = score, score.T
        found += [(s, (a, i), (b, j)) for s, i, j in links(score, texts[a], texts[b])]
    clusters: dict[Spot, frozenset[Spot]] = {}
    for _, one, other in sorted(found, key=lambda link: (-round(link[0], 4), link[1:])):
        left, right = clusters.get(one, frozenset({one})), clusters.get(other, frozenset({other}))
        if one not in right and all(_fit(texts, both, *pair) for pair in product(left, right)):
            clusters |= dict.fromkeys(left | right, left | right)
    return Linked(tuple(texts), tuple(english), glosses, both, clusters)


def _fit(texts: Sequence[Text], both: Mapping[tuple[int, int], Floats], one: Spot, other: Spot) -> bool:
    """Whether two words can be in one cluster: of two members, and no strangers; in one language, linked."""
    if one[0] == other[0]:
        return False
    least = REWORDED if texts[one[0]].lang == texts[other[0]].lang else ABSENT
    return bool(both[one[0], other[0]][one[1], other[1]] >= least)


def _glosses(text: Text, english: Text | None) -> dict[int, int]:
    return {i: j for _, i, j in links(scores(text, english), text, english)} if english else {}


def _english_stems(text: Text, english: Text | None, glosses: Mapping[int, int]) -> dict[int, str]:
    if text.lang == "en":
        return {i: word.stem for i, word in enumerate(text.words) if word.kind != "function"}
    return {i: english.words[j].stem for i, j in glosses.items()} if english else {}


def _runs(text: Text) -> Iterator[list[int]]:
    run: list[int] = []
    for i, word in enumerate(text.words):
        if word.joiner and run:
            continue
        if run and (word.kind in ("function", "negation") or not _joined(text, run[-1], i)):
            yield run
            run = []
        if word.kind not in ("function", "negation"):
            run.append(i)
    if run:
        yield run


def _joined(text: Text, left: int, right: int) -> bool:
    """Whether between two words there is nothing but joiners, spaces and a genitive's ending."""
    inside = text.words[left + 1 : right]
    stops = [text.words[left].end, *(edge for word in inside for edge in (word.outer, word.end))]
    starts = [*stops[1::2], text.words[right].start]
    between = "".join(text.text[a:b] for a, b in zip(stops[::2], starts, strict=True))
    return between.strip() in ("", "'s", "’s", "'", "’")
