"""What every translator promises, whatever is inside."""

from pathlib import Path

import pytest

from pipeline.engines.ports import Decoding, Translator
from pipeline.engines.reference import ReferenceTranslator
from pipeline.engines.toy import ToyTranslator
from tests.engines.opened import translator
from tests.engines.tiny import HEBREW, ITALIAN

TEXTS = [*ITALIAN, "Il", "Il club è forte. Il paese è forte. Il presidente ha parlato oggi.", "e"]
GREEDY = Decoding(beam=1)


@pytest.fixture(scope="session", params=["toy", "marian", "nllb", "embedded", "reference"])
def engine(
    request: pytest.FixtureRequest,
    marian_folder: Path,
    nllb_folder: Path,
    embedded_folder: Path,
    references: dict[str, ReferenceTranslator],
) -> Translator:
    made: dict[str, Translator] = {
        "toy": ToyTranslator("it", ITALIAN),
        "marian": translator(marian_folder),
        "nllb": translator(nllb_folder),
        "embedded": translator(embedded_folder),
        "reference": references["marian"],
    }
    return made[request.param]


def test_order_is_kept(engine: Translator) -> None:
    """Each text gets its own translation, wherever it stands."""
    forth = engine.translate(TEXTS, GREEDY)
    back = engine.translate(TEXTS[::-1], GREEDY)
    assert [one.text for one in forth] == [one.text for one in back[::-1]]


def test_nothing_in_gives_nothing_out(engine: Translator) -> None:
    """An empty text, or white space, has an empty translation; no texts have none."""
    assert [one.text for one in engine.translate(["", " \n", "Il club è forte."], GREEDY)][:2] == ["", ""]
    assert engine.translate([], GREEDY) == []


def test_company_does_not_matter(engine: Translator) -> None:
    """A text alone and a text among others, short and long, get the same translation."""
    together = engine.translate([*TEXTS, " ".join(TEXTS * 3)], Decoding())[: len(TEXTS)]
    alone = [engine.translate([text], Decoding())[0] for text in TEXTS]
    assert [one.text for one in together] == [one.text for one in alone]


def test_the_same_question_gets_the_same_answer(engine: Translator) -> None:
    """Nothing is left to chance, or to what was asked before."""
    assert engine.translate(TEXTS, GREEDY) == engine.translate(TEXTS, GREEDY)


@pytest.mark.parametrize(
    "text", ["😀 Il club 👩‍👩‍👧", "e\u0301 è \u202bIl\u202c", "\x00\x07", "日本語", *HEBREW]
)
def test_any_character_may_come(engine: Translator, text: str) -> None:
    """Characters that no piece covers harm nobody, and one hypothesis comes back."""
    found = engine.translate([text, "Il club è forte."], GREEDY)
    assert [one.text for one in found[1:]] == [engine.translate(["Il club è forte."], GREEDY)[0].text]


@pytest.mark.parametrize("text", ["Il club è forte. " * 600, "e" * 10_000], ids=["words", "one word"])
def test_ten_thousand_characters_are_not_cut_in_silence(engine: Translator, text: str) -> None:
    """What is longer than a model takes is translated in parts, and says so."""
    (found,) = engine.translate([text], GREEDY)
    assert found.text
    assert "hard-split" in found.flags or len(found.text) >= len(text)


def test_the_signature_tells_engines_apart(engine: Translator) -> None:
    """It is one line, and names something: the cache lives by it."""
    assert engine.signature.strip()
    assert "\n" not in engine.signature
