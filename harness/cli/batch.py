"""`takehome batch`: a folder or a list of submissions, for a hiring team."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from harness.batch.entries import entries_of
from harness.batch.journal import NAME, Journal
from harness.batch.notices import closing, opening
from harness.batch.regrade import Conditions, begin_regrade, end_regrade
from harness.batch.results import Results
from harness.batch.run import Batch, Grader, Outcome, Told
from harness.batch.sources import Source, is_project, read_sources, remembered
from harness.batch.worker import Attempt, run_grade
from harness.challenge import Challenge
from harness.cli import output
from harness.cli.batch_display import display
from harness.cli.browser import OpenOption, open_page
from harness.cli.compare import write_cohort
from harness.cli.options import (
    AttemptsOption,
    BaseImageOption,
    CaBundleOption,
    ChallengeOption,
    ChallengesOption,
    IndexUrlOption,
    IsolationOption,
    QuietOption,
    choose_runtime,
)
from harness.errors import EnvironmentFault, TakehomeError, UsageError
from harness.packs import find_challenge
from harness.stored import RESULT, read_record

# What a grade holds at most beside the pod's own limits: PostgreSQL, prober, analysis, its own process.
_AROUND_MB = 1200


def batch_command(
    submissions: Annotated[Path, typer.Argument(help="A folder of folders and archives, or a CSV: id,source,ref.")],
    challenge: ChallengeOption,
    out_folder: Annotated[Path, typer.Option("--out", help="Where results and journal go.")] = Path("takehome-batch"),
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, max=256, help="Grades at a time; default: what fits.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this id; may be given again.")] = None,
    regrade: Annotated[
        str | None,
        typer.Option("--regrade", metavar="changed|all|CHECK", help="Grade these again, and keep the earlier grade."),
    ] = None,
    own_tests: Annotated[
        bool, typer.Option("--own-tests/--no-own-tests", help="Run the tests that submissions bring along.")
    ] = True,
    baseline: Annotated[
        bool | None,
        typer.Option(
            "--baseline/--no-baseline",
            help="Compare the time to ready with the reference's, each alone on the machine; default: with --jobs 1.",
        ),
    ] = None,
    attempts: AttemptsOption = 1,
    runtime: Annotated[str, typer.Option("--runtime", hidden=True)] = "docker",
    as_json: Annotated[bool, typer.Option("--json", help="Events as JSON lines on standard output.")] = False,
    base_image: BaseImageOption = None,
    ca_bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
    engine_runtime: IsolationOption = None,
    challenges: ChallengesOption = None,
    open_: OpenOption = False,
    quiet: QuietOption = False,
) -> int:
    """Grade every submission of a folder or a list. The same command goes on where it was ended, however it was."""
    if runtime != "docker":
        raise UsageError(
            "a batch is of strangers' code: it is graded in Docker, whatever is trusted",
            where=f"--runtime {runtime}",
            next_step="leave --runtime out; `takehome doctor` helps with the engine",
        )
    found = find_challenge(challenge, challenges)
    sources, passed = read_sources(submissions, out=out_folder)
    _keep_apart(sources, out_folder)
    if not (out_folder / NAME).exists():
        # Else the journal may know some of them by other ids.
        _chosen(sources, only)
    try:
        made_with = choose_runtime(
            "docker", base_image=base_image, bundle=ca_bundle, index_url=index_url, engine_runtime=engine_runtime
        )().describe()
    except EnvironmentFault as error:
        if "--runtime process" not in error.next_step:
            raise
        # That is no way out here.
        step = "start a Docker engine; `takehome doctor` tells more"
        raise EnvironmentFault(error.what, where=error.where, detail=error.detail, next_step=step) from error
    output.prepare(out_folder)
    arguments = ["-c", challenge]
    arguments += ["--attempts", str(attempts)]
    arguments += ["--own-tests" if own_tests else "--no-own-tests"]
    for option, value in (
        ("--base-image", base_image),
        ("--ca-bundle", ca_bundle),
        ("--index-url", index_url),
        ("--engine-runtime", engine_runtime),
        ("--challenges", challenges),
    ):
        arguments += [option, str(value)] if value is not None else []
    count = jobs or default_jobs(found.spec.limits.memory_mb)
    # What is timed has the machine for itself: that costs nothing only where there is one grade at a time.
    timed = count == 1 if baseline is None else baseline
    arguments += ["--baseline" if timed else "--no-baseline"]
    cancelled, results = threading.Event(), Results(out_folder)
    with Journal(out_folder, found.id) as journal, display(quiet=quiet, as_json=as_json, slots=count) as listen:
        sources = remembered(sources, {id_: state.name for id_, state in journal.states.items()})
        chosen = _chosen(sources, only)
        _notes(listen, [*passed, *opening(sources, chosen, journal, regrade)])
        now = Conditions(found.spec.version, found.digest(), made_with.harness, made_with.base_image)
        why = begin_regrade(regrade, chosen, journal, results.read, found, now) if regrade else {}
        listen(Told("jobs", text=f"{count} at a time", total=len(chosen)))
        batch = Batch(chosen, journal, results, _grader(arguments, found, attempts), listen, cancelled, why=why)
        try:
            outcome = batch.run(count)
        except BaseException:
            # What ended it is to be told, and not what came of it.
            with suppress(TakehomeError):
                write_cohort(out_folder, entries_of(sources, journal, results))
            raise
        _write_reports(out_folder, sources)
        page = write_cohort(out_folder, entries_of(sources, journal, results))
        end_regrade(journal, sources)
        for told in closing(chosen, journal.states, outcome, page):
            listen(told)
    if open_:
        open_page(page)
    return _code(outcome)


def default_jobs(memory_mb: int) -> int:
    """How many grades fit beside each other: one a processor, and as many as have room in the free memory."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        free = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        free = 1 << 20
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(processors, free // (memory_mb + _AROUND_MB)))


def _chosen(sources: list[Source], only: list[str] | None) -> list[Source]:
    known = {source.id: source for source in sources} | {source.name: source for source in sources}
    for name in only or ():
        if name not in known:
            raise UsageError(
                f"there is no submission {name!r}", where="--only", detail=", ".join(s.id for s in sources[:50])
            )
    wanted = {known[name].id for name in only or ()}
    return [source for source in sources if not only or source.id in wanted]


def _grader(arguments: list[str], challenge: Challenge, attempts: int) -> Grader:
    limits = challenge.spec.limits

    def grade(source: Source, folder: Path, say: Callable[[str], None], cancelled: threading.Event) -> Attempt:
        ref = ["--ref", source.ref] if source.ref else []
        name = source.source if not source.source.startswith("-") else f"./{source.source}"
        return run_grade(
            [*arguments, "--id", source.id, *ref, "--", name],
            folder,
            deadline_s=(limits.ready_s + limits.budget_s) * attempts,
            say=say,
            cancelled=cancelled,
        )

    return grade


def _keep_apart(sources: Sequence[Source], out: Path) -> None:
    """See that no grade is written into a submission, or takes its place."""
    place = Path(os.path.realpath(out))
    here = [Path(os.path.realpath(source.source)) for source in sources if os.path.exists(source.source)]
    taken = {place / source.id for source in sources}
    wrong = [path for path in here if path in (place, *place.parents) or path in taken]
    if wrong or is_project(out):
        raise UsageError(
            "results must not be written into a submission, or in its place",
            where=f"--out {out}",
            detail=f"a submission is at {next(iter(wrong), out)}",
            next_step="name another --out; nothing was graded",
        )


def _write_reports(out: Path, sources: Sequence[Source]) -> None:
    """Make up for reports that a full disk, or somebody, has taken away.

    Raises:
        EnvironmentFault: they can't be written now either.
    """
    for source in sources:
        folder = out / source.id
        if (folder / RESULT).is_file() and not (folder / output.REPORT).is_file():
            with suppress(UsageError):
                output.write_report(read_record(folder), folder / output.REPORT)


def _notes(listen: Callable[[Told], None], notes: list[str]) -> None:
    for note in notes:
        listen(Told("note", text=note))


def _code(outcome: Outcome) -> int:
    """By the worst that was our side's doing, never by a score."""
    if outcome.stopped:
        return 130
    if outcome.in_part or "harness" in outcome.faults.values():
        return 4
    return 3 if outcome.faults or outcome.paused or outcome.refused_by else 0
