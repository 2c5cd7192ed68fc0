"""The glossary: settled names are checked, repaired where sure, flagged where not."""

from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.glossary import Glossary, Term, alike, occurs, read_glossary


@pytest.mark.parametrize(
    ("lang", "term", "source"),
    [
        ("ar", "توكاييف", "وقال توكاييف إن"),
        ("ar", "توكاييف", "قال لتوكاييف أمس"),
        ("ar", "تُوكاييف", "والتوكاييف"),
        ("ar", "النادي القوي", "إلى (النادي  القوي)."),
        ("he", "טוקאייב", "אמר לטוקאייב אתמול"),
        ("he", "טוקאייב", "שבטוקאייב"),
        ("it", "Kazakistan", "l'accordo del Kazakistan"),
        ("it", "Astana", "dell'Astana"),
    ],
)
def test_terms_are_found_with_what_is_written_onto_them(lang: str, term: str, source: str) -> None:
    """Prefixes, vowel marks and articles do not hide a term."""
    assert occurs(Term(term, "X", lang), source)


@pytest.mark.parametrize(
    ("lang", "term", "source"),
    [("it", "Roma", "Romania"), ("ar", "علي", "عليهم"), ("he", "דן", "דני"), ("it", " ", "x")],
)
def test_parts_of_words_are_not_terms(lang: str, term: str, source: str) -> None:
    """A term inside another word is not there."""
    assert not occurs(Term(term, "X", lang), source)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Tokaev", "Tokayev", True),
        ("Toqayev", "Tokayev", True),
        ("Netanjahu", "Netanyahu", True),
        ("Witkoff", "Vitkof", True),
        ("Kiev", "Kyiv", True),
        ("Obama", "Osama", False),
        ("Iran", "Iraq", False),
        ("Iran", "Oran", False),
        ("Rubio", "Rubin", False),
    ],
)
def test_who_is_who(one: str, other: str, same: bool) -> None:
    """Spellings of one name are told from names of two people."""
    assert alike(one, other) is same


GLOSSARY = Glossary(
    (
        Term("توكاييف", "Tokayev", "ar"),
        Term("ترامب", "Trump", "ar"),
        Term("النادي القوي", "powerful club", "ar"),
        Term("Tokaev", "Tokayev", "it"),
    )
)


@pytest.mark.parametrize(
    ("source", "english", "expected", "flags"),
    [
        ("قال توكاييف", "Tokayev said", "Tokayev said", []),
        (
            "قال توكاييف",
            "Toqaev's men said that Toqaev came",
            "Tokayev's men said that Tokayev came",
            ["term-repaired"],
        ),
        ("قال توكاييف", "The president said", "The president said", ["term-missing"]),
        ("قال توكاييف", "Tokaev and Toqaev said", "Tokaev and Toqaev said", ["term-missing"]),
        ("قال ترامب", "Tramp said", "Trump said", ["term-repaired"]),
        ("النادي القوي", "this strong club", "this strong club", ["term-missing"]),
        ("النادي القوي", "this Powerful Club", "this Powerful Club", []),
        ("قال الرئيس", "Tokaev said", "Tokaev said", []),
    ],
)
def test_names_are_repaired_where_that_is_sure(
    source: str, english: str, expected: str, flags: list[str]
) -> None:
    """One other spelling is repaired, two are not, and nothing is put in where no trace is found."""
    assert GLOSSARY.applied("ar", source, english) == (expected, flags)


def test_a_glossary_file(tmp_path: Path) -> None:
    """Quoted fields, a byte order mark and empty lines are read."""
    path = tmp_path / "g.csv"
    path.write_text(
        '\ufeffsource,english,lang\n"توكاييف",Tokayev,ar\n\n"club, il","club, the",it\n', encoding="utf-8"
    )
    assert read_glossary(path).terms == (
        Term("توكاييف", "Tokayev", "ar"),
        Term("club, il", "club, the", "it"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "g.csv:1: a, b, expected source,english,lang"),
        ("", "g.csv:1: nothing"),
        ("source,english,lang\na,b\n", "g.csv:2: 2 fields, expected 3"),
        ("source,english,lang\na,b,fr\n", "g.csv:2: language fr, expected one of ar, he, it"),
        ("source,english,lang\na,,it\n", "g.csv:2: an empty term"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    """File, line, what was found, what was expected."""
    (tmp_path / "g.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_glossary(tmp_path / "g.csv")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Not there, or not UTF-8: say which byte."""
    with pytest.raises(InputError, match="No such file"):
        read_glossary(tmp_path / "none.csv")
    (tmp_path / "g.csv").write_bytes(b"source,english,lang\n\xff")
    with pytest.raises(InputError, match="byte 20 is not UTF-8"):
        read_glossary(tmp_path / "g.csv")
