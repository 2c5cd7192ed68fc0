"""CTranslate2 as a translator: one converted model, one pair of languages."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, Protocol

import ctranslate2

from pipeline.engines.ports import Decoding, Hypothesis
from pipeline.engines.tokenisers import SPACE, Tokeniser
from pipeline.errors import EngineError, ModelError

Device = Literal["auto", "cpu", "cuda"]

BATCH_TOKENS = {"cpu": 2048, "cuda": 16384}
"""Source tokens a batch, padding included. CPU: benchmarks/throughput.py, flat from 1,024 to 4,096."""

_INNER_END = re.compile(r"[.!?…؟۔]\W*\s\W*\w")

SPECIAL = frozenset({"<s>", "</s>", "<pad>", "<unk>"})


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where to run: decides the speed, and through the device's number format the output."""

    device: Device = "auto"
    threads: int = 0
    """Sentences at once on the CPU; 0 is one a core."""


class Result(Protocol):
    """What this module asks of a `ctranslate2.TranslationResult`."""

    hypotheses: list[list[str]]
    scores: list[float]
    attention: list[list[list[float]]]


class Pending(Protocol):
    """A `ctranslate2.AsyncTranslationResult`."""

    def result(self) -> Result: ...


class Engine(Protocol):
    """What this module asks of a `ctranslate2.Translator`."""

    def translate_batch(
        self,
        source: list[list[str]],
        target_prefix: list[list[str]] | None,
        *,
        asynchronous: Literal[True],
        max_batch_size: int,
        batch_type: str,
        beam_size: int,
        length_penalty: float,
        no_repeat_ngram_size: int,
        max_input_length: int,
        max_decoding_length: int,
        return_scores: bool,
        return_attention: bool,
    ) -> list[Pending]: ...


def on(device: Device) -> Literal["cpu", "cuda"]:
    """Return the device that `auto` stands for here. ModelError: CUDA was asked for and is not there."""
    found = ctranslate2.get_cuda_device_count() > 0
    if device == "cuda" and not found:
        raise ModelError("--device cuda: no CUDA device was found, expected at least one")
    return "cuda" if device != "cpu" and found else "cpu"


def number_format(device: Literal["cpu", "cuda"]) -> str:
    """Return the compute type: int8 on the CPU; on CUDA int8 with float16 where it can, else float16."""
    if device == "cpu":
        return "int8"
    kinds = ctranslate2.get_supported_compute_types("cuda")
    return next((kind for kind in ("int8_float16", "float16") if kind in kinds), "default")


def load(folder: Path, hardware: Hardware, compute: str = "") -> tuple[Engine, str]:
    """Load a converted model; return it and its compute type. ModelError: it cannot be loaded.

    On CUDA every GPU that the process sees gets a copy, and batches go to whichever is free.
    """
    device = on(hardware.device)
    compute = compute or number_format(device)
    parallel: dict[str, int | list[int]]
    if device == "cpu":
        # one thread a batch and many batches at once is a quarter faster than the reverse (2 cores, beam 4)
        parallel = {"inter_threads": hardware.threads or _cores(), "intra_threads": 1}
    else:
        parallel = {"device_index": list(range(ctranslate2.get_cuda_device_count()))}
    try:
        engine: Engine = ctranslate2.Translator(str(folder), device=device, compute_type=compute, **parallel)
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{folder}: CTranslate2 cannot load it: {_one_line(error)}") from error
    return engine, compute


@dataclass(frozen=True)
class Ct2Translator:
    """A converted Marian, NLLB or embedded model, bound to its pair.

    `identity` names the weights (a hash) and the number format. Nothing is ever cut in silence: a text with
    more pieces than half the model's positions is translated in parts, cut between words, and flagged
    `hard-split`; an output that reaches its limit is flagged `cut`. Coverage comes with texts of more than
    one sentence, since only there a sentence can be lost.
    """

    name: str
    lang: str
    identity: str
    engine: Engine
    tokeniser: Tokeniser
    batch_tokens: int = BATCH_TOKENS["cpu"]

    @property
    def signature(self) -> str:
        return f"{self.identity} {self.lang} {self.tokeniser.signature}"

    def translate(self, texts: Sequence[str], decoding: Decoding = Decoding()) -> list[Hypothesis]:
        """EngineError: the library failed while it ran."""
        longest = longest_source(self.tokeniser.positions)
        parts = [parted(self.tokeniser.encode(text), longest) for text in texts]
        flat = [(i, part) for i, several in enumerate(parts) for part in several]
        attended = [_INNER_END.search(texts[i]) is not None for i, _ in flat]
        try:
            outputs = self._run([part for _, part in flat], attended, decoding)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"{self.name}: CTranslate2 failed: {_one_line(error)}") from error
        gathered: list[list[Hypothesis]] = [[] for _ in texts]
        for (i, _), output in zip(flat, outputs, strict=True):
            gathered[i].append(output)
        return [joined(several) for several in gathered]

    def _run(
        self, sources: Sequence[list[str]], attended: Sequence[bool], decoding: Decoding
    ) -> list[Hypothesis]:
        positions = self.tokeniser.positions
        kinds = [
            (longest_output(len(source), positions), wanted)
            for source, wanted in zip(sources, attended, strict=True)
        ]
        order = sorted(range(len(sources)), key=lambda i: (kinds[i], len(sources[i])), reverse=True)
        pending: list[tuple[int, int, Pending]] = []
        for (limit, attention), group in groupby(order, key=lambda i: kinds[i]):
            rows = list(group)
            prefix = [list(self.tokeniser.prefix)] * len(rows) if self.tokeniser.prefix else None
            started = self.engine.translate_batch(
                [self.tokeniser.frame(sources[i]) for i in rows],
                prefix,
                asynchronous=True,  # the next group starts while this one's last batch runs
                max_batch_size=self.batch_tokens,
                batch_type="tokens",
                beam_size=decoding.beam,
                length_penalty=decoding.length_penalty,
                no_repeat_ngram_size=decoding.no_repeat,
                max_input_length=0,
                max_decoding_length=limit,
                return_scores=True,
                return_attention=attention,
            )
            pending += [(i, limit, one) for i, one in zip(rows, started, strict=True)]
        outputs = [Hypothesis("")] * len(sources)
        for i, limit, one in pending:
            outputs[i] = self._hypothesis(one.result(), len(sources[i]), limit, decoding)
        return outputs

    def _hypothesis(self, result: Result, size: int, limit: int, decoding: Decoding) -> Hypothesis:
        pieces = result.hypotheses[0]
        own = pieces[len(self.tokeniser.prefix) :]
        flags = ("cut",) * (len(own) >= limit - len(self.tokeniser.prefix))
        # CTranslate2 divides the sum of log-probabilities by length ** penalty, the end counted
        score = result.scores[0] * (len(pieces) + (not flags)) ** (decoding.length_penalty - 1)
        if "<unk>" in own:
            flags += ("unknown-word",)
        coverage = None
        if result.attention:
            first = self.tokeniser.frame(["\0"]).index("\0")  # special pieces before the text's own
            columns = list(zip(*result.attention[0], strict=True))[first : first + size]
            coverage = tuple(round(sum(column), 3) for column in columns)
        text = self.tokeniser.decode([piece for piece in own if piece not in SPECIAL])
        return Hypothesis(text, round(score, 4), flags, coverage)


def longest_source(positions: int) -> int:
    """Return how many pieces a source may have, so that twice as long an output still has its place."""
    return (positions - 48) // 2


def longest_output(pieces: int, positions: int) -> int:
    """Return how many pieces an output may have: twice the source's and 32, in steps of 32.

    It depends on the source alone, so no neighbour in a batch decides an output; the steps keep the number
    of calls small; a model that loops on one word is stopped early.
    """
    return min(2 * (-(-pieces // 16) * 16) + 32, positions - 2)


def parted(pieces: Sequence[str], longest: int) -> list[list[str]]:
    """Cut pieces into runs of at most `longest`, before a word where one begins in the second half.

    The runs joined are the pieces; no pieces give no run.
    """
    runs: list[list[str]] = []
    rest = list(pieces)
    while len(rest) > longest:
        words = (at for at in range(longest, longest // 2, -1) if rest[at].startswith(SPACE))
        at = next(words, longest)
        runs.append(rest[:at])
        rest = rest[at:]
    return [*runs, rest] if rest else runs


def joined(parts: Sequence[Hypothesis]) -> Hypothesis:
    """Return the parts' outputs as one: nothing for none, flagged `hard-split` for several."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Hypothesis("")
    scores = [part.score for part in parts if part.score is not None]
    flags = dict.fromkeys(["hard-split", *(flag for part in parts for flag in part.flags)])
    coverage = [part.coverage for part in parts if part.coverage is not None]
    return Hypothesis(
        " ".join(part.text for part in parts if part.text),
        round(sum(scores) / len(scores), 4) if scores else None,
        tuple(flags),
        tuple(share for each in coverage for share in each) if len(coverage) == len(parts) else None,
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
