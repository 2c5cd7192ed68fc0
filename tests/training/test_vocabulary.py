"""Pieces: which are kept, and that they can write any name."""

import lzma
from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.e5 import E5
from tests.training.conftest import OUTPUTS, tiny_e5
from training import box, prepare
from training.corpus import Pair
from training.prepare import Recipe
from training.vocabulary import (
    LETTERS,
    UNKNOWN,
    Speller,
    chosen,
    english_tokenizer,
    joined,
    pruned,
    source_tokenizer,
)

MODEL = tiny_e5()
LATIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["Cc", "Cf", "Zs"]))


@given(st.lists(LATIN.filter(str.strip), min_size=1).map(" ".join))
def test_every_latin_name_can_be_spelled(text: str) -> None:
    """Latin text becomes output pieces without `<unk>`, and they join to the text as it was spelled."""
    spelled = Speller(MODEL.pieces[:OUTPUTS]).spelled(text)
    assert spelled is not None
    encoding = english_tokenizer(MODEL, OUTPUTS).encode(spelled, add_special_tokens=False)
    assert UNKNOWN not in encoding.ids
    assert joined(encoding.tokens) == spelled


def test_a_letter_without_a_piece_loses_its_accent() -> None:
    """e5 has no piece `Ĕ`; the name stays readable."""
    speller = Speller([*set(LETTERS) - set("Ĕł")])
    assert speller.spelled("Ĕva, Wałęsa ‑ ′96") == "Eva, Walęsa - '96"


def test_what_is_no_latin_text_is_not_spelled() -> None:
    """A pair whose English is partly Chinese is for the tally, not for the model."""
    assert Speller(LETTERS).spelled("Beijing 北京") is None


def test_letters_come_before_frequent_pieces_and_english_before_sources() -> None:
    """However small the choice, letters are in it; English pieces are the first ones."""
    index = {piece: i for i, piece in enumerate(MODEL.pieces)}
    english = Counter({index["▁war"]: 9, index["▁club"]: 5, index["▁the"]: 1})
    source = Counter({index["▁Kazak"]: 7, index["▁new"]: 2})
    letters = [i for i, piece in enumerate(MODEL.pieces) if piece in LETTERS and i > 3]
    kept = chosen(MODEL, source, english, total=len(MODEL.pieces) - 3, outputs=len(letters) + 6)
    names = [MODEL.pieces[i] for i in kept]
    assert names[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert names[4 : 4 + len(letters)] == [MODEL.pieces[i] for i in letters]
    assert names[4 + len(letters) : 6 + len(letters)] == ["▁war", "▁club"]
    assert names[-2:] == ["▁Kazak", "▁new"]
    assert len(set(kept)) == len(kept)


def test_a_pruned_model_has_the_rows_of_its_pieces() -> None:
    """A piece keeps its vector and its score under its new number."""
    small = pruned(MODEL, [0, 1, 2, 3, 450, 10], 1)
    assert small.pieces[4:] == (MODEL.pieces[450], MODEL.pieces[10])
    assert np.array_equal(small.matrix("emb.word")[4], MODEL.matrix("emb.word")[450])
    assert small.scores[4] == MODEL.scores[450]
    assert small.layers == 1
    assert set(MODEL.tensors) - set(small.tensors) == {name for name in MODEL.tensors if name[:3] == "l1."}


def test_a_vocalised_name_is_the_same_name() -> None:
    """Vowel marks, tatweel, points and bidirectional controls make no piece; maqaf does."""
    tokens = source_tokenizer(MODEL).encode_batch(
        ["كِتَـاب \u200fשָׁלוֹם־", "كتاب שלום־"], add_special_tokens=False
    )
    assert tokens[0].tokens == tokens[1].tokens


def test_a_newspapers_quotation_marks_are_straight_ones() -> None:
    """Both sides know one mark: `l’accordo` is read, and `the club’s` written, as with a straight one."""
    curly, straight = "l’accordo “del club” צ׳אד „ארה״ב” «نادي»", 'l\'accordo "del club" צ\'אד "ארה"ב" "نادي"'
    tokens = source_tokenizer(MODEL).encode_batch([curly, straight], add_special_tokens=False)
    assert tokens[0].tokens == tokens[1].tokens
    assert Speller(LETTERS).spelled("the “club’s” war") == 'the "club\'s" war'


def test_a_model_survives_its_folder(small_box: Path) -> None:
    """What is read is what was saved, so that a box made on one machine trains on another."""
    model, outputs = box.read_model(small_box)
    assert outputs == OUTPUTS
    assert (model.pieces, model.width, model.layers, model.ffn) == (
        MODEL.pieces,
        MODEL.width,
        MODEL.layers,
        MODEL.ffn,
    )
    assert all(np.array_equal(model.matrix(name), MODEL.matrix(name)) for name in MODEL.tensors)


def test_pairs_are_tokenised_and_the_others_counted(small_box: Path, tmp_path: Path) -> None:
    """Every pair is either kept or counted once under its reason; several processes give the same."""
    good = [Pair("europarl", f"il club {i}", f"the club {i}") for i in range(5)]
    bad = [
        Pair("europarl", "il <b>club</b>", "the <b>club</b>"),
        Pair("europarl", "il club di Pechino", "the Beijing club (北)"),
        Pair("europarl", "abcdefghi " * 15, "the club and the war " * 8),
        Pair("europarl", "la guerra", "The war!"),
    ]
    lines = "".join(f"{p.origin}\t{p.foreign}\t{p.english}\n" for p in good + bad)
    (tmp_path / "it.tsv.xz").write_bytes(lzma.compress(lines.encode()))
    recipe = Recipe(small_box, "it", ("the war",))
    pairs, tally = prepare.tokenise(recipe, tmp_path, workers=1)
    assert (len(pairs), tally.kept) == (5, 5)
    assert tally.rejected == {"markup": 1, "unspellable": 1, "pieces": 1, "held out": 1}
    last = pairs.english[pairs.english_at[4] : pairs.english_at[5]]
    assert joined(MODEL.pieces[i] for i in last) == "the club 4"
    again, its = prepare.tokenise(recipe, tmp_path, workers=2)
    assert its == tally
    assert np.array_equal(again.english, pairs.english)


def test_pruning_follows_the_corpus(tmp_path: Path) -> None:
    """`prepare` keeps the words that the corpus has, and drops the ones that it has not."""
    for lang in ("ar", "he", "it"):
        (tmp_path / f"{lang}.tsv.xz").write_bytes(lzma.compress(b"x\tla guerra\tthe war\n" * 3))
    small: E5 = prepare.prune(MODEL, tmp_path, total=452, outputs=390, layers=2)
    assert {"▁the", "▁war"} <= set(small.pieces[:390])
    assert not {"▁club", "hstan"} & set(small.pieces)
