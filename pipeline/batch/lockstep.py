"""Many stories at once through a flow that knows one: what all ask of the models is asked together.

Every story runs until it needs a model; when all wait, their requests become one call, and all go on. What
is in a call hangs on the stories alone, never on timing, and so do the numbers that come back: an int8
encoder gives a text slightly different states in other company (up to 0.08 in one of 384 numbers).
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

from pipeline.engines.ports import Encoder, TokenStates
from pipeline.errors import EngineError, ModelError
from pipeline.records import Translation, Translations
from pipeline.translate import Unit

T = TypeVar("T")

English = Callable[[Iterable[Unit]], Translations]

_TURN = threading.Lock()
"""Held while a story runs: no library of a stage has to be safe in threads, and stages are mostly Python,
of which one thread runs at a time anyway."""

FATAL = (MemoryError, OSError, ModelError)
"""What is no story's fault; EngineError alone may be one's."""


class Models(Protocol):
    """What a shard needs of the machine: vectors, and English.

    `signature` names all that decides the answers. `english` asks the engines anew at each call, so that an
    answer never hangs on what was asked before.
    """

    @property
    def signature(self) -> str: ...

    @property
    def width(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> list[TokenStates]: ...

    def english(self, units: Sequence[Unit]) -> Translations: ...


@dataclass(frozen=True, slots=True)
class _Texts:
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Units:
    units: Sequence[Unit]


_Ask = _Texts | _Units
_Answer = list[TokenStates] | Translations | BaseException


@dataclass(frozen=True, slots=True)
class _End(Generic[T]):
    result: T | BaseException


Story = Callable[[Encoder, English], T]


def lockstep(stories: Sequence[Story[T]], models: Models) -> list[T]:
    """Run every story to its end and return what each returned, in order.

    Exactly one story runs at any moment in this process, in their order. A call that fails is made again for
    each story alone, so that only the story that makes it fail sees the error; if it fails for all of
    several, or an error is nobody's fault, it is raised here. So is whatever a story raises.
    """
    runs = [_Run(story, models) for story in stories]
    known: dict[Unit, Translation] = {}
    results: dict[int, T] = {}
    answers: dict[int, _Answer] = dict.fromkeys(range(len(runs)), _START)
    try:
        while answers:
            asks: dict[int, _Ask] = {}
            for i, answer in answers.items():
                with _TURN:
                    said = runs[i].step(answer)
                if not isinstance(said, _End):
                    asks[i] = said
                elif isinstance(said.result, BaseException):
                    raise said.result
                else:
                    results[i] = said.result
            answers = _answered(asks, models, known)
    finally:
        for run in runs:
            run.close()
    return [results[i] for i in range(len(runs))]


_START: list[TokenStates] = []


def _answered(asks: Mapping[int, _Ask], models: Models, known: dict[Unit, Translation]) -> dict[int, _Answer]:
    texts = {i: ask.texts for i, ask in asks.items() if isinstance(ask, _Texts)}
    units = {i: ask.units for i, ask in asks.items() if isinstance(ask, _Units)}
    found: dict[int, _Answer] = {}
    found |= _together(texts, lambda wanted: _encoded(wanted, models))
    found |= _together(units, lambda wanted: _translated(wanted, models, known))
    return {i: found[i] for i in asks}  # in the order of the stories


A = TypeVar("A")


def _together(
    asks: Mapping[int, Sequence[A]], ask: Callable[[list[Sequence[A]]], Sequence[_Answer]]
) -> dict[int, _Answer]:
    """Answer all in one call, or each alone where that fails: an answer may then be an error."""
    if not asks:
        return {}
    try:
        return dict(zip(asks, ask(list(asks.values())), strict=True))
    except Exception as error:
        if _is_fatal(error):
            raise
        first = error
    found: dict[int, _Answer] = {}
    for i, one in asks.items():
        try:
            (found[i],) = ask([one])
        except Exception as error:
            if _is_fatal(error):
                raise
            found[i] = error
    if len(asks) > 1 and all(isinstance(answer, BaseException) for answer in found.values()):
        raise first  # an engine that fails for everyone is broken, and nobody is to blame
    return found


def _is_fatal(error: Exception) -> bool:
    return isinstance(error, FATAL) and not isinstance(error, EngineError)


def _encoded(asks: Sequence[Sequence[str]], models: Models) -> list[_Answer]:
    distinct = list(dict.fromkeys(text for texts in asks for text in texts))
    states = dict(zip(distinct, models.encode(distinct) if distinct else [], strict=True))
    return [[states[text] for text in texts] for texts in asks]


def _translated(
    asks: Sequence[Sequence[Unit]], models: Models, known: dict[Unit, Translation]
) -> list[_Answer]:
    missing = list(dict.fromkeys(unit for units in asks for unit in units if unit not in known))
    if missing:
        known.update(models.english(missing))
    return [{unit: known[unit] for unit in units} for units in asks]


class _Closed(BaseException):
    """Thrown into a story that is not to go on."""


class _Run(Generic[T]):
    """A story in a thread that runs only between `step` and what it then asks, or its end."""

    def __init__(self, story: Story[T], models: Models) -> None:
        self._in: SimpleQueue[_Answer] = SimpleQueue()
        self._out: SimpleQueue[_Ask | _End[T]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(story, models), daemon=True)
        self._thread.start()

    def step(self, answer: _Answer) -> _Ask | _End[T]:
        """Go on with the answer to what was asked last; return what is asked next, or the end."""
        self._in.put(answer)
        return self._out.get()

    def close(self) -> None:
        self._in.put(_Closed())
        self._thread.join()

    def ask(self, ask: _Ask) -> _Answer:
        self._out.put(ask)
        answer = self._in.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _run(self, story: Story[T], models: Models) -> None:
        end: _End[T]
        if isinstance(self._in.get(), BaseException):
            return
        try:
            end = _End(story(_Encoder(self, models), lambda units: _mapping(self.ask(_Units(tuple(units))))))
        except _Closed:
            return
        except BaseException as error:  # it is raised where the stories are run
            end = _End(error)
        self._out.put(end)


@dataclass(frozen=True, slots=True)
class _Encoder(Generic[T]):
    """`ports.Encoder` of one story."""

    run: _Run[T]
    models: Models

    @property
    def signature(self) -> str:
        return self.models.signature

    @property
    def width(self) -> int:
        return self.models.width

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        answer = self.run.ask(_Texts(tuple(texts)))
        assert isinstance(answer, list)
        return answer


def _mapping(answer: _Answer) -> Translations:
    assert isinstance(answer, Mapping)
    return answer
