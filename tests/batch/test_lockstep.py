"""Many stories through a flow that knows one."""

import random
import time
from functools import partial

import pytest

from pipeline.batch.lockstep import English, lockstep
from pipeline.batch.models import LocalModels
from pipeline.engines.ports import Encoder
from pipeline.errors import EngineError, ModelError
from tests.batch import toy


def flow(name: str, rounds: int, encoder: Encoder, english: English) -> list[str]:
    """Ask `rounds` times, with a pause of random length before each."""
    said = []
    for number in range(rounds):
        time.sleep(random.random() / 500)
        states = encoder.encode([f"{name} {number}", "shared"])
        translated = english([("it", f"{name} {number}"), ("it", "shared")])
        said.append(f"{states[0].states[0, 0]:.6f} {translated['it', f'{name} {number}'].english}")
    return said


def run(models: LocalModels) -> list[list[str]]:
    return lockstep([partial(flow, name, rounds) for name, rounds in (("a", 3), ("b", 1), ("c", 2))], models)


def test_what_stories_ask_is_one_call_and_a_text_is_in_it_once() -> None:
    """Calls hold the texts of all stories that are still running, in their order, without repeats."""
    models = toy.models()
    run(models)
    assert isinstance(models.vectors, toy.ToyEncoder)
    stories = [call for call in models.vectors.calls if not any("<" in text for text in call)]
    assert stories == [
        ["a 0", "shared", "b 0", "c 0"],
        ["a 1", "shared", "c 1"],
        ["a 2", "shared"],
    ]


def test_timing_changes_nothing() -> None:
    """The states depend on the company in a call, and still each run gives the same."""
    first = run(toy.models())
    assert [run(toy.models()) for _ in range(4)] == [first] * 4


def test_only_the_story_at_fault_sees_the_error() -> None:
    """A call that fails is made again for each alone."""

    def story(text: str, encoder: Encoder, english: English) -> str:
        try:
            return str(len(encoder.encode([text])))
        except EngineError as error:
            return str(error)

    asked = [partial(story, text) for text in ("one", toy.POISON, "two")]
    assert lockstep(asked, toy.models()) == ["1", f"cannot encode {toy.POISON}", "1"]


def test_an_engine_that_fails_for_everyone_is_nobodys_fault() -> None:
    """Nothing is blamed on the articles then: the error is raised."""

    def story(encoder: Encoder, english: English) -> str:
        try:
            encoder.encode([toy.POISON])
        except EngineError:
            return "blamed"
        return "fine"

    with pytest.raises(EngineError):
        lockstep([story, story], toy.models())


def test_what_a_story_raises_ends_the_others() -> None:
    """The error comes out, and no thread stays behind."""
    ended = []

    def waiting(encoder: Encoder, english: English) -> None:
        try:
            encoder.encode(["a"])
            encoder.encode(["b"])
        finally:
            ended.append("waiting")

    def failing(encoder: Encoder, english: English) -> None:
        encoder.encode(["c"])
        raise ModelError("damaged")

    with pytest.raises(ModelError, match="damaged"):
        lockstep([waiting, failing], toy.models())
    assert ended == ["waiting"]
