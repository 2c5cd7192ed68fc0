"""Which encoder an option means."""

from collections.abc import Callable
from pathlib import Path

from pipeline.engines import embedded
from pipeline.engines.hub_encoder import HubEncoder
from pipeline.engines.ports import Encoder
from pipeline.errors import ModelError


def encoder(
    name: str,
    *,
    device: str,
    threads: int,
    say: Callable[[str], None],
    fetched: Callable[[str], Path],
) -> Encoder:
    """Return the encoder for `embedded`, `labse`, or a folder with a hub checkpoint.

    `fetched` returns the folder of a catalogue model, fetching it where that is allowed. Raises ModelError.
    """
    if name == "embedded":
        return embedded.load(threads=threads, say=say)
    if name == "labse":
        return HubEncoder(fetched("labse"), device=device)
    folder = Path(name)
    if not folder.is_dir():
        raise ModelError(f"--encoder {name}: no such folder, and neither `embedded` nor `labse`")
    return HubEncoder(folder, device=device)
