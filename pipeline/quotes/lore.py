"""What a language says around speech: words by the part they play, from `pipeline/data/cues.LANG.toml`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

POINTS = re.compile("[\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u0640]")
"""Niqqud, harakat and tatweel, which say nothing about which word it is."""
_SPELLINGS = (*((alif, "ا") for alif in "أإآٱ"), ("’", "'"), ("״", '"'), ("־", "-"), ("‑", "-"))


def spell(text: str) -> str:
    """Return a lower-case text in the tables' spelling: one alif, one apostrophe; as long as before."""
    for sign, plain in _SPELLINGS:  # several times as fast as str.translate
        text = text.replace(sign, plain)
    return text


def fold(word: str) -> str:
    """Return a word as the tables spell it: lower case, no vowel points, one alif, one apostrophe."""
    return POINTS.sub("", spell(word.lower()))


Phrases = dict[str, tuple[tuple[str, ...], ...]]
"""First word -> the phrases that start with it, longest first."""


@dataclass(frozen=True, slots=True)
class Lore:
    """One language's tables; every word in them is folded.

    Words that say are in here with and without the letters that Arabic and Hebrew write together with
    the next word ("and", "that"). `heads` are all words that a cue can begin with, `signs` runs of letters
    one of which every cue has, `light` those that may stand before a source, `asides` those that may stand
    between source and verb, `joints` what a clause can end at, `small` what is in no name, `feminine` and
    `masculine` what tells a speaker's gender, `role_heads` the first words of `roles`.
    Those from `before_that` on are what may stand before "that", what may say to whom or when, what a clause
    can begin with, what may stand between a verb and its source, what ends no source, what breaks a source
    off, what may follow "on" in a date, and what says nothing in a source.
    """

    lang: str
    heads: frozenset[str]
    signs: frozenset[str]
    verbs: frozenset[str]
    weak: frozenset[str]
    depicting: frozenset[str]
    telling: frozenset[str]
    asking: frozenset[str]
    finding: frozenset[str]
    quoting: frozenset[str]
    participles: frozenset[str]
    gerunds: frozenset[str]
    auxiliaries: frozenset[str]
    adverbs: frozenset[str]
    that: frozenset[str]
    not_that: frozenset[str]
    infinitive: frozenset[str]
    modals: frozenset[str]
    according: Phrases
    own: Phrases
    sayings: Phrases
    pronouns: frozenset[str]
    feminine: frozenset[str]
    masculine: frozenset[str]
    plurals: frozenset[str]
    determiners: frozenset[str]
    prepositions: frozenset[str]
    linking: frozenset[str]
    conjunctions: frozenset[str]
    relatives: frozenset[str]
    times: frozenset[str]
    naming: frozenset[str]
    apostrophes: frozenset[str]
    roles: dict[str, str]
    role_heads: frozenset[str]
    before_noun: frozenset[str]
    light: frozenset[str]
    asides: frozenset[str]
    joints: frozenset[str]
    small: frozenset[str]
    before_that: frozenset[str]
    addressing: frozenset[str]
    openers: frozenset[str]
    between: frozenset[str]
    trailing: frozenset[str]
    breaks: frozenset[str]
    dates: frozenset[str]
    bare: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(word.strip()) for word in re.split(r"[,\n]", text) if word.strip())


def _phrases(spelt: frozenset[str]) -> Phrases:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted(spelt, key=lambda phrase: (-phrase.count(" "), phrase)):
        first, *rest = phrase.split()
        found.setdefault(first, []).append((first, *rest))
    return {first: tuple(phrases) for first, phrases in found.items()}


_FINALS = str.maketrans("ךםןףץ", "כמנפצ")


def _genders(verbs: frozenset[str], lang: str) -> dict[str, str]:
    """Return the verbs that are there in both genders, feminine -> masculine: אמרה -> אמר, تقول -> يقول."""
    there = {verb.translate(_FINALS): verb for verb in verbs}
    endings = {"ar": "ت", "he": "הת"}.get(lang, "")
    pairs = [(verb, verb[:-1]) for verb in verbs if verb[-1] in endings]
    if lang == "ar":
        pairs += [(verb, verb.replace("ت", "ي", 1)) for verb in verbs if re.match("[وف]?ت", verb)]
    return {feminine: there[masculine] for feminine, masculine in pairs if masculine in there}


@cache
def lore(lang: str) -> Lore:
    """Return a language's tables, read on first use; they are empty for a language without a file."""
    source = files("pipeline") / "data" / f"cues.{lang}.toml"
    table = tomllib.loads(source.read_text(encoding="utf-8")) if source.is_file() else {}
    prefixes = ("", *_words(str(table.get("prefixes", ""))))

    def words(key: str) -> frozenset[str]:
        return _words(str(table.get(key, "")))

    def sayings(key: str) -> frozenset[str]:
        return frozenset(prefix + word for prefix in prefixes for word in words(key))

    phrases = {key: _phrases(sayings(key)) for key in ("according", "own", "sayings")}
    verbs, weak, participles, gerunds = (sayings(key) for key in ("verbs", "weak", "participles", "gerunds"))
    depicting = sayings("depicting")
    adverbs, determiners, times = sayings("adverbs"), words("determiners"), words("times")
    auxiliaries, conjunctions, prepositions = (
        sayings("auxiliaries"),
        words("conjunctions"),
        words("prepositions"),
    )
    roles = {fold(word): english for word, english in dict(table.get("roles", {})).items()}
    quoting = sayings("quoting")
    finding = sayings("finding")
    says = verbs.union(weak, depicting, finding, quoting, participles, gerunds)
    heads = says.union(*phrases.values())
    # of "by their own account" the word that few other sentences have
    common = (
        adverbs
        | auxiliaries
        | conjunctions
        | determiners
        | prepositions
        | words("pronouns")
        | words("plurals")
    )
    rare = {
        max(phrase, key=lambda word: (word not in common, len(word)))
        for table in phrases.values()
        for row in table.values()
        for phrase in row
    }
    signs = frozenset(max(re.findall(r"\w+", word), key=len) for word in says | rare)
    genders = _genders(verbs | weak | depicting, lang)
    return Lore(
        lang=lang,
        heads=heads,
        signs=signs,
        verbs=verbs | weak | depicting | finding,
        weak=weak,
        depicting=depicting,
        telling=words("telling"),
        asking=words("asking"),
        finding=finding,
        quoting=quoting,
        participles=participles,
        gerunds=gerunds,
        auxiliaries=auxiliaries,
        adverbs=adverbs,
        that=words("that"),
        not_that=words("not_that"),
        infinitive=words("infinitive"),
        modals=words("modals"),
        according=phrases["according"],
        own=phrases["own"],
        sayings=phrases["sayings"],
        pronouns=words("pronouns"),
        feminine=words("feminine").union(genders),
        masculine=words("masculine").union(genders.values()),
        plurals=words("plurals"),
        determiners=determiners,
        prepositions=prepositions,
        linking=words("linking"),
        conjunctions=conjunctions,
        relatives=words("relatives"),
        times=times,
        naming=words("naming"),
        apostrophes=words("apostrophes"),
        roles=roles,
        role_heads=frozenset(role.split()[0] for role in roles),
        before_noun=prepositions | determiners | words("linking"),
        light=(adverbs | times) - determiners,
        asides=auxiliaries | adverbs,
        joints=conjunctions - words("that") - words("relatives") | {",", "،", ";"},
        before_that=adverbs | (words("modals") - words("that")),
        addressing=times | prepositions,
        openers=(words("pronouns") | words("plurals")) - {"his", "her"},
        between=adverbs - determiners,
        trailing=adverbs | conjunctions,
        breaks=prepositions | auxiliaries,
        dates=times | determiners,
        bare=determiners | words("linking"),
        small=prepositions.union(auxiliaries, heads, *map(words, ("pronouns", "plurals", "modals"))),
    )


@cache
def titles() -> tuple[frozenset[str], frozenset[str]]:
    """Return the English titles that one person holds, and those that stand for whoever spoke last."""
    table = tomllib.loads((files("pipeline") / "data" / "titles.toml").read_text(encoding="utf-8"))
    return _words(table["persons"]), _words(table["epithets"])
