"""A hub checkpoint to CTranslate2's format. Needs torch and transformers."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import Tokenizer
from transformers import PreTrainedModel
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

from pipeline.engines.folders import TOKENISER_FILES, Folder, read_json
from pipeline.engines.tokenisers import sentencepiece
from pipeline.errors import ModelError
from pipeline.hashes import seal

COPIED = ("tokenizer_config.json", "generation_config.json")
"""What a converted folder keeps of a checkpoint beside its tokeniser, where it is there."""


def convert(checkpoint: Folder, folder: Path, quantisation: str) -> None:
    """Write the checkpoint to `folder` in CTranslate2's format, whole and sealed or not at all.

    `quantisation` is CTranslate2's: int8, float16, float32. ModelError: the checkpoint is damaged, or is not
    what its kind of model is.
    """
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        _Converter(checkpoint).convert(str(part), quantization=quantisation)
        for name in (*TOKENISER_FILES[checkpoint.family], *COPIED):
            if (checkpoint.path / name).is_file():
                shutil.copyfile(checkpoint.path / name, part / name)
        seal(part)
        shutil.rmtree(folder, ignore_errors=True)
        part.replace(folder)
    except ModelError:
        raise
    except Exception as error:  # torch, safetensors, transformers and CTranslate2 each raise their own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{checkpoint.path}: cannot be converted, truncated or damaged? {reason}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


class _Vocabulary:
    """What CTranslate2's loaders ask of a tokenizer, read from the files.

    transformers 5 gives an NLLB checkpoint without `tokenizer.json` other numbers for its language codes
    than it was trained with (the mask comes first), and takes seconds to read one that has it.
    """

    bos_token, eos_token, unk_token = "<s>", "</s>", "<unk>"
    special_tokens_map: Mapping[str, object] = {}

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = dict(ids)
        self._tokens = {number: token for token, number in ids.items()}
        self.unk_token_id = ids["<unk>"]

    def get_vocab(self) -> dict[str, int]:
        return dict(self._ids)

    def convert_ids_to_tokens(self, number: int) -> str:
        return self._tokens[number]


class _Converter(TransformersConverter):  # type: ignore[misc]  # the library has no types
    def __init__(self, checkpoint: Folder) -> None:
        super().__init__(str(checkpoint.path))
        self._checkpoint = checkpoint

    def load_model(self, model_class: type[PreTrainedModel], path: str, **options: object) -> PreTrainedModel:
        model: PreTrainedModel = super().load_model(model_class, path, **options)
        if self._checkpoint.family == "marian":
            _starts_from_zero(model, self._checkpoint.path)
        return model

    def load_tokenizer(self, tokenizer_class: object, path: str, **options: object) -> object:
        if self._checkpoint.family == "marian":
            return _Vocabulary(_numbers(self._checkpoint.path / "vocab.json"))
        if (self._checkpoint.path / "vocab.json").is_file():  # M2M100, whose tokenizer needs no conversion
            return super().load_tokenizer(tokenizer_class, path, **options)
        return _Vocabulary(nllb_ids(self._checkpoint.path))


def _numbers(path: Path) -> dict[str, int]:
    return {piece: int(str(number)) for piece, number in read_json(path).items()}


def nllb_ids(path: Path) -> dict[str, int]:
    """Return the pieces of an NLLB checkpoint with their numbers in its embedding.

    From `tokenizer.json` where it is there; otherwise as fairseq numbers them: four special pieces,
    SentencePiece's own from its fourth on, the language codes, the mask.
    """
    if (path / "tokenizer.json").is_file():
        tokeniser = Tokenizer.from_file(str(path / "tokenizer.json"))
        return dict(tokeniser.get_vocab(with_added_tokens=True))
    pieces = sentencepiece(path / "sentencepiece.bpe.model")
    own = [pieces.id_to_piece(number) for number in range(3, pieces.get_piece_size())]
    ordered = ["<s>", "<pad>", "</s>", "<unk>", *own, *_codes(path), "<mask>"]
    return {piece: number for number, piece in enumerate(ordered)}


def _codes(path: Path) -> list[str]:
    """Return the language codes in the order in which the model was given them."""
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        codes = read_json(path / name).get("additional_special_tokens") if (path / name).is_file() else None
        if isinstance(codes, list):
            return [str(code) for code in codes]
    return list(FAIRSEQ_LANGUAGE_CODES)


def _starts_from_zero(model: PreTrainedModel, path: Path) -> None:
    """Refuse a Marian checkpoint whose decoder does not start from zeros, as CTranslate2's does.

    Every OPUS-MT release has zeros in the row of `<pad>`; fine-tuning with tied embeddings can change it.
    """
    weights = model.get_decoder().get_input_embeddings().weight  # type: ignore[no-untyped-call]  # theirs
    if bool(torch.any(weights[model.config.decoder_start_token_id] != 0)):
        raise ModelError(f"{path}: the embedding of <pad> is not zero, expected zeros to start from")
