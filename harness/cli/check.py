"""`takehome check`: the candidate's view. Visible checks only; hidden ones are neither run nor named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output, turns
from harness.cli.ci import DEFAULT_OUT, CiOption, known_ci, publish, quoted
from harness.cli.console import err, out, print_error, progress
from harness.cli.declared import chosen_challenge
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
from harness.record import GradeRecord
from harness.reporting.failures import print_failures
from harness.reporting.terminal import print_passed, print_summary
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
        bool,
        typer.Option(
            "--watch", "-w", help="Check again whenever a file has changed, until Ctrl-C (exit 0 while it waits)."
        ),
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
    folder = out_folder or (DEFAULT_OUT if ci is not None else None)
    with quoted(ci):
        found = chosen_challenge(challenge, Path(submission), challenges)
        if folder is not None:
            output.prepare(folder)
        request = GradeRequest(
            source=submission, challenge=found, app=app, seed=seed, visible_only=True,
            beside=output.results_alone(folder),
        )  # fmt: skip
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
    print_passed(record, out)
    print_summary(record, out, report=report, worst=False)
    return record


def _watched(request: GradeRequest, maker: Callable[[], Runtime], folder: Path | None, quiet: bool) -> int:
    """Check, wait for a change, and check again with the same seed, so that only the change makes a difference.

    What was lost is checked first, and the rest not before that passes.
    """
    watch = Watch(Path(request.source), skip=folder)
    lost: tuple[str, ...] = ()
    before: GradeRecord | None = None
    while True:
        try:
            if lost:
                part = _part(replace(request, only=lost), maker, quiet)
                # What can't be graded says nothing of them, and has been told.
                lost = turns.lost(part) if part.gradable else lost
            if not lost:
                record = _checked(request, maker, folder, quiet)
                if before is not None and (news := turns.since(before, record)):
                    _say(["", *news])
                before = record if record.gradable else before
                request, lost = replace(request, seed=record.seed), turns.lost(record)
        except Interrupted:
            raise
        except TakehomeError as error:
            # Half-saved work is no reason to stop.
            print_error(error)
        try:
            err.print("\nwaiting for a change (Ctrl-C ends)", markup=False)
            paths = watch.wait()
        except KeyboardInterrupt:
            return 0
        out.rule(style="dim")
        err.print(turns.changed(paths), markup=False, highlight=False)


def _part(request: GradeRequest, maker: Callable[[], Runtime], quiet: bool) -> GradeRecord:
    """Some of the checks once more."""
    with progress(quiet) as listener:
        record = grade(request, maker, listener)
    print_failures(record, out)
    if record.problem is not None:
        print_summary(record, out, worst=False)
        return record
    _say(turns.mended(record, request.only))
    return record


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
