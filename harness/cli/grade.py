"""`takehome grade`: one submission, for a hiring team."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output
from harness.cli.browser import OpenOption, open_page
from harness.cli.ci import CiOption, known_ci, publish, quoted
from harness.cli.console import err, out, progress
from harness.cli.leash import hold_leash
from harness.cli.options import (
    TRUST,
    AttemptsOption,
    BaseImageOption,
    CaBundleOption,
    ChallengeOption,
    ChallengesOption,
    IndexUrlOption,
    IsolationOption,
    QuietOption,
    RuntimeOption,
    SeedOption,
    choose_runtime,
)
from harness.errors import EnvironmentFault, UsageError
from harness.grade import GradeRequest, grade
from harness.packs import find_challenge
from harness.reporting.terminal import print_summary

FailUnderOption = Annotated[
    float | None, typer.Option("--fail-under", min=0, max=100, help="Exit 1 when the score is below this.")
]


def grade_command(
    submission: Annotated[str, typer.Argument(help="Folder, zip, tar, or git repository (path or URL).")],
    challenge: ChallengeOption,
    out_folder: Annotated[Path, typer.Option("--out", help="Where the results go.")] = Path("takehome-results"),
    runtime: RuntimeOption = "docker",
    ref: Annotated[str | None, typer.Option("--ref", help="Branch, tag or commit of a git submission.")] = None,
    app: Annotated[str | None, typer.Option("--app", help="The app, as `module:attribute`.")] = None,
    seed: SeedOption = None,
    fail_under: FailUnderOption = None,
    ci_name: CiOption = None,
    own_tests: Annotated[
        bool,
        typer.Option(
            "--own-tests/--no-own-tests", help="Run the tests that the submission brings along (not with --check)."
        ),
    ] = True,
    baseline: Annotated[
        bool,
        typer.Option(
            "--baseline/--no-baseline",
            help="Compare the time to ready with the reference's, started once a day (not with --check).",
        ),
    ] = True,
    build: Annotated[
        str | None,
        typer.Option(
            "--build",
            metavar="dockerfile",
            help="Build the submission's Dockerfile as well: runs its commands in the engine, with a network.",
        ),
    ] = None,
    trusted: Annotated[
        bool, typer.Option(TRUST, help="For --runtime process: run it as you, with your files and your network.")
    ] = False,
    only: Annotated[list[str] | None, typer.Option("--check", help="Only this check; may be given again.")] = None,
    attempts: AttemptsOption = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the pod running until Enter is pressed.")] = False,
    base_image: BaseImageOption = None,
    ca_bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
    engine_runtime: IsolationOption = None,
    challenges: ChallengesOption = None,
    name: Annotated[str, typer.Option("--id", help="What the report calls it; default: its folder's name.")] = "",
    open_: OpenOption = False,
    leash: Annotated[bool, typer.Option("--leash", hidden=True, help="End when standard input does.")] = False,
    quiet: QuietOption = False,
) -> int:
    """Grade one submission and write result.json and report.html."""
    if leash:
        hold_leash()
    if build not in (None, "dockerfile"):
        raise UsageError(f"nothing called {build!r} can be built", where="--build", next_step="--build dockerfile")
    if build and runtime == "process":
        raise UsageError("there is nothing to build images with outside Docker", where="--build --runtime process")
    ci = known_ci(ci_name)
    with quoted(ci):
        request = GradeRequest(
            source=submission,
            challenge=find_challenge(challenge, challenges),
            ref=ref,
            name=name,
            app=app,
            seed=seed,
            only=tuple(only or ()),
            hold=_hold if keep else None,
            own_tests=own_tests and not only,
            own_image=build is not None,
            baseline=baseline and not only,
            attempts=attempts,
            runtime_name="process" if runtime == "process" else "docker",
            beside=output.results_alone(out_folder),
        )
        output.prepare(out_folder)
        with progress(quiet, beginnings=leash) as listener:
            maker = choose_runtime(
                runtime,
                base_image=base_image,
                bundle=ca_bundle,
                index_url=index_url,
                engine_runtime=engine_runtime,
                trusted=trusted,
                say=lambda text: err.print(text, markup=False),
            )
            try:
                record = grade(request, maker, listener)
            except (UsageError, EnvironmentFault) as error:
                # A mistake in the challenge is no submission's.
                if leash and not error.where.startswith("challenge.toml"):
                    output.write_refusal(error, out_folder)
                raise
        _, report = output.write(record, out_folder)
        print_summary(record, out, report=report)
    if open_:
        open_page(report)
    if ci is not None:
        publish(ci, record, out_folder, submission)
    return output.exit_code(record, fail_under)


def _hold(where: str) -> None:
    """Keep the pod for somebody to look into it."""
    err.print(f"kept: {where}\npress Enter (or Ctrl-C) to remove it", markup=False)
    try:
        input()
    except EOFError:
        err.print("no terminal to wait on; removing it", markup=False)
