"""Speakers: who is meant by the words beside a cue, as far as the article says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.quotes.lore import Lore, titles
from pipeline.quotes.names import Known, names, people_forms
from pipeline.quotes.words import Folded, Item
from pipeline.records import Article

_APPOSED = re.compile(r", ((?:[A-Z][\w’-]+ ){1,2}[A-Z][\w’-]+)(?=[,.;:\r\n]|\Z)")
_GIVEN = re.compile(r"(?:[A-Z][\w’-]+ ){1,2}\Z")
_HEAD = 3
"""So many words of a source can tell its gender: "the man with his wife"."""
_ARTICLES = frozenset("the a an il lo la l' i gli le un uno una un'".split())


@dataclass(slots=True)
class Speakers:
    """Who has spoken so far in one article, read in order.

    `last` is the latest speaker, in English where known.
    """

    article: Article
    lore: Lore
    folded: Folded
    last: str = ""
    _people: dict[str, list[frozenset[str]]] | None = None
    _genders: dict[str, str] = field(default_factory=dict)
    _fuller: dict[str, str] = field(default_factory=dict)

    def hear(self, words: list[Item], cue: Sequence[str] = ()) -> str:
        """Return who is meant by a cue's source, in English where known; "" where it is not clear."""
        spoken = self._named(self.article.text[words[0].start : words[-1].end] if words else "", words)
        if spoken:
            self.last = spoken
            if gender := self._gender([*cue, *(item.word for item in words[:_HEAD])]):
                self._genders.pop(spoken, None)  # the latest is the last
                self._genders[spoken] = gender
        return spoken

    def latest(self, words: Sequence[str]) -> str:
        """Return who spoke last, of the gender that a pronoun or a verb tells; "" for nobody."""
        gender = self._gender(words)
        if not gender or self._genders.get(self.last, gender) == gender:
            return self.last
        return next((name for name, other in reversed(self._genders.items()) if other == gender), "")

    def _gender(self, words: Sequence[str]) -> str:
        feminine = not self.lore.feminine.isdisjoint(words)
        if feminine != self.lore.masculine.isdisjoint(words):
            return ""  # nothing tells, or two people are in it
        return "feminine" if feminine else "masculine"

    def only_person(self, words: Sequence[str]) -> str:
        """Return the one well-known person among some words, "" where there is none or several."""
        found = {name.english for *_, name in names(words, self.article.lang) if name.kind == "person"}
        return found.pop() if len(found) == 1 else ""

    def _named(self, text: str, words: list[Item]) -> str:
        folded = [item.word for item in words]
        if not folded:
            return self.last
        if len(folded) <= 2 and folded[-1] in self.lore.pronouns:
            return self.latest(folded)
        if len(folded) <= 2 and folded[0] in self.lore.plurals:
            return ""
        parts = [(part, item) for item in words for part in item.word.replace("-", " ").split()]
        found = [
            (first, last, name)
            for first, last, name in names([part for part, _ in parts], self.article.lang)
            if not (name.is_small and self.article.text[parts[first][1].start].isupper())  # Greco is no Greek
        ]
        people = [name for *_, name in found if name.kind == "person"]
        if people:
            return people[-1].english
        epithets = {name.english for *_, name in found if name.kind == "epithet"}
        epithets &= set(self.people()) if epithets else set()
        if len(epithets) == 1:
            return epithets.pop()
        covered = {part[1] for first, last, _ in found for part in parts[first:last]}
        rest = [item for item in words if item not in covered]
        if (proper := self._proper(rest)) is not None:
            return proper
        if (apposed := self._apposed(words)) is not None:
            return apposed
        return self._described(text, words, [name for *_, name in found], covered)

    def _proper(self, words: list[Item]) -> str | None:
        """A Latin-script name in the source, in the fullest form that the article prints."""
        if self.lore.lang in ("ar", "he"):
            return None
        run: list[Item] = []
        for item in reversed(words):
            shown = self.article.text[item.start : item.end]
            is_name = (
                shown[:1].isupper()
                and item.word not in self.lore.determiners
                and item.word not in self.lore.roles
            )
            if is_name or (run and shown in ("von", "van", "der", "de", "di", "bin", "al")):
                run.insert(0, item)
            elif run:
                break
        while run and not self.article.text[run[0].start].isupper():
            run.pop(0)
        if not run:
            return None
        name = self.article.text[run[0].start : run[-1].end].removesuffix("’s").removesuffix("'s")
        if " " in name or len(words) > len(run) + 3:
            return name
        if name not in self._fuller:
            titles = {word for title in self.lore.roles for word in title.split()}
            given = (part for part in _given(name, self.article.text).split() if part.lower() not in titles)
            self._fuller[name] = " ".join([*given, name])
        return self._fuller[name]

    def _apposed(self, words: list[Item]) -> str | None:
        """The Latin-script name that follows a title after a comma: "the mayor of Turin, Lucia Ferri"."""
        if self.lore.lang in ("ar", "he") or not self._role([item.word for item in words]):
            return None
        found = _APPOSED.match(self.article.text, words[-1].end)
        return found[1] if found else None

    def _described(self, text: str, words: list[Item], found: list[Known], covered: set[Item]) -> str:
        """A title, a body or a state: the person who holds the title, else the words in English."""
        persons, epithets = titles()
        folded = [item.word for item in words]
        role = self._role(folded)
        states = [name.english for name in found if name.kind in ("state", "body", "capital")]
        if role in persons:
            holders = [
                person
                for person, held in self.people().items()
                if any(role in title and (not states or states[0] in title) for title in held)
            ]
            if len(holders) == 1:
                return holders[0]
            if self.last in holders or (not holders and role in epithets and self.last):
                return self.last
            if len(folded) <= 2 and len(holders) > 1:
                return ""
        rest = [item.word for item in words if item not in covered]
        rest = [word for word in rest if word not in self.lore.bare]
        if len(states) <= 1 and " ".join(rest) in self.lore.roles:
            return " ".join([*states, self.lore.roles[" ".join(rest)]])
        if not rest and len(states) == 1 and found[0].kind != "state":
            return states[0] if found[0].kind == "body" else f"{states[0]} government"
        if self.lore.lang in ("en", "it") and folded[0] in self.lore.determiners and len(folded) > 1:
            return self.article.text[words[1].start : words[-1].end] if folded[0] in _ARTICLES else text
        return text

    def _role(self, folded: list[str]) -> str:
        begins = self.lore.role_heads
        heads = [at for at, word in enumerate(folded) if word in begins]
        for size in (3, 2, 1) if heads else ():
            for at in heads:
                if at + size <= len(folded) and (
                    role := self.lore.roles.get(" ".join(folded[at : at + size]))
                ):
                    return role
        return ""

    def people(self) -> dict[str, list[frozenset[str]]]:
        """The well-known people whom the article names, with the titles and states before their names."""
        if self._people is None:
            self._people = {}
            for english, start in _mentions(self.folded.lower):
                held = self._people.setdefault(english, [])
                before = self.folded.words(max(0, start - 80), start)[-7:]
                if role := self._role(before):
                    near = (name for *_, name in names(before, self.lore.lang) if name.kind == "state")
                    held.append(frozenset({role, *(state.english for state in near)}))
        return self._people


def _given(name: str, text: str) -> str:
    """Return the words with a capital, two at most, that stand before a name where it first has any."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not text[end : end + 1].isalnum() and (given := _GIVEN.search(text, max(0, start - 80), start)):
            return given[0]
        start = text.find(name, end)
    return ""


def _mentions(text: str) -> Iterator[tuple[str, int]]:
    """Yield the well-known people whom a folded text names, with the place of each name."""
    told = (core for core in people_forms() if core in text)
    found: list[tuple[int, int, str]] = []
    for form, english in (form for core in told for form in people_forms()[core]):
        start = text.find(form)
        while start >= 0:
            end = start + len(form)
            if not text[end : end + 1].isalpha():
                found.append((start, -end, english))
            start = text.find(form, end)
    last = 0
    for start, end, english in sorted(found):
        if start >= last:  # not the surname in the full name
            yield english, start
            last = -end
