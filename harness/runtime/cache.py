"""Where takehome keeps what it may lose: environments, the PostgreSQL template, clones."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from harness.errors import EnvironmentFault


def cache_folder(name: str) -> Path:
    """The folder `name` of our cache: under `TAKEHOME_CACHE`, else the user's cache folder.

    Raises:
        EnvironmentFault: it can't be made.
    """
    root = Path(os.environ.get("TAKEHOME_CACHE") or platformdirs.user_cache_dir("takehome"))
    folder = root / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(
            "the cache folder can't be made",
            where=str(folder),
            detail=str(error),
            next_step="name another by TAKEHOME_CACHE",
        ) from error
    return folder
