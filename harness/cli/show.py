"""`takehome show`: a grade that was made before, from its record alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import output
from harness.cli.browser import OpenOption, open_page
from harness.cli.console import out
from harness.cli.options import ChallengesOption
from harness.cli.review import criteria_of
from harness.edition import candidates_edition
from harness.errors import UsageError
from harness.packs import find_challenge
from harness.record import GradeRecord
from harness.reporting.progress import progress
from harness.reporting.reviews import Beside, beside
from harness.reporting.terminal import print_summary
from harness.review_log import read_review
from harness.stored import read_record


def show_command(
    result: Annotated[Path, typer.Argument(help="A result.json, or the folder that it is in.")],
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the report there (HTML), as this version draws it.")
    ] = None,
    edition: Annotated[
        str, typer.Option("--edition", metavar="team|candidate", help="For the candidate: hidden checks are not in it.")
    ] = "team",
    before: Annotated[
        Path | None, typer.Option("--before", help="An earlier result: the report tells what has changed since.")
    ] = None,
    identity: Annotated[
        bool, typer.Option("--identity", help="Leave names, e-mail addresses and paths in the report.")
    ] = False,
    open_: OpenOption = False,
    challenges: ChallengesOption = None,
) -> int:
    """Print the summary of a stored grade and, if asked, draw its report again. Grades nothing."""
    if edition not in ("team", "candidate"):
        raise UsageError(f"no edition {edition!r}", where="--edition", next_step="team or candidate")
    record, earlier = read_record(result), read_record(before) if before is not None else None
    if edition == "candidate":
        record, earlier = candidates_edition(record), candidates_edition(earlier) if earlier is not None else None
    if earlier is not None and progress(earlier, record) is None:
        raise UsageError(
            "the two results are of different challenges, or of versions of one", where=f"--before {before}"
        )
    target = report
    if open_ and target is None:
        # Never over the report of the whole grade.
        name = "report.html" if edition == "team" and not identity else f"report-{edition}.html"
        target = (result if os.path.isdir(result) else result.parent) / name
    if target is not None:
        output.prepare(target.parent)
        beside = result if os.path.isdir(result) else result.parent
        review = _review(record, beside, challenges) if edition == "team" else None
        output.write_report(record, target, identity=identity, earlier=earlier, review=review)
    print_summary(record, out, report=target)
    if open_ and target is not None:
        open_page(target)
    return 0


def _review(record: GradeRecord, folder: Path, challenges: Path | None) -> Beside | None:
    """What people said of the grade, once all of them have."""
    found = read_review(folder)
    return (
        beside(record, found, criteria_of(find_challenge(record.challenge.id, challenges, where=str(folder))))
        if found.complete
        else None
    )
