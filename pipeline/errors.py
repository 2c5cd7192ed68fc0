"""The exception tree: what a user did, what a model did, what a place on disk did."""

from pathlib import Path


class SynopticError(Exception):
    """Anything this program says in one line before it exits with 1."""


class InputError(SynopticError):
    """A file or folder that cannot be read as what it was given for."""

    def __init__(self, path: Path | str, what: str, line: int | None = None) -> None:
        self.path, self.line, self.what = str(path), line, what
        super().__init__(f"{path}:{line}: {what}" if line is not None else f"{path}: {what}")


class OutputError(SynopticError):
    """A place that cannot be written."""


class ModelError(SynopticError):
    """A model that is missing, damaged, or not what its manifest says."""


class EngineError(ModelError):
    """A model that loaded but failed while it ran."""
