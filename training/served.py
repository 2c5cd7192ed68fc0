"""An exported folder as its users meet it: quality, speed, time to load, memory; in a process of its own."""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.engines import ct2, folders
from pipeline.engines.ports import Decoding
from pipeline.errors import ModelError
from pipeline.evaluate import quality
from training.dev import read_dev


@dataclass(frozen=True, slots=True)
class Served:
    """`quality` is BLEU and chrF2 by language; `sentences_per_s` is over all, tokenising included."""

    quality: dict[str, dict[str, float]]
    sentences: int
    beam: int
    sentences_per_s: float
    load_s: float
    resident_mb: int
    model_mb: float


def served(folder: Path, dev: Path, lines: int = 0, beam: int = 2, threads: int = 2) -> Served:
    """Measure in a fresh process, which has loaded nothing but the model. ModelError: it failed there."""
    arguments = [folder, dev, lines, beam, threads]
    done = subprocess.run(
        [sys.executable, "-m", "training.served", *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ModelError(f"{folder}: cannot be measured: {done.stderr.strip().splitlines()[-1]}")
    return Served(**json.loads(done.stdout))


def measured(folder: Path, dev: Path, lines: int, beam: int, threads: int) -> Served:
    """Measure here."""
    texts = read_dev(dev, lines)
    begin = time.perf_counter()
    loaded = folders.load(folders.looked_at(folder), ct2.Hardware("cpu", threads))
    load_s = time.perf_counter() - begin
    results: dict[str, dict[str, float]] = {}
    seconds = 0.0
    for lang, sources in texts.sources.items():
        begin = time.perf_counter()
        said = folders.translator(loaded, lang).translate(sources, Decoding(beam=beam))
        seconds += time.perf_counter() - begin
        found = quality([hypothesis.text for hypothesis in said], texts.english)
        results[lang] = {"bleu": found.bleu, "chrf2": found.chrf2}
    count = len(texts.english) * len(texts.sources)
    return Served(
        results, count, beam, round(count / seconds, 1), round(load_s, 2), _peak_mb(),
        round(sum(path.stat().st_size for path in folder.iterdir()) / 1e6, 1),
    )  # fmt: skip


def _peak_mb() -> int:
    """Return the most memory that this process has held (Linux: VmHWM, a parent's not counted)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(kib) * 1024 / 1e6)


if __name__ == "__main__":
    where, dev_set, *numbers = sys.argv[1:]
    print(json.dumps(asdict(measured(Path(where), Path(dev_set), *map(int, numbers)))))
