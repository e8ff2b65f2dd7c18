"""`takehome challenge`: list, show, make and verify challenges."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from harness.challenge import Challenge, load_challenge
from harness.cli.console import err, out
from harness.cli.options import (
    BaseImageOption,
    CaBundleOption,
    ChallengesOption,
    IndexUrlOption,
    RuntimeOption,
    choose_runtime,
)
from harness.errors import UsageError
from harness.packs import challenge_folders, find_challenge, unlisted
from harness.reporting.text import clean
from harness.runtime.base import Runtime
from harness.score import max_points
from harness.skeleton import write_skeleton
from harness.verify import Verdict, Verification, verify

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
    """Write a small challenge that works: brief, one check, starter, reference, broken variant."""
    target = write_skeleton(name, into)
    out.print(f"a challenge that verifies: {target}", markup=False, soft_wrap=True)
    out.print(f"next: takehome challenge verify {name} --challenges {into}", markup=False, soft_wrap=True)
    return 0


@app.command("verify")
def verify_command(
    challenge: Annotated[str | None, typer.Argument(help="Challenge id or folder; or --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All challenges, one after the other.")] = False,
    repeat: Annotated[int, typer.Option("--repeat", min=1, max=50, help="Turns that have to agree.")] = 1,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Submissions at a time.")] = 1,
    runtime: RuntimeOption = "docker",
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this case; may be given again.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Where another check is under proof, climb less and read no code.")
    ] = False,
    matrix: Annotated[bool, typer.Option("--matrix", help="Print variants by checks.")] = False,
    base_image: BaseImageOption = None,
    ca_bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
    challenges: ChallengesOption = None,
) -> int:
    """Prove the checks: the reference scores 100, each broken variant loses its check alone. Exit 1 when not."""
    if (challenge is None) is not every:
        raise UsageError("name one challenge, or --all", where="CHALLENGE", next_step="takehome challenge list")
    names = list(challenge_folders(challenges)) if challenge is None else [challenge]
    # All are read before the first is run: a mistake in the last should not show after an hour.
    found = [find_challenge(name, challenges, whole=True, where="CHALLENGE") for name in names]
    known = {case for one in found for case in ("reference", "starter", *one.variants())}
    for name in only or ():
        if name not in known:
            raise UsageError(f"no case {name!r}", where="--only", detail=", ".join(sorted(known)))
    maker = choose_runtime(
        runtime,
        base_image=base_image,
        bundle=ca_bundle,
        index_url=index_url,
        say=lambda text: err.print(text, markup=False),
    )
    # One runtime for all cases; the first case runs alone, so it is made once.
    made = cache(maker)
    return max(_verified(one, made, repeat, jobs, tuple(only or ()), matrix, quick) for one in found)


def _verified(
    challenge: Challenge,
    maker: Callable[[], Runtime],
    repeat: int,
    jobs: int,
    only: tuple[str, ...],
    matrix: bool,
    quick: bool,
) -> int:
    out.print(f"{challenge.id} {challenge.spec.version}", markup=False, highlight=False)
    result = verify(challenge, maker, repeat=repeat, jobs=jobs, only=only, quick=quick, on_verdict=_say)
    if matrix and result.verdicts:
        _print_matrix(result, list(challenge.spec.checks))
    for name in result.unproven:
        out.print(f"no broken variant proves {name}", markup=False)
    for name in () if only else unlisted(challenge):
        out.print(f"{name} is a check that challenge.toml doesn't list: it is never run", markup=False)
    for text in result.disagreements:
        out.print(text, markup=False)
    bad = sum(bool(v.complaints) for v in result.verdicts)
    out.print(f"{len(result.verdicts) - bad} of {len(result.verdicts)} cases as expected", markup=False)
    return 0 if result.clean and (only or not unlisted(challenge)) else 1


def _say(verdict: Verdict) -> None:
    case = verdict.case
    state = "as expected" if not verdict.complaints else "NOT as expected"
    value = "not gradable" if verdict.value is None else f"{verdict.value:.1f}"
    out.print(
        f"{case.role} {case.name} (turn {case.turn}): {value}, {state}, {verdict.seconds:.1f} s",
        markup=False,
        highlight=False,
    )
    for line in verdict.complaints:
        out.print(f"    {clean(line)}", markup=False, highlight=False, soft_wrap=True)


def _print_matrix(result: Verification, checks: list[str]) -> None:
    """A row a case, a column a check: `.` passed, `X` lost, `b` blocked, `?` not assessed, `-` left out."""
    letters = {"pass": ".", "blocked": "b", "not_assessed": "?", "not_applicable": "-"}
    for number, check in enumerate(checks, 1):
        out.print(f"{number:3} {check}", markup=False, highlight=False)
    width = max(len(v.case.name) for v in result.verdicts)
    for verdict in result.verdicts:
        absent = "not_applicable" if verdict.outcomes else "not_assessed"
        cells = " ".join(f"{letters.get(verdict.outcomes.get(c, absent), 'X'):>2}" for c in checks)
        out.print(f"{verdict.case.name:<{width}} {cells}", markup=False, highlight=False, soft_wrap=True)
    out.print(
        " " * width + " " + " ".join(f"{n:>2}" for n in range(1, len(checks) + 1)),
        markup=False,
        highlight=False,
    )
