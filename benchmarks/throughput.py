"""How fast sentences go through the engines and the translate stage, and how much memory that takes.

    python -m benchmarks.throughput [--sentences 256] [--quick] [--stream 100000]

A Marian model of the base size (6 + 6 layers of width 512, 60,000 pieces) is made on the spot with noise
for weights: it says nothing, at the speed of a real one. Nearly every output runs to its limit, so that all
engines make as many tokens. Both engines get the same sentences, search with beam 4 and run on the same
threads. Each figure is the best of `--repeat` turns, taken in turn; ratios are given by the clock and by the
processor's time, for on a machine that others use too only the second says something.
`--quick` takes a small model: it checks the benchmark, its figures mean nothing.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby
from multiprocessing import get_context
from pathlib import Path

import ctranslate2
import sentencepiece
import torch
from transformers import MarianConfig, MarianMTModel
from transformers.utils import logging

from pipeline.cache import Cache
from pipeline.engines import ct2, folders
from pipeline.engines.convert import convert
from pipeline.engines.ports import Decoding
from pipeline.engines.reference import open_reference
from pipeline.translate import Unit, stream, translate

BEAM = 4


def sentences(count: int, seed: int = 1) -> list[str]:
    """Return sentences of 4 to 40 words from a lexicon whose words are as frequent as Zipf has them."""
    dice = random.Random(seed)
    syllables = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
    lexicon = ["".join(dice.choices(syllables, k=dice.randint(1, 4))) for _ in range(20_000)]
    weights = list(accumulate(1 / rank for rank in range(1, len(lexicon) + 1)))
    return [
        " ".join(dice.choices(lexicon, cum_weights=weights, k=dice.randint(4, 40))).capitalize() + "."
        for _ in range(count)
    ]


def made(folder: Path, width: int, layers: int, vocabulary: int) -> tuple[Path, Path]:
    """Make a checkpoint and its conversion in another process, whose memory does not count; return both."""
    source, converted = folder / "noise-it-en", folder / "int8" / "noise-it-en"
    maker = get_context("spawn").Process(target=_make, args=(source, converted, width, layers, vocabulary))
    maker.start()
    maker.join()
    return source, converted


def _make(source: Path, converted: Path, width: int, layers: int, vocabulary: int) -> None:
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # theirs
    checkpoint(source, width=width, layers=layers, vocabulary=vocabulary)
    convert(folders.looked_at(source), converted, "int8")


def checkpoint(folder: Path, *, width: int, layers: int, vocabulary: int) -> None:
    """Write a Marian checkpoint of that size in the hub's layout, with noise for weights."""
    folder.mkdir(parents=True)
    for side in ("source", "target"):
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences(1000)),
            model_prefix=str(folder / side),
            vocab_size=4000,
            hard_vocab_limit=False,
            minloglevel=2,
        )
        (folder / f"{side}.model").rename(folder / f"{side}.spm")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    own = [pieces.id_to_piece(number) for number in range(3, pieces.get_piece_size())]
    names = ["</s>", "<unk>", *own]
    names += [f"unused{number}" for number in range(vocabulary - len(names) - 1)]
    ids = {name: number for number, name in enumerate([*names, "<pad>"])}
    (folder / "vocab.json").write_text(json.dumps(ids), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        '{"source_lang": "it", "target_lang": "en"}', encoding="utf-8"
    )
    torch.manual_seed(1)
    config = MarianConfig(
        vocab_size=len(ids),
        d_model=width,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        max_position_embeddings=512,
        activation_function="swish",
        scale_embedding=True,
        pad_token_id=len(ids) - 1,
        decoder_start_token_id=len(ids) - 1,
        eos_token_id=0,
        bos_token_id=0,
        forced_eos_token_id=0,
    )
    model = MarianMTModel(config)
    with torch.no_grad():
        model.get_input_embeddings().weight[-1] = 0  # type: ignore[operator]  # torch's modules are untyped
    model.save_pretrained(folder)


def bare(engine: ct2.Engine, fed: Sequence[Sequence[str]]) -> int:
    """Run `translate_batch` on tokens, all groups of one limit at once; return the tokens made."""
    limits = [ct2.longest_output(len(tokens) - 1, 512) for tokens in fed]
    order = sorted(range(len(fed)), key=lambda i: (limits[i], len(fed[i])), reverse=True)
    pending: list[ct2.Pending] = []
    for limit, group in groupby(order, key=lambda i: limits[i]):
        pending += engine.translate_batch(
            [list(fed[i]) for i in group],
            None,
            asynchronous=True,
            max_batch_size=ct2.BATCH_TOKENS["cpu"],
            batch_type="tokens",
            beam_size=BEAM,
            length_penalty=1.0,
            no_repeat_ngram_size=0,
            max_input_length=0,
            max_decoding_length=limit,
            return_scores=True,
            return_attention=False,
        )
    return sum(len(one.result().hypotheses[0]) for one in pending)


@dataclass(frozen=True, slots=True)
class Took:
    """How long runs took: seconds by the clock, and of the processor in all threads. The best of each."""

    wall: float
    cpu: float


def took(run: Callable[[], object]) -> Took:
    """Return how long one run takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def best(turns: Sequence[Took]) -> Took:
    """Return the shortest times."""
    return Took(min(turn.wall for turn in turns), min(turn.cpu for turn in turns))


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Return the figures, by name."""
    size = (64, 1, 8000) if options.quick else (512, 6, 60_000)
    source, converted = made(folder, *size)
    loaded = folders.load(folders.looked_at(converted), ct2.Hardware("cpu", options.threads))
    engine = folders.translator(loaded, "it")
    texts = sentences(options.sentences, seed=2)
    units = [("it", text) for text in texts]
    fed = [engine.tokeniser.frame(engine.tokeniser.encode(text)) for text in texts]
    before = peak_mb()
    figures: dict[str, float] = {
        "sentences": len(texts),
        "threads": options.threads,
        "model_mb": round(before),
    }

    def staged(name: str, some: Sequence[Unit] = units) -> None:
        with Cache(folder / name) as cache:
            translate(some, {"it": engine}, cache=cache, decoding=Decoding(BEAM), retry=False)

    staged("warm", units[:1])
    tokens = bare(loaded.engine, fed)
    turns: dict[str, list[Took]] = {"bare": [], "stage": [], "cached": []}
    for turn in range(options.repeat):
        turns["bare"].append(took(lambda: bare(loaded.engine, fed)))
        turns["stage"].append(took(partial(staged, f"cache{turn}")))
        turns["cached"].append(took(partial(staged, f"cache{turn}")))
    fastest = {name: best(times) for name, times in turns.items()}
    figures |= {
        "output_tokens": tokens,
        "bare_tokens_per_s": round(tokens / fastest["bare"].wall, 1),
        "stage_of_bare": round(fastest["bare"].wall / fastest["stage"].wall, 3),
        "stage_of_bare_cpu": round(fastest["bare"].cpu / fastest["stage"].cpu, 3),
        "cached_sentences_per_s": round(len(texts) / fastest["cached"].wall),
        "cached_over_first": round(fastest["stage"].wall / fastest["cached"].wall, 1),
        "cached_over_first_cpu": round(fastest["stage"].cpu / fastest["cached"].cpu, 1),
        "peak_beyond_model_mb": round(peak_mb() - before),
    }
    few = texts[: options.reference]
    torch.set_num_threads(options.threads)
    reference = open_reference(source, "it")
    ours: list[Took] = []
    theirs: list[Took] = []
    for _ in range(options.repeat):
        ours.append(took(lambda: engine.translate(few, Decoding(BEAM))))
        theirs.append(took(lambda: reference.translate(few, Decoding(BEAM))))
    return figures | {
        "transformers_sentences_per_s": round(len(few) / best(theirs).wall, 2),
        "ctranslate2_sentences_per_s": round(len(few) / best(ours).wall, 2),
        "ctranslate2_over_transformers": round(best(theirs).wall / best(ours).wall, 2),
        "ctranslate2_over_transformers_cpu": round(best(theirs).cpu / best(ours).cpu, 2),
    }


def streamed(count: int, folder: Path, threads: int) -> dict[str, float]:
    """Return what a stream of sentences through a small model takes beyond the model.

    What grows with their number is what the stage holds, and that does not depend on the model.
    """
    _, converted = made(folder, 32, 1, 5000)
    loaded = folders.load(folders.looked_at(converted), ct2.Hardware("cpu", threads))
    engine = folders.translator(loaded, "it")
    before, begun = peak_mb(), time.perf_counter()
    units = (("it", text) for text in sentences(count, seed=3))
    with Cache(folder / "stream") as cache:
        done = sum(1 for _ in stream(units, {"it": engine}, cache=cache, decoding=Decoding(1), retry=False))
    return {
        "streamed_sentences": done,
        "streamed_sentences_per_s": round(done / (time.perf_counter() - begun)),
        "streamed_beyond_model_mb": round(peak_mb() - before),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=256)
    parser.add_argument("--reference", type=int, default=16, help="sentences for transformers")
    parser.add_argument("--repeat", type=int, default=2, help="turns; the best counts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="a small model")
    parser.add_argument("--stream", type=int, default=0, help="instead, stream so many through a small model")
    options = parser.parse_args()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # theirs
    ctranslate2.set_random_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        if options.stream:
            figures = streamed(options.stream, Path(folder), options.threads)
        else:
            figures = measured(options, Path(folder))
    for name, figure in figures.items():
        print(f"{name:32}{figure:>12,}", file=sys.stderr)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
