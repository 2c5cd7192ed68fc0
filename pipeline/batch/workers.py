"""Several processes on one machine, each with its own models, that share a job by its claims."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from pipeline.batch.models import Load
from pipeline.batch.work import Done, Place, Task, here
from pipeline.errors import EngineError, SynopticError


@dataclass(frozen=True, slots=True)
class Workers:
    """`work.Executor` over `count` processes; worker `i` sees the GPU `gpus[i % len(gpus)]` alone, if any.

    A worker that dies loses the groups it had in hand; the others take them over. What is left undone when
    all have ended is an error that says how they ended.
    """

    count: int
    gpus: tuple[str, ...] = ()

    def __call__(self, task: Task, places: Sequence[Place]) -> Iterator[Done]:
        context = get_context("spawn")  # a fork would copy locks that the models' threads hold
        pipes: dict[Connection, str] = {}
        processes = []
        for i in range(self.count):
            receiver, sender = context.Pipe(duplex=False)
            gpu = self.gpus[i % len(self.gpus)] if self.gpus else None
            process = context.Process(target=_worker, args=(task, places, sender, gpu), daemon=True)
            process.start()
            sender.close()
            processes.append(process)
            pipes[receiver] = f"worker {i + 1}"
        left = set(places)
        load = Load()
        errors: list[SynopticError] = []
        try:
            while pipes:
                for ready in wait(list(pipes)):
                    assert isinstance(ready, Connection)
                    try:
                        said = ready.recv()
                    except EOFError:
                        del pipes[ready]
                        continue
                    if isinstance(said, SynopticError):
                        errors.append(said)
                        continue
                    load.add(said.load)
                    if said.place in left:
                        left.remove(said.place)
                        yield replace(said, load=load)
                        load = Load()
        finally:
            for process in processes:
                if pipes:
                    process.terminate()  # the caller has had enough
                process.join()
        if left:
            codes = ", ".join(str(process.exitcode) for process in processes)
            died = EngineError(f"workers ended with {codes}; {len(left)} groups left, run the same again")
            raise errors[0] if errors else died


def _worker(task: Task, places: Sequence[Place], sender: Connection, gpu: str | None) -> None:
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu  # before any library looks for devices
    try:
        for done in here(task, places):
            sender.send(done)
    except SynopticError as error:
        sender.send(_plain(error))


def _plain(error: SynopticError) -> SynopticError:
    """Return the error as one that can be sent: its class may take other arguments than its message."""
    plain = SynopticError(str(error))
    plain.__cause__ = None
    return plain
