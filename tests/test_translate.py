"""The translate stage: everything is translated once, checked, and better where a second try is better."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cache import Cache
from pipeline.engines.ports import Decoding, Hypothesis, TokenStates
from pipeline.engines.toy import ToyTranslator
from pipeline.errors import ModelError
from pipeline.glossary import Glossary, Term
from pipeline.parts import LONG, cleaned, halves, pieces
from pipeline.records import Translation
from pipeline.translate import CALL, WINDOW, stream, translate

BOOK = {"Il club è forte.": "The club is strong.", "Il paese è forte.": "The country is strong."}
LONG_TEXT = ", ".join(f"il paese numero {n} vuole aderire" for n in range(40)) + "."


@dataclass
class Scripted:
    """A translator that answers by what it is asked and how: (text, beam, no_repeat) or text."""

    answers: dict[object, Hypothesis]
    lang: str = "it"
    name: str = "scripted"
    asked: list[tuple[str, Decoding]] = field(default_factory=list)
    signature: str = "scripted 1"

    def translate(self, texts: Sequence[str], decoding: Decoding = Decoding()) -> list[Hypothesis]:
        self.asked += [(text, decoding) for text in texts]
        keys = ((text, decoding.beam, decoding.no_repeat) for text in texts)
        return [self.answers.get(key, self.answers.get(key[0], Hypothesis(""))) for key in keys]


class OneWord:
    """An encoder with one direction for texts that have the word, and another for those that have not."""

    width = 2
    signature = "multilingual-e5-small:test"

    def __init__(self, word: str) -> None:
        self.word, self.asked = word, 0

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        self.asked += len(texts)
        rows = [
            np.array([[1.0, 0.0] if self.word in text else [0.0, 1.0]], dtype=np.float32) for text in texts
        ]
        ends = (np.array([len(text)], dtype=np.int32) for text in texts)
        return [
            TokenStates(row, np.array([0], dtype=np.int32), end) for row, end in zip(rows, ends, strict=True)
        ]


def english(text: str, translator: ToyTranslator | Scripted, **options: object) -> Translation:
    return translate([("it", text)], {"it": translator}, **options)["it", text]  # type: ignore[arg-type]


def test_each_unit_has_one_translation_in_order() -> None:
    """Twice the same unit is one; the order is that of first appearance."""
    units = [
        ("it", "Il paese è forte."),
        ("en", "Yes."),
        ("it", "Il club è forte."),
        ("it", "Il paese è forte."),
    ]
    found = translate(units, {"it": ToyTranslator("it", BOOK)})
    assert list(found) == units[:3]
    assert [one.english for one in found.values()] == [
        "The country is strong.",
        "Yes.",
        "The club is strong.",
    ]


def test_english_and_languages_without_engine_pass() -> None:
    """English is its own translation; what nobody can translate says so; white space is nothing."""
    found = translate([("en", "Yes."), ("he", "כן"), ("he", " ")], {})
    assert found["en", "Yes."] == Translation("Yes.", "Yes.", "none")
    assert found["he", "כן"] == Translation("כן", "", "none", flags=("no-engine",))
    assert found["he", " "].flags == ()


def test_the_engine_is_asked_once_for_one_text() -> None:
    """Two ways of writing the same characters, and direction marks, are one text to the engine."""
    toy = ToyTranslator("it", BOOK)
    units = [("it", "perché  no"), ("it", "perche\u0301 no"), ("it", "\u200fperché\nno ")]
    assert len({one.english for one in translate(units, {"it": toy}, retry=False).values()}) == 1
    assert toy.received == ["perché no"]


def test_what_was_translated_before_is_not_asked_again(tmp_path: Path) -> None:
    """A second run on the same cache reaches no engine and says the same; another engine is asked."""
    units = [("it", text) for text in [*BOOK, "altro testo"]]
    with Cache(tmp_path / "cache") as cache:
        first = translate(units, {"it": ToyTranslator("it", BOOK)}, cache=cache)
    again, other = ToyTranslator("it", BOOK), ToyTranslator("it", {})
    with Cache(tmp_path / "cache") as cache:
        assert translate(units, {"it": again}, cache=cache) == first
        translate(units, {"it": other}, cache=cache)
    assert again.received == []
    assert set(other.received) >= set(BOOK)


def test_an_option_that_decides_nothing_does_not_miss() -> None:
    """Greedy search weighs no lengths, so its length penalty is not in the key; a beam's is."""
    cache, toy = Cache(), ToyTranslator("it", BOOK)
    for penalty in (1.0, 2.0):
        english("Il club è forte.", toy, cache=cache, decoding=Decoding(1, length_penalty=penalty))
    assert len(toy.received) == 1
    for penalty in (1.0, 2.0):
        english("Il club è forte.", toy, cache=cache, decoding=Decoding(4, length_penalty=penalty))
    assert len(toy.received) == 3


def test_a_failed_check_is_tried_again_and_the_better_kept() -> None:
    """A loop under beam search, and not without it: the second is kept, and says that it is one."""
    engine = Scripted(
        {
            "Il club è forte.": Hypothesis("club club club club club club club club club club"),
            ("Il club è forte.", 1, 0): Hypothesis("The club is strong.", -0.3),
        }
    )
    assert english("Il club è forte.", engine) == Translation(
        "Il club è forte.", "The club is strong.", "scripted", -0.3, ("retried",)
    )


def test_what_still_fails_carries_its_flags() -> None:
    """Nothing helps: the first attempt stays, with what is wrong with it."""
    engine = Scripted({"Il club è forte.": Hypothesis("club club club club club")})
    found = english("Il club è forte.", engine)
    assert (found.english, found.flags) == ("club club club club club", ("repeats",))
    assert [(one.beam, one.no_repeat) for _, one in engine.asked] == [(4, 0), (1, 0), (4, 3)]


def test_a_good_translation_is_not_tried_again() -> None:
    """Checks that pass cost no second search."""
    engine = Scripted({"Il club è forte.": Hypothesis("The club is strong.")})
    english("Il club è forte.", engine)
    assert len(engine.asked) == 1


def test_halves_are_tried_where_a_sentence_was_lost() -> None:
    """Each half on its own says what the whole left out."""
    source = "Il presidente ha firmato ieri. Molti paesi vogliono aderire."
    engine = Scripted(
        {
            source: Hypothesis("The president signed."),
            "Il presidente ha firmato ieri.": Hypothesis("The president signed yesterday."),
            "Molti paesi vogliono aderire.": Hypothesis("Many countries want to join."),
        }
    )
    source_parts = halves(source, "it")
    found = english(source, engine)
    assert source_parts == ["Il presidente ha firmato ieri.", "Molti paesi vogliono aderire."]
    assert found.english == "The president signed yesterday. Many countries want to join."


def test_a_second_engine_is_asked_last() -> None:
    """Where the first fails throughout, the other's translation is kept under its own name."""
    other = ToyTranslator("it", BOOK, name="other")
    found = english("Il club è forte.", Scripted({}), others={"it": other})
    assert (found.english, found.engine, found.flags) == ("The club is strong.", "other", ("retried",))


def test_a_second_engine_that_fails_is_no_loss() -> None:
    """It is a help, not a need; the first engine's failure is an error."""

    class Broken(Scripted):
        def translate(self, texts: Sequence[str], decoding: Decoding = Decoding()) -> list[Hypothesis]:
            raise ModelError("broken")

    assert english("Il club è forte.", Scripted({}), others={"it": Broken({})}).flags == ("empty-output",)
    with pytest.raises(ModelError):
        english("Il club è forte.", Broken({}))


def test_far_meanings_are_flagged_and_measured_once() -> None:
    """The encoder is asked about a pair once, and not at all about what has no English."""
    cache, encoder = Cache(), OneWord("club")
    engine = Scripted({"Il club è forte.": Hypothesis("The moon is round."), "Il club.": Hypothesis("")})
    for _ in range(2):
        assert english("Il club è forte.", engine, cache=cache, encoder=encoder).flags == ("meaning-far",)
    assert encoder.asked == 2
    assert english("Il club.", engine, cache=cache, encoder=encoder).flags == ("empty-output",)
    assert encoder.asked == 2


def test_long_units_are_cut_at_clauses_and_joined() -> None:
    """No piece is longer than a model takes well, nothing is lost, and the reader is told."""
    toy = ToyTranslator("it")
    found = english(LONG_TEXT, toy, retry=False)
    assert len(toy.received) > 1
    assert max(map(len, toy.received)) <= LONG
    assert " ".join(toy.received) == LONG_TEXT
    assert "joined" in found.flags


@given(st.text(alphabet="ab ,.;:-()«»\n", max_size=300), st.integers(5, 80))
def test_pieces_lose_nothing(text: str, longest: int) -> None:
    """Whatever the text, its pieces have its words in order."""
    clean = cleaned(text)
    assert " ".join(pieces(clean, "it", longest)).split() == clean.split()
    assert " ".join(halves(clean, "it")).split() == clean.split()


def test_a_glossary_is_applied_last() -> None:
    """A name in another spelling is put right; a term without a trace is flagged."""
    glossary = Glossary((Term("Tokaev", "Tokayev", "it"), Term("club", "Fortaleza club", "it")))
    engine = Scripted({"Tokaev loda il club.": Hypothesis("Toqaev praises the society.")})
    found = english("Tokaev loda il club.", engine, glossary=glossary)
    assert found.english == "Tokayev praises the society."
    assert found.flags == ("term-missing", "term-repaired")


def test_progress_is_told_to_the_end() -> None:
    """Counts rise, and the last is all."""
    told: list[tuple[int, int]] = []
    units = [("it", f"testo {n}") for n in range(CALL + 10)] + [("en", "yes")]
    translate(
        units,
        {"it": ToyTranslator("it")},
        retry=False,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == sorted(told)
    assert told[-1] == (len(units), len(units))


def test_a_stream_holds_a_window_and_no_more() -> None:
    """The first translations come before the last units are read."""
    read = 0

    def units() -> object:
        nonlocal read
        for n in range(3 * WINDOW):
            read += 1
            yield "it", f"testo {n}"

    first = next(stream(units(), {"it": ToyTranslator("it")}, retry=False))  # type: ignore[arg-type]
    assert first[0][0] == "it"
    assert read == WINDOW
