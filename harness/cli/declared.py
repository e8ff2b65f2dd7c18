"""What a project says of itself: the challenge that it answers."""

from __future__ import annotations

import os
from pathlib import Path

from harness.challenge import Challenge
from harness.errors import SubmissionError, UsageError
from harness.packs import challenge_folders, find_challenge
from harness.reporting.text import one_line
from harness.submission.files import read_toml, table

KEY = "tool.takehome.challenge"


def chosen_challenge(named: str | None, folder: Path, extra: Path | None) -> Challenge:
    """The challenge that was named on the command line, or else that a project says it answers.

    Raises:
        UsageError: there is none, or something is wrong with it; see `declared_challenge`, too.
    """
    if named is not None:
        return find_challenge(named, extra)
    return find_challenge(declared_challenge(folder), extra, where=f"{folder / 'pyproject.toml'}: {KEY}")


def declared_challenge(folder: Path) -> str:
    """The challenge that a project says it answers.

    Raises:
        UsageError: it is no folder, or its pyproject.toml can't be read; or it says none, and there is more than one
            to choose from.
    """
    # By os, which takes a name that can't be for one that isn't.
    if os.path.isfile(folder):
        raise UsageError("that is a file", where=str(folder), next_step="name its folder")
    if not os.path.isdir(folder):
        raise UsageError("there is no such folder", where=str(folder), next_step="name your project folder")
    path = folder / "pyproject.toml"
    try:
        document, _ = read_toml(folder, path.name) or ({}, "")
    except SubmissionError as error:
        # Nothing has been graded yet: whoever typed the command is told.
        raise UsageError(
            error.what, where=str(folder / error.where), detail=error.detail, next_step=error.next_step
        ) from error
    except OSError as error:
        raise UsageError("pyproject.toml can't be read", where=str(path), detail=str(error)) from error
    name = table(table(document.get("tool")).get("takehome")).get("challenge")
    if isinstance(name, str):
        return name
    if name is not None:
        raise UsageError("a challenge's id is a text", where=f"{path}: {KEY}", detail=one_line(repr(name), 80))
    known = list(challenge_folders())
    if len(known) == 1:
        return known[0]
    raise UsageError(
        "which challenge?",
        where=str(path),
        detail=f"known: {', '.join(known)}",
        next_step="name it with -c, or as `challenge` in [tool.takehome]",
    )
