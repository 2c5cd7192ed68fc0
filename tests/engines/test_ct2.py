"""The CTranslate2 adapter against transformers, and its limits."""

from pathlib import Path

import ctranslate2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines import ct2
from pipeline.engines.ports import Decoding, Hypothesis
from pipeline.engines.reference import ReferenceTranslator
from pipeline.errors import EngineError, ModelError
from tests.engines.opened import translator
from tests.engines.tiny import HEBREW, ITALIAN

STRANGE = [
    "Il ministro ha firmato l'accordo oggi.",
    "Molti club vogliono parlare.",
    "presidente presidente ieri",
    "xyz Ω 日本",
    "Il «paese» vuole “aderire” – oggi…",
]
TEXTS = [*ITALIAN, *STRANGE]


@pytest.mark.parametrize("family", ["marian", "nllb"])
@pytest.mark.parametrize("beam", [1, 4])
def test_both_engines_say_the_same(
    family: str, beam: int, request: pytest.FixtureRequest, references: dict[str, ReferenceTranslator]
) -> None:
    """In float32 the conversion and the original agree on every text, known or strange."""
    converted = translator(request.getfixturevalue(f"{family}_folder"))
    ours = converted.translate(TEXTS, Decoding(beam))
    theirs = references[family].translate(TEXTS, Decoding(beam))
    assert [one.text for one in ours] == [one.text for one in theirs]


@pytest.mark.parametrize("family", ["marian", "nllb"])
def test_both_engines_are_fed_the_same(
    family: str, request: pytest.FixtureRequest, references: dict[str, ReferenceTranslator]
) -> None:
    """Our tokeniser gives the pieces that the model's own gives, the special ones in their places."""
    pieces = translator(request.getfixturevalue(f"{family}_folder")).tokeniser
    known = references[family]
    unknown = "<unk>"
    for text in TEXTS:
        theirs = known.tokens(text)
        ours = pieces.frame(pieces.encode(text))
        assert [one if one == other else unknown for one, other in zip(ours, theirs, strict=True)] == theirs


def test_the_phrase_book_is_known_by_heart(marian_folder: Path, nllb_folder: Path) -> None:
    """The road from checkpoint to English ends at the right English, for each language of a model."""
    for folder, lang, book in [
        (marian_folder, "it", ITALIAN),
        (nllb_folder, "it", ITALIAN),
        (nllb_folder, "he", HEBREW),
    ]:
        found = translator(folder, lang).translate(list(book))
        assert [one.text for one in found] == list(book.values())


def test_punctuation_comes_as_the_model_was_trained(marian_folder: Path) -> None:
    """Marks of other alphabets reach an OPUS-MT model as the ones that Moses writes."""
    encode = translator(marian_folder).tokeniser.encode
    assert encode("„Il club“ è…") == encode('"Il club" è...')


def test_an_output_at_its_limit_is_flagged(embedded_folder: Path) -> None:
    """A model that does not come to an end is stopped, and the reader told."""
    (found,) = translator(embedded_folder).translate(["Il club"], Decoding(beam=1))
    assert len(found.text) > 10
    assert "cut" in found.flags


def test_no_ngram_comes_twice_where_that_is_asked(embedded_folder: Path) -> None:
    """`no_repeat` reaches the search."""
    engine = translator(embedded_folder)
    (free,) = engine.translate(["Il club"], Decoding(beam=1))
    (held,) = engine.translate(["Il club"], Decoding(beam=1, no_repeat=1))
    assert len(set(held.text.replace(" ", ""))) == len(held.text.replace(" ", ""))
    assert free.text != held.text


@given(st.lists(st.sampled_from(["▁a", "b", "▁", "cc"]), max_size=60), st.integers(2, 9))
def test_parting_loses_nothing(pieces: list[str], longest: int) -> None:
    """The runs joined are the pieces, and none is longer than allowed."""
    runs = ct2.parted(pieces, longest)
    assert [piece for run in runs for piece in run] == pieces
    assert all(0 < len(run) <= longest for run in runs)


@given(st.integers(0, 2000), st.sampled_from([512, 1024]))
def test_a_source_leaves_room_for_an_output_twice_as_long(pieces: int, positions: int) -> None:
    """No limit is beyond the model's positions, and none below twice a source that fits."""
    source = min(pieces, ct2.longest_source(positions))
    assert 2 * source <= ct2.longest_output(source, positions) <= positions


def test_parts_are_joined_with_their_flags() -> None:
    """Several outputs become one that says it was several."""
    whole = ct2.joined([Hypothesis("a", -0.2, ("cut",)), Hypothesis("b", -0.4)])
    assert whole == Hypothesis("a b", -0.3, ("hard-split", "cut"))


def test_cuda_is_not_made_up() -> None:
    """Asking for a device that is not there is an error, not a slow run."""
    if ct2.on("auto") == "cuda":
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(ModelError, match="no CUDA device"):
        ct2.on("cuda")


def test_every_gpu_gets_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """CTranslate2 is given all devices that it counts, and no CPU's threads."""
    asked: dict[str, object] = {}
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 3)
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda device: {"float16"})
    monkeypatch.setattr(ctranslate2, "Translator", lambda folder, **options: asked.update(options))
    _, compute = ct2.load(Path("model"), ct2.Hardware("auto", threads=4))
    assert compute == "float16"
    assert asked == {"device": "cuda", "compute_type": "float16", "device_index": [0, 1, 2]}


def test_a_failure_while_running_names_the_model(marian_folder: Path) -> None:
    """What the library throws reaches the user as one line."""
    engine = translator(marian_folder)
    with pytest.raises(EngineError, match="opus-mt-it-en: CTranslate2 failed"):
        engine.translate(["Il club"], Decoding(beam=0))


@pytest.mark.parametrize("beam", [1, 4])
def test_a_score_is_a_mean_whatever_was_weighed(beam: int, marian_folder: Path, nllb_folder: Path) -> None:
    """The same hypothesis has the same mean log-probability under any length penalty."""
    for folder in (marian_folder, nllb_folder):
        engine = translator(folder)
        scores = {
            engine.translate(["Il club è forte."], Decoding(beam, length_penalty=penalty))[0].score
            for penalty in (0.0, 1.0, 2.0)
        }
        assert max(map(float, filter(None, scores))) - min(map(float, filter(None, scores))) < 2e-4
