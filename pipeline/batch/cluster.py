"""The same job on Ray: groups stream through aligners, which ask actors that hold the models."""

import logging
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.batch.models import Load
from pipeline.batch.plan import Plan
from pipeline.batch.work import Done, Place, Task, one
from pipeline.cores import one_core
from pipeline.engines.ports import TokenStates
from pipeline.errors import EngineError, ModelError, OutputError, SynopticError
from pipeline.records import Translations
from pipeline.translate import Unit

if TYPE_CHECKING:
    from ray import ObjectRef
    from ray.actor import ActorHandle

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Cluster:
    """`work.Executor` on the cluster at `address` (`auto` finds it); `local` starts one here and ends it.

    `devices` actors hold the models, a GPU each where the cluster has so many; `aligners` actors with a core
    each read, align and write. All machines see `task.out` under one path. A device or an aligner that dies
    is made anew.
    """

    address: str
    aligners: int
    devices: int = 1

    def __call__(self, task: Task, places: Sequence[Place]) -> Iterator[Done]:
        try:
            import ray  # noqa: PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise OutputError(f"--ray {self.address} needs pip install 'synoptic[ray]'") from error
        begun = not ray.is_initialized()
        if begun:
            address = None if self.address == LOCAL else self.address
            ray.init(address, log_to_driver=False, logging_level="ERROR")
        try:
            yield from self._run(task, places)
        except ray.exceptions.RayError as error:
            raise EngineError(f"Ray: {str(error).strip().splitlines()[-1]}") from error
        finally:
            if begun:
                ray.shutdown()

    def _run(self, task: Task, places: Sequence[Place]) -> Iterator[Done]:
        import ray  # noqa: PLC0415
        from ray.data import ActorPoolStrategy, DataContext  # noqa: PLC0415

        DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # our own line says how far it is
        gpus = 1 if ray.cluster_resources().get("GPU", 0) >= self.devices else 0
        device = ray.remote(_Device).options(num_gpus=gpus, num_cpus=0, max_restarts=-1, max_task_retries=2)
        devices = [device.remote(task) for _ in range(self.devices)]
        rows = [{"shard": shard, "group": group} for shard, group in places]
        stream = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            _Aligner,
            fn_constructor_args=(task, devices),
            batch_size=1,
            num_cpus=1,
            compute=ActorPoolStrategy(size=self.aligners),
        )
        for row in stream.iter_rows():
            said = pickle.loads(row["said"])
            if isinstance(said, str):
                raise SynopticError(said)
            yield said


class _Device:
    """An actor with the models."""

    def __init__(self, task: Task) -> None:
        self._models = task.open()

    def about(self) -> tuple[str, int]:
        return self._models.signature, self._models.width

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        return self._models.encode(texts)

    def english(self, units: Sequence[Unit]) -> Translations:
        return self._models.english(units)

    def spent(self) -> Load:
        return self._models.spent()


class _Aligner:
    """An actor that makes groups, one at a time; several of them keep a device busy."""

    def __init__(self, task: Task, devices: "Sequence[ActorHandle]") -> None:
        one_core()
        self._task = task
        self._plan: Plan = task.plan()
        self._remote = [RemoteModels(device, *_got(device.about.remote())) for device in devices]

    def __call__(self, batch: Mapping[str, Sequence[int]]) -> dict[str, list[bytes]]:
        places = zip(map(int, batch["shard"]), map(int, batch["group"]), strict=True)
        return {"said": [pickle.dumps(self._made(place)) for place in places]}

    def _made(self, place: Place) -> Done | str:
        models = self._remote[sum(place) % len(self._remote)]
        try:
            if self._task.begun_with not in ("", models.signature):
                raise ModelError(f"begun with {self._task.begun_with}, now {models.signature}")
            done = one(self._task, self._plan, place, models, wait_for=True)
        except SynopticError as error:
            return str(error)
        assert done is not None
        return replace(done, load=models.spent())


@dataclass(frozen=True, slots=True)
class RemoteModels:
    """`lockstep.Models` in an actor."""

    device: "ActorHandle"
    signature: str
    width: int

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        states: list[TokenStates] = _got(self.device.encode.remote(texts))
        return states

    def english(self, units: Sequence[Unit]) -> Translations:
        translations: Translations = _got(self.device.english.remote(units))
        return translations

    def spent(self) -> Load:
        load: Load = _got(self.device.spent.remote())
        return load


def _got(reference: "ObjectRef") -> Any:  # an actor's answer is what its method says
    """Return what an actor returned, or raise what it raised, as if it had been called here."""
    import ray  # noqa: PLC0415

    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise ModelError(f"Ray: {str(error).strip().splitlines()[-1]}") from error
