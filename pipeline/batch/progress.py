"""How far a batch is, on the terminal: a bar that redraws itself, or plain lines where it cannot."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.batch.meter import Meter

EVERY_S = 10.0
"""Seconds between plain lines, and between metrics files."""

Told = Callable[[Meter], None]


@contextmanager
def shown(say: Callable[[str], None]) -> Iterator[Told]:
    """Give a function to be told the meter after every group."""
    if sys.stderr.isatty():
        with _drawn() as told:
            yield told
    else:
        yield every(EVERY_S, lambda meter: say(meter.line()))


def every(seconds: float, told: Told, clock: Callable[[], float] = time.monotonic) -> Told:
    """Return a function that passes on what it is told, but not more often than this."""
    last = clock()

    def told_now_and_then(meter: Meter) -> None:
        nonlocal last
        if clock() - last >= seconds:
            last = clock()
            told(meter)

    return told_now_and_then


@contextmanager
def _drawn() -> Iterator[Told]:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    with Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True)) as progress:
        task = progress.add_task("starting")

        def told(meter: Meter) -> None:
            done = meter.before + meter.articles
            progress.update(task, completed=done, total=meter.total, description=meter.line())

        yield told
