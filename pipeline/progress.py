"""How far a long stage is: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_S = 10.0
"""Seconds between plain lines."""


@contextmanager
def bar(name: str, say: Callable[[str], None]) -> Iterator[Callable[[int, int], None]]:
    """Give a function to be told (done, of all); it shows rate and time left.

    On a terminal a bar redraws itself on stderr; elsewhere `say` gets a line now and then, none for a stage
    that is over sooner.
    """
    if sys.stderr.isatty():
        with _drawn(name) as told:
            yield told
    else:
        yield _lines(name, say, time.monotonic)


def _lines(name: str, say: Callable[[str], None], clock: Callable[[], float]) -> Callable[[int, int], None]:
    begun = told_at = clock()
    first, seen = 0, -1

    def told(done: int, total: int) -> None:
        nonlocal begun, told_at, first, seen
        now = clock()
        if seen < 0 or done < seen:  # a stage begins, and its clock with it
            begun, told_at, first = now, now, done
        seen = done
        if now - told_at < EVERY_S or done == first:
            return
        told_at = now
        rate = (done - first) / (now - begun)
        say(f"{name}: {done}/{total}, {rate:.1f}/s, {(total - done) / rate:.0f} s left")

    return told


@contextmanager
def _drawn(name: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=None, rate="")
        begun = time.monotonic()

        def told(done: int, total: int) -> None:
            rate = done / max(time.monotonic() - begun, 1e-6)
            progress.update(task, completed=done, total=total, rate=f"{rate:.1f}/s")

        yield told
