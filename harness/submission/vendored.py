"""Vendored packages: those that the challenge hands out are put in place anew, whatever the submission has there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path


def lay_vendored(root: Path, name: str, layers: Iterable[Path]) -> None:
    """Take every package called `name` out of the tree under `root` and lay the `layers` over each other at its top.

    Only links and files inside the tree are removed: nothing is followed out of it.

    Raises:
        OSError: the disk failed.
    """
    for folder, names, _ in os.walk(root):
        if name in names:
            names.remove(name)
            path = Path(folder) / name
            # A folder of that name that is no package can't be imported in place of ours; at the top it can.
            if path.is_symlink():
                path.unlink()
            elif (path / "__init__.py").exists() or Path(folder) in (root, root / "src"):
                shutil.rmtree(path)
    if (root / name).is_symlink() or (root / name).is_file():
        (root / name).unlink()
    for place in (root, root / "src"):
        (place / f"{name}.py").unlink(missing_ok=True)
    for layer in layers:
        shutil.copytree(
            layer, root / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.py[cod]")
        )
