"""Sentences again with other names."""

from training.corpus import Pair
from training.names import names

TABLES = [
    Pair("written-names-countries", "قطر", "Qatar"),
    Pair("written-names-countries", "الأردن", "Jordan"),
    Pair("written-names-people", "فلاديمير بوتين", "Vladimir Putin"),
    Pair("written-names-people", "جو بايدن", "Joe Biden"),
]
HEBREW = [
    Pair("written-names-countries", "מצרים", "Egypt"),
    Pair("written-names-countries", "קזחסטן", "Kazakhstan"),
]


def test_both_sides_say_the_other_name() -> None:
    """A country becomes a country and a person a person, behind the prefix that was there."""
    pair = Pair("un-1", "زار جو بايدن الأردن وقطر معا", "Joe Biden visited Jordan and Qatar together")
    (varied,) = names("ar", TABLES).varied([pair], 1)
    assert varied == Pair(
        "varied", "زار فلاديمير بوتين قطر والأردن معا", "Vladimir Putin visited Qatar and Jordan together"
    )


def test_arabic_writes_its_article_into_the_preposition() -> None:
    """`ل` and `ال` are `لل`."""
    pair = Pair("un-1", "كانت الزيارة لقطر قصيرة", "the visit to Qatar was short")
    assert [v.foreign for v in names("ar", TABLES).varied([pair], 1)] == ["كانت الزيارة للأردن قصيرة"]


def test_only_a_name_that_is_there_once_on_both_sides_changes() -> None:
    """A second mention, another word for it, another collection, a bare name: nothing is made of those."""
    pairs = [
        Pair("un-1", "מצרים אמרה כי היא אינה", "Egypt said that it is not"),
        Pair("un-1", "מצרים ומצרים של אתמול שוב", "Egypt and the Egypt of yesterday"),
        Pair("un-1", "ארץ הנילוס היא גדולה מאוד", "Egypt is a very large country"),
        Pair("gnome", "מצרים היא ארץ גדולה מאוד", "Egypt is a very large country"),
        Pair("written-names-countries", "מצרים", "Egypt"),
    ]
    found = list(names("he", HEBREW).varied(pairs, 3))
    assert [pair.english for pair in found] == ["Kazakhstan said that it is not"] * 3


def test_italian_countries_keep_their_articles() -> None:
    """`l'Egitto` is not `l'Kazakistan`: in Italian cities and people change places."""
    tables = [
        Pair("written-names-countries", "Egitto", "Egypt"),
        Pair("written-names-countries", "Cuba", "Cuba"),
    ]
    pair = Pair("un-1", "L'Egitto è un paese grande", "Egypt is a large country")
    assert list(names("it", tables).varied([pair], 3)) == []


def test_gazetteers_give_cities_that_are_not_looked_for() -> None:
    """`Nice` is also a word, and thousands of names are not worth the same as the world's capitals."""
    tables = [Pair("written-names-cities", "Roma", "Rome"), Pair("written-names-cities", "Parigi", "Paris")]
    gazetteer = [Pair("names-geonames", "Nizza", "Nice"), Pair("names-geonames", "Altrove", "Not Kazakhstan")]
    pairs = [
        Pair("un-1", "Il treno per Roma parte oggi", "The train to Rome leaves today"),
        Pair("un-1", "Il treno per Nizza parte oggi", "The train to Nice leaves today"),
    ]
    found = list(names("it", tables, gazetteer).varied(pairs, 20))
    assert len(found) == 20
    assert {pair.english.split()[3] for pair in found} == {"Paris", "Nice"}
    assert all(("Nizza" in pair.foreign) == ("Nice" in pair.english) for pair in found)
