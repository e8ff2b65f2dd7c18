"""`takehome init`: a starter kit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.console import out
from harness.cli.options import ChallengesOption
from harness.kit import write_kit
from harness.packs import find_challenge
from harness.version import __version__


def init_command(
    challenge: Annotated[str, typer.Argument(help="Challenge id.")],
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    package: Annotated[
        str, typer.Option("--package", help="What pip installs in the kit's CI workflow: a release, or an address.")
    ] = f"takehome=={__version__}",
    challenges: ChallengesOption = None,
) -> int:
    """Write a challenge's starter kit into a folder: starter, brief, visible checks, and a workflow for GitHub."""
    found = find_challenge(challenge, challenges, whole=True)
    write_kit(found, folder, package)
    out.print(f"{found.spec.title}: starter kit in {folder}", markup=False, soft_wrap=True)
    out.print(f"next: read {folder / 'BRIEF.md'}, then `takehome check {folder} --watch`", markup=False, soft_wrap=True)
    out.print(f"CI: .github/workflows/takehome.yml installs {package}", markup=False, soft_wrap=True)
    return 0
