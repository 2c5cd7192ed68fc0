"""transformers as a translator: the slow reference that the CTranslate2 adapter is held against."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from pipeline.engines.ct2 import joined, longest_output, longest_source, parted
from pipeline.engines.folders import Folder, looked_at
from pipeline.engines.ports import Decoding, Hypothesis
from pipeline.errors import EngineError, ModelError
from pipeline.hashes import sha256
from pipeline.languages import LANGUAGES

BATCH = 16  # texts a pass; padding is masked, so it does not decide the output


class ReferenceTranslator:
    """A hub checkpoint under `AutoModelForSeq2SeqLM.generate`, with its own tokenizer.

    The same search as the CTranslate2 adapter's: it ends when `beam` hypotheses are complete
    (`early_stopping`), padding is never generated, and the limits come from the source's length.
    """

    def __init__(self, checkpoint: Folder, lang: str, *, name: str = "", device: str = "cpu") -> None:
        """ModelError: the checkpoint cannot be loaded, or does not know the language."""
        self.name, self.lang = name or checkpoint.path.name, lang
        self._tokenizer, self._model = _loaded(checkpoint.path, device)
        self._first: int | None = None  # what every output starts with
        self._before: list[int] = []
        self._normalise: Callable[[str], str] = str
        if checkpoint.family == "marian":
            self._normalise = self._tokenizer.normalize  # transformers leaves the call to its user
        else:
            vocabulary = self._tokenizer.get_vocab()
            code = LANGUAGES[lang].nllb
            if code not in vocabulary or "eng_Latn" not in vocabulary:
                raise ModelError(f"{checkpoint.path}: wrong source code: {code} is not in the vocabulary")
            self._tokenizer.src_lang = code
            self._first, self._before = vocabulary["eng_Latn"], [vocabulary[code]]
        self._generate: Callable[..., torch.Tensor] = self._model.generate  # type: ignore[assignment]  # a mixin's
        weights = sorted(
            path for path in checkpoint.path.iterdir() if path.suffix in {".safetensors", ".bin"}
        )
        self._identity = " ".join(sha256(path)[:16] for path in weights)

    @property
    def signature(self) -> str:
        return f"transformers {self._identity} {self.lang} {self._model.dtype}"

    def translate(self, texts: Sequence[str], decoding: Decoding = Decoding()) -> list[Hypothesis]:
        """EngineError: the library failed while it ran. Long texts are parted as by the other adapter."""
        positions = int(self._model.config.max_position_embeddings)
        parts = [self._parts(text, longest_source(positions)) for text in texts]
        flat = [ids for several in parts for ids in several]
        by_limit: dict[int, list[int]] = {}
        for i, ids in enumerate(flat):
            by_limit.setdefault(longest_output(len(ids), positions), []).append(i)
        made = [Hypothesis("")] * len(flat)
        for limit, rows in by_limit.items():
            for at in range(0, len(rows), BATCH):
                batch = rows[at : at + BATCH]
                for i, output in zip(
                    batch, self._generated([flat[i] for i in batch], limit, decoding), strict=True
                ):
                    made[i] = output
        outputs = iter(made)
        return [joined([next(outputs) for _ in several]) for several in parts]

    def tokens(self, text: str) -> list[str]:
        """Return what the tokenizer feeds the model for a text, special pieces included."""
        ids = self._tokenizer(self._normalise(text))["input_ids"]
        return [str(token) for token in self._tokenizer.convert_ids_to_tokens(ids)]

    def _parts(self, text: str, longest: int) -> list[list[int]]:
        if not text.strip():
            return []
        ids = self._tokenizer(self._normalise(text), add_special_tokens=False)["input_ids"]
        runs = parted([str(token) for token in self._tokenizer.convert_ids_to_tokens(ids)], longest)
        lengths = iter(ids)
        return [[next(lengths) for _ in run] for run in runs]

    def _generated(self, rows: Sequence[Sequence[int]], limit: int, decoding: Decoding) -> list[Hypothesis]:
        pad, end = self._tokenizer.pad_token_id, self._tokenizer.eos_token_id
        width = max(map(len, rows))
        padded = [[*self._before, *ids, end, *[pad] * (width - len(ids))] for ids in rows]
        fed = torch.tensor(padded, device=self._model.device)
        try:
            with torch.inference_mode():
                found = self._generate(
                    input_ids=fed,
                    attention_mask=(fed != pad).long(),
                    num_beams=decoding.beam,
                    early_stopping=decoding.beam > 1,
                    length_penalty=decoding.length_penalty,
                    no_repeat_ngram_size=decoding.no_repeat,
                    bad_words_ids=[[pad]],
                    renormalize_logits=True,
                    forced_bos_token_id=self._first,
                    forced_eos_token_id=None,
                    max_length=None,
                    max_new_tokens=limit,
                    do_sample=False,
                )
        except RuntimeError as error:
            raise EngineError(f"{self.name}: transformers failed: {error}") from error
        outputs = []
        for ids in found[:, 1:].tolist():
            text = str(self._tokenizer.decode([one for one in ids if one != pad], skip_special_tokens=True))
            outputs.append(Hypothesis(text.strip(), None, () if end in ids else ("cut",)))
        return outputs


def open_reference(path: Path, lang: str, *, device: str = "cpu") -> ReferenceTranslator:
    """Return the reference translator for a hub checkpoint. ModelError: it is no checkpoint."""
    folder = looked_at(path)
    if folder.converted:
        raise ModelError(f"{path}: converted already, the reference needs the hub's own files")
    return ReferenceTranslator(folder, lang, device=device)


def _loaded(path: Path, device: str) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(str(path))
        model: PreTrainedModel = AutoModelForSeq2SeqLM.from_pretrained(str(path))
    except Exception as error:  # transformers raises what its parts raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{path}: transformers cannot load it: {reason}") from error
    return tokenizer, model.to(device).eval()  # type: ignore[arg-type]  # transformers wraps `to`
