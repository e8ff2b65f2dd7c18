"""`takehome rerun`: one check of a stored grade once more, with the same seed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output
from harness.cli.console import err, out, print_indented, progress
from harness.cli.options import (
    TRUST,
    BaseImageOption,
    CaBundleOption,
    ChallengesOption,
    IndexUrlOption,
    QuietOption,
    choose_runtime,
)
from harness.errors import UsageError
from harness.grade import GradeRequest, grade
from harness.packs import find_challenge
from harness.record import CheckResult, GradeRecord
from harness.reporting import words
from harness.reporting.failures import lines_of, print_failure
from harness.reporting.rows import print_row
from harness.reporting.text import clean, one_line
from harness.stored import read_record

_COMMIT = re.compile(r"@([0-9a-f]{40}(?:[0-9a-f]{24})?)\Z")


def rerun_command(
    check: Annotated[str, typer.Argument(help="The check's id.")],
    result: Annotated[Path, typer.Argument(help="The result.json, or its folder.")] = Path("takehome-results"),
    submission: Annotated[
        str | None, typer.Option("--submission", help="Where the submission is now, if not where it was.")
    ] = None,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Also write result.json and report.html.")] = None,
    trusted: Annotated[
        bool, typer.Option(TRUST, help="For a grade made by --runtime process: run it as you once more.")
    ] = False,
    base_image: BaseImageOption = None,
    ca_bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
    challenges: ChallengesOption = None,
    quiet: QuietOption = False,
) -> int:
    """Run one check of a stored grade again, and say whether it ends as it did."""
    record = read_record(result)
    before = _result(record, check)
    if before is None:
        raise UsageError(
            f"no check {check!r} in this result",
            where=str(result),
            detail=f"known: {', '.join(one_line(one.id, 80) for one in record.checks) or 'none'}",
        )
    source, ref = _source(record, submission)
    if out_folder is not None:
        output.prepare(out_folder)
    request = GradeRequest(
        source=source,
        challenge=find_challenge(record.challenge.id, challenges, where=str(result)),
        ref=ref,
        app=record.submission.app or None,
        seed=record.seed,
        only=(check,),
        visible_only=record.visible_only,
        runtime_name=record.runtime,
        beside=output.results_alone(result if os.path.isdir(result) else result.parent),
    )
    with progress(quiet) as listener:
        maker = choose_runtime(
            record.runtime,
            base_image=base_image,
            bundle=ca_bundle,
            index_url=index_url,
            trusted=trusted or record.visible_only,
            say=lambda text: err.print(text, markup=False),
        )
        again = grade(request, maker, listener)
    if out_folder is not None:
        output.write(again, out_folder)
    _tell(record, before, again, check)
    return output.exit_code(again, None)


def _result(record: GradeRecord, check: str) -> CheckResult | None:
    return next((one for one in record.checks if one.id == check), None)


def _source(record: GradeRecord, submission: str | None) -> tuple[str, str | None]:
    """Where the submission is, and the commit of it."""
    if submission is not None:
        return submission, None
    source = record.submission.source
    commit = _COMMIT.search(source)
    if not source:
        raise UsageError("the result doesn't say where the submission was", next_step="name it with --submission")
    return (source[: commit.start()], commit.group(1)) if commit else (source, None)


def _tell(record: GradeRecord, before: CheckResult, again: GradeRecord, check: str) -> None:
    now = _result(again, check)
    lines = [f"{check}: {words.OUTCOME[before.outcome]} before, {words.OUTCOME[now.outcome] if now else 'not run'} now"]
    if again.submission.digest != record.submission.digest:
        lines.append("The submission is another one than was graded: its files have changed.")
    if again.challenge.version != record.challenge.version:
        lines.append(f"The challenge is {again.challenge.version} now, and was {record.challenge.version}.")
    if again.problem is not None:
        lines += [one_line(again.problem.what), clean(again.problem.detail)[:2000]]
    for line in filter(None, lines):
        print_indented(line)
    if again.problem is None and now is not None:
        _say(again, now)


def _say(record: GradeRecord, now: CheckResult) -> None:
    if now.outcome in {"fail", "partial"}:
        out.print()
        print_failure(now, lines_of(record), out)
        return
    for name, text in (("seen", now.summary), ("reason", now.reason)):
        if text.strip():
            print_row(out, name, clean(text)[:4000])
