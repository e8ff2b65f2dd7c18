"""`takehome challenge`: list, show, make and verify challenges."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from harness.challenge import load_challenge
from harness.cli.console import out
from harness.cli.options import ChallengesOption
from harness.cli.verify import proofs_command, verify_command
from harness.packs import challenge_folders, find_challenge
from harness.score import max_points
from harness.skeleton import write_skeleton

app = typer.Typer(no_args_is_help=True, help="List, show, make and verify challenges.")


@app.command("list")
def list_command(challenges: ChallengesOption = None) -> int:
    """List the challenges to be had."""
    table = Table("id", "version", "title", "checks")
    for folder in challenge_folders(challenges).values():
        found = load_challenge(folder)
        table.add_row(found.id, found.spec.version, found.spec.title, str(len(found.spec.checks)))
    out.print(table)
    return 0


@app.command("show")
def show_command(
    challenge: Annotated[str, typer.Argument(help="Challenge id or folder.")],
    brief: Annotated[bool, typer.Option("--brief", help="Print the brief.")] = False,
    challenges: ChallengesOption = None,
) -> int:
    """Show a challenge's checks and what each is worth, or its brief."""
    found = find_challenge(challenge, challenges, where="CHALLENGE")
    if brief:
        typer.echo(found.brief.read_text("utf-8"))
        return 0
    out.print(f"{found.spec.title} ({found.id} {found.spec.version})", markup=False)
    table = Table("check", "tier", "skill", "level", "points", "visible", "title")
    worth = max_points(found.spec)
    for check_id, entry in found.spec.checks.items():
        table.add_row(
            check_id,
            entry.tier,
            entry.skill,
            entry.level,
            f"{worth[check_id]:.1f}",
            "yes" if entry.visible else "no",
            entry.title,
        )
    out.print(table)
    return 0


@app.command("new")
def new_command(
    name: Annotated[str, typer.Argument(help="Id of the new challenge.")],
    into: Annotated[Path, typer.Option("--into", help="The folder of your challenges.", file_okay=False)] = Path(),
) -> int:
    """Write a small challenge that works: brief, one check, starter, reference, mutant."""
    target = write_skeleton(name, into)
    out.print(f"a challenge that verifies: {target}", markup=False, soft_wrap=True)
    out.print(f"next: takehome challenge verify {name} --challenges {into}", markup=False, soft_wrap=True)
    return 0


app.command("verify")(verify_command)
app.command("proofs")(proofs_command)
