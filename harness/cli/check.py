"""`takehome check`: the candidate's view. Visible checks only; hidden ones are neither run nor named."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output
from harness.cli.console import err, out, progress
from harness.cli.grade import FailUnderOption
from harness.cli.options import (
    BaseImageOption,
    CaBundleOption,
    ChallengesOption,
    IndexUrlOption,
    QuietOption,
    RuntimeOption,
    SeedOption,
    choose_runtime,
)
from harness.errors import UsageError
from harness.grade import GradeRequest, grade
from harness.packs import challenge_folders, find_challenge
from harness.reporting.terminal import print_summary


def check_command(
    submission: Annotated[str, typer.Argument(help="Your project folder.")] = ".",
    challenge: Annotated[
        str | None,
        typer.Option("--challenge", "-c", help="Default: `[tool.takehome] challenge` in pyproject.toml."),
    ] = None,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Also write result.json and report.html.")] = None,
    runtime: RuntimeOption = "auto",
    app: Annotated[str | None, typer.Option("--app", help="The app, as `module:attribute`.")] = None,
    seed: SeedOption = None,
    fail_under: FailUnderOption = None,
    base_image: BaseImageOption = None,
    ca_bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
    challenges: ChallengesOption = None,
    quiet: QuietOption = False,
) -> int:
    """Check your own submission with the visible checks."""
    found = find_challenge(challenge or declared_challenge(Path(submission)), challenges)
    if out_folder is not None:
        output.prepare(out_folder)
    request = GradeRequest(source=submission, challenge=found, app=app, seed=seed, visible_only=True)
    with progress(quiet) as listener:
        maker = choose_runtime(
            runtime,
            base_image=base_image,
            bundle=ca_bundle,
            index_url=index_url,
            say=lambda text: err.print(text, markup=False),
        )
        record = grade(request, maker, listener)
    report = output.write(record, out_folder)[1] if out_folder is not None else None
    print_summary(record, out, report=report)
    return output.exit_code(record, fail_under)


def declared_challenge(folder: Path) -> str:
    """The challenge that a project says it answers.

    Raises:
        UsageError: it says none, and there is more than one to choose from.
    """
    path = folder / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("takehome", {})
    except FileNotFoundError:
        table = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError("pyproject.toml can't be read", where=str(path), detail=str(error)) from error
    name = table.get("challenge") if isinstance(table, dict) else None
    if isinstance(name, str):
        return name
    known = list(challenge_folders())
    if len(known) == 1:
        return known[0]
    raise UsageError(
        "which challenge?",
        where=str(path),
        detail=f"known: {', '.join(known)}",
        next_step="name it with -c, or as `challenge` in [tool.takehome]",
    )
