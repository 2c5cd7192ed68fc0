"""The two ports: an encoder gives vectors, a translator gives English."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Offsets = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class TokenStates:
    """A text's last hidden states, a row a token: the vector of any run of characters is a mean of rows.

    `states` is (tokens, width) float32, special tokens and prefix left out; `starts` and `ends` are
    (tokens,) character offsets into the text, ascending. A text without tokens has no rows.
    """

    states: Floats
    starts: Offsets
    ends: Offsets

    def span(self, start: int, end: int) -> Floats:
        """Return the (width,) unit vector of `text[start:end]`, the mean over tokens whose middle is inside.

        Zeros where no token does: a caller must not take that for a direction.
        """
        middle = (self.starts + self.ends) / 2
        inside = (middle >= start) & (middle < end)
        if not inside.any():
            return np.zeros(self.states.shape[1], dtype=np.float32)
        mean = self.states[inside].mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)


class Encoder(Protocol):
    """Texts in any language to states in one space.

    `signature` names everything that decides the states; batch size and device are not in it.
    """

    @property
    def signature(self) -> str: ...

    @property
    def width(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> list[TokenStates]:
        """Return one `TokenStates` a text, in order. A long text is encoded in pieces, never cut."""
        ...


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a translator searches; all of it decides the output, so all of it is in the cache key."""

    beam: int = 4
    no_repeat: int = 0
    """Size of n-grams that may not come twice; 0 lets them."""
    length_penalty: float = 1.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a translator made of one text: English, mean log-probability a token, and flags such as `cut`.

    `coverage` is, for every source token, the attention that the output gave it (summed over output
    tokens), or None where the engine does not tell.
    """

    text: str
    score: float | None = None
    flags: tuple[str, ...] = ()
    coverage: tuple[float, ...] | None = None


class Translator(Protocol):
    """One language into English, bound to its pair when made: strings in, strings out.

    `name` is what the `engine` column says; `signature` names all that decides the output
    except the decoding options and the text.
    """

    @property
    def name(self) -> str: ...

    @property
    def lang(self) -> str: ...

    @property
    def signature(self) -> str: ...

    def translate(self, texts: Sequence[str], decoding: Decoding = Decoding()) -> list[Hypothesis]:
        """Return one hypothesis a text, in order; an empty text gives an empty one."""
        ...
