"""`takehome init`: a starter kit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.console import out
from harness.cli.options import ChallengesOption
from harness.errors import UsageError
from harness.packs import find_challenge


def init_command(
    challenge: Annotated[str, typer.Argument(help="Challenge id.")],
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    challenges: ChallengesOption = None,
) -> int:
    """Write the starter kit and the brief of a challenge into a folder."""
    found = find_challenge(challenge, challenges, whole=True)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("the folder is not empty", where=str(folder), next_step="name a new one; nothing was written")
    try:
        shutil.copytree(
            found.starter,
            folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".venv"),
        )
        shutil.copyfile(found.brief, folder / "BRIEF.md")
    except OSError as error:
        raise UsageError("the starter kit can't be written", where=str(folder), detail=str(error)) from error
    out.print(f"{found.spec.title}: starter kit in {folder}", markup=False)
    out.print(f"next: read {folder / 'BRIEF.md'}, then `takehome check {folder}`", markup=False)
    return 0
