"""Converted folders as translators that can be compared piece for piece."""

from pathlib import Path

from pipeline.engines import ct2, folders


def translator(folder: Path, lang: str = "it") -> ct2.Ct2Translator:
    """Open a converted folder in float32."""
    loaded = folders.load(folders.looked_at(folder), ct2.Hardware("cpu", 2), "float32")
    return folders.translator(loaded, lang)
