"""Shards from plan to disk in one process: those in hand overlap, so that the models never wait for rows."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from pipeline.batch import shard, shards
from pipeline.batch.claims import claim
from pipeline.batch.lockstep import Models
from pipeline.batch.models import Load, LocalModels
from pipeline.batch.plan import Plan
from pipeline.batch.shards import Format, Marker
from pipeline.engines.ports import TokenStates
from pipeline.errors import ModelError
from pipeline.records import Translations
from pipeline.translate import Unit

PLAN = "plan.sqlite"


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker of a job knows; it can be sent to another process.

    `open` opens the models there. `ahead` is how many shards are in hand at once: one is with the models
    while the others are read, aligned and written. What is in hand bounds the memory.
    """

    out: Path
    stories: int
    format: Format
    ahead: int
    open: Callable[[], LocalModels]
    begun_with: str = ""

    def plan(self) -> Plan:
        """InputError: there is none."""
        return Plan.opened(self.out / PLAN, self.stories)


@dataclass(frozen=True, slots=True)
class Done:
    """A finished shard, and the work of models since the last one; `mine` is False if another made it."""

    marker: Marker
    load: Load
    mine: bool = True


Executor = Callable[[Task, Sequence[int]], Iterator[Done]]
"""Finishes the shards of these numbers, here or elsewhere, and yields each once."""


def here(task: Task, numbers: Sequence[int]) -> Iterator[Done]:
    """`Executor` in this process."""
    models = task.open()
    return overlapped(task, numbers, models, models.spent)


def overlapped(
    task: Task, numbers: Sequence[int], models: Models, spent: Callable[[], Load]
) -> Iterator[Done]:
    """Finish the shards, `task.ahead` at a time; those that others hold are waited for at the end.

    On the first error, or when the caller asks for no more, the shards in hand are given up where they next
    ask a model; what was finished stays. ModelError: the batch was begun with other models.
    """
    if task.begun_with not in ("", models.signature):
        raise ModelError(f"{task.out}: begun with {task.begun_with}, now {models.signature}")
    plan = task.plan()
    stop = Event()
    models = Stoppable(models, stop)
    for waiting in (False, True):
        left = list(reversed(numbers))
        numbers = []
        running: dict[Future[Done | None], int] = {}
        with ThreadPoolExecutor(task.ahead) as pool:
            try:
                while left or running:
                    while left and len(running) < task.ahead:
                        number = left.pop()
                        running[pool.submit(one, task, plan, number, models, wait_for=waiting)] = number
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        number = running.pop(future)
                        done = future.result()
                        if done is None:
                            numbers.append(number)
                        else:
                            yield Done(done.marker, spent(), done.mine)
            except BaseException:
                stop.set()
                raise


class Stopped(BaseException):
    """A shard is not to be finished: another failed, or the user has had enough."""


@dataclass(frozen=True, slots=True)
class Stoppable:
    """`lockstep.Models` that answer until they are told to stop."""

    models: Models
    stop: Event

    @property
    def signature(self) -> str:
        return self.models.signature

    @property
    def width(self) -> int:
        return self.models.width

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        self._check()
        return self.models.encode(texts)

    def english(self, units: Sequence[Unit]) -> Translations:
        self._check()
        return self.models.english(units)

    def _check(self) -> None:
        if self.stop.is_set():
            raise Stopped


def one(task: Task, plan: Plan, number: int, models: Models, *, wait_for: bool) -> Done | None:
    """Finish one shard and return it, or None where another holds it and is not to be waited for."""
    with claim(task.out, f"{number:06}", wait=wait_for) as ours:
        if not ours:
            return None
        if marker := shards.finished(task.out, number):
            return Done(marker, Load(), mine=False)
        made = shard(plan.shard(number), models)
        return Done(shards.write(made, task.out, number, models.signature, task.format), Load())
