"""What the monotone aligner promises of any two texts, and that it finds what toy vectors say."""

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.align import monotone
from pipeline.align.monotone_band import Band, Floats, along, anchors
from pipeline.align.monotone_evidence import evidence, potentials
from pipeline.align.monotone_lattice import KINDS, Lattice
from pipeline.engines.ports import TokenStates
from pipeline.records import Bead

WIDTH = 64


class Toy:
    """An encoder for which a word means the same in every text: one direction, in capitals or not."""

    signature, width = "toy", WIDTH

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        return [self._states(text) for text in texts]

    def _states(self, text: str) -> TokenStates:
        words = list(re.finditer(r"[^\s.,]+", text.lower()))
        rows = [np.random.default_rng(zlib.crc32(word[0].encode())).normal(size=WIDTH) for word in words]
        starts, ends = ([word.span()[end] for word in words] for end in (0, 1))
        return TokenStates(
            np.array(rows, dtype=np.float32).reshape(-1, WIDTH),
            np.array(starts, dtype=np.int32),
            np.array(ends, dtype=np.int32),
        )


WORDS = st.integers(0, 30).map(lambda number: chr(97 + number % 26) * (number // 26 + 1))
LINES = st.lists(st.lists(WORDS, max_size=5).map(lambda words: " ".join(words) + "."), max_size=9)


def sentence(number: int) -> str:
    """Return a sentence of six words, as long as in news, that no other number has."""
    return " ".join(f"{letter * 9}{number}" for letter in "Uvwxyz") + "."


@given(LINES, LINES)
@settings(max_examples=30, deadline=None)
def test_every_line_is_in_one_bead_and_order_is_kept(source: list[str], target: list[str]) -> None:
    """The beads' sources joined are all source lines in order, and so are their targets."""
    beads = monotone.align(source, target, Toy())
    assert [line for bead in beads for line in bead.source] == list(range(len(source)))
    assert [line for bead in beads for line in bead.target] == list(range(len(target)))


@given(LINES, LINES)
@settings(max_examples=30, deadline=None)
def test_sides_may_be_swapped(source: list[str], target: list[str]) -> None:
    """The other way round, the same beads come mirrored with the same scores."""
    beads, mirrored = monotone.align(source, target, Toy()), monotone.align(target, source, Toy())
    assert {(bead.target, bead.source, bead.score) for bead in beads} == {
        (bead.source, bead.target, bead.score) for bead in mirrored
    }


@given(LINES, LINES)
@settings(max_examples=30, deadline=None)
def test_a_score_is_a_probability_and_nulls_have_none(source: list[str], target: list[str]) -> None:
    """Beads with two sides have a score in 0-1; a null bead is one line without a score."""
    for bead in monotone.align(source, target, Toy()):
        if bead.source and bead.target:
            assert bead.score is not None
            assert 0 <= bead.score <= 1
        else:
            assert bead.score is None
            assert len(bead.source + bead.target) == 1


@pytest.mark.parametrize("lines", [[], ["A b c."], ["A b.", "C d."]])
def test_nothing_is_invented_beside_an_empty_text(lines: list[str]) -> None:
    """Every line stays alone."""
    assert monotone.align(lines, [], Toy()) == [Bead((i,), (), None) for i in range(len(lines))]
    assert monotone.align([], lines, Toy()) == [Bead((), (i,), None) for i in range(len(lines))]


def test_lines_without_states_are_refused() -> None:
    """A caller that encoded other lines is told so."""
    with pytest.raises(ValueError, match="2 and 1 states, expected 1 and 1"):
        monotone.beads(Toy().encode(["A.", "B."]), Toy().encode(["A."]), ["A."], ["A."])


def test_a_sentence_and_its_translation_are_a_bead() -> None:
    """One line against one line needs no neighbours."""
    assert [(b.source, b.target) for b in monotone.align(["a b c."], ["a b c."], Toy())] == [((0,), (0,))]


def test_joined_split_and_left_out_lines_are_found() -> None:
    """Lines 2 and 3 were joined, line 5 was split, line 8 left out, a line added before line 11."""
    source = [sentence(i) for i in range(12)]
    first, second = source[5][:-1].split(" ", 1)
    target = [*source[:2], f"{source[2]} {source[3]}", source[4], first, f"{second}.", *source[6:8]]
    target += [*source[9:11], sentence(99), source[11]]
    found = {(bead.source, bead.target) for bead in monotone.align(source, target, Toy())}
    assert found >= {((2, 3), (2,)), ((5,), (4, 5)), ((8,), ()), ((), (10,)), ((11,), (11,))}


def test_a_clause_that_moved_binds_two_sentences() -> None:
    """Where line 4 ends with what the other text puts into line 5, the four lines are one bead."""
    source = [sentence(i) for i in range(10)]
    target = list(source)
    source[4] = f"{source[4][:-1]}, {sentence(98).lower()}"
    target[5] = f"{sentence(98)[:-1]}, {target[5].lower()}"
    found = {(bead.source, bead.target) for bead in monotone.align(source, target, Toy())}
    assert found == {((i,), (i,)) for i in (*range(4), *range(6, 10))} | {((4, 5), (4, 5))}


def test_what_is_known_does_not_depend_on_the_side() -> None:
    """With the sides swapped, every bead at every place has the same log-weight."""
    source = [sentence(i) for i in (0, 1, 2, 3, 4, 5)]
    target = [sentence(0), f"{sentence(1)} {sentence(2)}", sentence(99), sentence(4), sentence(5)]
    states = Toy().encode(source), Toy().encode(target)
    there, back = evidence(*states, source, target), evidence(*states[::-1], target, source)
    weights, mirrored = (potentials(known, monotone.WEIGHTS) for known in (there, back))
    for a, b in KINDS:
        for i, j in product(range(a, len(source) + 1), range(b, len(target) + 1)):
            here, over_there = _place(there.band, (i, j, a, b)), _place(back.band, (j, i, b, a))
            assert weights[here] == pytest.approx(mirrored[over_there], abs=1e-3)


def test_a_name_on_the_other_side_of_a_boundary_is_evidence() -> None:
    """A word of line 0 is in the other text's line 1: told where the one is before and the other after."""
    source, target = ["Aa Bennet cc.", "Dd ee.", "F."], ["Aa cc.", "Bennet dd ee.", "F."]
    known = evidence(Toy().encode(source), Toy().encode(target), source, target)
    points = product(range(1, 3), range(1, 3))
    told = [(i, j) for i, j in points if known.astray[_place(known.band, (i, j, 1, 1))[1:]]]
    assert told == [(1, 1), (2, 1)]


def test_a_long_gap_is_bridged() -> None:
    """Eighty lines that one side lacks, four times the band's half width, do not lead the rest astray."""
    source = [sentence(i) for i in range(130)]
    target = source[:25] + source[105:]
    found = [bead for bead in monotone.align(source, target, Toy()) if bead.source and bead.target]
    assert [bead.source for bead in found] == [(i,) for i in (*range(25), *range(105, 130))]


def test_a_line_without_tokens_disturbs_no_other() -> None:
    """Blank lines are lines: numbered, in one bead each, and their neighbours stay right."""
    source = [sentence(i) for i in range(8)]
    target = [*source[:4], "", *source[4:]]
    found = {(bead.source, bead.target) for bead in monotone.align(source, target, Toy())}
    assert {((i,), (i,)) for i in range(3)} | {((i,), (i + 1,)) for i in range(5, 8)} <= found


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_the_lattice_sums_over_every_cover(n: int, m: int, seed: int) -> None:
    """Mass, marginals and the best cover are those of all covers written out one by one."""
    band = along(np.zeros((0, 2), dtype=np.int64), n, m, half=max(n, m))
    weights = np.random.default_rng(seed).normal(size=(len(KINDS), *band.inside.shape)).astype(np.float32)
    lattice = Lattice(band, weights, opening=-0.7)
    covers = _covers(lattice, weights)
    logs = np.array([weight for weight, _ in covers])
    assert lattice.mass == pytest.approx(np.logaddexp.reduce(logs), abs=1e-4)
    assert lattice.best() == max(covers)[1]
    marginals = lattice.marginals()
    shares = np.exp(logs - lattice.mass)
    for place in {_place(lattice.band, step) for _, cover in covers for step in cover}:
        expected = sum(
            s for s, (_, c) in zip(shares, covers, strict=True) if place in _places(lattice.band, c)
        )
        assert marginals[place] == pytest.approx(expected, abs=1e-4)
    runs = [sum(_opens(cover)) for _, cover in covers]
    assert lattice.openings() == pytest.approx(float(np.dot(shares, runs)), abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=8))
def test_a_band_rises_slowly_and_holds_both_ends(pairs: list[tuple[int, int]]) -> None:
    """Whatever the anchors, the centre rises by 0 or 1 a diagonal, from the start to the end."""
    chain = [pair for before, pair in pairwise([(-1, -1), *sorted(pairs)]) if pair[0] > before[0]]
    rising = [pair for k, pair in enumerate(chain) if all(pair[1] > other[1] for other in chain[:k])]
    band = along(np.array(rising, dtype=np.int64).reshape(-1, 2), 41, 31, half=3)
    assert set(np.diff(band.centre).tolist()) <= {0, 1}
    assert (band.centre[0], band.centre[-1]) == (0, 41)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_anchors_rise_on_both_sides(seed: int) -> None:
    """Whatever the vectors, later anchors are later in both texts; equal texts are anchored throughout."""
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(12, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = anchors(rows, rows[chance.permutation(12)])
    assert (np.diff(found, axis=0) > 0).all()
    assert anchors(rows, rows).tolist() == [[i, i] for i in range(12)]


def test_real_states_find_a_split_and_an_added_line() -> None:
    """The embedded encoder's states align a few sentences of news, Italian and English."""
    from pipeline.engines import embedded

    italian = [
        "Il governo ha approvato ieri la nuova legge sul clima.",
        "Secondo il ministro, il testo entrerà in vigore a gennaio, ma i comuni avranno due anni di tempo.",
        "Le associazioni ambientaliste parlano di un passo insufficiente.",
        "Il treno per Napoli è partito in orario.",
    ]
    english = [
        "Yesterday the government approved the new climate law.",
        "According to the minister, the text will take effect in January.",
        "Municipalities, however, will have two years to comply.",
        "Environmental groups call it an insufficient step.",
    ]
    found = [
        (bead.source, bead.target) for bead in monotone.align(italian, english, embedded.load(threads=1))
    ]
    assert found == [((0,), (0,)), ((1,), (1, 2)), ((2,), (3,)), ((3,), ())]


Step = tuple[int, int, int, int]


def _covers(lattice: Lattice, weights: Floats) -> list[tuple[float, list[Step]]]:
    """Every cover with its weight, by plain recursion."""
    found: list[tuple[float, list[Step]]] = []
    n, m = lattice.band.n, lattice.band.m

    def extend(i: int, j: int, weight: float, cover: list[Step]) -> None:
        if (i, j) == (n, m):
            found.append((weight + lattice.opening * sum(_opens(cover)), cover))
        for a, b in KINDS:
            if i + a <= n and j + b <= m:
                step = (i + a, j + b, a, b)
                extend(i + a, j + b, weight + float(weights[_place(lattice.band, step)]), [*cover, step])

    extend(0, 0, 0.0, [])
    return found


def _opens(cover: list[Step]) -> list[bool]:
    null = [not (a and b) for _, _, a, b in cover]
    return [now and not before for before, now in pairwise([False, *null])]


def _place(band: Band, step: Step) -> tuple[int, int, int]:
    i, j, a, b = step
    return KINDS.index((a, b)), i + j, i - int(band.centre[i + j]) + band.half


def _places(band: Band, cover: list[Step]) -> set[tuple[int, int, int]]:
    return {_place(band, step) for step in cover}
