"""Words of a text."""

import sys
from concurrent.futures import ThreadPoolExecutor

from pipeline.align import words


def test_threads_stem_alike() -> None:
    """Threads that read at once find the stems that one finds alone."""
    texts = [
        " ".join(f"{first}{n}nazionalizzazione{last}" for n in "aeiou" for last in ("mente", "ità", "arono"))
        for first in "bcdfglmnprst"
    ]
    alone = [stems(text) for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            words._stem.cache_clear()
            with ThreadPoolExecutor(4) as pool:
                assert list(pool.map(stems, texts)) == alone
    finally:
        sys.setswitchinterval(interval)


def stems(text: str) -> list[str]:
    return [word.stem for word in words.words(text, "it")]
