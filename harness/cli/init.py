"""`takehome init`: a starter kit."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.console import out
from harness.cli.declared import declared_challenge
from harness.cli.options import ChallengesOption
from harness.errors import UsageError
from harness.kit import write_kit
from harness.packs import find_challenge
from harness.reporting.paint import painted
from harness.version import __version__


def init_command(
    challenge: Annotated[str, typer.Argument(help="Challenge id.")],
    folder: Annotated[str, typer.Argument(help="A new or empty folder.")],
    package: Annotated[
        str, typer.Option("--package", help="What pip installs in the kit's CI workflow: a release, or an address.")
    ] = f"takehome=={__version__}",
    challenges: ChallengesOption = None,
) -> int:
    """Write a challenge's starter kit into a folder: starter, brief, visible checks, and a workflow for GitHub."""
    found = find_challenge(challenge, challenges, whole=True, where="CHALLENGE")
    # As a path it would be the folder that one is in.
    if not folder.strip():
        raise UsageError("no folder is named", where="FOLDER", next_step="name a new folder, or . for this one")
    write_kit(found, Path(folder), package)
    brief, check = _typed(Path(folder, "BRIEF.md")), _check(challenge, found.id, Path(folder), challenges)
    for line in (
        f"{found.spec.title}: starter kit in {folder}",
        f"next: read {brief}, then `{check} --watch`",
        f"CI: .github/workflows/takehome.yml installs {package}",
    ):
        out.print(painted(out, (line, "")), soft_wrap=True)
    return 0


def _check(named: str, id_: str, folder: Path, challenges: Path | None) -> str:
    """The command that checks the kit, with what it can't read there."""
    words = ["takehome", "check", _typed(folder)]
    try:
        declared = declared_challenge(folder)
    except UsageError:
        declared = ""
    # One that is named by its folder is not found by its id.
    if named != id_ or declared != id_:
        words += ["-c", shlex.quote(named)]
    if challenges is not None:
        words += ["--challenges", shlex.quote(str(challenges))]
    return " ".join(words)


def _typed(path: Path) -> str:
    """As it is typed into a shell, where a dash before it would be an option."""
    name = str(path)
    return shlex.quote(f"./{name}" if name.startswith("-") else name)
