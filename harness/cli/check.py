"""`takehome check`: the candidate's view. Visible checks only; hidden ones are neither run nor named."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output
from harness.cli.ci import DEFAULT_OUT, CiOption, known_ci, publish, quoted
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
from harness.cli.watch import Watch
from harness.errors import Interrupted, TakehomeError, UsageError
from harness.grade import GradeRequest, grade
from harness.packs import challenge_folders, find_challenge
from harness.record import GradeRecord
from harness.reporting.failures import print_failures
from harness.reporting.terminal import print_summary
from harness.reporting.text import clean
from harness.runtime.base import Runtime


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
    ci_name: CiOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Check again whenever a file has changed, until Ctrl-C.")
    ] = False,
    base_image: BaseImageOption = None,
    ca_bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
    challenges: ChallengesOption = None,
    quiet: QuietOption = False,
) -> int:
    """Check your own submission with the visible checks."""
    ci = known_ci(ci_name)
    if watch and (ci is not None or fail_under is not None):
        raise UsageError("--watch never ends, so there is nothing to hand over or to judge", where="--watch",
                         next_step="leave out --ci and --fail-under, or --watch")  # fmt: skip
    found = find_challenge(challenge or declared_challenge(Path(submission)), challenges)
    folder = out_folder or (DEFAULT_OUT if ci is not None else None)
    if folder is not None:
        output.prepare(folder)
    request = GradeRequest(source=submission, challenge=found, app=app, seed=seed, visible_only=True)
    with quoted(ci):
        # Made once: under --watch the runtime and its environments are kept from turn to turn.
        maker = cache(
            choose_runtime(
                runtime,
                base_image=base_image,
                bundle=ca_bundle,
                index_url=index_url,
                say=lambda text: err.print(text, markup=False),
            )
        )
        if watch:
            return _watched(request, maker, folder, quiet)
        record = _checked(request, maker, folder, quiet)
    if ci is not None and folder is not None:
        publish(ci, record, folder, submission)
    return output.exit_code(record, fail_under)


def _checked(request: GradeRequest, maker: Callable[[], Runtime], folder: Path | None, quiet: bool) -> GradeRecord:
    with progress(quiet) as listener:
        record = grade(request, maker, listener)
    report = output.write(record, folder)[1] if folder is not None else None
    print_failures(record, out)
    print_summary(record, out, report=report, worst=False)
    return record


def _watched(request: GradeRequest, maker: Callable[[], Runtime], folder: Path | None, quiet: bool) -> int:
    """Check, wait for a change, and check again with the same seed, so that only the change makes a difference.

    What was lost is checked first, and the rest not before that passes.
    """
    watch = Watch(Path(request.source), skip=folder)
    lost: tuple[str, ...] = ()
    while True:
        try:
            if lost:
                lost = _lost(_part(replace(request, only=lost), maker, quiet))
            if not lost:
                record = _checked(request, maker, folder, quiet)
                request, lost = replace(request, seed=record.seed), _lost(record)
        except Interrupted:
            raise
        except TakehomeError as error:
            # Half-saved work is no reason to stop.
            err.print(clean(str(error)), markup=False, highlight=False)
        err.print("\nwaiting for a change (Ctrl-C ends)", markup=False)
        try:
            watch.wait()
        except KeyboardInterrupt:
            return 0
        err.print("changed", markup=False)


def _part(request: GradeRequest, maker: Callable[[], Runtime], quiet: bool) -> GradeRecord:
    """Some of the checks once more."""
    with progress(quiet) as listener:
        record = grade(request, maker, listener)
    print_failures(record, out)
    if record.problem is not None:
        print_summary(record, out, worst=False)
        return record
    asked, lost = len(request.only), len(_lost(record))
    rest = "now all the others" if not lost else "the others are checked once these pass"
    out.print(f"{asked - lost} of {asked} that were lost pass now; {rest}", markup=False, highlight=False)
    return record


def _lost(record: GradeRecord) -> tuple[str, ...]:
    return tuple(check.id for check in record.checks if check.outcome not in ("pass", "not_applicable"))


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
