"""An encoder out of a hub checkpoint on disk (LaBSE, multilingual-e5-large, …), run by transformers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines.ports import TokenStates
from pipeline.errors import ModelError
from pipeline.hashes import sha256

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BATCH = 32  # texts a pass


class HubEncoder:
    """`ports.Encoder` over `AutoModel`: last hidden states of a BERT-like model with a fast tokenizer.

    Such a model's span vector is the mean over its tokens, whatever pooling it was trained with.
    """

    def __init__(self, folder: Path, *, device: str = "cpu") -> None:
        try:
            import torch  # noqa: PLC0415 - the base install has no torch
            from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415
        except ImportError as error:
            raise ModelError(
                f"{folder}: a hub checkpoint needs `pip install 'synoptic[hub]'` ({error})"
            ) from error
        try:
            self._tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(str(folder))
            model: PreTrainedModel = AutoModel.from_pretrained(str(folder))
        except Exception as error:  # transformers raises what its parts raise
            raise ModelError(f"{folder}: cannot be loaded as an encoder: {error}") from error
        if not self._tokenizer.is_fast:
            raise ModelError(f"{folder}: its tokenizer gives no character offsets")
        self._torch = torch
        self._device = (
            "cuda" if device == "auto" and torch.cuda.is_available() else device.replace("auto", "cpu")
        )
        self._model = model.to(self._device)  # type: ignore[arg-type]  # transformers wraps `to`
        self._model.train(False)
        self.width = int(model.config.hidden_size)
        self._window = int(getattr(model.config, "max_position_embeddings", 512)) - 8
        weights = sorted(path for path in folder.iterdir() if path.suffix in {".safetensors", ".bin"})
        self.signature = f"hub:{folder.name}:" + ":".join(sha256(path)[:16] for path in weights)

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        """Return one `TokenStates` a text, in order; a text beyond the window takes several passes."""
        found: list[TokenStates] = []
        for at in range(0, len(texts), BATCH):
            found += self._batch(list(texts[at : at + BATCH]))
        return found

    def _batch(self, texts: list[str]) -> list[TokenStates]:
        fed = self._tokenizer(
            texts,
            truncation=True,
            max_length=self._window,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            padding=True,
            return_tensors="pt",
        )
        with self._torch.inference_mode():
            hidden = self._model(
                input_ids=fed["input_ids"].to(self._device),
                attention_mask=fed["attention_mask"].to(self._device),
            ).last_hidden_state
        states = hidden.float().cpu().numpy()
        real = (fed["attention_mask"].numpy() == 1) & (fed["special_tokens_mask"].numpy() == 0)
        offsets, owner = fed["offset_mapping"].numpy(), fed["overflow_to_sample_mapping"].numpy()
        return [
            TokenStates(
                np.concatenate([states[row][real[row]] for row in rows]).astype(np.float32),
                np.concatenate([offsets[row][real[row]][:, 0] for row in rows]).astype(np.int32),
                np.concatenate([offsets[row][real[row]][:, 1] for row in rows]).astype(np.int32),
            )
            for rows in (
                [row for row in range(len(owner)) if owner[row] == text] for text in range(len(texts))
            )
        ]
