"""Files from the Hugging Face hub: is it there, fetch, and hold them against what was pinned."""

import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.hashes import sha256

UNPINNED = "unpinned"
"""What a manifest says for a revision or a hash that nobody has resolved yet."""

PROBE_S = 1.5
"""How long the hub may take to answer: `auto` has two seconds in all to decide."""

EXTRA = "pip install 'synoptic[hub]'"


def endpoint() -> str:
    """Return the hub's address: `$HF_ENDPOINT`, else the public one."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def reachable(address: str, timeout_s: float = PROBE_S) -> str:
    """Return why the hub cannot be reached, in words; nothing if it can. Takes `timeout_s` at most.

    A name server or a proxy that never answers holds no timeout of Python's, so the question is asked in a
    thread that is left behind.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "YES", "ON"}:
        return "HF_HUB_OFFLINE is set"
    answer = [f"no answer from {address} within {timeout_s} s"]

    def ask() -> None:
        request = urllib.request.Request(f"{address}/api/models?limit=1", method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=2 * timeout_s):  # the wait below is the limit
                answer[0] = ""
        except urllib.error.HTTPError:
            answer[0] = ""  # it answered; what it thinks of the question is no matter
        except (OSError, ValueError) as error:
            cause = getattr(error, "reason", error)
            answer[0] = f"{address}: {getattr(cause, 'strerror', None) or cause}"

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return answer[0]


def cached(repository: str, revision: str, files: Iterable[str], folder: Path | None = None) -> Path | None:
    """Return the folder with all these files in the hub's cache, None if one is not there.

    The layout is documented ("Understand caching" in huggingface_hub's guides); reading it here saves the
    second that importing the library takes.
    """
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    root = folder or Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    store = root / f"models--{repository.replace('/', '--')}"
    reference = store / "refs" / ("main" if revision == UNPINNED else revision)
    commit = reference.read_text(encoding="utf-8").strip() if reference.is_file() else revision
    found = store / "snapshots" / commit
    return found if found.is_dir() and all((found / name).is_file() for name in files) else None


def snapshot(
    repository: str,
    revision: str,
    files: Mapping[str, str],
    *,
    address: str | None = None,
    folder: Path | None = None,
) -> Path:
    """Fetch the files from the hub, those that are not here yet; return their folder.

    `files` are names with their SHA-256 or `unpinned`; `folder` is the hub's cache, by default the user's.
    ModelError: the hub has no such thing, or the transfer broke.
    """
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415  # not in the base install
    except ImportError as error:
        raise ModelError(f"{repository}: fetching it needs {EXTRA}") from error
    try:
        found = snapshot_download(
            repository,
            revision=None if revision == UNPINNED else revision,
            allow_patterns=sorted(files),
            endpoint=address,
            cache_dir=folder,
            max_workers=2,
        )
    except Exception as error:  # HTTP, file system and hub errors have no common class
        raise ModelError(f"{repository}@{revision}: cannot be fetched: {_reason(error)}") from error
    path = Path(str(found))
    for name in files:
        if not (path / name).is_file():
            raise ModelError(f"{repository}@{revision}: the hub has no file {name}")
    return path


def verify(folder: Path, files: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Hold every file against its pinned SHA-256. ModelError names the first that is missing or another."""
    unpinned = [name for name, expected in files.items() if expected == UNPINNED]
    for name, expected in files.items():
        if not (folder / name).is_file():
            raise ModelError(f"{folder}: missing file {name}")
        if expected != UNPINNED and (found := sha256(folder / name)) != expected:
            raise ModelError(f"{folder / name}: wrong hash: sha256 {found[:12]}, expected {expected[:12]}")
    if unpinned:
        say(f"{folder.name}: {len(unpinned)} of {len(files)} files are unpinned, so not verified")


def resolved(repository: str, revision: str, address: str | None = None) -> str:
    """Return the commit that a revision stands for now. ModelError: the hub does not say."""
    try:
        from huggingface_hub import HfApi  # noqa: PLC0415  # not in the base install

        found = HfApi(endpoint=address).model_info(
            repository, revision=None if revision == UNPINNED else revision, timeout=10
        )
    except ImportError as error:
        raise ModelError(f"{repository}: pinning it needs {EXTRA}") from error
    except Exception as error:  # HTTP and hub errors have no common class
        raise ModelError(f"{repository}@{revision}: cannot be resolved: {_reason(error)}") from error
    if not found.sha:
        raise ModelError(f"{repository}@{revision}: the hub names no commit")
    return str(found.sha)


def _reason(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:200] if text else type(error).__name__
