"""Where passages may begin and end."""

import pytest

from pipeline.align.spans import enough, pieces, runs, units
from pipeline.records import Article, Block, Quote, Sentence, Span


def cut(text: str, quotes: tuple[Quote, ...] = (), lang: str = "en") -> list[list[str]]:
    sentence = Sentence("a", 0, 0, len(text), text, "body")
    found = pieces(Article("a", lang, text, (Block(0, len(text), "body"),)), [sentence], quotes)
    return [[text[c.start : c.end] for c in piece.clauses] for piece in found]


def test_speech_and_what_introduces_it_are_never_one_passage() -> None:
    """A sentence is cut at the edges of speech; an introduction of a few words says nothing and is gone."""
    text = "He added: “Peace will come soon,” and the crowd in the square cheered loudly."
    quote = Quote("a", 11, 32, text[11:32], "direct", (Span(11, 32),))
    assert cut(text, (quote,)) == [["Peace will come soon,"], ["and the crowd in the square cheered loudly."]]


def test_a_scare_quote_cuts_nothing() -> None:
    """Marks around a name are part of the sentence."""
    text = "Kazakhstan joins the “Abraham Accords” next week."
    quote = Quote("a", 22, 37, text[22:37], "scare", (Span(22, 37),))
    assert "".join(cut(text, (quote,))[0]).replace(" ", "") == text.replace(" ", "")


def test_a_long_clause_can_be_cut_before_what_opens_a_part() -> None:
    """The words that say it can be had without the rest of an Italian sentence of thirty words."""
    text = (
        "La decisione del governo confermava una svolta attesa ormai molti mesi"
        " dopo una lunga telefonata tra il presidente e il ministro"
    )
    sentence = Sentence("a", 0, 0, len(text), text, "body")
    (piece,) = pieces(Article("a", "it", text, (Block(0, len(text), "body"),)), [sentence], ())
    assert "dopo una lunga telefonata tra il presidente e il ministro" in [
        text[s.start : s.end] for s in runs(piece)
    ]


def test_runs_are_every_neighbourhood_once() -> None:
    """Three clauses have six runs, and all units are among them."""
    text = "The sun rose over hills, the birds began to sing, and nobody in the village slept."
    sentence = Sentence("a", 0, 0, len(text), text, "body")
    (piece,) = pieces(Article("a", "en", text, (Block(0, len(text), "body"),)), [sentence], ())
    every = list(runs(piece))
    assert len(every) == len(set(every)) == 6
    ends = {piece.clauses[0].end}
    assert [text[u.start : u.end] for u in units(text, piece, (), ends)] == [text[:24], text[25:]]
    assert set(units(text, piece, (), ends)) <= set(every)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("the White House announced", True),
        ("he added later", False),
        ("Kirghizistan, Tagikistan, Turkmenistan, Uzbekistan,", False),
        ("במסגרת פורום C5+1.", False),
        ("קזחסטן מצטרפת להסכמי אברהם", True),
    ],
)
def test_a_few_words_or_a_list_of_names_say_nothing(text: str, says: bool) -> None:
    """A part of a sentence must have four words, three of them in one item."""
    assert enough(text, Span(0, len(text))) is says
