"""A diet of names: sentences that hold one, again with others of its kind."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from training.corpus import Pair

COUNTRIES, CITIES = "written-names-countries", "written-names-cities"
KINDS: Final = (COUNTRIES, CITIES, "written-names-people", "written-names-families")
"""The origins of names of which one can stand where another stood."""

GAZETTEERS: Final = ("names-geonames", "names-kgeography", "names-libgweather")
"""The origins of more cities: they are put in the place of one, and not looked for, as some are words."""

CARRIERS: Final = ("written-", "un-", "ud-pud", "tatoeba", "xquad")
"""What origins of sentences begin with that carry names."""

PREFIXES: Final[Mapping[str, str]] = {"ar": "وبلكف", "he": "ובלמהשכ"}
"""What is written onto a name. An Italian country has an article that goes by its gender, so there
countries stay where they are."""

_LEAST = 5  # words: less is a name itself


@dataclass(frozen=True, slots=True)
class Names:
    """A language's names as (foreign, English): `of[kind]` are looked for, at least two of each kind.

    `drawn[kind]` are put in their place. Of a name's spellings the first is looked for.
    """

    lang: str
    of: Mapping[str, Sequence[tuple[str, str]]]
    drawn: Mapping[str, Sequence[tuple[str, str]]]

    def varied(self, pairs: Iterable[Pair], times: int, seed: int = 1) -> Iterator[Pair]:
        """Yield `times` variants of each sentence that says a known name once on both sides.

        Each of its names becomes another of the same kind, any as likely as any; `origin` is `varied`.
        """
        random = Random(seed)
        kinds = {english: kind for kind, names in self.of.items() for _, english in names}
        foreign = {english: name for names in self.of.values() for name, english in reversed(names)}
        if not kinds:
            return
        known = re.compile(rf"(?<!\w)({_any(kinds)})(?!\w)")
        for pair in pairs:
            if not pair.origin.startswith(CARRIERS) or len(pair.english.split()) < _LEAST:
                continue
            found = {name for name in known.findall(pair.english) if self._once(pair, foreign[name], name)}
            for _ in range(times if found else 0):
                drawn = {name: _another(self.drawn[kinds[name]], name, random) for name in sorted(found)}
                mine = {foreign[name]: instead for name, (instead, _) in drawn.items()}
                theirs = {name: instead for name, (_, instead) in drawn.items()}
                english = "".join(theirs.get(part, part) for part in known.split(pair.english))
                yield Pair("varied", self._renamed(pair.foreign, mine), english)

    def _once(self, pair: Pair, foreign: str, english: str) -> bool:
        return pair.english.count(english) == 1 and len(said(self.lang, [foreign]).findall(pair.foreign)) == 1

    def _renamed(self, text: str, names: Mapping[str, str]) -> str:
        return said(self.lang, names).sub(lambda match: _joined(match[1], names[match[2]]), text)


def said(lang: str, names: Iterable[str]) -> re.Pattern[str]:
    """Return what matches any of the names in a text, the longest first: its prefixes, and the name."""
    return re.compile(rf"(?<!\w)([{PREFIXES.get(lang, '-')}]{{0,2}})({_any(names)})(?!\w)")


def names(lang: str, written: Iterable[Pair], collected: Iterable[Pair] = ()) -> Names:
    """Return the names that can change places in sentences of the language.

    `written` has the tables of them, `collected` gazetteers: half of the cities drawn are from there.
    """
    kinds = [kind for kind in KINDS if kind != COUNTRIES or lang in PREFIXES]
    of: dict[str, list[tuple[str, str]]] = {kind: [] for kind in kinds}
    for pair in written:
        if pair.origin in of:
            of[pair.origin].append((pair.foreign, pair.english))
    drawn = {kind: list(found) for kind, found in of.items() if len(found) > 1}
    more = [(p.foreign, p.english) for p in collected if p.origin in GAZETTEERS and _is_plain(p.english)]
    if CITIES in drawn:
        drawn[CITIES] = drawn[CITIES] * max(1, len(more) // len(drawn[CITIES])) + more
    return Names(lang, {kind: of[kind] for kind in drawn}, drawn)


def _is_plain(english: str) -> bool:
    """One or two words: `Not Kazakhstan` and `Isle of Man, Douglas` are something else."""
    words = english.split()
    return len(words) < 3 and all(word.isalpha() and word.istitle() and word != "Not" for word in words)


def _any(texts: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, texts), key=len, reverse=True))


def _another(pairs: Sequence[tuple[str, str]], english: str, random: Random) -> tuple[str, str]:
    while (drawn := random.choice(pairs))[1] == english:
        pass
    return drawn


def _joined(prefix: str, name: str) -> str:
    """Return the name behind its prefix; Arabic writes `ل` and `ال` as `لل`."""
    return f"{prefix}{name[1:]}" if prefix.endswith("ل") and name.startswith("ال") else prefix + name
