"""Models that take milliseconds and are always of one mind, and small stories to feed them."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipeline.batch.models import LocalModels
from pipeline.engines.ports import TokenStates
from pipeline.engines.toy import ToyTranslator
from pipeline.errors import EngineError

WIDTH = 16
POISON = "xyzzy"
"""The encoder fails on any text with this word."""


class ToyEncoder:
    """`ports.Encoder`: a word's state is made from its hash, and, as with int8, a little from its company."""

    signature = "toy-encoder"
    width = WIDTH

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        self.calls.append(list(texts))
        if any(POISON in text for text in texts):
            raise EngineError(f"cannot encode {POISON}")
        company = np.float32(1e-3 * len(texts))
        return [_states(text, company) for text in texts]


def _states(text: str, company: np.float32) -> TokenStates:
    words = list(re.finditer(r"\w+", text))
    rows = np.zeros((len(words), WIDTH), dtype=np.float32)
    for row, word in zip(rows, words, strict=True):
        digest = hashlib.blake2b(word[0].casefold().encode(), digest_size=WIDTH).digest()
        row[:] = np.frombuffer(digest, np.uint8).astype(np.float32) / 128 - 1 + company
    return TokenStates(
        rows,
        np.array([word.start() for word in words], dtype=np.int32),
        np.array([word.end() for word in words], dtype=np.int32),
    )


def models() -> LocalModels:
    """Return models that translate Italian into angle brackets."""
    return LocalModels(ToyEncoder(), {"it": ToyTranslator("it")})


def records(stories: int, versions: int = 3) -> Iterator[dict[str, str]]:
    """Yield articles of small stories, English and Italian in turn."""
    for story in range(stories):
        for version in range(versions):
            lang = ("en", "it")[version % 2]
            yield {
                "id": f"{story}-{version}",
                "story": f"story {story}",
                "lang": lang,
                "date": "2025-11-07",
                "title": f"Bridge {story}",
                "text": _text(story, version, lang),
            }


def _text(story: int, version: int, lang: str) -> str:
    if lang == "it":
        return (
            f"Il ponte {story} di Marten sarà aperto martedì, ha detto la ministra Ada Lovelace.\n\n"
            f'"Il ponte {story} sarà aperto prima dell\'inverno", ha detto Lovelace.\n'
        )
    return (
        f"Bridge {story} of Marten will be opened on Tuesday, minister Ada Lovelace said.\n\n"
        f'"Bridge {story} will be open before winter," Lovelace said. Report number {version} ends here.\n'
    )


def write(path: Path, found: Iterator[dict[str, str]] | Sequence[dict[str, str]]) -> Path:
    """Write records as JSONL."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in found)
    return path


def contents(out: Path) -> dict[str, bytes]:
    """Return every file of a finished batch, but for the plan and claims, which are how it was made."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and ".claims" not in path.parts and path.name != "plan.sqlite"
    }
