"""An input with a story for every article: what `synoptic stories` gives and `synoptic batch` takes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.batch.entries import FIELDS, Entry, Reject
from pipeline.batch.models import LocalModels
from pipeline.batch.reading import read
from pipeline.batch.stories import Linkage, named


def completed(
    path: Path, models: Callable[[], LocalModels], linkage: Linkage, rejected: Callable[[Reject], None]
) -> Iterator[Entry]:
    """Yield the input's articles in order; those without a story get one. The models are opened if any does.

    The input is read several times, and never held whole.
    """

    def loose() -> Iterator[Entry]:
        return (one for one in read(path) if isinstance(one, Entry) and not one.story)

    found = iter(named(loose, models(), linkage)) if next(loose(), None) else iter(())
    for one in read(path):
        if isinstance(one, Reject):
            rejected(one)
        else:
            yield one if one.story else next(found)


def line(entry: Entry) -> str:
    """Return the article as a line of a batch's input."""
    cells = {name: getattr(entry, name) for name in FIELDS}
    return json.dumps({name: cell for name, cell in cells.items() if cell}, ensure_ascii=False)
