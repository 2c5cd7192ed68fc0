"""Shards from plan to disk in one process: groups in hand overlap, so that the models never wait for rows."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from pipeline.batch import groups, made, shards
from pipeline.batch.claims import claim
from pipeline.batch.lockstep import Models
from pipeline.batch.models import Load, LocalModels
from pipeline.batch.plan import Plan
from pipeline.batch.shards import Format
from pipeline.cores import one_core
from pipeline.engines.ports import TokenStates
from pipeline.errors import ModelError
from pipeline.records import Translations
from pipeline.translate import Unit

PLAN = "plan.sqlite"


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker of a job knows; it can be sent to another process.

    `open` opens the models there. `ahead` is how many groups are in hand at once: one is with the models
    while the others are read, aligned and written. What is in hand bounds the memory, and is what is lost
    when the process is killed.
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
    """A finished group, and the work of models since the last one.

    `articles` are all of its articles, `rejects` those of them that are known to be none; `whole` says that
    its shard was finished with it.
    """

    place: "Place"
    articles: int
    rejects: int
    whole: bool
    load: Load = field(default_factory=Load)


Place = tuple[int, int]
"""A shard's number, and a group's in it."""

Executor = Callable[[Task, Sequence[Place]], Iterator[Done]]
"""Finishes these groups, here or elsewhere, and the shards that are whole with them; yields each once."""


def here(task: Task, places: Sequence[Place]) -> Iterator[Done]:
    """`Executor` in this process."""
    models = task.open()
    return overlapped(task, places, models, models.spent)


def overlapped(
    task: Task, places: Sequence[Place], models: Models, spent: Callable[[], Load]
) -> Iterator[Done]:
    """Finish the groups, `task.ahead` at a time; those that others hold are waited for at the end.

    On the first error, or when the caller asks for no more, the groups in hand are given up where they next
    ask a model; what was finished stays. ModelError: the batch was begun with other models.
    """
    if task.begun_with not in ("", models.signature):
        raise ModelError(f"{task.out}: begun with {task.begun_with}, now {models.signature}")
    with one_core():
        yield from _overlapped(task, places, models, spent)


def _overlapped(
    task: Task, places: Sequence[Place], models: Models, spent: Callable[[], Load]
) -> Iterator[Done]:
    plan = task.plan()
    stop = Event()
    models = Stoppable(models, stop)
    ahead = min(task.ahead, plan.size // plan.together)  # so that a kill costs no more than a shard
    for waiting in (False, True):
        left = list(reversed(places))
        places = []
        running: dict[Future[Done | None], Place] = {}
        with ThreadPoolExecutor(ahead) as pool:
            try:
                while left or running:
                    while left and len(running) < ahead:
                        place = left.pop()
                        running[pool.submit(one, task, plan, place, models, wait_for=waiting)] = place
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        place = running.pop(future)
                        done = future.result()
                        if done is None:
                            places.append(place)
                        else:
                            yield replace(done, load=spent())
            except BaseException:
                stop.set()
                raise


class Stopped(BaseException):
    """A group is not to be finished: another failed, or the user has had enough."""


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


def one(task: Task, plan: Plan, place: Place, models: Models, *, wait_for: bool) -> Done | None:
    """Finish one group, and its shard if no other group of it is left; return it.

    None: another holds it and is not to be waited for.
    """
    shard, group = place
    with claim(task.out, f"{shard:06}-{group}", wait=wait_for) as ours:
        if not ours:
            return None
        stories = plan.group(shard, group)
        found = groups.read(task.out, shard, group, models.signature)
        # in this order: whoever finishes a shard removes its groups afterwards
        if found is None and shards.finished(task.out, shard) is None:
            found = made(stories, models)
            groups.write(found, task.out, shard, group, models.signature)
    whole = _finished(task, plan, shard, models.signature)
    return Done(place, sum(map(len, stories)), len(found.rejects) if found else 0, whole)


def _finished(task: Task, plan: Plan, number: int, models: str) -> bool:
    """Finish the shard if all its groups are there; False if they are not, or another has finished it."""
    count = plan.groups(number)
    if not all(groups.place(task.out, number, group).exists() for group in range(count)):
        return False
    with claim(task.out, f"{number:06}", wait=True):
        found = groups.together(task.out, number, count, models)
        if found is None or shards.finished(task.out, number):
            return False
        shards.write(found, task.out, number, models, task.format)
        groups.clear(task.out, number, count)
    return True
