"""Text to the pieces a translation model was trained on, and back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from pipeline.errors import ModelError

SPACE = "▁"
"""SentencePiece's mark for a space before a piece (Kudo and Richardson 2018)."""


class Tokeniser(Protocol):
    """Pieces for one model and one pair of languages.

    `signature` names everything that decides the pieces. `prefix` are the target pieces that every output
    starts with; `positions` is the number of pieces, special ones included, that the model has places for.
    """

    @property
    def signature(self) -> str: ...

    @property
    def prefix(self) -> tuple[str, ...]: ...

    @property
    def positions(self) -> int: ...

    def encode(self, text: str) -> list[str]:
        """Return the text's own pieces, without the special ones; none for a text of white space."""
        ...

    def frame(self, pieces: Sequence[str]) -> list[str]:
        """Return what the encoder is fed: the pieces between the special ones."""
        ...

    def decode(self, pieces: Sequence[str]) -> str:
        """Return the text that output pieces spell; the prefix and special pieces are not among them."""
        ...


class Pieces(Protocol):
    """What this module asks of a `sentencepiece.SentencePieceProcessor`."""

    def encode(self, text: str, *, out_type: type[str]) -> list[str]: ...

    def decode(self, pieces: list[str]) -> str: ...

    def id_to_piece(self, number: int) -> str: ...

    def get_piece_size(self) -> int: ...


def sentencepiece(path: Path) -> Pieces:
    """Return the SentencePiece model in the file. ModelError: no such file, or not whole."""
    if not path.is_file():
        raise ModelError(f"{path}: missing file, a SentencePiece model was expected")
    try:
        processor: Pieces = SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{path}: not a whole SentencePiece model") from error
    return processor


def punctuation(lang: str) -> Callable[[str], str]:
    """Return Moses's punctuation normaliser: OPUS-MT models were trained on its output.

    `preprocess-spm.sh` in every opus-mt release runs it before SentencePiece; transformers' Marian
    tokenizer has it as `normalize` but leaves the call to its user.
    """
    from sacremoses import MosesPunctNormalizer  # noqa: PLC0415  # half a second that only Marian needs

    normalise: Callable[[str], str] = MosesPunctNormalizer(lang).normalize
    return normalise


@dataclass(frozen=True)
class MarianPieces:
    """An OPUS-MT model's pieces: punctuation as Moses writes it, `source.spm`, `</s>`, `target.spm`.

    `target` is the `>>eng<<` that a model with several target languages wants before the source, else empty.
    """

    source: Pieces
    output: Pieces
    normalise: Callable[[str], str]
    target: str = ""
    append_end: bool = True
    prefix: tuple[str, ...] = ()
    positions: int = 512
    signature: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "signature", f"marian moses {self.target}".strip())

    def encode(self, text: str) -> list[str]:
        return self.source.encode(self.normalise(text), out_type=str) if text.strip() else []

    def frame(self, pieces: Sequence[str]) -> list[str]:
        return [*([self.target] if self.target else []), *pieces, *(["</s>"] if self.append_end else [])]

    def decode(self, pieces: Sequence[str]) -> str:
        return self.output.decode(list(pieces)).replace(SPACE, " ").strip()


@dataclass(frozen=True)
class NllbPieces:
    """An NLLB-200 model's pieces: `source_code … </s>` in, `target_code …` out.

    The code comes first, as in the paper's models (NLLB Team 2022, arXiv 2207.04672); transformers calls
    the other order, with which it started, legacy.
    """

    pieces: Pieces
    source_code: str
    target_code: str
    positions: int = 1024
    signature: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "signature", f"nllb {self.source_code} {self.target_code}")

    @property
    def prefix(self) -> tuple[str, ...]:
        return (self.target_code,)

    def encode(self, text: str) -> list[str]:
        return self.pieces.encode(text, out_type=str) if text.strip() else []

    def frame(self, pieces: Sequence[str]) -> list[str]:
        return [self.source_code, *pieces, "</s>"]

    def decode(self, pieces: Sequence[str]) -> str:
        return self.pieces.decode(list(pieces)).strip()


class Encoding(Protocol):
    """What this module asks of a `tokenizers.Encoding`."""

    @property
    def tokens(self) -> list[str]: ...


class Unigram(Protocol):
    """What this module asks of a `tokenizers.Tokenizer`."""

    def encode(self, text: str, *, add_special_tokens: bool) -> Encoding: ...


def unigram(path: Path) -> Unigram:
    """Return the tokeniser in a `tokenizer.json`. ModelError: no such file, or not whole."""
    if not path.is_file():
        raise ModelError(f"{path}: missing file, a tokenizer.json was expected")
    try:
        tokeniser: Unigram = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise ModelError(f"{path}: not a whole tokenizer.json") from error
    return tokeniser


@dataclass(frozen=True)
class UnigramPieces:
    """The embedded model's pieces: multilingual-e5's own, `<s> … </s>` in, joined at `▁` out."""

    tokeniser: Unigram
    prefix: tuple[str, ...] = ()
    positions: int = 512
    signature: str = "unigram"

    def encode(self, text: str) -> list[str]:
        return self.tokeniser.encode(text, add_special_tokens=False).tokens if text.strip() else []

    def frame(self, pieces: Sequence[str]) -> list[str]:
        return ["<s>", *pieces, "</s>"]

    def decode(self, pieces: Sequence[str]) -> str:
        return "".join(pieces).replace(SPACE, " ").strip()
