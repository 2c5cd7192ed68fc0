"""Where this program keeps what it can make again."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return the user's cache folder, not necessarily there yet.

    `$SYNOPTIC_CACHE`, else `$XDG_CACHE_HOME/synoptic`, else `~/.cache/synoptic`. A relative `XDG_CACHE_HOME`
    is passed over, as the XDG Base Directory Specification asks.
    """
    own = os.environ.get("SYNOPTIC_CACHE", "")
    if own:
        return Path(own).expanduser().absolute()
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (shared if shared.is_absolute() else Path.home() / ".cache") / "synoptic"
