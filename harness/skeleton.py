"""Skeleton: a small challenge that works, to be written over by the author of a new one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from harness.errors import UsageError
from harness.paths import data_root

_ID = re.compile(r"[a-z][a-z0-9_]{1,40}")
_NAME = "skeleton"
_NAMED = ("challenge.toml", "starter/pyproject.toml", "reference/pyproject.toml")


def write_skeleton(name: str, folder: Path) -> Path:
    """Write a challenge called `name` into `folder`/`name` and return that; it verifies as it is.

    Raises:
        UsageError: the name is no id, the folder is there, or nothing can be written.
    """
    if not _ID.fullmatch(name):
        raise UsageError(
            f"{name!r} is no id of a challenge", where="NAME", next_step="2 to 41 lower-case letters, digits and _"
        )
    target = folder / name
    if target.exists():
        raise UsageError("there is something already", where=str(target), next_step="name another; nothing was written")
    try:
        shutil.copytree(
            data_root() / "challenges" / f"_{_NAME}", target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
        for path in (target / named for named in _NAMED):
            path.write_text(path.read_text("utf-8").replace(f'"{_NAME}"', f'"{name}"'), "utf-8")
    except OSError as error:
        raise UsageError("the challenge can't be written", where=str(target), detail=str(error)) from error
    return target
